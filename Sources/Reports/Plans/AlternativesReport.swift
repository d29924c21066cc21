public import Diagnostics
import Foundation
public import Planning

/// What `plan --alternatives` shows, and `compile` with a budget.
public enum AlternativesReport {
  /// A line per alternative, the best first, and what was decided.
  public static func text(_ alternatives: Alternatives) -> String {
    var table = Table([
      .text(""), .number("block"), .text("history"), .number("tile"), .number("weights"), .text("optimiser"),
      .number("RAM"),
      .number("weights"), .number("traces"), .number("optimiser"), .number("history"), .number("scratch"),
      .number("rest"), .number("flash"), .number("B/syn"), .number("step"), .number("update"), .number("per step"),
      .number("latency"), .text("class"), .text("passes"),
    ])
    for one in alternatives.all { table.add(row(one, isChosen: one == alternatives.chosen)) }
    let classes = Set(alternatives.all.map(\.quality)).sorted().map { "class \($0.name): \($0.meaning)" }
    let estimate =
      "step, update, per step: instructions of \(alternatives.core.rawValue), estimated to within "
      + "\(Int(InstructionEstimate.tolerance * 100)) %, at \(figure(alternatives.activity.inputRate)) Hz per input and "
      + "\(figure(alternatives.activity.neuronRate)) Hz per neuron"
    let notes = [
      "RAM and flash: bytes of the struct and the tables, as planned; by purpose from weights to rest", estimate,
      "latency: the longest call in ordinary steps, updates being made in slices of a piece (update_slice)",
    ]
    return ([table.text, ""] + notes + classes + [""] + alternatives.verdict).joined(separator: "\n")
  }

  private static func row(_ one: Alternative, isChosen: Bool) -> [String] {
    let purposes = one.ramByPurpose
    func bytes(_ names: Memory.Purpose...) -> String { String(names.reduce(0) { $0 + (purposes[$1] ?? 0) }) }
    let estimate = one.estimate
    return [
      isChosen ? "→" : "", one.blockName, one.options.history == .replay ? "replay" : "stored",
      String(one.options.tile), "int\(one.options.weightBits)", one.optimiser, String(one.ram), bytes(.weight),
      bytes(.trace, .accumulator), bytes(.optimiser), bytes(.history), bytes(.scratch),
      bytes(.neuron, .readout, .control), String(one.flash), one.bytesPerSynapse.map(Figure.hundredths) ?? "–",
      whole(estimate.step), whole(estimate.update), whole(one.instructionsPerStep),
      String(format: "%.1f", estimate.latencySteps), one.quality.name,
      Budget.Constraint.allCases.filter { one.excess[$0] != nil }.map(\.option).joined(separator: ", "),
    ]
  }

  private static func whole(_ value: Double) -> String { String(format: "%.0f", value) }
  private static func figure(_ value: Double) -> String { String(format: "%g", value) }

  /// As JSON; `Format.md` describes it.
  public static func document(_ alternatives: Alternatives) -> JSONText {
    let limits: [JSONText.Member?] = [
      alternatives.budget.ram.map { .init("ram", .integer($0)) },
      alternatives.budget.flash.map { .init("flash", .integer($0)) },
      alternatives.budget.latencySteps.map { .init("latency_steps", .number($0)) },
    ]
    return .object([
      .init("format", .string("epropc-alternatives")), .init("version", .integer(1)),
      .init("name", .string(alternatives.network)), .init("core", .string(alternatives.core.rawValue)),
      .init("input_rate_hz", .number(alternatives.activity.inputRate)),
      .init("neuron_rate_hz", .number(alternatives.activity.neuronRate)),
      .init("budget", .object(limits.compactMap { $0 })),
      .init(
        "alternatives", .array(alternatives.all.map { entry($0, isChosen: $0 == alternatives.chosen) })),
      .init("verdict", .array(alternatives.verdict.map { .string($0) })),
    ])
  }

  private static func entry(_ one: Alternative, isChosen: Bool) -> JSONText {
    var members: [JSONText.Member] = [
      .init("chosen", .bool(isChosen)), .init("block_steps", .integer(one.blockSteps)),
      .init("history", .string(one.options.history == .replay ? "replay" : "stored")),
      .init("tile", .integer(one.options.tile)), .init("weight_bits", .integer(one.options.weightBits)),
      .init("ram", .integer(one.ram)),
      .init(
        "ram_by_purpose",
        .object(Memory.Purpose.allCases.map { .init($0.rawValue, .integer(one.ramByPurpose[$0] ?? 0)) })),
      .init("flash", .integer(one.flash)),
    ]
    members.append(.init("optimiser", .string(one.optimiser)))
    if one.isAdam { members.append(.init("moment_bits", .integer(one.options.momentBits))) }
    if let bytes = one.bytesPerSynapse { members.append(.init("bytes_per_plastic_synapse", .number(bytes))) }
    members += [
      .init("instructions_per_step", .number(one.estimate.step)),
      .init("instructions_per_update", .number(one.estimate.update)),
      .init("latency_steps", .number(one.estimate.latencySteps)), .init("class", .string(one.quality.name)),
      .init(
        "excess",
        .object(
          Budget.Constraint.allCases.compactMap { constraint in
            one.excess[constraint].map { .init(constraint.rawValue, .number($0)) }
          })),
    ]
    return .object(members)
  }
}

extension Alternative {
  /// W as a number of steps, or trial.
  fileprivate var blockName: String {
    switch options.block {
    case .trial: blockSteps == 0 ? "–" : "trial"
    case .steps(let steps): String(steps)
    }
  }
}
