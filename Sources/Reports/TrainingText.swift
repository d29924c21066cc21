public import Diagnostics
public import Training

extension TrainingRun.Iteration {
  /// The line of `train --log`, as `Format.md` describes it. What is not finite is left out.
  public var logLine: JSONText {
    var members = [JSONText.Member("iteration", .integer(iteration))]
    if loss.isFinite { members.append(JSONText.Member("loss", .number(loss))) }
    if let score, score.isFinite { members.append(JSONText.Member("score", .number(score))) }
    if meanRate.isFinite { members.append(JSONText.Member("rate_hz", .number(meanRate))) }
    members.append(JSONText.Member("seconds", .number(seconds)))
    return .object(members)
  }

  /// The line of progress.
  public func progress(of total: Int, score name: String) -> String {
    let score = score.map { "  \(name) \(Figure.short($0))" } ?? ""
    return "iteration \(iteration) of \(total)  loss \(Figure.short(loss))\(score)  rate \(Figure.short(meanRate)) Hz"
  }
}

/// What a training came to, for people.
public struct TrainingSummary: Sendable, Hashable {
  private static let window = 50

  private let score: String
  private var iterations: [TrainingRun.Iteration] = []

  /// - Parameter score: the score's name.
  public init(score: String) { self.score = score }

  /// How many iterations there were.
  public var count: Int { iterations.count }

  /// Takes an iteration into account.
  public mutating func add(_ iteration: TrainingRun.Iteration) { iterations.append(iteration) }

  /// A warning if the loss rose.
  public var findings: [Finding] {
    guard let first = iterations.first?.loss, let last = iterations.last?.loss, last > first else { return [] }
    let message = "the loss rose from \(Figure.short(first)) to \(Figure.short(last))"
    return [Finding("train.loss-rose", .warning, at: nil, message, help: "try a lower --learning-rate")]
  }

  /// A table of the first iteration and the mean of the last ones.
  public var text: String {
    guard let first = iterations.first else { return "no iterations" }
    let last = iterations.suffix(Self.window)
    func mean(_ value: (TrainingRun.Iteration) -> Double) -> String {
      Figure.short(last.reduce(0) { $0 + value($1) } / Double(last.count))
    }
    var table = Table([.text(""), .number("first"), .number("mean of the last \(last.count)")])
    table.add(["loss", Figure.short(first.loss), mean(\.loss)])
    if let score = first.score { table.add([self.score, Figure.short(score), mean { $0.score ?? .nan }]) }
    table.add(["rate / Hz", Figure.short(first.meanRate), mean(\.meanRate)])
    let seconds = iterations.reduce(0) { $0 + $1.seconds }
    return table.text + "\n\(iterations.count) iterations in \(Figure.duration(seconds: seconds))"
  }
}
