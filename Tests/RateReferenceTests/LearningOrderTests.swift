import Networks
import OnlineRules
import RateReference
import Tasks
import Testing
import Trials

/// The task Add in full, as `epropc bench rates` runs it: 32 units without a leak, 300,000 steps, an update after each, SGD
/// from 0.003 to 0, for KF-RTRL from 0.002. The bars are those that the task sets: its floor of 0.4545 nats, and about 0.48 for who learns the
/// readout alone. Learning rates were chosen on other seeds.
@Suite struct LearningOrderTests {
  private static let settings: OnlineRuleSettings = {
    var settings = OnlineRuleSettings(horizon: 10)
    settings.dniLearningRate = 0.01
    return settings
  }()

  /// The test loss at the end.
  private static func final(_ rule: OnlineRule, seed: UInt64, steps: Int = 300_000) -> Double {
    let task = AddTask()
    var network = task.network(seed: seed)
    network.optimiser = .init(
      kind: .sgd, learningRate: rule == .kfRTRL ? 0.002 : 0.003, schedule: .linearToZero(trials: steps))
    let stream = task.stream(seed: seed, trials: 1, steps: steps, labels: .drawn)
    let test = task.stream(seed: seed + 1_000_000, trials: 1, steps: 20_000, labels: .chances).trials[0]
    return RateTraining(rule, network, settings: settings, seed: seed).curve(stream.trials, test: test).last
      ?? .nan
  }

  /// The order holds for every seed; the levels are those of the mean, 0.005 from the floor counting as at it.
  @Test func exactThenFactoredThenLocalThenOutput() async {
    let rules: [OnlineRule] = [.backpropagation, .kfRTRL, .rflo, .kernl, .dni, .fixedW]
    let seeds: [UInt64] = [11, 12, 13]
    let losses = await withTaskGroup(of: [Double].self) { group in
      for seed in seeds { group.addTask { rules.map { Self.final($0, seed: seed) } } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    for loss in losses {
      #expect(loss[0] <= loss[1], "\(loss)")
      for local in loss[2...4] { #expect(loss[1] < local && local < loss[5], "\(loss)") }
    }
    func mean(_ rule: Int) -> Double { losses.reduce(0) { $0 + $1[rule] } / Double(losses.count) }
    #expect(mean(0) < AddTask.floor + 0.005, "BPTT \(mean(0))")
    #expect(mean(1) < AddTask.floor + 0.005, "KF-RTRL \(mean(1))")
    #expect(abs(mean(5) - 0.48) < 0.005, "output only \(mean(5))")
  }

  /// RTRL takes a hundred times longer than the others, so its run is shorter. Every step's gradient is that of
  /// backpropagation over the whole past (`ExactRuleTests`); windows of ten steps lose little of it, and a run of it ends
  /// no higher than the noisier KF-RTRL.
  @Test(arguments: [UInt64(11), 12, 13])
  func realTimeRecurrentLearningIsNoWorseThanItsFactors(seed: UInt64) {
    let steps = 20_000
    let loss = Self.final(.rtrl, seed: seed, steps: steps)
    #expect(loss <= Self.final(.kfRTRL, seed: seed, steps: steps))
    #expect(loss < Self.final(.rflo, seed: seed, steps: steps))
  }
}
