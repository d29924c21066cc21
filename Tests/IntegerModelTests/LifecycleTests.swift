import IntegerModel
import Planning
import TestSupport
import Testing

/// What begins, ends and spoils a trial.
@Suite struct LifecycleTests {
  /// Every array, and the image.
  static func everything(_ network: IntegerNetwork) -> [[UInt8]] {
    network.allArrays.map(\.bytes) + [network.save()]
  }

  static func run(_ network: IntegerNetwork, _ stimulus: RandomStimulus) -> UpdateResult {
    network.reset()
    return runOn(network, stimulus)
  }

  /// The same without a reset.
  static func runOn(_ network: IntegerNetwork, _ stimulus: RandomStimulus) -> UpdateResult {
    for t in stimulus.spikes.indices {
      if network.plan.inputs.kind == .spikes {
        network.step(spikes: stimulus.spikes[t])
      } else {
        network.step(analog: stimulus.analog[t])
      }
      network.learn(target: stimulus.targets[t])
    }
    return network.update()
  }

  /// The random plans of these tests are not dead: all that learning keeps moves.
  @Test func plansAreAlive() {
    var spikes = 0
    var moved: Set<String> = []
    for seed in 0..<20 as Range<UInt64> {
      var options = RandomPlanOptions()
      options.block = seed % 2 == 0 ? 20 : 5
      let network = IntegerNetwork(PlanGenerator.plan(seed: seed, options))
      let before = Dictionary(uniqueKeysWithValues: network.allArrays.map { ($0.name, $0.bytes) })
      for trial in 0..<3 as Range<UInt64> {
        let stimulus = RandomStimulus(network.plan, steps: 20, seed: seed + 7 * trial)
        network.reset()
        for t in 0..<20 {
          network.step(spikes: stimulus.spikes[t])
          network.learn(target: stimulus.targets[t])
          spikes += network.spikeCount
        }
        #expect(network.update() == .learnt)
      }
      for array in network.allArrays where before[array.name] != array.bytes {
        moved.insert(String(array.name.split(separator: ".")[0]))
      }
    }
    #expect(spikes > 500 && spikes < 5000, "\(spikes) spikes")
    let names: Set = ["v", "adaptation", "psi", "y", "error", "weights", "bias", "row", "col", "var", "trace"]
    #expect(moved.isSuperset(of: names.union(["eligibility", "adaptation_eligibility"])), "\(moved)")
  }

  @Test(arguments: 0..<10 as Range<UInt64>) func orderOfInputsDoesNotMatter(seed: UInt64) {
    var options = RandomPlanOptions()
    options.block = seed % 2 == 0 ? 20 : 6
    let plan = PlanGenerator.plan(seed: seed, options)
    let (a, b) = (IntegerNetwork(plan), IntegerNetwork(plan))
    for trial in 0..<4 as Range<UInt64> {
      let stimulus = RandomStimulus(plan, steps: 20, seed: seed + trial)
      var reversed = stimulus
      for t in 0..<20 { reversed.spikes[t].reverse() }
      #expect(Self.run(a, stimulus) == Self.run(b, reversed))
      #expect(Self.everything(a) == Self.everything(b))
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>) func fullRecordsSpoil(seed: UInt64) {
    var options = RandomPlanOptions()
    options.roomForEvents = false
    options.block = seed % 2 == 0 ? 20 : 5
    options.perBlock = seed % 3 == 0
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
    for trial in 0..<6 as Range<UInt64> {
      let percent = trial % 2 == 0 ? 95 : 20
      if !comparison.trial(RandomStimulus(comparison.plan, steps: 20, seed: seed + trial, percent: percent)) { return }
    }
    #expect(comparison.model.skippedTrials > 0)
  }

  @Test(arguments: 0..<8 as Range<UInt64>) func longTrialsSpoil(seed: UInt64) {
    var options = RandomPlanOptions()
    options.block = seed % 2 == 0 ? 20 : 5
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
    for (trial, steps) in [20, 23, 20, 19].enumerated() {
      if !comparison.trial(RandomStimulus(comparison.plan, steps: steps, seed: seed + UInt64(trial))) { return }
    }
    #expect(comparison.model.skippedTrials == 1)
    #expect(comparison.model.updates == comparison.literal.updates)
  }

  @Test func aSpoiltTrialChangesTheCounterOnly() {
    let plan = PlanGenerator.plan(seed: 3)
    let network = IntegerNetwork(plan)
    for seed in 0..<3 as Range<UInt64> {
      #expect(Self.run(network, RandomStimulus(plan, steps: 20, seed: seed)) == .learnt)
    }
    let before = network.save()
    #expect(Self.run(network, RandomStimulus(plan, steps: 21, seed: 9)) == .spoilt)
    #expect(network.update() == .nothingRecorded)
    let after = network.save()
    let differing = before.indices.filter { before[$0] != after[$0] }
    #expect(differing.allSatisfy { (20..<24).contains($0) || $0 >= before.count - 4 })
    #expect(network.skippedTrials == 1)
  }

  @Test func updatesWithoutStepsDoNothing() {
    let plan = PlanGenerator.plan(seed: 4)
    let network = IntegerNetwork(plan)
    let fresh = Self.everything(network)
    network.learn(target: [Int32](repeating: 5, count: plan.readout.count))
    #expect(network.update() == .nothingRecorded)
    network.reset()
    #expect(network.update() == .nothingRecorded)
    #expect(Self.everything(network) == fresh)
    #expect(Self.run(network, RandomStimulus(plan, steps: 20, seed: 1)) == .learnt)
    let learnt = network.save()
    #expect(network.update() == .nothingRecorded)
    #expect(network.save() == learnt)
  }

  @Test func inferenceOnly() {
    var options = RandomPlanOptions()
    options.learning = false
    for seed in 0..<10 as Range<UInt64> {
      let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
      if !comparison.trial(RandomStimulus(comparison.plan, steps: 25, seed: seed)) { return }
    }
  }

  @Test(arguments: 0..<10 as Range<UInt64>) func forcedSpikes(seed: UInt64) {
    var random = Generator(seed)
    var options = RandomPlanOptions()
    options.block = seed % 2 == 0 ? 20 : 7
    let comparison = Comparison(PlanGenerator.plan(seed: seed, options))
    for trial in 0..<3 as Range<UInt64> {
      let forced = (0..<20).map { _ in (0..<UInt16(comparison.plan.neuronCount)).filter { _ in random.chance(15) } }
      let stimulus = RandomStimulus(comparison.plan, steps: 20, seed: seed + trial)
      if !comparison.trial(stimulus, forced: forced) { return }
      #expect(comparison.model.forcedDifferences > 0)
    }
  }

  @Test func itsOwnSpikesForcedChangeNothing() {
    let plan = PlanGenerator.plan(seed: 8)
    let (free, forced) = (IntegerNetwork(plan), IntegerNetwork(plan))
    let stimulus = RandomStimulus(plan, steps: 20, seed: 2)
    for t in 0..<20 {
      free.step(spikes: stimulus.spikes[t])
      forced.step(spikes: stimulus.spikes[t], forcedSpikes: free.spikes)
      #expect(Self.everything(free) == Self.everything(forced))
    }
    #expect(forced.forcedDifferences == 0)
  }

  @Test func digestsAreThoseOfTheBytes() {
    let network = IntegerNetwork(PlanGenerator.plan(seed: 5))
    _ = Self.run(network, RandomStimulus(network.plan, steps: 20, seed: 2))
    for (array, copy) in zip(network.stateArrays, network.allArrays) {
      #expect(array.name == copy.name)
      #expect(copy.bytes.count % array.elementBytes == 0)
      #expect(network.digest(of: array) == crc32(copy.bytes))
    }
  }
}

/// CRC-32 one bit at a time.
func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
  var r: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    r ^= UInt32(byte)
    for _ in 0..<8 { r = (r >> 1) ^ (r & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
  return ~r
}
