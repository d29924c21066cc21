/// A JSON document to be written: members in the order given, the same bytes for the same value.
public indirect enum JSONText: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int)
  /// Finite; written with the fewest digits that read back to the same double.
  case number(Double)
  case string(String)
  case array([JSONText])
  case object([Member])

  /// A name and its value.
  public struct Member: Sendable, Hashable {
    let name: String
    let value: JSONText

    /// The member with this name and value.
    public init(_ name: String, _ value: JSONText) {
      self.name = name
      self.value = value
    }
  }

  /// The document without any white space.
  public var compact: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): Self.digits(value)
    case .string(let value): Self.quote(value)
    case .array(let elements): "[" + elements.map(\.compact).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quote($0.name) + ":" + $0.value.compact }.joined(separator: ",") + "}"
    }
  }

  /// The document for readers: two spaces per level, on one line what fits, a line break at the end.
  public var pretty: String { lines(indent: 0, room: 0) + "\n" }

  /// What fits is at most 100 characters wide, `room` characters of which are taken by the name before it.
  private func lines(indent: Int, room: Int) -> String {
    let short = spaced
    if short.utf8.count + indent + room <= 100 && indent > 0 { return short }
    let margin = String(repeating: " ", count: indent + 2)
    let end = "\n" + String(repeating: " ", count: indent)
    switch self {
    case .array(let elements) where !elements.isEmpty:
      let inner = elements.map { margin + $0.lines(indent: indent + 2, room: 1) }
      return "[\n" + inner.joined(separator: ",\n") + end + "]"
    case .object(let members) where !members.isEmpty:
      let inner = members.map { member in
        let name = Self.quote(member.name) + ": "
        return margin + name + member.value.lines(indent: indent + 2, room: name.utf8.count + 1)
      }
      return "{\n" + inner.joined(separator: ",\n") + end + "}"
    default: return short
    }
  }

  private var spaced: String {
    switch self {
    case .array(let elements): "[" + elements.map(\.spaced).joined(separator: ", ") + "]"
    case .object(let members) where !members.isEmpty:
      "{ " + members.map { Self.quote($0.name) + ": " + $0.value.spaced }.joined(separator: ", ") + " }"
    default: compact
    }
  }

  private static func digits(_ value: Double) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func quote(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\u{0}"..<"\u{20}", "\u{7F}":
        let hexadecimal = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
