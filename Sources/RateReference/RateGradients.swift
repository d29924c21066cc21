public import Networks
public import OnlineRules
public import Trials

/// The gradients of several rules on the same run.
public enum RateReference {
  /// What online rules see of a network.
  public static func sizes(_ network: RateNetwork) -> OnlineSizes { RateCell.sizes(network) }

  /// What a rule makes of a run.
  public struct RuleGradients {
    public var rule: OnlineRule
    /// Σ over the steps of all trials, divided by the number of trials.
    public var total: RateParameters
  }

  /// What a run came to.
  public struct Evaluation {
    /// Σ_t L^t, the mean over the trials.
    public var loss: Double
    public var rules: [RuleGradients]
  }

  /// The gradients of the rules on all trials. The weights stay.
  public static func evaluate(
    _ network: RateNetwork, _ trials: [Trial], rules: [OnlineRule], settings: OnlineRuleSettings = .init(),
    recorded: RecordedDraws? = nil, seed: UInt64 = 1
  ) -> Evaluation {
    let engine = RateEngine(network, rules: rules, settings: settings, recorded: recorded, seed: seed)
    let totals = rules.map { _ in RateParameters(shapedLike: network) }
    var loss = 0.0
    for (number, trial) in trials.enumerated() {
      loss += engine.run(trial, number: number) { _ in
        for (total, gradient) in zip(totals, engine.gradients) { total.add(gradient) }
      }
    }
    let share = 1 / Double(max(trials.count, 1))
    for total in totals { total.scale(by: share) }
    return Evaluation(
      loss: loss * share, rules: zip(rules, totals).map { RuleGradients(rule: $0, total: $1) })
  }
}
