import Foundation

/// Text in sections of aligned columns, at most 100 characters wide.
struct PlanTextLayout {
  static let width = 100
  private static let keyWidth = 24

  private(set) var text = ""

  /// A heading, after an empty line unless it is the first.
  mutating func section(_ title: String) { text += (text.isEmpty ? "" : "\n") + title + "\n" }

  /// A key and what there is to say of it.
  mutating func line(_ key: String, _ value: String) {
    let left = "  " + Self.padded(key, to: Self.keyWidth) + "  "
    hang(value, after: key.count > Self.keyWidth ? "  \(key)  " : left, at: left.count)
  }

  /// A sentence.
  mutating func sentence(_ value: String) { hang(value, after: "  ", at: 4) }

  /// Rows under headings: numbers flush right, and the last column, which is wrapped, flush left. A long name in the
  /// first column has a line of its own.
  mutating func table(_ headings: [String], numbers: Set<Int>, _ rows: [[String]]) {
    let lines = [headings] + rows
    let last = headings.count - 1
    let widths = (0..<last).map { column in
      lines.map { column == 0 && isLong($0[0]) ? 0 : $0[column].count }.max() ?? 0
    }
    for line in lines {
      let cells = (0..<last).map { column in
        let cell = column == 0 && isLong(line[0]) ? "" : line[column]
        return Self.padded(cell, to: widths[column], flushRight: numbers.contains(column))
      }
      if isLong(line[0]) { text += "  \(line[0])\n" }
      let left = "  " + cells.joined(separator: "  ") + "  "
      hang(line[last], after: left, at: left.count)
    }
  }

  private func isLong(_ cell: String) -> Bool { cell.count > 32 }

  /// Words behind `left`, going on in the column `indent` of further lines.
  private mutating func hang(_ words: String, after left: String, at indent: Int) {
    var line = left
    var isFresh = true
    for word in words.split(separator: " ") {
      if !isFresh && line.count + 1 + word.count > Self.width {
        text += Self.trimmed(line) + "\n"
        line = String(repeating: " ", count: indent)
        isFresh = true
      }
      line += isFresh ? String(word) : " " + word
      isFresh = false
    }
    text += Self.trimmed(line) + "\n"
  }

  private static func padded(_ cell: String, to width: Int, flushRight: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - cell.count))
    return flushRight ? space + cell : cell + space
  }

  private static func trimmed(_ line: String) -> Substring {
    var line = line[...]
    while line.last == " " { line.removeLast() }
    return line
  }
}

/// Numbers as they stand in the text of a plan.
enum PlanFigure {
  /// Six significant digits.
  static func real(_ value: Double) -> String { String(format: "%.6g", value) }

  /// One value, or the least and the greatest of several.
  static func range(_ values: [Double]) -> String {
    guard let low = values.min(), let high = values.max() else { return "none" }
    return low == high ? real(low) : "\(real(low)) … \(real(high))"
  }

  static func range(_ values: PerNeuron) -> String {
    switch values {
    case .common(let value): "\(value)"
    case .each(let list): range(list.map(Int.init))
    }
  }

  static func range(_ values: [Int]) -> String {
    guard let low = values.min(), let high = values.max() else { return "none" }
    return low == high ? "\(low)" : "\(low) … \(high)"
  }

  /// 2^n and 2^n − 1 as such, others in digits.
  static func limit(_ value: Int64) -> String {
    func power(_ value: UInt64) -> String? { value.nonzeroBitCount == 1 ? "2^\(value.trailingZeroBitCount)" : nil }
    guard value > 1 else { return "\(value)" }
    return power(UInt64(value)) ?? power(UInt64(value) + 1).map { "\($0) − 1" } ?? "\(value)"
  }

  static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  static func count(_ number: Int, _ singular: String) -> String { "\(number) \(singular)\(number == 1 ? "" : "s")" }
}
