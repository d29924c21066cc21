import LearningRules
import Networks
import OnlineRules
import RateReference
import Testing
import Trials

/// What the tools are told of the rules.
@Suite struct RuleRunTests {
  @Test func contributionsAddUpAndBackpropagationSplitsByError() {
    let network = Literal.network()
    let trials = [Literal.trial(steps: 20, for: network), Literal.trial(steps: 12, for: network, seed: 8)]
    func steps(_ rule: OnlineRule) -> [[[Double]]] {
      let run = RateRuleRun(network, trials, rule)
      return (0..<run.steps).map(run.contribution)
    }
    for rule in OnlineRule.allCases {
      let total = RateRuleRun(network, trials, rule).total().flatMap { $0 }
      let sum = steps(rule).reduce([Double](repeating: 0, count: total.count)) { zip($0, $1.flatMap { $0 }).map(+) }
      #expect(distance(sum, total) < 1e-12, "\(rule.rawValue)")
    }
    for (back, forward) in zip(steps(.backpropagation), steps(.rtrl)) {
      #expect(distance(back.flatMap { $0 }, forward.flatMap { $0 }) < 1e-10)
    }
  }

  /// Every rule sees the run of the teacher.
  @Test func learningIsTheTeachers() {
    let network = Literal.network()
    let trial = Literal.trial(steps: 25, for: network)
    let alone = RateRuleRun(network, [trial], .rtrl, learning: .rtrl)
    let engine = RateEngine(network, rules: [.rtrl], learning: .rtrl)
    var expected: [[Double]] = []
    engine.run(trial) { _ in expected.append(flat(engine.gradients[0], network)) }
    let beside = RateRuleRun(network, [trial], .rflo, learning: .rtrl)
    for step in 0..<25 {
      #expect(alone.contribution(of: step).flatMap { $0 } == expected[step])
      // The readout's gradient is the same for every rule on one run.
      #expect(beside.contribution(of: step)[2] == alone.contribution(of: step)[2])
    }
    #expect(alone.parameters.map(\.symbol) == ["W_in", "W_rec", "W_out", "b", "b_out"])
  }

  @Test func entriesAreComplete() {
    for rule in OnlineRule.allCases {
      let entry = rule.entry
      #expect(!entry.equation.isEmpty && !entry.source.isEmpty && entry.networks.contains(.rate))
      #expect(entry.draws.isEmpty == [.rtrl, .fixedW].contains(rule))
    }
    #expect(Set(OnlineRule.entries.map(\.name)).isDisjoint(with: OnlineRule.shared))
  }

  /// With one update per batch, the mean gradient of `RateReference` moves the weights; with one per step, the engine does.
  @Test(arguments: [OnlineRule.backpropagation, .uoro, .dni])
  func trainingFollowsTheGradient(_ rule: OnlineRule) {
    var network = Literal.network()
    network.optimiser = .init(kind: .sgd, learningRate: 0.05, schedule: .constant)
    let trials = [Literal.trial(steps: 20, for: network), Literal.trial(steps: 12, for: network, seed: 8)]
    let expected = RateReference.evaluate(network, trials, rules: [rule], seed: 3)
    let run = RateTrainingRun(network, rule: rule, seed: 3, updates: .trial)
    let before = run.weights
    let outcome = run.iterate(trials)
    #expect(abs(outcome.loss - expected.loss) < 1e-12)
    #expect(outcome.readouts.map(\.count) == trials.map(\.targets.count))
    let gradient = flat(expected.rules[0].total, network)
    #expect(distance((run.batchGradient ?? []).flatMap { $0 }, gradient) < 1e-14)
    for (index, weight) in run.weights.flatMap({ $0 }).enumerated() {
      #expect(abs(weight - (before.flatMap { $0 }[index] - 0.05 * gradient[index])) < 1e-14)
    }

    let streaming = RateTrainingRun(network, rule: rule, seed: 3, updates: .step)
    _ = streaming.iterate(trials, continuing: true)
    let engine = RateEngine(network, rules: [rule], seed: 3, learning: rule)
    engine.run(trials[0], isLast: false)
    engine.run(trials[1], number: 1, continuing: true, isLast: false)
    #expect(streaming.batchGradient == nil)
    #expect(streaming.network == engine.network)
  }
}
