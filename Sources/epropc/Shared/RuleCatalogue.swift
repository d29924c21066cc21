import Diagnostics
import FloatReference
import LearningRules
import Networks
import OnlineRules
import RateReference
import Training
import Trials

/// Every learning rule that the tools know, from all modules that have some.
enum RuleCatalogue {
  static let entries: [RuleEntry] =
    SpikingRules.entries.map { entry in
      var entry = entry
      if OnlineRule.shared.contains(entry.name) { entry.networks.append(.rate) }
      return entry
    } + OnlineRule.entries + LongShortTermMemory.entries

  /// How the rule's time per step grows with the size of a network.
  static func time(_ entry: RuleEntry) throws(Findings) -> RuleTiming {
    if !OnlineRule.shared.contains(entry.name), let rule = OnlineRule(rawValue: entry.name) {
      let cost = BenchRates.cost(of: rule, settings: OnlineRuleSettings(horizon: 10), alpha: 1, units: [64, 128, 256])
      return RuleTiming(sizes: cost.units, microsecondsPerStep: cost.microseconds)
    }
    guard entry.networks.contains(.spiking) else { return RuleBenchmark.timeLongShortTermMemory() }
    return try RuleBenchmark.time(RuleChoice(entry))
  }

  /// The rule on a spiking network.
  ///
  /// - Throws: `rule.not-applicable`, and what `SpikingRules.rule` finds.
  static func spiking(
    _ choice: RuleChoice, on network: SpikingNetwork, steps: Int, options: SpikingRules.Options,
    draws: RuleDraws? = nil, training: Bool = false
  ) throws(Findings) -> LearningRule {
    let findings = choice.findings(for: .spiking, training: training)
    guard findings.isEmpty else { throw Findings(findings) }
    return try SpikingRules.rule(choice, on: network, steps: steps, options: options, draws: draws)
  }

  /// The rules on a spiking network and its trials, in the order given. What is wrong with any of them is reported at once.
  static func runs(
    _ choices: [RuleChoice], on network: SpikingNetwork, _ trials: [Trial], options: SpikingRules.Options,
    draws: RuleDraws?
  ) throws(Findings) -> [any RuleRun] {
    let steps = trials.map(\.steps).max() ?? 0
    var (runs, findings): ([any RuleRun], [Finding]) = ([], [])
    for choice in choices {
      do throws(Findings) {
        let rule = try spiking(choice, on: network, steps: steps, options: options, draws: draws)
        runs.append(SpikingRuleRun(network, trials, rule, named: choice.text))
      } catch {
        findings += error.all
      }
    }
    guard findings.isEmpty else { throw Findings(findings) }
    return runs
  }
}
