public import Diagnostics
public import Digits
import Foundation

extension DigitBench {
  /// The tables of `bench digits`.
  public var text: String { [trainingTable, speakerTable].compactMap(\.self).joined(separator: "\n\n") }

  private var trainingTable: String? {
    guard !trainings.isEmpty else { return nil }
    var table = Table([
      .text("rule"), .number("seeds"), .number("accuracy"), .number("least"), .number("int8, as C"),
      .number("rate, Hz"),
    ])
    for rule in DigitRule.allCases {
      let runs = trainings.filter { $0.rule == rule }
      guard !runs.isEmpty, let mean = meanAccuracy(rule) else { continue }
      let integer = runs.compactMap(\.integerAccuracy)
      let count = Double(runs.count)
      table.add([
        rule.rawValue, "\(runs.count)", Figure.percent(mean), Figure.percent(runs.map(\.accuracy).min() ?? 0),
        integer.isEmpty ? "" : Figure.percent(integer.reduce(0, +) / Double(integer.count)),
        String(format: "%.1f", runs.reduce(0) { $0 + $1.meanRate } / count),
      ])
    }
    return "test recordings after \(epochs) epochs in double precision, all speakers\n" + table.text
  }

  private var speakerTable: String? {
    guard !personalisations.isEmpty else { return nil }
    var table = Table([
      .text("speaker left out"), .text("learns"), .number("before"), .number("after"), .number("others before"),
      .number("others after"), .number("forgetting"),
    ])
    for plasticity in Personalisation.Plasticity.allCases {
      for speaker in speakers.map(Optional.some) + [nil] {
        guard let before = mean(\.before, plasticity, speaker: speaker),
          let after = mean(\.after, plasticity, speaker: speaker),
          let others = mean(\.othersBefore, plasticity, speaker: speaker),
          let othersAfter = mean(\.othersAfter, plasticity, speaker: speaker),
          let forgetting = mean(\.forgetting, plasticity, speaker: speaker)
        else { continue }
        table.add(
          [speaker.map { name(of: $0) } ?? "mean", plasticity.rawValue]
            + [before, after, others, othersAfter, forgetting].map(Figure.percent))
      }
    }
    let seeds = Set(personalisations.map(\.seed)).count
    return "a new speaker on the device: int8, one byte per plastic synapse, one pass; mean of \(seeds) "
      + "seed\(seeds == 1 ? "" : "s")\n" + table.text
  }

  /// The document of `bench digits --json`, as `Format.md` describes it.
  public var json: JSONText {
    .object([
      .init("format", .string("epropc-bench-digits")), .init("version", .integer(1)), .init("epochs", .integer(epochs)),
      .init("trainings", .array(trainings.map(entry))),
      .init("speakers", .array(personalisations.map(entry))),
    ])
  }

  private func entry(_ training: Training) -> JSONText {
    .object([
      .init("rule", .string(training.rule.rawValue)), .init("seed", .integer(Int(training.seed))),
      .init("accuracy", .number(training.accuracy)), .init("rate_hz", .number(training.meanRate)),
      .init("int8_accuracy", training.integerAccuracy.map { .number($0) } ?? .null),
    ])
  }

  private func entry(_ outcome: Personalisation.Outcome) -> JSONText {
    .object([
      .init("speaker", .integer(outcome.speaker)), .init("name", .string(name(of: outcome.speaker))),
      .init("seed", .integer(Int(outcome.seed))),
      .init("learns", .string(outcome.plasticity.rawValue)), .init("before", .number(outcome.before)),
      .init("after", .number(outcome.after)), .init("others_before", .number(outcome.othersBefore)),
      .init("others_after", .number(outcome.othersAfter)), .init("learnt", .integer(outcome.learnt)),
      .init("spoilt", .integer(outcome.spoilt)),
    ])
  }
}
