import Foundation
import Networks
import OnlineRules
import RateReference
import Tasks
import Testing
import Trials

@Suite struct RateTaskTests {
  /// The labels' frequencies after each pair of coins are the chances of the definition, and their entropy the floor.
  @Test func addIsWhatItSays() {
    let task = AddTask()
    let drawn = task.stream(seed: 5, trials: 20, steps: 2000, labels: .drawn)
    let chances = task.stream(seed: 5, trials: 20, steps: 2000, labels: .chances)
    let coins = drawn.trials.flatMap { trial -> [Int] in
      guard case .spikes(let train) = trial.inputs else { return [] }
      #expect(train.offsets == Array(0...2000))
      return train.sources.map { $0 == 0 ? 1 : 0 }
    }
    let labels = drawn.trials.flatMap { trial in (0..<2000).map { trial.targets[2 * $0] } }
    let known = chances.trials.flatMap { trial in (0..<2000).map { trial.targets[2 * $0] } }
    var counts = [[Double]](repeating: [0, 0], count: 4)
    var entropy = 0.0
    for t in 5..<coins.count {
      #expect(known[t] == 0.5 + 0.5 * Double(coins[t - 3]) - 0.25 * Double(coins[t - 5]))
      counts[2 * coins[t - 3] + coins[t - 5]][0] += 1
      counts[2 * coins[t - 3] + coins[t - 5]][1] += labels[t]
      for p in [known[t], 1 - known[t]] where p > 0 { entropy -= p * log(p) / Double(coins.count - 5) }
    }
    for (pair, chance) in zip(counts, [0.5, 0.25, 1, 0.75]) { #expect(abs(pair[1] / pair[0] - chance) < 0.02) }
    #expect(abs(entropy - AddTask.floor) < 0.005)
    #expect(abs(AddTask.floor - 0.4545) < 1e-4)
  }

  @Test func everyTaskIsAValidNetwork() throws {
    for task in RateTasks.all {
      let network = task.network(seed: 3)
      try network.validated()
      let stream = task.stream(seed: 3, trials: 2)
      #expect(stream.trials.allSatisfy { $0.steps == task.steps })
      #expect(stream == task.stream(seed: 3, trials: 2))
      #expect(stream != task.stream(seed: 4, trials: 2))
      let recurrent = network.projections[1].weights
      let n = network.population.count
      for i in 0..<n {
        for j in 0...i {
          let overlap = (0..<n).reduce(0) { $0 + recurrent[i * n + $1] * recurrent[j * n + $1] }
          #expect(abs(overlap - (i == j ? 1 : 0)) < 1e-12)
        }
      }
    }
  }

  /// Mimic's targets are the readouts of a network that the engine reproduces, also across stretches.
  @Test func mimicIsLearnable() {
    let task = MimicTask()
    let stream = task.stream(seed: 11, trials: 21).trials
    var network = task.network(seed: 11)
    network.optimiser = .init(kind: .sgd, learningRate: 0.01, schedule: .constant)
    func ratio(_ rule: OnlineRule) -> Double {
      let curve = RateTraining(rule, network, settings: OnlineRuleSettings(horizon: 10), seed: 11)
        .curve(Array(stream.prefix(20)), test: stream[20], warmUp: 100)
      return (curve.last ?? .nan) / curve[0]
    }
    let (exact, output) = (ratio(.backpropagation), ratio(.fixedW))
    #expect(exact < output && output < 1)
  }
}
