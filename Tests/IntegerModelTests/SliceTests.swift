import IntegerModel
import Planning
import TestSupport
import Testing

/// However an update is cut, it learns the same.
@Suite struct SliceTests {
  private func options(_ seed: UInt64) -> RandomPlanOptions {
    if seed % 3 == 0 { return StreamTests.options(seed) }
    var options = RandomPlanOptions()
    options.block = [20, 20, 1, 6][Int(seed % 4)]
    options.perBlock = seed % 5 == 0
    options.symmetric = seed % 2 == 0
    options.largestCount = 90
    return options
  }

  /// One stretch of steps; `slices` draws how much of what is due is done after each step.
  private func run(_ network: IntegerNetwork, _ stimulus: RandomStimulus, _ slices: inout Generator) -> UpdateResult {
    for t in stimulus.spikes.indices {
      if network.plan.inputs.kind == .spikes {
        network.step(spikes: stimulus.spikes[t])
      } else {
        network.step(analog: stimulus.analog[t])
      }
      network.learn(target: stimulus.targets[t])
      if slices.chance(60) {
        for _ in 0..<slices.int(1...3) { _ = network.updateSlice(budget: slices.int(0...3)) }
        // Too late for this step, whose block is being processed.
        if network.isUpdating { network.learn(target: stimulus.targets[0]) }
      }
    }
    let result = network.updateBegin()
    while network.updateSlice(budget: slices.int(0...4)) {
      #expect(result == .learnt)
      // Steps of a trial that has ended only infer; in a stream they would be steps of it.
      guard !(network.plan.learning?.isStream ?? false) else { continue }
      if network.plan.inputs.kind == .spikes { network.step(spikes: []) }
    }
    return result
  }

  @Test(arguments: 0..<24 as Range<UInt64>) func budgetsDoNotMatter(seed: UInt64) {
    let plan = PlanGenerator.plan(seed: seed, options(seed))
    let (whole, sliced) = (IntegerNetwork(plan), IntegerNetwork(plan))
    var slices = Generator(seed + 1000)
    for trial in 0..<4 as Range<UInt64> {
      let steps = trial == 2 ? 13 : 20
      let stimulus = RandomStimulus(plan, steps: steps, seed: seed * 10 + trial)
      if plan.learning?.isStream != true || trial == 0 {
        whole.reset()
        sliced.reset()
      }
      let expected = LifecycleTests.runOn(whole, stimulus)
      #expect(run(sliced, stimulus, &slices) == expected)
      #expect(whole.save() == sliced.save())
      let learnt = Set([
        "weights", "row", "col", "trace", "eligibility", "adaptation_eligibility", "accumulator", "var",
      ])
      for (a, b) in zip(whole.allArrays, sliced.allArrays)
      where learnt.contains(String(a.name.split(separator: ".")[0])) {
        #expect(a.bytes == b.bytes, "\(a.name)")
      }
    }
    #expect(whole.updates > 0)
  }

  @Test func resetFinishesWhatIsLeft() {
    var options = RandomPlanOptions()
    options.largestCount = 200
    let plan = PlanGenerator.plan(seed: 5, options)
    let (whole, sliced) = (IntegerNetwork(plan), IntegerNetwork(plan))
    for trial in 0..<3 as Range<UInt64> {
      let stimulus = RandomStimulus(plan, steps: 20, seed: trial)
      #expect(LifecycleTests.run(whole, stimulus) == .learnt)
      sliced.reset()
      for t in 0..<20 {
        sliced.step(spikes: stimulus.spikes[t])
        sliced.learn(target: stimulus.targets[t])
      }
      #expect(sliced.updateBegin() == .learnt)
      #expect(sliced.isUpdating)
      #expect(sliced.updateBegin() == .learnt)
      #expect(sliced.updateSlice(budget: 2))
    }
    sliced.reset()
    #expect(!sliced.isUpdating && sliced.updateBegin() == .nothingRecorded)
    #expect(whole.save() == sliced.save())
  }
}
