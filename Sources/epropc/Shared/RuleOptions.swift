import ArgumentParser
import Diagnostics
import FloatReference
import LearningRules
import OnlineRules

/// `--rule`.
struct RuleOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      How the gradient is formed; `epropc rules` lists the rules. A rule with a parameter is written name:value. \
      (default: e-prop-1; rflo on rate networks)
      """,
      valueName: "name"))
  var rule: String?

  @Flag(
    name: .customLong("no-reset-path"),
    help: "With bptt, rtrl and m-order: no derivative through the reset of a neuron's own spike.")
  var ignoresReset = false

  @Option(help: "With e-prop-1-adaptive: c of the decay η c of the readout weights and the feedback at every update.")
  var feedbackDecay = 0.01

  func validate() throws {
    do throws(Findings) { _ = try chosen() } catch { throw ValidationError(error.asUsage) }
    if !(feedbackDecay >= 0 && feedbackDecay.isFinite) {
      throw ValidationError("--feedback-decay must not be negative")
    }
  }

  /// The rule for a spiking network. `validate` has seen to it that there is one.
  var choice: RuleChoice { (try? chosen()) ?? RuleChoice(RuleCatalogue.entries[0]) }

  /// The rule for a rate network.
  var rateChoice: RuleChoice {
    rule == nil ? RuleChoice(OnlineRule.rflo.entry) : choice
  }

  private func chosen() throws(Findings) -> RuleChoice {
    let choice = try RuleChoice(rule ?? RuleCatalogue.entries[0].name, among: RuleCatalogue.entries)
    guard ignoresReset else { return choice }
    let name = choice.entry.name + "-no-reset-path"
    guard let entry = RuleCatalogue.entries.first(where: { $0.name == name }) else {
      throw Findings(Finding("rule.parameter", at: nil, "--no-reset-path goes with --rule bptt, rtrl or m-order"))
    }
    return RuleChoice(entry, parameter: choice.parameter)
  }

  /// What the rules need beyond their names.
  func options(seed: UInt64, settings: OnlineRuleSettings = .init()) -> SpikingRules.Options {
    SpikingRules.Options(seed: seed, feedbackDecay: feedbackDecay, settings: settings)
  }
}
