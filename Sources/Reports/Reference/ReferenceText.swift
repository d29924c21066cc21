import FloatReference
import Networks

extension ReferenceReport {
  private static let shownTrials = 20

  /// Loss and rate of each trial, and the size of each gradient.
  public var text: String {
    let count = trials.count
    let title = "\(network.name): \(ruleName), \(count) trial\(count == 1 ? "" : "s"), float64"
    return [title, trialTable, gradientTable].joined(separator: "\n\n")
  }

  private var trialTable: String {
    var table = Table([.text("trial"), .number("steps"), .number("loss"), .number("rate / Hz")])
    for (index, entry) in trials.enumerated().prefix(Self.shownTrials) {
      let recording = evaluation.recordings[index]
      table.add([
        String(entry.number), String(recording.steps), Figure.short(recording.loss), Figure.short(meanRate(recording)),
      ])
    }
    if trials.count > Self.shownTrials { table.add(["and \(trials.count - Self.shownTrials) more"]) }
    if trials.count > 1 { table.add(["mean", "", Figure.short(evaluation.loss), Figure.short(meanRate)]) }
    return table.text
  }

  private var gradientTable: String {
    var table = Table([
      .text("gradient"), .text("of"), .number("shape"), .number("norm"), .number("largest"),
    ])
    for gradient in gradients {
      let shape = gradient.shape.map(String.init).joined(separator: " × ")
      table.add([
        gradient.symbol, gradient.name, shape, Figure.short(gradient.norm), Figure.short(gradient.largest),
      ])
    }
    return table.text
  }
}
