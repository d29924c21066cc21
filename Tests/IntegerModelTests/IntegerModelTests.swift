import IntegerModel
import Planning
import TestSupport
import Testing

/// The model against Semantics.md written down a second time.
@Suite struct LiteralTests {
  static let shapes: [(steps: Int, block: Int)] = [(20, 20), (20, 1), (20, 3), (20, 7), (1, 1), (21, 7), (40, 39)]

  private func options(_ random: inout Generator) -> RandomPlanOptions {
    var options = RandomPlanOptions()
    options.analog = random.chance(30)
    options.factored = random.chance(60)
    options.postsynaptic = random.chance(40)
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
    // An input stays for a whole number of times in a block.
    let holds = (1...options.block).filter { options.block % $0 == 0 || options.block >= options.steps }
    options.hold = random.pick(holds)
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
    for trial in 0..<5 {
      let steps = trial == 3 ? max(1, options.steps - 2) : options.steps
      let stimulus = RandomStimulus(comparison.plan, steps: steps, seed: seed * 100 + UInt64(trial))
      if !comparison.trial(stimulus) { return }
    }
  }

  @Test(arguments: 0..<24) func agreesWhereWeightsAreFewOrSmall(seed: UInt64) {
    var random = Generator(seed + 1000)
    var options = options(&random)
    (options.packed, options.sparse) = (seed % 3 != 0, seed % 3 != 1)
    (options.steps, options.block) = options.sparse || seed % 2 == 0 ? (20, 20) : (20, 7)
    options.largestCount = 12
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
    for trial in 0..<5 as Range<UInt64> {
      if !comparison.trial(RandomStimulus(comparison.plan, steps: 20, seed: seed * 100 + trial)) { return }
    }
  }

  /// More neurons and outputs than are swept side by side.
  @Test(arguments: isDebug ? 0..<1 : 0..<8) func agreesOnLargerNetworks(seed: UInt64) {
    var random = Generator(seed)
    var options = options(&random)
    (options.steps, options.block) = seed % 2 == 0 ? (8, 8) : (8, 3)
    (options.largestCount, options.largestOutputs, options.populations) = (80, 70, 2)
    (options.crossEntropy, options.smallestCount) = (true, 60)
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
    for trial in 0..<2 as Range<UInt64> {
      if !comparison.trial(RandomStimulus(comparison.plan, steps: 8, seed: seed * 100 + trial)) { return }
    }
  }

  /// Everything that can saturate does, and still every number is equal.
  @Test func agreesWhereEverythingSaturates() {
    var total = Saturations()
    for seed in 0..<96 as Range<UInt64> {
      var random = Generator(seed)
      var options = options(&random)
      options.extreme = true
      options.crossEntropy = false
      (options.steps, options.block) = seed % 2 == 0 ? (30, 30) : (30, 8)
      let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
      comparison.model.countsSaturations = true
      for trial in 0..<4 as Range<UInt64> {
        var stimulus = RandomStimulus(comparison.plan, steps: 30, seed: seed * 100 + trial)
        for t in 0..<30 where stimulus.targets[t] != nil {
          stimulus.targets[t] = stimulus.targets[t]?.map { $0 > -4000 ? .max : .min }
        }
        if !comparison.trial(stimulus) { return }
      }
      let counts = comparison.model.saturations
      total.error += counts.error
      total.filteredError += counts.filteredError
      total.sweep += counts.sweep
      total.delta += counts.delta
      total.eligibility += counts.eligibility
      total.weight += counts.weight
    }
    #expect(total.error > 0 && total.filteredError > 0 && total.sweep > 0 && total.delta > 0, "\(total)")
    #expect(total.eligibility > 0 && total.weight > 0, "\(total)")
  }

  /// Large projections, whose moments are estimated from a part of their synapses.
  @Test(arguments: 1...2 as ClosedRange<UInt64>) func agreesOnLargeProjections(seed: UInt64) {
    var options = RandomPlanOptions()
    (options.wide, options.populations, options.smallestCount, options.largestCount) = (true, 1, 32, 41)
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
    #expect(comparison.plan.projections.contains { $0.momentStride > 1 })
    for trial in 0..<6 as Range<UInt64> {
      let stimulus = RandomStimulus(comparison.plan, steps: 20, seed: seed * 100 + trial)
      if !comparison.trial(stimulus) { return }
    }
  }

  /// The largest gradients, rates and limits there are: whatever is clamped, both agree.
  @Test func agreesAtTheLargestSteps() {
    var largest: Int64 = 0
    for seed in 0..<6 as Range<UInt64> {
      var options = RandomPlanOptions()
      (options.analog, options.extreme, options.populations) = (true, true, 1)
      (options.steps, options.block) = (150, 150)
      var plan = PlanGenerator.plan(seed: seed, options)
      plan.inputs.kind = .analog(fractionBits: 0)
      plan.populations[0].driveShift = 1
      plan.projections[0].isPlastic = true
      plan.projections[0].shift = 0
      plan.projections[0].weights = plan.projections[0].weights.map { 1 + abs($0 % 3) }
      plan.projections[0].step = .factored(unit: [1 << 30], limit: [1 << 30])
      let comparison = Comparison(plan)
      for trial in 0..<4 {
        var stimulus = RandomStimulus(plan, steps: 150, seed: seed)
        for t in 0..<150 {
          stimulus.analog[t] = stimulus.analog[t].map { _ in trial == 0 ? 2 : 127 }
          stimulus.targets[t] = stimulus.targets[t]?.map { _ in trial % 2 == 0 ? .max : .min }
        }
        if !comparison.trial(stimulus) { return }
        largest = max(largest, comparison.model.gradients(of: 0)?.map { abs($0) }.max() ?? 0)
      }
    }
    #expect(largest > 1 << 27, "\(largest)")
  }
}
