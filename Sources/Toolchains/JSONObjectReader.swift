import Diagnostics

/// Reads the fields of one JSON object and collects everything that is wrong with them. A field that could not be read
/// gets a stand-in value, so that one pass finds all mistakes; the caller throws when `findings` is not empty.
struct JSONObjectReader {
  private let fields: [String: JSONValue]
  private let file: String
  private let path: String
  private var known: Set<String> = []
  private(set) var findings: [Finding] = []

  init(_ value: JSONValue, file: String, path: String = "") {
    self.file = file
    self.path = path
    if case .object(let fields) = value {
      self.fields = fields
    } else {
      fields = [:]
      report("target.field.type", at: path, "expected an object, found \(value.kind)")
    }
  }

  func has(_ name: String) -> Bool { fields[name] != nil }

  mutating func string(_ name: String) -> String {
    switch field(name) {
    case .string(let text): return text
    case let other: return mismatch(name, "a string", other, "")
    }
  }

  mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int {
    if case .number(let number) = field(name), let value = Int(exactly: number), range.contains(value) { return value }
    return mismatch(name, "a whole number from \(range.lowerBound) to \(range.upperBound)", fields[name], 1)
  }

  mutating func strings(_ name: String, optional: Bool = false) -> [String] {
    if optional, !has(name) {
      known.insert(name)
      return []
    }
    guard case .array(let elements) = field(name) else { return mismatch(name, "a list of strings", fields[name], []) }
    let texts = elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
    return texts.count == elements.count ? texts : mismatch(name, "a list of strings", fields[name], [])
  }

  mutating func choice<C: RawRepresentable & CaseIterable>(_ name: String, _: C.Type) -> C where C.RawValue == String {
    let text = string(name)
    if let value = C(rawValue: text) { return value }
    let names = C.allCases.map(\.rawValue)
    if !text.isEmpty {
      report(
        "target.field.value", at: join(name), "'\(text)' is not one of \(names.joined(separator: ", "))",
        help: nearestName(to: text, in: names).map { "did you mean '\($0)'?" })
    }
    return C.allCases[C.allCases.startIndex]
  }

  /// Reads an object with `body`, and takes over what was wrong in it.
  mutating func object<Value>(_ name: String, _ body: (inout JSONObjectReader) -> Value) -> Value {
    var reader = JSONObjectReader(field(name) ?? .object([:]), file: file, path: join(name))
    let value = body(&reader)
    reader.finish()
    if has(name) { findings += reader.findings }
    return value
  }

  /// Reads a list of objects with `body`; a list that is not there is empty.
  mutating func objects<Value>(_ name: String, _ body: (inout JSONObjectReader) -> Value) -> [Value] {
    known.insert(name)
    guard let value = fields[name] else { return [] }
    guard case .array(let elements) = value else { return mismatch(name, "a list of objects", value, []) }
    var values: [Value] = []
    for (index, element) in elements.enumerated() {
      var reader = JSONObjectReader(element, file: file, path: "\(join(name))[\(index)]")
      values.append(body(&reader))
      reader.finish()
      findings += reader.findings
    }
    return values
  }

  /// Reports the fields that nobody asked for.
  mutating func finish() {
    for name in fields.keys.sorted() where !known.contains(name) {
      report(
        "target.field.unknown", at: join(name), "there is no field '\(name)' here",
        help: nearestName(to: name, in: known.sorted()).map { "did you mean '\($0)'?" })
    }
  }

  mutating func report(_ id: String, at path: String, _ message: String, help: String? = nil) {
    findings.append(Finding(id, at: .init(file: file, path: path), message, help: help))
  }

  func join(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

  private mutating func field(_ name: String) -> JSONValue? {
    known.insert(name)
    if fields[name] == nil { report("target.field.missing", at: join(name), "the field '\(name)' is missing") }
    return fields[name]
  }

  private mutating func mismatch<Value>(
    _ name: String, _ expected: String, _ found: JSONValue?, _ standIn: Value
  ) -> Value {
    guard let found else { return standIn }
    report("target.field.type", at: join(name), "expected \(expected), found \(found.description)")
    return standIn
  }
}

extension JSONValue {
  /// Short enough for a message.
  var description: String {
    switch self {
    case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
    case .string(let text): "'\(text)'"
    default: kind
    }
  }
}
