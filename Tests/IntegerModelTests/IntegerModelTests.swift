import IntegerModel
import Planning
import Testing

/// The model against Semantics.md written down a second time.
@Suite struct LiteralTests {
  static let shapes: [(steps: Int, block: Int)] = [(20, 20), (20, 1), (20, 3), (20, 7), (1, 1), (21, 7), (40, 39)]

  private func options(_ random: inout Generator) -> PlanOptions {
    var options = PlanOptions()
    options.analog = random.chance(30)
    options.factored = random.chance(50)
    options.crossEntropy = random.chance(50)
    options.symmetric = random.chance(50)
    options.perBlock = random.chance(50)
    options.rate = random.chance(60)
    options.zeroReset = random.chance(40)
    options.populations = random.int(1...3)
    return options
  }

  @Test(arguments: 0..<60) func agrees(seed: UInt64) {
    var random = Generator(seed)
    var options = options(&random)
    (options.steps, options.block) = Self.shapes[Int(seed) % Self.shapes.count]
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
    for trial in 0..<5 {
      let steps = trial == 3 ? max(1, options.steps - 2) : options.steps
      let stimulus = Stimulus(comparison.plan, steps: steps, seed: seed * 100 + UInt64(trial))
      if !comparison.trial(stimulus) { return }
    }
  }
}
