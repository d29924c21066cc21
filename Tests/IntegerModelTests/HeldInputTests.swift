import IntegerModel
import Planning
import TestSupport
import Testing

/// A network that holds its inputs does what the same network without that does when it is given every input again.
@Suite struct HeldInputTests {
  @Test(arguments: 0..<24 as Range<UInt64>) func equalsRepetition(seed: UInt64) {
    var options = RandomPlanOptions()
    options.analog = true
    options.hold = [2, 3, 5, 255][Int(seed % 4)]
    options.steps = 31
    options.block = seed % 3 == 0 && options.hold < 31 ? 2 * options.hold : 31
    options.perBlock = seed % 2 == 0 && options.block < 31
    options.crossEntropy = seed % 5 == 0
    let plan = PlanGenerator.plan(seed: seed, options)
    var repeating = plan
    repeating.inputs.holdSteps = 1
    #expect(plan.hash != repeating.hash)
    let (held, repeated) = (IntegerNetwork(plan), IntegerNetwork(repeating))
    for trial in 0..<3 as Range<UInt64> {
      let stimulus = RandomStimulus(plan, steps: trial == 1 ? 23 : 31, seed: 100 * seed + trial)
      held.reset()
      repeated.reset()
      for t in stimulus.analog.indices {
        // What is given while an input is held is of no account.
        held.step(analog: stimulus.analog[t])
        repeated.step(analog: stimulus.analog[t - t % options.hold])
        #expect(held.outputs == repeated.outputs)
        if let target = stimulus.targets[t] {
          held.learn(target: target)
          repeated.learn(target: target)
        }
      }
      #expect(held.update() == repeated.update())
      for (a, b) in zip(held.allArrays, repeated.allArrays) { #expect(a.bytes == b.bytes, "\(a.name)") }
    }
  }
}
