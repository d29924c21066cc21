/// Rows of text in aligned columns.
///
///     projection   weights  |gradient|
///     input          12000      0.0131
public struct Table: Sendable, Hashable {
  /// A column's heading, and on which side its cells are flush: text on the left, numbers on the right.
  public enum Column: Sendable, Hashable {
    case text(String)
    case number(String)

    fileprivate var heading: String {
      switch self {
      case .text(let heading), .number(let heading): heading
      }
    }

    fileprivate func padded(_ cell: String, to width: Int) -> String {
      let space = String(repeating: " ", count: max(width - cell.count, 0))
      return if case .number = self { space + cell } else { cell + space }
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  /// A table without rows.
  public init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; missing cells are empty.
  public mutating func add(_ cells: [String]) {
    rows.append(columns.indices.map { $0 < cells.count ? cells[$0] : "" })
  }

  /// The headings and the rows, without a line break at the end. Without any heading there is no such line.
  public var text: String {
    let headings = columns.map(\.heading)
    let lines = headings.allSatisfy(\.isEmpty) ? rows : [headings] + rows
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      let cells = columns.indices.map { columns[$0].padded(line[$0], to: widths[$0]) }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
