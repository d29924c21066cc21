import IntegerModel
import Planning
import TestSupport
import Testing

/// Time constants of each neuron and readout, against Semantics.md written down a second time.
@Suite struct OwnDecayTests {
  private static let shapes: [(steps: Int, block: Int)] = [(20, 20), (20, 1), (20, 3), (20, 7), (21, 7)]

  private func options(_ seed: UInt64) -> RandomPlanOptions {
    var random = Generator(seed ^ 0xdeca)
    var options = RandomPlanOptions()
    options.ownDecays = true
    options.currents = random.chance(50)
    options.immediate = random.chance(30)
    options.analog = random.chance(25)
    options.factored = random.chance(60)
    options.crossEntropy = random.chance(40)
    options.perBlock = random.chance(50)
    options.extreme = random.chance(20)
    options.populations = random.int(1...3)
    (options.steps, options.block) = Self.shapes[Int(seed) % Self.shapes.count]
    return options
  }

  @Test(arguments: 0..<60 as Range<UInt64>) func trialsAgree(seed: UInt64) {
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options(seed)))
    for trial in 0..<4 as Range<UInt64> {
      let stimulus = RandomStimulus(comparison.plan, steps: comparison.plan.maximumSteps, seed: seed * 100 + trial)
      if !comparison.trial(stimulus) { return }
    }
  }

  @Test(arguments: 0..<30 as Range<UInt64>) func streamsAgree(seed: UInt64) {
    var options = StreamTests.options(seed)
    (options.ownDecays, options.currents) = (true, seed % 2 == 0)
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
    var random = Generator(seed)
    for stretch in 0..<6 as Range<UInt64> {
      let stimulus = RandomStimulus(comparison.plan, steps: random.int(1...40), seed: seed * 100 + stretch)
      if !comparison.trial(stimulus, reset: stretch == 0 || stretch == 4) { return }
    }
  }

  /// The draws are what the tests are for.
  @Test func decaysDiffer() {
    let plans = (0..<20 as Range<UInt64>).map { PlanGenerator.plan(seed: $0, options($0)) }
    let populations = plans.flatMap(\.populations)
    #expect(populations.count { if case .each = $0.leak { true } else { false } } > 10)
    #expect(populations.count { $0.traceKinds.count > 1 } > 10)
    #expect(plans.contains { if case .each = $0.readout.decay { true } else { false } })
  }
}
