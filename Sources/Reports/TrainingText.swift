public import Diagnostics
public import Training

extension TrainingRun.Iteration {
  /// The line of `train --log`, as `Format.md` describes it. What is not finite is left out.
  public var logLine: JSONText {
    var members = [JSONText.Member("iteration", .integer(iteration))]
    if loss.isFinite { members.append(JSONText.Member("loss", .number(loss))) }
    if let score, score.isFinite { members.append(JSONText.Member("score", .number(score))) }
    if let meanRate, meanRate.isFinite { members.append(JSONText.Member("rate_hz", .number(meanRate))) }
    members.append(JSONText.Member("seconds", .number(seconds)))
    return .object(members)
  }

  /// The line of progress.
  public func progress(of total: Int, score name: String) -> String {
    let score = score.map { "  \(name) \(Figure.short($0))" } ?? ""
    let rate = meanRate.map { "  rate \(Figure.short($0)) Hz" } ?? ""
    return "iteration \(iteration) of \(total)  loss \(Figure.short(loss))\(score)\(rate)"
  }
}

/// What a training came to, for people.
public struct TrainingSummary: Sendable, Hashable {
  private static let window = 50

  private let score: String
  private var first: TrainingRun.Iteration?
  private var last: [TrainingRun.Iteration] = []
  private var seconds = 0.0
  /// Of trials that were not learnt from; nil without any.
  public var testScore: Double?
  /// How many iterations there were.
  public private(set) var count = 0

  /// - Parameter score: the score's name.
  public init(score: String) { self.score = score }

  /// Takes an iteration into account.
  public mutating func add(_ iteration: TrainingRun.Iteration) {
    if first == nil { first = iteration }
    if last.count == Self.window { last.removeFirst() }
    last.append(iteration)
    seconds += iteration.seconds
    count += 1
  }

  /// A warning if the loss ended at more than twice what it was: that is no noise.
  public var findings: [Finding] {
    guard let first = first?.loss, mean(\.loss) > 2 * first else { return [] }
    let message = "the loss rose from \(Figure.short(first)) to \(Figure.short(mean(\.loss)))"
    return [Finding("train.loss-rose", .warning, at: nil, message, help: "try a lower --learning-rate")]
  }

  /// A table of the first iteration and the mean of the last ones.
  public var text: String {
    guard let first else { return "no iterations" }
    var table = Table([.text(""), .number("first"), .number("mean of the last \(last.count)")])
    func add(_ name: String, _ start: Double, _ end: Double) {
      table.add([name, Figure.short(start), Figure.short(end)])
    }
    add("loss", first.loss, mean(\.loss))
    if let score = first.score { add(self.score, score, mean { $0.score ?? .nan }) }
    if let rate = first.meanRate { add("rate / Hz", rate, mean { $0.meanRate ?? .nan }) }
    return table.text + "\n\(count) iterations in \(Figure.duration(seconds: seconds))"
  }

  /// The mean over the last iterations.
  private func mean(_ value: (TrainingRun.Iteration) -> Double) -> Double {
    last.reduce(0) { $0 + value($1) } / Double(last.count)
  }
}
