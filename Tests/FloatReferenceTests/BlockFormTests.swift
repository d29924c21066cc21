import FloatReference
import Networks
import Testing
import Trials

@Suite("The block form of e-prop 1 equals the trace form")
struct BlockFormTests {
  @Test(arguments: Tiny.settings)
  func equalsTraceForm(_ setting: Tiny.Setting) {
    let network = Tiny.network(setting)
    let trials = [Tiny.trial(setting, steps: 160), Tiny.trial(setting, steps: 131, seed: 6)]
    for eligibility in EProp1.Eligibility.allCases {
      // The errors of a softmax sum to 0: one signal for all is rounding alone.
      let windows = EProp1.Feedback.windows(WindowedFeedback(stepsPerWindow: 13, seed: 4))
      let feedbacks: [EProp1.Feedback] =
        [.ofNetwork, .symmetric, windows] + (setting.loss == .crossEntropy ? [] : [.global])
      let factors: [EProp1.Feedback: EProp1.PostsynapticFactor] = [.symmetric: .clopath]
      for feedback in feedbacks {
        func evaluate(_ form: EProp1.Form) -> Reference.Evaluation {
          let options = EProp1(
            form: form, eligibility: eligibility, feedback: feedback, factor: factors[feedback] ?? .surrogate)
          return Reference.evaluate(network, trials, rule: .eProp1(options))
        }
        let expected = evaluate(.traces)
        #expect(expected.gradients.projections.allSatisfy { $0.contains { $0 != 0 } }, "a gradient that is not there")
        for form in [EProp1.Form.blocks(1), .blocks(2), .blocks(7), .blocks(50), .blocks(160), .trial] {
          let distance = evaluate(form).gradients.distance(from: expected.gradients)
          #expect(distance < 1e-12, "\(form) \(eligibility) \(feedback)")
        }
      }
    }
  }

  @Test func spikesAreNeitherAbsentNorEverywhere() {
    for setting in Tiny.settings {
      let recording = Reference.run(Tiny.network(setting), Tiny.trial(setting, steps: 160))
      for neurons in [0..<3, 3..<5, 5..<9] {
        let count = recording.spikes.sources.count { neurons.contains(Int($0)) }
        #expect(count > 3 && count < 120 * neurons.count, "\(setting.label): \(count) spikes of \(neurons)")
      }
    }
  }

  @Test func emptyTrialsAndSilentInputs() {
    let network = Tiny.network(Tiny.settings[0])
    let silent = Trial(
      steps: 5, inputs: .spikes(EventTrain(offsets: [0, 0, 0, 0, 0, 0], sources: [])),
      targets: Array(repeating: 0, count: 10), mask: nil)
    let nothing = Trial(steps: 0, inputs: .spikes(EventTrain(offsets: [0], sources: [])), targets: [], mask: nil)
    for form in [EProp1.Form.traces, .blocks(2), .trial] {
      let evaluation = Reference.evaluate(network, [silent, nothing], rule: .eProp1(EProp1(form: form)))
      #expect(evaluation.gradients.projections.allSatisfy { $0.allSatisfy { $0 == 0 } })
      #expect(evaluation.gradients.bias.allSatisfy { $0 != 0 })
    }
  }
}
