import LearningRules
import Networks
import RateReference
import Testing
import Trials

/// What the tools are told of the rules.
@Suite struct RuleRunTests {
  @Test func contributionsAddUpAndBackpropagationSplitsByError() {
    let network = Literal.network()
    let trials = [Literal.trial(steps: 20, for: network), Literal.trial(steps: 12, for: network, seed: 8)]
    func steps(_ rule: RateRule) -> [[[Double]]] {
      let run = RateRuleRun(network, trials, rule)
      return (0..<run.steps).map(run.contribution)
    }
    for rule in RateRule.allCases {
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
    for rule in RateRule.allCases {
      let entry = rule.entry
      #expect(!entry.equation.isEmpty && !entry.source.isEmpty && entry.networks == [.rate])
      #expect(entry.draws.isEmpty == [.rtrl, .fixedW].contains(rule))
    }
    #expect(Set(RateRule.entries.map(\.name)).isDisjoint(with: RateRule.shared))
  }
}
