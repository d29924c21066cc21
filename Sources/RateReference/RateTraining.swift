public import Networks
public import OnlineRules
public import Trials

/// Streaming learning: one pass over a stream, the weights moved after every step, with tests in between.
public struct RateTraining {
  public var rule: OnlineRule
  /// Its optimiser decides the updates.
  public var network: RateNetwork
  public var settings: OnlineRuleSettings
  /// Of what the rule draws.
  public var seed: UInt64

  public init(_ rule: OnlineRule, _ network: RateNetwork, settings: OnlineRuleSettings = .init(), seed: UInt64) {
    (self.rule, self.network, self.settings, self.seed) = (rule, network, settings, seed)
  }

  /// Learns from the stretches of a stream in turn, each going on where the one before ended.
  ///
  /// - Parameters:
  ///   - test: a stretch of another stream; tests start from rest, and their first `warmUp` steps do not count.
  ///   - report: called after each stretch with its number from 1; false ends the learning.
  /// - Returns: the mean loss per step of the test before learning and after each stretch; NaN or infinite where the
  ///   learning diverged.
  public func curve(
    _ stretches: [Trial], test: Trial, warmUp: Int = 20, report: (Int) -> Bool = { _ in true }
  ) -> [Double] {
    let engine = RateEngine(network, rules: [rule], settings: settings, seed: seed, learning: rule)
    var losses = [Self.meanLoss(of: network, on: test, warmUp: warmUp)]
    for (index, stretch) in stretches.enumerated() {
      engine.run(stretch, continuing: index > 0, isLast: index == stretches.count - 1)
      losses.append(Self.meanLoss(of: engine.network, on: test, warmUp: warmUp))
      guard report(index + 1) else { break }
    }
    return losses
  }

  /// The mean loss per step after the first `warmUp` steps.
  public static func meanLoss(of network: RateNetwork, on trial: Trial, warmUp: Int) -> Double {
    var sum = 0.0
    RateEngine(network, rules: []).run(trial) { if $0.number >= warmUp { sum += $0.loss } }
    return sum / Double(max(trial.steps - warmUp, 1))
  }
}
