/// A JSON value that knows where it stood.
public struct JSONValue: Sendable, Hashable {
  /// What the value is. Numbers are doubles; one beyond their range is infinite, and the reader's user must say so.
  public enum Kind: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// In the order of the document, each name once.
    case object([Member])
  }

  /// A name and its value in an object.
  public struct Member: Sendable, Hashable {
    /// The name, unescaped.
    public let name: String
    /// Where the name's opening quote stood.
    public let position: JSONPosition
    /// The value.
    public let value: JSONValue
  }

  /// What the value is.
  public let kind: Kind
  /// Where its first character stood.
  public let position: JSONPosition

  /// What the value is, for a message: "a number", "an object".
  public var kindName: String {
    switch kind {
    case .null: "null"
    case .bool: "true or false"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// A place in a text: line and column in characters (Unicode scalars), both counted from 1.
public struct JSONPosition: Sendable, Hashable {
  /// The line, counted from 1.
  public let line: Int
  /// The column in Unicode scalars, counted from 1.
  public let column: Int

  /// The given place.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// This place in the given file, for the value at the given JSON path.
  public func location(file: String?, path: JSONPath) -> Finding.Location {
    Finding.Location(file: file, line: line, column: column, path: path.text)
  }
}

/// The way from a document's root to a value: `populations[0].tau_m_ms`.
public struct JSONPath: Sendable, Hashable {
  /// The path as text; nil for the root.
  public let text: String?

  /// The document itself.
  public static let root = JSONPath(text: nil)

  /// The member of this object with the given name; a name that is not a plain word is quoted in brackets.
  public func member(_ name: String) -> JSONPath {
    let isWord =
      name.utf8.first.map { !(0x30...0x39).contains($0) } ?? false
      && name.utf8.allSatisfy { byte in
        byte == 0x5F || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      }
    guard isWord else { return JSONPath(text: (text ?? "") + "[" + Quoted.text(name) + "]") }
    return JSONPath(text: text.map { $0 + "." + name } ?? name)
  }

  /// The element of this array with the given number, counted from 0.
  public func element(_ index: Int) -> JSONPath { JSONPath(text: (text ?? "") + "[\(index)]") }
}

/// A document that was read: its root, and what is wrong with it although its meaning is clear (duplicate names).
public struct JSONDocument: Sendable, Hashable {
  /// The value that the document consists of.
  public let root: JSONValue
  /// `json.duplicate-key` findings; the first of several members with one name is kept.
  public let findings: [Finding]
}

/// How much a document may ask of the reader. All three are checked before memory is spent.
public struct JSONLimits: Sendable, Hashable {
  /// The length of the document.
  public var bytes: Int
  /// How deep arrays and objects may be nested.
  public var depth: Int
  /// How many values and names the document may hold.
  public var values: Int

  /// The given limits; by default 16 MiB, 32 levels and a million values.
  public init(bytes: Int = 16 << 20, depth: Int = 32, values: Int = 1_000_000) {
    self.bytes = bytes
    self.depth = depth
    self.values = values
  }
}
