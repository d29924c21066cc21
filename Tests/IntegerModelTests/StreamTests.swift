import IntegerModel
import Planning
import TestSupport
import Testing

/// Streams, windows and narrow surrogate derivatives against Semantics.md written down a second time.
@Suite struct StreamTests {
  static func options(_ seed: UInt64) -> RandomPlanOptions {
    var random = Generator(seed ^ 0x5eed)
    var options = RandomPlanOptions()
    options.stream = true
    options.analog = random.chance(25)
    options.factored = random.chance(50)
    options.crossEntropy = random.chance(40)
    options.symmetric = random.chance(50)
    options.rate = random.chance(70)
    options.populations = random.int(1...3)
    (options.steps, options.block) = random.pick([(20, 5), (20, 1), (20, 20), (7, 3), (12, 11)])
    options.window = random.chance(50) ? random.int(1...25) : 0
    options.surrogateBits = random.pick([8, 8, 4, 1])
    return options
  }

  /// A stream in stretches of every length, each of which ends with an update; it is not reset in between.
  @Test(arguments: 0..<40 as Range<UInt64>) func agrees(seed: UInt64) {
    let comparison = Comparison(PlanGenerator.plan(seed: seed, Self.options(seed)))
    var random = Generator(seed)
    for stretch in 0..<6 as Range<UInt64> {
      let steps = random.int(1...40)
      let stimulus = RandomStimulus(comparison.plan, steps: steps, seed: seed * 100 + stretch)
      if !comparison.trial(stimulus, reset: stretch == 0 || stretch == 4) { return }
    }
    #expect(comparison.model.updates > 6)
  }

  @Test(arguments: 0..<16 as Range<UInt64>) func fullRecordsDropTheirBlock(seed: UInt64) {
    var options = Self.options(seed)
    (options.roomForEvents, options.analog) = (false, false)
    (options.steps, options.block) = (24, 6)
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
    for stretch in 0..<6 as Range<UInt64> {
      let percent = stretch % 2 == 0 ? 90 : 8
      let stimulus = RandomStimulus(comparison.plan, steps: 31, seed: seed + stretch, percent: percent)
      if !comparison.trial(stimulus, reset: stretch == 0) { return }
    }
    #expect(comparison.model.skippedTrials > 1 && comparison.model.updates > 0)
  }

  /// Numbers of steps go through 2³².
  @Test(arguments: 0..<6 as Range<UInt64>) func stepsAreCountedModulo(seed: UInt64) {
    let comparison = Comparison(PlanGenerator.plan(seed: seed, Self.options(seed)))
    comparison.model.firstNumber = UInt32.max - 20
    comparison.literal.firstNumber = Int(UInt32.max) - 20
    for stretch in 0..<2 as Range<UInt64> {
      let stimulus = RandomStimulus(comparison.plan, steps: 37, seed: seed * 100 + stretch)
      if !comparison.trial(stimulus, reset: stretch == 0) { return }
    }
  }

  @Test(arguments: 0..<12 as Range<UInt64>) func narrowSurrogatesAgreeInTrials(seed: UInt64) {
    var options = RandomPlanOptions()
    options.surrogateBits = seed % 2 == 0 ? 4 : 1
    options.block = seed % 3 == 0 ? 6 : 20
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
    for trial in 0..<3 as Range<UInt64> {
      if !comparison.trial(RandomStimulus(comparison.plan, steps: 20, seed: seed * 10 + trial)) { return }
    }
  }
}
