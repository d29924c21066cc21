extension JSONDocument {
  /// Reads a document strictly by RFC 8259: no comments, no trailing commas, no NaN, no byte order mark, valid UTF-8.
  ///
  /// - Parameters:
  ///   - bytes: the document.
  ///   - file: named in the findings.
  ///   - limits: beyond which the document is refused.
  /// - Throws: one finding, `json.syntax`, `json.utf8`, `json.surrogate`, `json.depth` or `json.size`, at the character
  ///   where reading had to stop.
  public static func read(
    _ bytes: [UInt8], file: String? = nil, limits: JSONLimits = JSONLimits()
  ) throws(Findings) -> JSONDocument {
    var parser = JSONParser(bytes: bytes, file: file, limits: limits)
    do throws(JSONStop) {
      let root = try parser.document()
      return JSONDocument(root: root, findings: parser.findings)
    } catch {
      let place = Finding.Location(file: file, line: error.position.line, column: error.position.column)
      throw Findings(parser.findings + [Finding(error.id, at: place, error.message, help: error.help)])
    }
  }
}

/// Why and where reading had to stop.
struct JSONStop: Error {
  let id: String
  let position: JSONPosition
  let message: String
  var help: String?
}

/// Recursive descent over the bytes. Line breaks occur only in white space and multi-byte characters only in strings, so
/// those two keep the count of lines and columns.
struct JSONParser {
  let bytes: [UInt8]
  let file: String?
  let limits: JSONLimits
  private(set) var findings: [Finding] = []
  private var index = 0
  private var line = 1
  /// The offset from which columns are counted: the line's start plus its continuation bytes so far.
  private var columnBase = 0
  private var values = 0
  private var path = JSONPath.root

  init(bytes: [UInt8], file: String?, limits: JSONLimits) {
    self.bytes = bytes
    self.file = file
    self.limits = limits
  }

  private var position: JSONPosition { JSONPosition(line: line, column: index - columnBase + 1) }
  private var byte: UInt8? { index < bytes.count ? bytes[index] : nil }

  mutating func document() throws(JSONStop) -> JSONValue {
    guard bytes.count <= limits.bytes else {
      throw stop("json.size", "the document has \(bytes.count) bytes; at most \(limits.bytes) are read")
    }
    guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else {
      throw stop("json.syntax", "the document starts with a byte order mark", help: "save it as UTF-8 without one")
    }
    let root = try value(depth: 0)
    skipSpace()
    guard byte == nil else { throw unexpected("the end of the document") }
    return root
  }

  private mutating func value(depth: Int) throws(JSONStop) -> JSONValue {
    skipSpace()
    let start = position
    try count()
    let kind: JSONValue.Kind
    switch byte {
    case UInt8(ascii: "{"): kind = .object(try members(depth: depth + 1))
    case UInt8(ascii: "["): kind = .array(try elements(depth: depth + 1))
    case UInt8(ascii: "\""): kind = .string(try string())
    case UInt8(ascii: "t"): kind = try literal("true", .bool(true))
    case UInt8(ascii: "f"): kind = try literal("false", .bool(false))
    case UInt8(ascii: "n"): kind = try literal("null", .null)
    case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): kind = .number(try number())
    default: throw unexpected("a value")
    }
    return JSONValue(kind: kind, position: start)
  }

  private mutating func members(depth: Int) throws(JSONStop) -> [JSONValue.Member] {
    try open(depth: depth)
    if skip(UInt8(ascii: "}")) { return [] }
    var members: [JSONValue.Member] = []
    var first: [String: JSONPosition] = [:]
    let outer = path
    defer { path = outer }
    repeat {
      skipSpace()
      let position = position
      guard byte == UInt8(ascii: "\"") else { throw unexpected("a name in quotes") }
      try count()
      let name = try string()
      guard skip(UInt8(ascii: ":")) else { throw unexpected("a colon") }
      path = outer.member(name)
      let value = try value(depth: depth)
      if let earlier = first[name] {
        report(duplicate: name, at: position, first: earlier)
      } else {
        first[name] = position
        members.append(JSONValue.Member(name: name, position: position, value: value))
      }
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw unexpected("a comma or a closing brace") }
    return members
  }

  private mutating func elements(depth: Int) throws(JSONStop) -> [JSONValue] {
    try open(depth: depth)
    if skip(UInt8(ascii: "]")) { return [] }
    var elements: [JSONValue] = []
    let outer = path
    defer { path = outer }
    repeat {
      path = outer.element(elements.count)
      elements.append(try value(depth: depth))
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw unexpected("a comma or a closing bracket") }
    return elements
  }

  private mutating func number() throws(JSONStop) -> Double {
    let start = index
    if byte == UInt8(ascii: "-") { index += 1 }
    if byte == UInt8(ascii: "0") { index += 1 } else { try digits() }
    if byte == UInt8(ascii: ".") {
      index += 1
      try digits()
    }
    if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
      index += 1
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { index += 1 }
      try digits()
    }
    guard let number = Double(String(decoding: bytes[start..<index], as: UTF8.self)) else {
      throw unexpected("a number")
    }
    return number
  }

  private mutating func digits() throws(JSONStop) {
    let start = index
    while let digit = byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) { index += 1 }
    guard index > start else { throw unexpected("a digit") }
  }

  private mutating func literal(_ text: StaticString, _ kind: JSONValue.Kind) throws(JSONStop) -> JSONValue.Kind {
    let length = text.utf8CodeUnitCount
    let matches = text.withUTF8Buffer { bytes[index..<min(index + length, bytes.count)].elementsEqual($0) }
    guard matches else { throw unexpected("true, false or null") }
    index += length
    return kind
  }

  // MARK: Strings

  private mutating func string() throws(JSONStop) -> String {
    let start = position
    var content: [UInt8] = []
    index += 1
    while let next = byte {
      switch next {
      case UInt8(ascii: "\""):
        index += 1
        guard let text = String(validating: content, as: UTF8.self) else {
          throw JSONStop(id: "json.utf8", position: start, message: "the string is not valid UTF-8")
        }
        return text
      case UInt8(ascii: "\\"):
        content.append(contentsOf: try escape().utf8)
      case 0..<0x20:
        throw stop(
          "json.syntax", "a control character (\(next)) stands in a string", help: "write it as an escape, such as \\n")
      default:
        if next & 0xC0 == 0x80 { columnBase += 1 }
        content.append(next)
        index += 1
      }
    }
    throw JSONStop(id: "json.syntax", position: start, message: "the string is not closed")
  }

  private mutating func escape() throws(JSONStop) -> String {
    index += 1
    defer { index += 1 }
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw unexpected("one of \" \\ / b f n r t u after a backslash")
    }
  }

  /// From the `u` of an escape to its last digit, taking both halves of a surrogate pair.
  private mutating func unicodeEscape() throws(JSONStop) -> String {
    let start = position
    var code = try hexadecimal()
    if (0xD800...0xDBFF).contains(code), bytes[(index + 1)...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) {
      index += 2
      let low = try hexadecimal()
      if (0xDC00...0xDFFF).contains(low) { code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) }
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw JSONStop(id: "json.surrogate", position: start, message: "half a surrogate pair stands alone in a string")
    }
    return String(Character(scalar))
  }

  /// The four digits behind a `u`; leaves the index on the last of them.
  private mutating func hexadecimal() throws(JSONStop) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      index += 1
      guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw unexpected("a hexadecimal digit")
      }
      code = code << 4 | UInt32(digit)
    }
    return code
  }

  // MARK: Small steps

  private mutating func skipSpace() {
    while let space = byte {
      switch space {
      case UInt8(ascii: "\n"):
        index += 1
        line += 1
        columnBase = index
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
      default: return
      }
    }
  }

  private mutating func skip(_ expected: UInt8) -> Bool {
    skipSpace()
    guard byte == expected else { return false }
    index += 1
    return true
  }

  private mutating func open(depth: Int) throws(JSONStop) {
    guard depth <= limits.depth else {
      throw stop("json.depth", "arrays and objects are nested deeper than \(limits.depth) levels")
    }
    index += 1
  }

  private mutating func count() throws(JSONStop) {
    values += 1
    guard values <= limits.values else {
      throw stop("json.size", "the document holds more than \(limits.values) values")
    }
  }

  private mutating func report(duplicate name: String, at position: JSONPosition, first: JSONPosition) {
    findings.append(
      Finding(
        "json.duplicate-key", at: position.location(file: file, path: path),
        "\(Quoted.text(name)) was given already, in line \(first.line)", help: "keep one of the two"))
  }

  private func stop(_ id: String, _ message: String, help: String? = nil) -> JSONStop {
    JSONStop(id: id, position: position, message: message, help: help)
  }

  private func unexpected(_ expected: String) -> JSONStop {
    guard let byte else { return stop("json.syntax", "expected \(expected), but the document ends") }
    let found = byte > 0x20 && byte < 0x7F ? "'\(Character(Unicode.Scalar(byte)))'" : "byte \(byte)"
    let notNumbers = ["NaN", "nan", "Infinity", "inf"].contains { bytes[index...].starts(with: $0.utf8) }
    let help = notNumbers ? "JSON has no NaN and no infinity" : nil
    return stop("json.syntax", "expected \(expected), but found \(found)", help: help)
  }
}
