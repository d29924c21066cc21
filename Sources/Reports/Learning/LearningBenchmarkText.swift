public import Benchmarks
public import Diagnostics
import Foundation
public import Toolchains

/// The report of `epropc bench learning`.
public enum LearningBenchmarkText {
  /// A table for each task, a line for each setting.
  public static func text(
    _ figures: [LearningFigures], isQuick: Bool, compiler: String, host: HostInformation, commit: String? = nil
  ) -> String {
    var parts = LearningCase.Work.allCases.compactMap { table(figures, of: $0, isQuick) }
    if isQuick { parts.insert("quick: a few trials of small networks; the figures mean nothing", at: 0) }
    parts.append(
      verdict(figures) + "\n\(compiler)\non \(host.processor), \(host.system)\(commit.map { ", commit \($0)" } ?? "")")
    return parts.joined(separator: "\n\n")
  }

  private static func table(
    _ all: [LearningFigures], of work: LearningCase.Work, _ isQuick: Bool
  ) -> String? {
    let figures = all.filter { $0.learningCase.work == work }
    guard let first = figures.first else { return nil }
    let seeds = first.results.map(\.seed)
    var table = Table(
      [
        .text("bytes/synapse"), .text("setting"), .number("mean"), .number("worst"), .number("to linear"),
        .number("to paper"),
      ]
        + seeds.map { .number("seed \($0)") } + [.text("bar")])
    for figure in figures {
      table.add(
        [
          bytes(figure), figure.learningCase.setting, value(figure.mean, work),
          value(figure.results.map(\.value).max() ?? 0, work), ratio(figure, all, .linear), ratio(figure, all, .paper),
        ] + figure.results.map { value($0.value, work) } + [isQuick ? "" : bars(figure, all)])
    }
    return work.title + "\n" + table.text
  }

  private static func bytes(_ figure: LearningFigures) -> String {
    figure.results.first?.bytesPerSynapse.map(Figure.hundredths) ?? "float64 + Adam"
  }

  private static func value(_ value: Double, _ work: LearningCase.Work) -> String {
    work == .recall ? Figure.percent(value) : String(format: "%.4f", value)
  }

  private static func ratio(
    _ figure: LearningFigures, _ all: [LearningFigures], _ reference: LearningCase.Reference
  ) -> String {
    guard figure.learningCase.work != .recall, let ratio = figure.ratio(to: reference, in: all) else { return "" }
    return Figure.hundredths(ratio)
  }

  private static func bars(_ figure: LearningFigures, _ all: [LearningFigures]) -> String {
    let bars = figure.bars(in: all).map { "\($0.text): \($0.isMet ? "met" : "MISSED")" }
    return (bars + (figure.learningCase.aim.map { ["aim: \($0)"] } ?? [])).joined(separator: "; ")
  }

  private static func verdict(_ figures: [LearningFigures]) -> String {
    let runs = figures.flatMap(\.results).filter { $0.isBitExact != nil }
    let steps = runs.reduce(0) { $0 + $1.steps }
    let wrong = runs.filter { $0.isBitExact == false }
    guard wrong.isEmpty else {
      return "the C DIFFERS from the integer model in \(wrong.count) of \(runs.count) runs"
    }
    return "all \(runs.count) runs of the C, \(steps) steps, ended every trial with the bits of the integer model"
  }

  /// As JSON.
  public static func document(
    _ figures: [LearningFigures], isQuick: Bool, compiler: String, host: HostInformation, commit: String? = nil
  ) -> JSONText {
    var members: [JSONText.Member] = [
      .init("format", .string("epropc-learning-benchmark")), .init("version", .integer(1)),
      .init("processor", .string(host.processor)), .init("system", .string(host.system)),
      .init("compiler", .string(compiler)), .init("quick", .bool(isQuick)),
    ]
    if let commit { members.append(.init("commit", .string(commit))) }
    members.append(.init("lines", .array(figures.map { line($0, figures) })))
    return .object(members)
  }

  private static func line(_ figure: LearningFigures, _ all: [LearningFigures]) -> JSONText {
    var members: [JSONText.Member] = [
      .init("work", .string(figure.learningCase.work.rawValue)),
      .init("setting", .string(figure.learningCase.setting)),
      .init("learner", .string(figure.learningCase.bytes == nil ? "float" : "integer")),
    ]
    if let bytes = figure.results.first?.bytesPerSynapse { members.append(.init("bytes_per_synapse", .number(bytes))) }
    members.append(.init("mean", .number(figure.mean)))
    for (name, reference) in [("ratio_to_linear", LearningCase.Reference.linear), ("ratio_to_paper", .paper)] {
      if let ratio = figure.ratio(to: reference, in: all), ratio.isFinite {
        members.append(.init(name, .number(ratio)))
      }
    }
    members.append(
      .init(
        "bars",
        .array(figure.bars(in: all).map { .object([.init("bar", .string($0.text)), .init("met", .bool($0.isMet))]) })))
    members.append(.init("results", .array(figure.results.map(result))))
    return .object(members)
  }

  private static func result(_ result: LearningResult) -> JSONText {
    var members: [JSONText.Member] = [
      .init("seed", .integer(Int(result.seed))), .init("value", .number(result.value)),
      .init("steps", .integer(result.steps)), .init("spoilt", .integer(result.spoilt)),
    ]
    if let exact = result.isBitExact { members.append(.init("bit_exact", .bool(exact))) }
    return .object(members)
  }
}
