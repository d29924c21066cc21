/// Text of a C file in the making: sections, wrapped comments, tables and functions, laid out one way.
///
/// Knows C's look and nothing about networks.
public struct CText: Sendable {
  public private(set) var lines: [String] = []
  /// Columns of a line, comments included.
  public static let width = 100

  public init() {}

  /// The file, with a newline at its end.
  public var text: String { lines.joined(separator: "\n") + "\n" }

  /// An empty line, but never two and never after an opening brace's comment.
  public mutating func gap() {
    if let last = lines.last, !last.isEmpty { lines.append("") }
  }

  /// One or more lines, verbatim.
  public mutating func add(_ text: String) {
    lines += text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// A heading that a reader finds by paging.
  public mutating func section(_ title: String) {
    gap()
    let dashes = String(repeating: "-", count: max(3, CText.width - 12 - title.count))
    add("/* ---- \(title) \(dashes) */")
    gap()
  }

  /// A comment, wrapped; paragraphs are separated by empty lines. Lines that begin with a blank are kept as they are.
  public mutating func comment(_ text: String, indent: Int = 0) { add(CText.comment(text, indent: indent)) }

  public static func comment(_ text: String, indent: Int = 0) -> String {
    let margin = String(repeating: " ", count: indent)
    let wrapped = wrap(text, width: width - indent - 3)
    if wrapped.count == 1 && wrapped[0].count + indent + 6 <= width { return "\(margin)/* \(wrapped[0]) */" }
    let body = wrapped.map { $0.isEmpty ? "\(margin) *" : "\(margin) * \($0)" }
    return (["\(margin)/*"] + body + ["\(margin) */"]).joined(separator: "\n")
  }

  /// Words of `text` in lines of at most `width` columns.
  static func wrap(_ text: String, width: Int) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
      if line.isEmpty || line.first == " " { return [String(line)] }
      var lines: [String] = []
      var current = ""
      for word in line.split(separator: " ") {
        if !current.isEmpty && current.count + 1 + word.count > width {
          lines.append(current)
          current = ""
        }
        current += (current.isEmpty ? "" : " ") + word
      }
      return lines + [current]
    }
  }

  /// A function with its contract above it. `body` is written as it stands, each line indented by one step.
  public mutating func function(_ contract: String, _ signature: String, _ body: String) {
    gap()
    if !contract.isEmpty { comment(contract) }
    add(signature)
    add("{")
    for line in body.split(separator: "\n", omittingEmptySubsequences: false) {
      add(line.isEmpty ? "" : "    " + line)
    }
    add("}")
  }

  /// A constant table, as many values to a line as fit, or `perLine`.
  public mutating func table(
    _ remark: String, _ declaration: String, _ values: some Sequence<String>, perLine: Int? = nil
  ) {
    gap()
    comment(remark)
    add("\(declaration) = {")
    var line = ""
    var count = 0
    for value in values {
      let full = perLine.map { count == $0 } ?? (line.count + value.count + 7 > CText.width)
      if full && !line.isEmpty {
        add("    \(line),")
        line = ""
        count = 0
      }
      line += (line.isEmpty ? "" : ", ") + value
      count += 1
    }
    if !line.isEmpty { add("    \(line)") }
    add("};")
  }
}

/// A text of several lines, each moved right by `spaces`, for use inside another.
public func indented(_ text: String, by spaces: Int) -> String {
  let margin = String(repeating: " ", count: spaces)
  return text.split(separator: "\n", omittingEmptySubsequences: false)
    .map { $0.isEmpty ? "" : margin + $0 }.joined(separator: "\n")
}
