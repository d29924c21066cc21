import FloatReference
import Networks
import OnlineRules
import Testing
import Trials

/// The online rules of rate networks over the state of spiking neurons.
@Suite struct OnlineRuleTests {
  /// The cell's J, M̄ and q say the same as real-time recurrent learning written for spiking networks alone.
  @Test(arguments: Tiny.settings)
  func influenceOfTheCellIsExact(_ setting: Tiny.Setting) {
    let network = Tiny.network(setting)
    let trials = [Tiny.trial(setting, steps: 60), Tiny.trial(setting, steps: 47, seed: 6)]
    let expected = Reference.evaluate(network, trials, rule: .realTime(resetPath: true))
    let found = Reference.evaluate(network, trials, rule: .online(OnlineChoice(.rtrl)))
    #expect(found.gradients.distance(from: expected.gradients) < 1e-10)
  }

  /// Analog inputs, so that ψ is there within a few steps.
  private static func short() -> (network: SpikingNetwork, trial: Trial) {
    let setting = Tiny.Setting(label: "short", isAnalog: true, rate: .init(coefficient: 0.02, target: 20))
    var network = Tiny.network(setting)
    for index in 0..<3 { network.projections[index].weights = network.projections[index].weights.map { 2 * $0 } }
    return (network, Tiny.trial(setting, steps: 6))
  }

  /// The mean of many draws is the gradient of RTRL, within its standard error.
  @Test(arguments: [OnlineRule.uoro, .kfRTRL, .reverseKF])
  func meanIsRTRL(_ rule: OnlineRule) {
    let (network, trial) = Self.short()
    let target = Self.hidden(Reference.evaluate(network, [trial], rule: .realTime(resetPath: true)).gradients, network)
    let engine = ReferenceEngine(network, rule: .online(OnlineChoice(rule, seed: 3)))
    let runs = 40_000
    var (sum, squares) = ([Double](repeating: 0, count: target.count), [Double](repeating: 0, count: target.count))
    for _ in 0..<runs {
      engine.evaluate([trial])
      let gradients = Gradients(
        projections: network.projections.indices.map(engine.gradient.rowMajor), bias: Array(engine.gradient.bias))
      for (index, value) in Self.hidden(gradients, network).enumerated() {
        sum[index] += value
        squares[index] += value * value
      }
    }
    var (chi, count) = (0.0, 0.0)
    for index in target.indices {
      let mean = sum[index] / Double(runs)
      let error = ((squares[index] / Double(runs) - mean * mean) / Double(runs)).squareRoot()
      guard error > 0 else {
        #expect(abs(mean - target[index]) < 1e-12)
        continue
      }
      let z = (mean - target[index]) / error
      #expect(abs(z) < 5, "\(rule.rawValue), weight \(index): \(z) standard errors off")
      (chi, count) = (chi + z * z, count + 1)
    }
    // Entries of one gradient are correlated, so the sum is no χ² of known width.
    #expect(chi / count < 3)
    // The error of the mean is small beside the gradient: the test would see another one.
    let far = zip(sum, target).reduce(0) { $0 + ($1.0 / Double(runs) - $1.1) * ($1.0 / Double(runs) - $1.1) }
    let size = target.reduce(0) { $0 + $1 * $1 }
    #expect(far < 0.25 * 0.25 * size, "\(rule.rawValue): \((far / size).squareRoot())")
  }

  @Test(arguments: OnlineRule.ofSpikes)
  func drawsAreSeededAndTheReadoutIsExact(_ rule: OnlineRule) {
    let setting = Tiny.Setting(label: "as printed")
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 60))
    func gradients(_ seed: UInt64) -> Gradients {
      Reference.evaluate(network, [trial], rule: .online(OnlineChoice(rule, seed: seed))).gradients
    }
    let (first, second) = (gradients(1), gradients(2))
    #expect(first == gradients(1))
    #expect((Self.hidden(first, network) == Self.hidden(second, network)) == (rule == .fixedW))
    #expect(Self.hidden(first, network).allSatisfy { $0.isFinite })
    if rule == .fixedW { #expect(Self.hidden(first, network).allSatisfy { $0 == 0 }) }
    let exact = Reference.evaluate(network, [trial], rule: .backpropagation(resetPath: true)).gradients
    for (index, projection) in network.projections.enumerated() where projection.target == .readout {
      for (found, expected) in zip(first.projections[index], exact.projections[index]) {
        #expect(abs(found - expected) < 1e-11)
      }
    }
    for (found, expected) in zip(first.bias, exact.bias) { #expect(abs(found - expected) < 1e-11) }
  }

  /// rflo: e_ji = ψ_j ẑ_i, in the sweep as in the traces; the whole of e-prop 1 where nothing adapts.
  @Test(arguments: Tiny.ePropSettings.filter { $0.rate == nil })
  func rfloIsTheLeakAlone(_ setting: Tiny.Setting) {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 60))
    let found = Reference.evaluate(network, [trial], rule: .eProp1(EProp1(eligibility: .leak)))
    let traces = Reference.evaluate(network, [trial], rule: .eProp1(EProp1(form: .traces, eligibility: .leak)))
    let blocks = Reference.evaluate(network, [trial], rule: .eProp1(EProp1(form: .blocks(7), eligibility: .leak)))
    #expect(found.gradients.distance(from: traces.gradients) < 1e-12)
    #expect(blocks.gradients.distance(from: traces.gradients) < 1e-12)
    // Not every setting makes the adaptive neurons fire.
    if setting.label == "as printed" {
      let full = Reference.evaluate(network, [trial], rule: .eProp1(EProp1()))
      #expect(found.gradients.distance(from: full.gradients) > 1e-6)
    }
    let plain = network.withoutAdaptation
    let leak = Reference.evaluate(plain, [trial], rule: .eProp1(EProp1(eligibility: .leak)))
    #expect(leak.gradients == Reference.evaluate(plain, [trial], rule: .eProp1(EProp1())).gradients)
  }

  /// A synthetic gradient that learns on a network whose weights stay comes nearer to the exact one.
  @Test(arguments: [UInt64(4), 5, 6])
  func syntheticGradientsAlign(_ seed: UInt64) {
    let setting = Tiny.Setting(label: "as printed")
    let network = Tiny.network(setting, seed: 90 + seed)
    let trial = Tiny.trial(setting, steps: 100)
    let exact = Self.hidden(
      Reference.evaluate(network, [trial], rule: .backpropagation(resetPath: true)).gradients, network)
    var settings = OnlineRuleSettings()
    settings.dniLearningRate = 0.01
    let engine = ReferenceEngine(network, rule: .online(OnlineChoice(.dni, settings: settings, seed: seed)))
    func cosine() -> Double {
      engine.evaluate([trial])
      let gradients = Gradients(
        projections: network.projections.indices.map(engine.gradient.rowMajor), bias: Array(engine.gradient.bias))
      let found = Self.hidden(gradients, network)
      let product = zip(found, exact).reduce(0) { $0 + $1.0 * $1.1 }
      return product / (found.reduce(0) { $0 + $1 * $1 } * exact.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }
    let first = cosine()
    for _ in 0..<1000 { engine.evaluate([trial]) }
    let last = cosine()
    #expect(last > 0.5 && last > first, "\(first) to \(last)")
  }

  /// The gradient of everything that does not lead to the readout.
  private static func hidden(_ gradients: Gradients, _ network: SpikingNetwork) -> [Double] {
    network.projections.indices.filter { network.projections[$0].target != .readout }
      .flatMap { gradients.projections[$0] }
  }
}
