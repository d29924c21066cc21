public import Diagnostics
import Foundation
import Networks

extension Alternatives {
  /// Alternatives that would have been preferred, and the limits that each of them passes.
  public var binding: [(constraint: Budget.Constraint, instead: Alternative)] {
    let preferred = all.prefix { $0 != chosen }
    return Budget.Constraint.allCases.compactMap { constraint in
      preferred.first { $0.excess[constraint] != nil }.map { (constraint, $0) }
    }
  }

  /// What was decided and why, as sentences.
  public var verdict: [String] {
    guard let chosen else { return shortfall }
    var lines = ["chosen: \(chosen.commandLine)"]
    if budget.isEmpty { return lines }
    for (constraint, instead) in binding {
      let excess = instead.excess[constraint] ?? 0
      lines.append(
        "\(constraint.words) binds: \(instead.commandLine) would be better, but takes "
          + "\(constraint.amount(excess)) more than \(limit(constraint))")
    }
    if binding.isEmpty { lines.append("no limit binds: this is the best of all alternatives") }
    return lines
  }

  /// Where nothing fits: what is missing, and what would have to go.
  var shortfall: [String] {
    var lines: [String] = []
    for constraint in Budget.Constraint.allCases {
      guard all.allSatisfy({ $0.excess[constraint] != nil }), let least = least(constraint) else { continue }
      lines.append(
        "nothing fits \(limit(constraint)) of \(constraint.words): the least, \(least.commandLine), takes "
          + "\(constraint.amount(least.excess[constraint] ?? 0)) more")
    }
    if lines.isEmpty { lines.append("every limit can be kept, but not all of them by one alternative") }
    return lines + remedies
  }

  /// The finding for a budget that nothing keeps.
  public var finding: Finding {
    let constraint = Budget.Constraint.allCases.first { constraint in
      all.allSatisfy { $0.excess[constraint] != nil }
    }
    return Finding(
      "plan.budget.\(constraint?.rawValue ?? "together")",
      at: .init(path: constraint.map { "--\($0.option)" } ?? "--ram"),
      shortfall.joined(separator: "; "),
      help: "`epropc plan --alternatives` lists what each alternative takes")
  }

  private func least(_ constraint: Budget.Constraint) -> Alternative? {
    all.min { ($0.excess[constraint] ?? 0) < ($1.excess[constraint] ?? 0) }
  }

  private func limit(_ constraint: Budget.Constraint) -> String {
    switch constraint {
    case .ram: "\(budget.ram ?? 0) bytes"
    case .flash: "\(budget.flash ?? 0) bytes"
    case .latency: String(format: "%g steps", budget.latencySteps ?? 0)
    }
  }
}

extension Budget.Constraint {
  var words: String {
    switch self {
    case .ram: "RAM"
    case .flash: "flash for tables"
    case .latency: "latency"
    }
  }

  public var option: String { self == .latency ? "latency-steps" : rawValue }

  func amount(_ excess: Double) -> String {
    self == .latency ? String(format: "%.1f steps", excess) : "\(Int(excess)) bytes"
  }
}

/// What would bring the smallest alternative closer to the budget: each found by planning it.
func sparing(
  _ network: SpikingNetwork, _ all: [Alternative], _ options: PlanOptions, _ budget: Budget
) -> [String] {
  guard let limit = budget.ram, let least = all.min(by: { $0.ram < $1.ram }), least.ram > limit else { return [] }
  var lines: [String] = []
  func weigh(_ what: String, _ change: (inout SpikingNetwork, inout PlanOptions) -> Void) {
    var (network, options) = (network, least.options)
    change(&network, &options)
    guard let plan = try? FixedPlan(network, options: options) else { return }
    let bytes = plan.memory.structBytes
    guard bytes < least.ram else { return }
    lines.append("\(what) leaves \(bytes) bytes\(bytes <= limit ? ", which fits" : "")")
  }
  weigh("room for half the events (--recorded-rate \(figure(options.recordedRate / 2)))") { _, options in
    options.recordedRate /= 2
    options.recordedInputRate = options.recordedInputRate.map { $0 / 2 }
  }
  for index in network.projections.indices where network.projections[index].isPlastic {
    weigh("freezing \(network.projections[index].name)") { network, _ in network.projections[index].isPlastic = false }
  }
  weigh("freezing all but the readout") { network, _ in
    for index in network.projections.indices where network.projections[index].target != .readout {
      network.projections[index].isPlastic = false
    }
  }
  weigh("trials of half the length (maximum_steps \(network.maximumSteps / 2))") { network, _ in
    network.maximumSteps = max(1, network.maximumSteps / 2)
  }
  weigh("no learning (--inference-only)") { $1.inferenceOnly = true }
  return lines
}

private func figure(_ value: Double) -> String { String(format: "%g", value) }
