import LearningRules

extension GradientReport {
  private static let periods = 10

  /// How each rule compares, per parameter and over time.
  public var text: String {
    let trials = "\(trialCount) trial\(trialCount == 1 ? "" : "s")"
    let title = "\(network): gradients of \(trials) in float64, against \(reference)"
    return ([title, totals] + (depth == .totals ? [] : [overTime])).joined(separator: "\n\n")
  }

  private var totals: String {
    var table = Table([.text("rule"), .text("gradient"), .text("of"), .number("cosine"), .number("norm ratio")])
    for comparison in comparisons {
      for (parameter, alignment) in zip(parameters, comparison.parameters) {
        table.add([comparison.rule, parameter.symbol, parameter.name] + cells(alignment))
      }
      table.add([comparison.rule, "all but the readout's", ""] + cells(comparison.hidden))
    }
    return table.text
  }

  /// The mean over the steps of each tenth of the trial at which both contributions are there.
  private var overTime: String {
    var table = Table([.text("cosine over time, all but the readout's")] + comparisons.map { .number($0.rule) })
    let steps = comparisons.first?.steps.count ?? 0
    let length = max(1, (steps + Self.periods - 1) / Self.periods)
    for start in stride(from: 0, to: steps, by: length) {
      let period = start..<min(start + length, steps)
      let cosines = comparisons.map { comparison in
        let known = period.compactMap { comparison.hiddenSteps[$0].cosine }
        return known.isEmpty ? "–" : Figure.cosine(known.reduce(0, +) / Double(known.count))
      }
      table.add(["steps \(period.lowerBound)–\(period.upperBound - 1), mean"] + cosines)
    }
    return table.text
  }

  private func cells(_ alignment: Alignment) -> [String] {
    [alignment.cosine.map(Figure.cosine) ?? "–", alignment.normRatio.map(Figure.short) ?? "–"]
  }

  /// A line per step for a plotting program: the step, then the cosine and the norm ratio of each rule over all but the
  /// readout's own weights, `nan` where there is none. The first line names the columns behind a `#`.
  public var data: String {
    let names = comparisons.flatMap { ["\($0.rule)/cosine", "\($0.rule)/norm_ratio"] }
    let lines = (0..<(comparisons.first?.steps.count ?? 0)).map { step in
      let numbers = comparisons.flatMap { [$0.hiddenSteps[step].cosine, $0.hiddenSteps[step].normRatio] }
      return ([String(step)] + numbers.map { $0.map(\.description) ?? "nan" }).joined(separator: " ")
    }
    return (["# step " + names.joined(separator: " ")] + lines).joined(separator: "\n") + "\n"
  }
}
