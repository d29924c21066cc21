import FloatReference
import Networks
import Testing
import Trials

@Suite("Runs whose spikes are given")
struct ForcedSpikesTests {
  @Test(arguments: Tiny.settings)
  func ownSpikesChangeNothing(_ setting: Tiny.Setting) {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 120))
    for rule in [LearningRule.eProp1(EProp1()), .eProp1(EProp1(form: .blocks(9))), .backpropagation(resetPath: true)] {
      let free = Reference.evaluate(network, [trial], rule: rule)
      let forced = Reference.evaluate(network, [trial], rule: rule, forcing: [free.recordings[0].spikes])
      #expect(free == forced)
    }
  }

  @Test(arguments: Tiny.settings)
  func foreignSpikesAreObeyed(_ setting: Tiny.Setting) {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 120))
    let foreign = Reference.run(network, Tiny.trial(setting, steps: 120, seed: 99)).spikes
    let own = Reference.run(network, trial)
    let forced = Reference.run(network, trial, forcing: foreign)
    #expect(own.spikes != foreign)
    #expect(forced.spikes == foreign)
    #expect(own.voltages != forced.voltages)
    let forms = [EProp1.Form.traces, .blocks(7), .trial].map { form in
      Reference.evaluate(network, [trial], rule: .eProp1(EProp1(form: form)), forcing: [foreign])
    }
    #expect(forms[1].gradients.distance(from: forms[0].gradients) < 1e-12)
    #expect(forms[2].gradients.distance(from: forms[0].gradients) < 1e-12)
    #expect(forms[2].recordings[0] == forced)
  }

  /// A spike that the network would not have fired, in a refractory period, resets and adapts like any other.
  @Test func spikesInARefractoryPeriod() {
    let setting = Tiny.Setting(label: "as printed")
    let network = Tiny.network(setting)
    let silent = Trial(
      steps: 4, inputs: .spikes(EventTrain(offsets: [0, 0, 0, 0, 0], sources: [])),
      targets: Array(repeating: 0, count: 8), mask: nil)
    let raster = EventTrain(offsets: [0, 1, 2, 2, 2], sources: [5, 5])
    let run = Reference.run(network, silent, forcing: raster)
    let rho = network.decay(timeConstant: 60)
    #expect(run.adaptations[3 * 9 + 5] == (rho + 1) * rho)
    #expect(run.surrogates[1 * 9 + 5] == 0)
  }
}
