import Networks
import OnlineRules
import RateReference
import Testing
import Trials

/// RTRL and backpropagation against forward-mode differentiation of equations written out a second time.
@Suite struct ExactRuleTests {
  static let cases: [(Double, SpikingNetwork.Loss, Bool)] = [
    (1, .crossEntropy, false), (0.5, .squaredError, false), (0.3, .crossEntropy, true),
  ]

  @Test(arguments: cases)
  func gradientsAreTheDerivative(alpha: Double, loss: SpikingNetwork.Loss, masked: Bool) {
    let network = Literal.network(alpha: alpha, loss: loss)
    let trial = Literal.trial(steps: 40, for: network, masked: masked)
    let rules: [OnlineRule] = [.rtrl, .backpropagation, .futureBackpropagation]
    let evaluation = RateReference.evaluate(network, [trial], rules: rules)
    let literal = Literal(network: network)
    let count = literal.parameters.count
    var expected: [Double] = []
    var value = 0.0
    for index in 0..<count {
      let direction = (0..<count).map { $0 == index ? 1.0 : 0 }
      let losses = literal.losses(trial, along: direction)
      expected.append(losses.reduce(0) { $0 + $1.tangent })
      value = losses.reduce(0) { $0 + $1.value }
    }
    #expect(abs(evaluation.loss - value) < 1e-12 * max(1, abs(value)))
    for rule in evaluation.rules {
      #expect(distance(flat(rule.total, network), expected) < 1e-11, "\(rule.rule.rawValue)")
    }
  }

  /// RTRL's gradient of a step is that of the step's own loss.
  @Test func everyStepOfRTRL() {
    let network = Literal.network(alpha: 0.5)
    let trial = Literal.trial(steps: 12, for: network)
    let engine = RateEngine(network, rules: [.rtrl])
    var steps: [[Double]] = []
    engine.run(trial) { _ in steps.append(flat(engine.gradients[0], network)) }
    let literal = Literal(network: network)
    for index in literal.parameters.indices {
      let direction = literal.parameters.indices.map { $0 == index ? 1.0 : 0 }
      for (step, loss) in literal.losses(trial, along: direction).enumerated() {
        #expect(abs(steps[step][index] - loss.tangent) < 1e-12)
      }
    }
  }

  /// The bar: 1e-10, on a network and trial of ordinary size.
  @Test func backpropagationEqualsRTRL() {
    let network = Literal.network(units: 24, inputs: 3, outputs: 4, alpha: 0.7, seed: 9)
    let trials = (0..<2).map { Literal.trial(steps: 200, for: network, seed: 20 + UInt64($0)) }
    let rules: [OnlineRule] = [.rtrl, .backpropagation, .futureBackpropagation]
    let found = RateReference.evaluate(network, trials, rules: rules).rules.map { flat($0.total, network) }
    #expect(distance(found[1], found[0]) < 1e-10)
    #expect(distance(found[2], found[0]) < 1e-10)
  }

  /// Windows of one step see nothing but the immediate influence, and those of T the sum over the windows of an RTRL that
  /// forgets between them.
  @Test func windowsAreTrialsOfTheirOwn() {
    let network = Literal.network(alpha: 1)
    let trial = Literal.trial(steps: 30, for: network)
    let engine = RateEngine(network, rules: [.backpropagation], settings: OnlineRuleSettings(horizon: 7))
    var gradients: [[Double]] = []
    engine.run(trial) { _ in gradients.append(recurrent(engine.gradients[0])) }
    for step in 0..<30 where step % 7 != 6 && step != 29 { #expect(gradients[step].allSatisfy { $0 == 0 }) }
    let future = RateEngine(network, rules: [.futureBackpropagation], settings: OnlineRuleSettings(horizon: 1))
    let windows = RateEngine(network, rules: [.backpropagation], settings: OnlineRuleSettings(horizon: 1))
    var other: [[Double]] = []
    future.run(trial) { _ in other.append(recurrent(future.gradients[0])) }
    var step = 0
    windows.run(trial) { _ in
      #expect(recurrent(windows.gradients[0]) == other[step])
      step += 1
    }
  }

  /// A diagonal that is not there has no gradient, and does not move.
  @Test func withoutAutapses() {
    let network = Literal.network(autapses: false)
    let trial = Literal.trial(steps: 20, for: network)
    let engine = RateEngine(network, rules: [.rtrl], learning: .rtrl)
    engine.run(trial) { _ in
      let matrix = engine.gradients[0].matrix(.recurrent)
      for i in 0..<5 { #expect(matrix[i * 6] == 0) }
    }
    let learnt = engine.network.projections[1].weights
    for i in 0..<5 { #expect(learnt[i * 6] == 0) }
    #expect(learnt != network.projections[1].weights)
  }

  @Test func whatIsNotPlasticStays() {
    var network = Literal.network()
    network.projections[0].isPlastic = false
    network.population.biasIsPlastic = false
    let engine = RateEngine(network, rules: [.rtrl], learning: .rtrl)
    engine.run(Literal.trial(steps: 20, for: network))
    #expect(engine.network.projections[0].weights == network.projections[0].weights)
    #expect(engine.network.population.bias == network.population.bias)
    #expect(engine.network.projections[1].weights != network.projections[1].weights)
    #expect(engine.network.readout.bias != network.readout.bias)
  }
}

/// W_in, W_rec, W_out, b, b_out in one row, as `Literal.parameters`.
func flat(_ parameters: RateParameters, _ network: RateNetwork) -> [Double] {
  parameters.matrix(.input) + parameters.matrix(.recurrent) + parameters.matrix(.output) + parameters.bias
    + parameters.readoutBias
}

func recurrent(_ parameters: RateParameters) -> [Double] {
  parameters.matrix(.recurrent) + parameters.matrix(.input) + parameters.bias
}

/// ‖a − b‖ / ‖b‖.
func distance(_ a: [Double], _ b: [Double]) -> Double {
  let difference = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  return (difference / b.reduce(0) { $0 + $1 * $1 }).squareRoot()
}
