import FloatReference
import Networks
import Testing
import Trials

@Suite("Backpropagation and e-prop 1 against forward-mode differentiation")
struct BackpropagationTests {
  /// The forward-mode derivation itself, where finite differences exist: with smooth spikes.
  @Test(arguments: [Convention.SurrogateHeight.gamma, .gammaOverThreshold], [true, false])
  func forwardModeMatchesFiniteDifferences(_ height: Convention.SurrogateHeight, _ isSquared: Bool) {
    for reset in SpikingNetwork.Population.Reset.allCases {
      var setting = Tiny.Setting(label: "smooth")
      setting.convention.surrogateHeight = height
      setting.convention.rateTerm = isSquared ? .sum : .halfSum
      setting.loss = isSquared ? .squaredError : .crossEntropy
      setting.reset = reset
      setting.rate = .init(coefficient: 30, target: 20)
      let trial = Tiny.trial(setting, steps: 40)
      let mode = ForwardMode(network: Tiny.network(setting), firing: .smooth)
      let exact = mode.gradients(trial)
      let measured = differences(mode, trial)
      #expect(exact.distance(from: measured) < 1e-6)
    }
  }

  /// Where the surrogate is the derivative of something, finite differences know it: other shapes, and a threshold that
  /// adapts in the denominator of u.
  @Test(arguments: SpikingNetwork.Surrogate.Shape.allCases)
  func otherSurrogatesMatchFiniteDifferences(_ shape: SpikingNetwork.Surrogate.Shape) {
    for isAdaptive in [false, true] {
      var setting = Tiny.Setting(label: "smooth")
      setting.surrogate = .init(shape: shape, dampening: 0.3, width: isAdaptive ? nil : 0.25)
      if isAdaptive {
        setting.convention.surrogateHeight = .gammaOverAdaptiveThreshold
        setting.convention.surrogateWidth = .adaptive
        setting.convention.thresholdDerivative = .scale
      }
      setting.convention.lossReduction = .mean
      let trial = Tiny.trial(setting, steps: 40)
      let mode = ForwardMode(network: Tiny.network(setting), firing: .smooth)
      #expect(mode.gradients(trial).distance(from: differences(mode, trial)) < 1e-6, "adaptive \(isAdaptive)")
    }
  }

  private func differences(_ mode: ForwardMode, _ trial: Trial) -> Gradients {
    let h = 1e-5
    func slope(_ change: (inout SpikingNetwork, Double) -> Void) -> Double {
      let losses = [h, -h].map { step in
        var moved = mode
        change(&moved.network, step)
        return moved.run(trial).loss
      }
      return (losses[0] - losses[1]) / (2 * h)
    }
    return Gradients(
      projections: mode.network.projections.indices.map { p in
        mode.network.projections[p].weights.indices.map { index in
          mode.isAutapse(mode.network.projections[p], index)
            ? 0 : slope { $0.projections[p].weights[index] += $1 }
        }
      },
      bias: mode.network.readout.bias.indices.map { k in slope { $0.readout.bias[k] += $1 } })
  }

  @Test(arguments: Tiny.settings)
  func backpropagationMatchesForwardMode(_ setting: Tiny.Setting) {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 60))
    for resetPath in [true, false] {
      let expected = ForwardMode(network: network, resetPath: resetPath).gradients(trial)
      let found = Reference.evaluate(network, [trial], rule: .backpropagation(resetPath: resetPath))
      #expect(found.gradients.distance(from: expected) < 1e-12, "reset path \(resetPath)")
    }
  }

  /// With W_outᵀ as feedback, e-prop 1 is the derivative that does not pass from neuron to neuron nor through the reset
  /// (a reset to zero apart, which its ẑ does not know of).
  @Test(arguments: Tiny.ePropSettings)
  func ePropMatchesForwardModeWithoutRecurrence(_ setting: Tiny.Setting) {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 60))
    let expected = ForwardMode(network: network, resetPath: false, recurrentPath: false).gradients(trial)
    let found = Reference.evaluate(network, [trial], rule: .eProp1(EProp1(feedback: .symmetric)))
    #expect(found.gradients.distance(from: expected) < 1e-12)
  }

  @Test(arguments: Tiny.settings)
  func dynamicsMatchTheDenseOnes(_ setting: Tiny.Setting) {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 160))
    let expected = ForwardMode(network: network).run(trial)
    let found = Reference.run(network, trial)
    #expect(found.spikeRaster == expected.spikes)
    #expect(zip(found.voltages, expected.voltages).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(zip(found.readouts, expected.readouts).allSatisfy { abs($0 - $1) < 1e-12 })
    if setting.rate == nil { #expect(abs(found.loss - expected.loss) < 1e-10) }
  }
}
