import LearningRules
public import Networks
public import OnlineRules
public import Trials

/// One training of a rate network: iterations over batches of trials, with an update after every step or after every
/// batch.
///
/// Not thread-safe: one per task.
public final class RateTrainingRun {
  /// When the weights move.
  public enum Updates: String, Sendable, Hashable, CaseIterable {
    /// After every step, along the rule's gradient of the step. Trials of a batch run one after the other.
    case step
    /// After every batch, along the mean over its trials of the sum over their steps.
    case trial
  }

  /// What an iteration came to.
  public struct Outcome: Sendable, Hashable {
    /// Σ_t L^t with the weights of each step, the mean over the trials.
    public var loss: Double
    /// y of each trial, [steps × outputs].
    public var readouts: [[Double]]
  }

  private let engine: RateEngine
  private let updates: Updates
  private let update: RateUpdate
  /// The latest gradient of a batch; 0 with updates after every step.
  private let gradient: RateParameters
  private let parameters: [RuleParameter]
  private var hasBegun = false

  /// The network's optimiser decides the updates; its schedule counts them.
  public init(
    _ network: RateNetwork, rule: OnlineRule, settings: OnlineRuleSettings = .init(), seed: UInt64, updates: Updates
  ) {
    engine = RateEngine(
      network, rules: [rule], settings: settings, seed: seed, learning: updates == .step ? rule : nil)
    self.updates = updates
    update = RateUpdate(network)
    gradient = RateParameters(shapedLike: network)
    parameters = RateRuleRun.parameters(network)
  }

  /// The network as it is now.
  public var network: RateNetwork { engine.network }

  /// One iteration over a batch.
  ///
  /// - Parameter continuing: each trial goes on where the one before ended, as if they were one; otherwise each starts
  ///   from rest.
  public func iterate(_ trials: [Trial], continuing: Bool = false) -> Outcome {
    gradient.clear()
    var outcome = Outcome(loss: 0, readouts: [])
    for (number, trial) in trials.enumerated() {
      var readouts: [Double] = []
      readouts.reserveCapacity(trial.targets.count)
      outcome.loss += engine.run(trial, number: number, continuing: continuing && hasBegun, isLast: !continuing) { _ in
        readouts += engine.readout
        if updates == .trial { gradient.add(engine.gradients[0]) }
      }
      outcome.readouts.append(readouts)
      hasBegun = true
    }
    let share = 1 / Double(max(trials.count, 1))
    outcome.loss *= share
    if updates == .trial {
      gradient.scale(by: share)
      update.apply(gradient, to: engine.weights)
    }
    return outcome
  }

  /// The gradient of the latest batch, as `RateRuleRun` cuts it, where there is one update per batch.
  public var batchGradient: [[Double]]? { updates == .trial ? RateRuleRun.arrays(gradient, parameters) : nil }
  /// The weights as they are now, cut in the same way.
  public var weights: [[Double]] { RateRuleRun.arrays(engine.weights, parameters) }
}
