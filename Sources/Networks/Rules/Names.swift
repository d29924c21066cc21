import Descriptions
import Diagnostics

/// Names become parts of C and C++ identifiers.
let nameRules = [
  Rule("network.name.identifier", names(notIdentifiers)),
  Rule("network.name.reserved", names(reserved)),
  Rule("network.name.duplicate", duplicateNames),
]

private func names(
  _ check: @escaping @Sendable (Located<String>, _ isNode: Bool) -> Problem?
) -> @Sendable (NetworkDescription) -> [Problem] {
  { description in
    let others = [description.name] + description.projectionList.map(\.name)
    let nodes = description.populationList.map(\.name) + [description.readout?.name]
    return others.compactMap { $0.flatMap { check($0, false) } } + nodes.compactMap { $0.flatMap { check($0, true) } }
  }
}

private func notIdentifiers(_ name: Located<String>, _: Bool) -> Problem? {
  let bytes = name.value.utf8
  let isIdentifier =
    bytes.allSatisfy { byte in
      byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    } && !(bytes.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? true)
  guard !isIdentifier || bytes.count > 63 else { return nil }
  return Problem(
    name.location, "expected a C identifier of at most 63 characters, but found \(Quoted.text(name.value))",
    help: "letters, digits and underscores, starting with a letter")
}

@Sendable private func reserved(_ name: Located<String>, isNode: Bool) -> Problem? {
  let text = name.value
  let quoted = Quoted.text(text)
  if isNode && text == "inputs" { return Problem(name.location, "\(quoted) is the name of the network's inputs") }
  if keywords.contains(text) { return Problem(name.location, "\(quoted) is a keyword of C or C++") }
  guard text.hasPrefix("_") || text.hasSuffix("_") || text.contains("__") else { return nil }
  return Problem(
    name.location, "\(quoted) could lead to an identifier that C or C++ reserves",
    help: "no underscore at either end, and never two in a row")
}

/// Two namespaces: the network's nodes (populations and readout), and its projections.
@Sendable private func duplicateNames(_ description: NetworkDescription) -> [Problem] {
  let nodes = description.populationList.map(\.name) + [description.readout?.name]
  return duplicates(nodes.compactMap { $0 }) + duplicates(description.projectionList.compactMap(\.name))
}

private func duplicates(_ names: [Located<String>]) -> [Problem] {
  var first: [String: Located<String>] = [:]
  return names.compactMap { name in
    guard let earlier = first[name.value] else {
      first[name.value] = name
      return nil
    }
    let place = earlier.location.path ?? "elsewhere"
    return Problem(name.location, "the name \(Quoted.text(name.value)) is taken already, by \(place)")
  }
}

/// C99, C11, C23 and C++20.
private let keywords: Set<String> = [
  "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char",
  "char16_t", "char32_t", "char8_t", "class", "co_await", "co_return", "co_yield", "compl", "concept", "const",
  "const_cast", "consteval", "constexpr", "constinit", "continue", "decltype", "default", "delete", "do", "double",
  "dynamic_cast", "else", "enum", "explicit", "export", "extern", "false", "float", "for", "friend", "goto", "if",
  "inline", "int", "long", "mutable", "namespace", "new", "noexcept", "not", "not_eq", "nullptr", "operator", "or",
  "or_eq", "private", "protected", "public", "register", "reinterpret_cast", "requires", "restrict", "return", "short",
  "signed", "sizeof", "static", "static_assert", "static_cast", "struct", "switch", "template", "this", "thread_local",
  "throw", "true", "try", "typedef", "typeid", "typename", "typeof", "typeof_unqual", "union", "unsigned", "using",
  "virtual", "void", "volatile", "wchar_t", "while", "xor", "xor_eq",
]
