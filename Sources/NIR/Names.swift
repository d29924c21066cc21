/// Names for a description from names of nodes: C identifiers without an underscore at either end or two in a row.
public struct NIRNames {
  private var used: Set<String>

  /// - Parameter reserved: what may not be given.
  init(reserved: Set<String> = []) { used = reserved }

  /// "1.lif" becomes "n1_lif". Where a name is taken already a number follows.
  mutating func name(for node: String) -> String {
    let stem = Self.identifier(node)
    var (name, number) = (stem, 2)
    while !used.insert(name).inserted {
      name = "\(stem)_\(number)"
      number += 1
    }
    return name
  }

  /// At most 26 characters, so that two of them and what is between make a name.
  public static func identifier(_ text: String) -> String {
    let letters = text.unicodeScalars.map { scalar -> Character in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)) ? Character(scalar) : "_"
    }
    let words = String(letters.prefix(26)).split(separator: "_").joined(separator: "_")
    guard let first = words.first else { return "node" }
    // "n" before a digit, and before what may be a word of C.
    return first.isNumber || reservedWords.contains(words.lowercased()) ? "n" + words : words
  }

  private static let reservedWords: Set<String> = [
    "auto", "break", "case", "char", "class", "const", "continue", "default", "delete", "do", "double", "else", "enum",
    "export", "extern", "false", "float", "for", "friend", "goto", "if", "inline", "int", "long", "namespace", "new",
    "operator", "private", "protected", "public", "register", "restrict", "return", "short", "signed", "sizeof",
    "static",
    "struct", "switch", "template", "this", "throw", "true", "try", "typedef", "typename", "union", "unsigned", "using",
    "virtual", "void", "volatile", "while", "inputs",
  ]
}
