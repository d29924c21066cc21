import Networks
import RateReference
import Tasks
import Testing
import Trials

/// The task Add, shortened: which rules get how far. Learning rates were chosen on other seeds; `epropc bench rates` is
/// the long version.
@Suite struct LearningOrderTests {
  private func final(_ rule: RateRule, seed: UInt64, steps: Int = 80_000) -> Double {
    let task = AddTask()
    var network = task.network(seed: seed)
    network.optimiser = .init(kind: .sgd, learningRate: 0.003, schedule: .linearToZero(trials: steps))
    let stream = task.stream(seed: seed, trials: 4, steps: steps / 4, labels: .drawn)
    let test = task.stream(seed: seed + 1_000_000, trials: 1, steps: 20_000, labels: .chances).trials[0]
    var settings = RateRuleSettings(horizon: 10)
    settings.dniLearningRate = 0.01
    return RateTraining(rule, network, settings: settings, seed: seed).curve(stream.trials, test: test).last ?? .nan
  }

  @Test(arguments: [UInt64(11), 12, 13])
  func exactThenFactoredThenLocalThenOutput(seed: UInt64) {
    let exact = final(.backpropagation, seed: seed)
    let factored = final(.kfRTRL, seed: seed)
    let local = [RateRule.rflo, .kernl, .dni].map { final($0, seed: seed) }
    let output = final(.fixedW, seed: seed)
    // A quarter of the steps of `bench rates`: nothing has quite ended.
    #expect(exact < AddTask.floor + 0.012)
    #expect(exact <= factored && factored < exact + 0.009)
    for loss in local { #expect(factored < loss && loss < output, "\(factored) < \(loss) < \(output)") }
    #expect(output > 0.475 && output < 0.51)
  }

  @Test func realTimeRecurrentLearningGetsAsFar() {
    let loss = final(.rtrl, seed: 11, steps: 60_000)
    #expect(abs(loss - final(.backpropagation, seed: 11, steps: 60_000)) < 0.004)
  }
}
