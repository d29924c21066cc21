import Diagnostics
import FloatReference
import LearningRules
import Networks
import Testing
import Trials

@Suite("Resets, synaptic currents, bias currents and projections without a delay")
struct NeuronFeatureTests {
  static let settings: [Tiny.Setting] = {
    var all: [Tiny.Setting] = []
    func vary(_ label: String, _ change: (inout Tiny.Setting) -> Void) {
      var setting = Tiny.Setting(label: label)
      change(&setting)
      all.append(setting)
    }
    for reset in SpikingNetwork.Population.Reset.allCases {
      vary("reset \(reset.rawValue)") { $0.reset = reset }
      vary("reset \(reset.rawValue), synapses, bias, undelayed") {
        $0.reset = reset
        $0.refractorySteps = 0
        ($0.hasSynapses, $0.hasBias, $0.isUndelayed) = (true, true, true)
      }
    }
    vary("synapses") { $0.hasSynapses = true }
    vary("bias") { $0.hasBias = true }
    vary("undelayed") { $0.isUndelayed = true }
    vary("synapses, time constants of each neuron") { ($0.hasSynapses, $0.hasOwnNeurons) = (true, true) }
    vary("time constants and reset potentials of each neuron") { ($0.reset, $0.hasOwnNeurons) = (.value, true) }
    vary("time constants of each neuron, subtracted at once, undelayed") {
      ($0.reset, $0.hasOwnNeurons, $0.isUndelayed) = (.subtractAtOnce, true, true)
    }
    vary("synapses, analog, scaled") {
      ($0.hasSynapses, $0.isAnalog) = (true, true)
      $0.convention = .nest
    }
    vary("undelayed, ∂z/∂A scaled") {
      $0.isUndelayed = true
      $0.convention = .tfLightALIF
    }
    return all
  }()

  /// Readouts of their own, which the forms of a trial know, and those of blocks do not.
  private static let readoutSettings: [Tiny.Setting] = [false, true].map { hasSynapses in
    var setting = Tiny.Setting(label: "time constants of each readout, synapses \(hasSynapses)")
    (setting.hasOwnReadouts, setting.hasOwnNeurons, setting.hasSynapses) = (true, hasSynapses, hasSynapses)
    return setting
  }

  @Test(arguments: readoutSettings)
  func readoutsOfTheirOwn(_ setting: Tiny.Setting) throws {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 60))
    #expect(!network.readout.timeConstant.isCommon)
    let expected = ForwardMode(network: network).run(trial)
    #expect(zip(Reference.run(network, trial).readouts, expected.readouts).allSatisfy { abs($0 - $1) < 1e-12 })
    func evaluate(_ rule: LearningRule) -> Gradients { Reference.evaluate(network, [trial], rule: rule).gradients }
    let exact = ForwardMode(network: network).gradients(trial)
    #expect(evaluate(.backpropagation(resetPath: true)).distance(from: exact) < 1e-12)
    #expect(evaluate(.mOrder(60, resetPath: true)).distance(from: exact) < 1e-12 || setting.hasSynapses)
    let within = ForwardMode(network: network, resetPath: false, recurrentPath: false).gradients(trial)
    for form in [EProp1.Form.trial, .traces] {
      #expect(evaluate(.eProp1(EProp1(form: form, feedback: .symmetric))).distance(from: within) < 1e-12, "\(form)")
    }
    for name in ["rtrl", "rtrl-no-reset-path", "e-prop-1-windows:20"] {
      let choice = try RuleChoice(name, among: SpikingRules.entries)
      #expect(throws: Findings.self) { try SpikingRules.rule(choice, on: network, steps: 60) }
    }
  }

  @Test(arguments: settings)
  func dynamicsMatchTheDenseOnes(_ setting: Tiny.Setting) {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 160))
    let expected = ForwardMode(network: network).run(trial)
    let found = Reference.run(network, trial)
    #expect(found.spikeRaster == expected.spikes)
    #expect(found.spikes.sources.count > 40)
    #expect(zip(found.voltages, expected.voltages).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(zip(found.readouts, expected.readouts).allSatisfy { abs($0 - $1) < 1e-12 })
    let forced = Reference.run(network, trial, forcing: found.spikes)
    #expect(forced.spikes.offsets == found.spikes.offsets)
    #expect(forced.voltages == found.voltages)
  }

  /// With `hold` what a spike loses is not on the tape, so that its reset path is not followed.
  @Test(arguments: settings)
  func backpropagationMatchesForwardMode(_ setting: Tiny.Setting) {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 60))
    for resetPath in setting.reset == .hold ? [false] : [true, false] {
      let expected = ForwardMode(network: network, resetPath: resetPath).gradients(trial)
      let found = Reference.evaluate(network, [trial], rule: .backpropagation(resetPath: resetPath))
      #expect(found.gradients.distance(from: expected) < 1e-12, "reset path \(resetPath)")
    }
  }

  /// e-prop 1 is the derivative without recurrence and reset path, where ẑ does not have to know of the reset.
  @Test(arguments: settings)
  func ePropMatchesForwardModeWithoutRecurrence(_ setting: Tiny.Setting) {
    guard !setting.reset.forgetsPotential else { return }
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 60))
    let expected = ForwardMode(network: network, resetPath: false, recurrentPath: false).gradients(trial)
    let found = Reference.evaluate(network, [trial], rule: .eProp1(EProp1(feedback: .symmetric)))
    #expect(found.gradients.distance(from: expected) < 1e-12)
  }

  /// Without a connection between neurons e-prop 1 with symmetric feedback is backpropagation through time.
  @Test(arguments: [true, false])
  func ePropIsBackpropagationWithoutRecurrence(_ isAnalog: Bool) {
    var setting = Tiny.Setting(label: "")
    (setting.hasSynapses, setting.hasBias, setting.isAnalog) = (true, true, isAnalog)
    var network = Tiny.network(setting)
    for index in network.projections.indices {
      guard case (.population, .population) = (network.projections[index].source, network.projections[index].target)
      else { continue }
      network.projections[index].weights = network.projections[index].weights.map { _ in 0 }
    }
    let trial = Tiny.trial(setting, steps: 200)
    let found = Reference.evaluate(network, [trial], rule: .eProp1(EProp1(feedback: .symmetric)))
    let expected = Reference.evaluate(network, [trial], rule: .backpropagation(resetPath: false))
    #expect(found.gradients.distance(from: expected.gradients) < 1e-12)
    #expect(found.gradients.projections[0].contains { abs($0) > 1e-3 })
  }

  @Test(arguments: settings)
  func blockFormEqualsTraceForm(_ setting: Tiny.Setting) {
    let network = Tiny.network(setting)
    let trials = [Tiny.trial(setting, steps: 90), Tiny.trial(setting, steps: 71, seed: 6)]
    for eligibility in EProp1.Eligibility.allCases {
      func evaluate(_ form: EProp1.Form) -> Gradients {
        Reference.evaluate(network, trials, rule: .eProp1(EProp1(form: form, eligibility: eligibility))).gradients
      }
      let expected = evaluate(.traces)
      for form in [EProp1.Form.blocks(1), .blocks(2), .blocks(7), .blocks(50), .trial] {
        #expect(evaluate(form).distance(from: expected) < 1e-12, "\(form) \(eligibility)")
      }
    }
  }
}
