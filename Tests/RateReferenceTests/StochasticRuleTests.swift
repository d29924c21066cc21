import Networks
import OnlineRules
import RateReference
import Testing
import Trials

/// The mean of many draws is the gradient of RTRL, within its standard error.
@Suite struct StochasticRuleTests {
  @Test(arguments: [OnlineRule.uoro, .kfRTRL, .reverseKF])
  func meanIsRTRL(rule: OnlineRule) {
    let network = Literal.network(units: 4, alpha: 0.7)
    let trial = Literal.trial(steps: 6, for: network)
    let exact = RateReference.evaluate(network, [trial], rules: [.rtrl]).rules[0].total
    let target = recurrent(exact)
    let runs = 40_000
    var (sum, squares) = ([Double](repeating: 0, count: target.count), [Double](repeating: 0, count: target.count))
    for seed in 1...runs {
      let total = RateReference.evaluate(network, [trial], rules: [rule], seed: UInt64(seed)).rules[0].total
      for (index, value) in recurrent(total).enumerated() {
        sum[index] += value
        squares[index] += value * value
      }
    }
    var chi = 0.0
    for index in target.indices {
      let mean = sum[index] / Double(runs)
      let variance = squares[index] / Double(runs) - mean * mean
      let z = (mean - target[index]) / (variance / Double(runs)).squareRoot()
      #expect(abs(z) < 5, "\(rule.rawValue), parameter \(index): \(z) standard errors off")
      chi += z * z
    }
    // Entries of one gradient are correlated, so the sum is no χ² of known width; it would grow with the runs if the mean
    // were another.
    #expect(chi / Double(target.count) < 3)
    // The mean is informative: its error is small beside the gradient itself.
    #expect(distance(sum.map { $0 / Double(runs) }, target) < 0.2)
  }

  /// A single draw is another gradient, the same seed the same, and the readout's is always exact.
  @Test(arguments: [OnlineRule.uoro, .kfRTRL, .reverseKF, .kernl, .dni, .dniB])
  func drawsAreSeeded(rule: OnlineRule) {
    let network = Literal.network()
    let trial = Literal.trial(steps: 30, for: network)
    func total(_ seed: UInt64) -> RateParameters {
      RateReference.evaluate(network, [trial], rules: [rule], seed: seed).rules[0].total
    }
    let exact = RateReference.evaluate(network, [trial], rules: [.rtrl]).rules[0].total
    #expect(flat(total(1), network) == flat(total(1), network))
    #expect(recurrent(total(1)) != recurrent(total(2)))
    #expect(total(1).matrix(.output) == exact.matrix(.output))
  }
}
