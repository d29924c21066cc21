import IntegerModel
import Planning
import TestSupport
import Testing

/// Synaptic currents and projections without a delay, against Semantics.md written down a second time.
@Suite struct CurrentTests {
  private static let shapes: [(steps: Int, block: Int)] = [(20, 20), (20, 1), (20, 3), (20, 7), (1, 1), (21, 7)]

  private func options(_ seed: UInt64) -> RandomPlanOptions {
    var random = Generator(seed ^ 0xc0de)
    var options = RandomPlanOptions()
    options.currents = seed % 3 != 0
    options.immediate = seed % 3 != 1
    options.analog = random.chance(25)
    options.factored = random.chance(60)
    options.crossEntropy = random.chance(40)
    options.perBlock = random.chance(50)
    options.extreme = random.chance(20)
    options.zeroReset = random.chance(30)
    options.populations = random.int(2...3)
    (options.steps, options.block) = random.pick(Self.shapes)
    return options
  }

  @Test(arguments: 0..<60 as Range<UInt64>) func trialsAgree(seed: UInt64) {
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options(seed)))
    for trial in 0..<4 as Range<UInt64> {
      let stimulus = RandomStimulus(comparison.plan, steps: comparison.plan.maximumSteps, seed: seed * 100 + trial)
      if !comparison.trial(stimulus) { return }
    }
  }

  /// Some neurons fire when they are told to, and what they send arrives in the same step.
  @Test(arguments: 0..<12 as Range<UInt64>) func forcedSpikesAgree(seed: UInt64) {
    var random = Generator(seed)
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options(seed)))
    let steps = comparison.plan.maximumSteps
    let forced = (0..<steps).map { _ in
      (0..<comparison.plan.neuronCount).filter { _ in random.chance(20) }.map { UInt16($0) }
    }
    _ = comparison.trial(RandomStimulus(comparison.plan, steps: steps, seed: seed), forced: forced)
  }

  @Test(arguments: 0..<40 as Range<UInt64>) func streamsAgree(seed: UInt64) {
    var options = StreamTests.options(seed)
    options.currents = seed % 3 != 0
    options.immediate = seed % 3 != 1
    options.populations = max(2, options.populations)
    if seed % 4 == 0 { options.roomForEvents = false }
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
    var random = Generator(seed)
    for stretch in 0..<6 as Range<UInt64> {
      let steps = random.int(1...40)
      let stimulus = RandomStimulus(comparison.plan, steps: steps, seed: seed * 100 + stretch)
      if !comparison.trial(stimulus, reset: stretch == 0 || stretch == 4) { return }
    }
  }
}
