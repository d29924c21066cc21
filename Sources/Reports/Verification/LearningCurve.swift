import Foundation

/// A learning curve as text: one line per stretch of trials, a bar on a logarithmic scale.
public enum LearningCurve {
  /// - Parameters:
  ///   - scores: by trial; less is better.
  ///   - lines: how many stretches the run is cut into.
  public static func text(_ scores: [Double], name: String, lines: Int = 10) -> String {
    guard let first = scores.first else { return "" }
    var rows: [(label: String, value: Double)] = [("1", first)]
    let length = max(1, scores.count / lines)
    for start in stride(from: 0, to: scores.count, by: length) where start + length <= scores.count {
      let part = scores[start..<start + length]
      rows.append(("\(start + 1)–\(start + length)", part.reduce(0, +) / Double(part.count)))
    }
    let positive = rows.map(\.value).filter { $0 > 0 }
    guard let least = positive.min(), let most = positive.max() else { return "" }
    let (low, high) = (log10(least) - 0.1, log10(most))
    var table = Table([.number("trials"), .number(name), .text("(logarithmic)")])
    for row in rows {
      let share = row.value > 0 && high > low ? (log10(row.value) - low) / (high - low) : 0
      table.add([
        row.label, Figure.short(row.value), String(repeating: "█", count: max(0, Int((share * 40).rounded()))),
      ])
    }
    return table.text
  }
}
