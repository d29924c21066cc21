import FloatReference
import Networks
import Testing
import Trials

@Suite("Inputs that are held equal inputs that are given again")
struct HeldInputTests {
  private static let setting = Tiny.settings.first { $0.hold > 1 } ?? Tiny.settings[0]

  @Test(arguments: [160, 131])
  func equalsRepetition(steps: Int) {
    let held = Tiny.trial(Self.setting, steps: steps)
    #expect(held.holdSteps == 5)
    var repeated = held
    repeated.inputs = .analog(held.denseInputs(Tiny.inputs))
    repeated.holdSteps = 1
    let network = Tiny.network(Self.setting)
    for rule in [LearningRule.eProp1(EProp1()), .eProp1(EProp1(form: .blocks(7))), .backpropagation(resetPath: true)] {
      let (a, b) = (
        Reference.evaluate(network, [held], rule: rule), Reference.evaluate(network, [repeated], rule: rule)
      )
      #expect(a.recordings[0].spikes == b.recordings[0].spikes)
      #expect(a.gradients.distance(from: b.gradients) < 1e-12)
    }
  }
}
