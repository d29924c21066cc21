import FloatReference
public import Networks
import Tasks
import Training
public import Trials

/// How the digits are learnt in double precision.
public enum DigitRule: String, Sendable, Hashable, CaseIterable {
  case eProp1 = "e-prop 1"
  case readoutOnly = "readout only"
  case backpropagation = "BPTT"
}

/// A training in double precision, on trials in an order of its own.
public struct DigitTraining: Sendable {
  public var rule: DigitRule
  public var seed: UInt64
  public var epochs: Int

  public init(rule: DigitRule, seed: UInt64, epochs: Int) {
    self.rule = rule
    self.seed = seed
    self.epochs = epochs
  }

  /// Trains a network from its drawn weights. `progress` is told the number of each iteration and of all; the same seed,
  /// trials and epochs give the same network, bit for bit.
  public func run(on trials: [Trial], progress: (Int, Int) -> Void = { _, _ in }) -> SpikingNetwork {
    let batch = SpokenDigits.batch
    let updates = (epochs * trials.count + batch - 1) / batch
    var network = SpokenDigits().network(seed: seed, updates: updates)
    if rule == .readoutOnly { network = network.learningReadoutOnly() }
    let order = ShuffledOrder.indices(of: trials.count, draws: epochs * trials.count, seed: seed)
    let training = TrainingRun(
      network, rule: rule == .backpropagation ? .backpropagation(resetPath: false) : .eProp1(EProp1()))
    training.run(
      iterations: updates,
      batch: { number in
        order[(number - 1) * batch..<min(number * batch, order.count)].map { trials[$0] }
      },
      report: { iteration in
        progress(iteration.iteration, updates)
        return iteration.loss.isFinite
      })
    return training.network
  }
}

/// What a network makes of recordings.
public struct DigitScore: Sendable, Hashable {
  /// The share of digits that were recognised.
  public var accuracy: Double
  /// Hz, the mean over neurons and recordings.
  public var meanRate: Double

  /// Of a network in double precision.
  public init(_ network: SpikingNetwork, on trials: [Trial]) {
    let training = TrainingRun(network) { TaskScore.misclassification.evaluate($0, readouts: $1) }
    let figures = training.assess(trials)
    (accuracy, meanRate) = (1 - figures.score, figures.meanRate)
  }
}
