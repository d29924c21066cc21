import Conformance
import Foundation
import Planning
import TestSupport
import Testing
import Toolchains

/// Plans of every shape, drawn from seeds: the C of each, under sanitizers, against the integer model.
struct RandomPlanTests {
  @Test(arguments: RandomPlanCase.all + RandomPlanCase.ownDecays)
  func machineAgreesWithModel(_ shape: RandomPlanCase) async throws {
    let target = try Target.named("host-gcc", in: root + "/targets")
    for seed in shape.seeds {
      let plan = shape.plan(seed: seed)
      // Trials up to the longest, and one that goes on for longer than that; of a stream, stretches of it.
      let lengths = [-3, -2, -1, 0, 17].map { shape.options.steps + $0 }
      var stimulus = Stimulus(
        quantised: lengths.enumerated().map { quantised(plan, steps: $1, seed: seed + UInt64($0)) },
        order: [0, 1, 2, 3, 4, 3, 1], updates: plan.learning != nil)
      stimulus.resets = !plan.isStream
      let folder = NSTemporaryDirectory() + "/epropc-random-" + UUID().uuidString
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let machine = try await Machine(
        plan, target: target, options: BuildOptions(optimisation: "-O1", variant: "sanitized"), in: folder)
      let rhythm = DigestRhythm(every: 1, learntEvery: 1)
      let model = ModelRun(plan, stimulus, rhythm: rhythm)
      // In one call, piece by piece, and in slices that are drawn: the bits are the same.
      for slices in [0, 1, UInt32(seed) + 1] {
        stimulus.slices = slices
        let (output, _) = try await machine.run(stimulus.bytes(rhythm: rhythm))
        let outcome = compare(output, with: model, plan: plan, stimulus: stimulus, rhythm: rhythm)
        #expect(
          outcome.bitExact, "\(shape.name), seed \(seed), slices \(slices): \(String(describing: outcome.divergence))")
      }
    }
  }

  private func quantised(_ plan: FixedPlan, steps: Int, seed: UInt64) -> Stimulus.QuantisedTrial {
    let random = RandomStimulus(plan, steps: steps, seed: seed)
    let analog = plan.inputs.kind != .spikes
    return Stimulus.QuantisedTrial(
      steps: steps, spikes: analog ? [] : random.spikes, values: analog ? random.analog : [], targets: random.targets)
  }
}

/// One shape of random plan and the seeds that it is tried with.
struct RandomPlanCase: Sendable, CustomTestStringConvertible {
  var name: String
  var seeds: ClosedRange<UInt64> = 1...2
  var history = Layout.History.storedSurrogate
  var tile = 4
  var kernels = Layout.Kernels.portable
  var change: @Sendable (inout RandomPlanOptions) -> Void

  var testDescription: String { name }

  var options: RandomPlanOptions {
    var options = RandomPlanOptions()
    change(&options)
    return options
  }

  func plan(seed: UInt64) -> FixedPlan {
    var plan = PlanGenerator.plan(seed: seed, options)
    plan.layout = Layout(history: history, tile: tile, kernels: kernels)
    let records = plan.needsInputs(history: history)
    plan.learning?.recordsInputs = records
    plan.readout.biasStep = plan.readout.biasStep.map(common)
    return plan
  }

  /// Readouts share an LSB, so the planner gives their bias one rate.
  private func common(_ step: StepPlan) -> StepPlan {
    switch step {
    case .factored(let unit, let limit): return .factored(unit: [unit[0]], limit: [limit[0]])
    case .postsynaptic(let unit, let limit): return .postsynaptic(unit: [unit[0]], limit: [limit[0]])
    case .adam(var adam):
      adam.unit = [adam.unit[0]]
      return .adam(adam)
    case .sgd(let multiplier, let exponent): return .sgd(multiplier: [multiplier[0]], exponent: exponent)
    }
  }

  static let all: [RandomPlanCase] = [
    RandomPlanCase(name: "plain", seeds: 1...4) { _ in },
    RandomPlanCase(name: "inference") { $0.learning = false },
    RandomPlanCase(name: "sgd") { $0.factored = false },
    RandomPlanCase(name: "cross-entropy") { $0.crossEntropy = true },
    RandomPlanCase(name: "symmetric") { $0.symmetric = true },
    RandomPlanCase(name: "analog") { $0.analog = true },
    RandomPlanCase(name: "held", seeds: 1...3) {
      $0.analog = true
      $0.hold = 3
    },
    RandomPlanCase(name: "held, replay", seeds: 1...3, history: .replay, tile: 8) {
      $0.analog = true
      $0.hold = 7
    },
    RandomPlanCase(name: "held, W 6", tile: 3) {
      $0.analog = true
      $0.hold = 3
      $0.block = 6
    },
    RandomPlanCase(name: "held, W 4 per block, wide") {
      $0.analog = true
      $0.hold = 2
      $0.block = 4
      $0.perBlock = true
      $0.wide = true
    },
    RandomPlanCase(name: "held, inference") {
      $0.analog = true
      $0.hold = 4
      $0.learning = false
    },
    RandomPlanCase(name: "zero reset") { $0.zeroReset = true },
    RandomPlanCase(name: "crowded", seeds: 1...3) { $0.roomForEvents = false },
    RandomPlanCase(name: "extreme") { $0.extreme = true },
    RandomPlanCase(name: "W 1", seeds: 1...3) { $0.block = 1 },
    RandomPlanCase(name: "W 7", seeds: 1...3) { $0.block = 7 },
    RandomPlanCase(name: "W 7 per block") {
      $0.block = 7
      $0.perBlock = true
    },
    RandomPlanCase(name: "W 3, every 2 blocks", seeds: 1...3) {
      $0.block = 3
      $0.everyBlocks = 2
    },
    RandomPlanCase(name: "W 1 per block, sgd") {
      $0.block = 1
      $0.perBlock = true
      $0.factored = false
    },
    RandomPlanCase(name: "W 3 analog cross-entropy") {
      $0.block = 3
      $0.analog = true
      $0.crossEntropy = true
    },
    RandomPlanCase(name: "W 5 symmetric extreme") {
      $0.block = 5
      $0.symmetric = true
      $0.extreme = true
    },
    RandomPlanCase(name: "W 5 crowded") {
      $0.block = 5
      $0.roomForEvents = false
    },
    RandomPlanCase(name: "replay", seeds: 1...3, history: .replay) { _ in },
    RandomPlanCase(name: "replay analog", history: .replay, tile: 8) { $0.analog = true },
    RandomPlanCase(name: "replay extreme", history: .replay, tile: 1) { $0.extreme = true },
    RandomPlanCase(name: "large projections", tile: 8) {
      $0.wide = true
      $0.populations = 1
      $0.smallestCount = 32
      $0.largestCount = 41
    },
    RandomPlanCase(name: "large projections, tile 3", tile: 3) {
      $0.wide = true
      $0.populations = 1
      $0.smallestCount = 32
      $0.largestCount = 41
    },
    RandomPlanCase(name: "tile 1", seeds: 1...3, tile: 1) { _ in },
    RandomPlanCase(name: "tile 2, replay", seeds: 1...3, history: .replay, tile: 2) { _ in },
    RandomPlanCase(name: "tile 2, analog, lanes", tile: 2) {
      $0.lanes = true
      $0.analog = true
    },
    RandomPlanCase(name: "tile 1, many neurons", history: .replay, tile: 1) {
      $0.smallestCount = 130
      $0.largestCount = 140
    },
    RandomPlanCase(name: "replay, W 7", seeds: 1...3, history: .replay) { $0.block = 7 },
    RandomPlanCase(name: "replay, W 1 per block", history: .replay, tile: 3) {
      $0.block = 1
      $0.perBlock = true
    },
    RandomPlanCase(name: "replay, W 5 analog extreme", history: .replay) {
      $0.block = 5
      $0.analog = true
      $0.extreme = true
    },
    RandomPlanCase(name: "replay crowded", history: .replay) { $0.roomForEvents = false },
    RandomPlanCase(name: "lanes, replay, W 6", seeds: 1...3, history: .replay, tile: 8) {
      $0.lanes = true
      $0.block = 6
      $0.largestCount = 22
    },
    RandomPlanCase(name: "psi 4", seeds: 1...3) { $0.surrogateBits = 4 },
    RandomPlanCase(name: "psi 1, crowded") {
      $0.surrogateBits = 1
      $0.roomForEvents = false
    },
    RandomPlanCase(name: "psi 4, W 7, crowded") {
      $0.surrogateBits = 4
      $0.block = 7
      $0.roomForEvents = false
    },
    RandomPlanCase(name: "lanes, psi 1", tile: 8) {
      $0.lanes = true
      $0.surrogateBits = 1
      $0.largestCount = 22
    },
    RandomPlanCase(name: "stream", seeds: 1...4) {
      $0.stream = true
      $0.block = 6
    },
    RandomPlanCase(name: "stream of long blocks") { $0.stream = true },
    RandomPlanCase(name: "stream, W 1, sgd, psi 4") {
      $0.stream = true
      $0.block = 1
      $0.factored = false
      $0.surrogateBits = 4
    },
    RandomPlanCase(name: "stream, crowded", seeds: 1...3) {
      $0.stream = true
      $0.block = 6
      $0.roomForEvents = false
    },
    RandomPlanCase(name: "stream, replay", seeds: 1...3, history: .replay) {
      $0.stream = true
      $0.block = 6
    },
    RandomPlanCase(name: "stream, replay, crowded", history: .replay) {
      $0.stream = true
      $0.block = 6
      $0.roomForEvents = false
    },
    RandomPlanCase(name: "stream, lanes, replay", history: .replay, tile: 8) {
      $0.stream = true
      $0.block = 9
      $0.lanes = true
    },
    RandomPlanCase(name: "window", seeds: 1...4) {
      $0.stream = true
      $0.block = 5
      $0.window = 7
    },
    RandomPlanCase(name: "window, lanes") {
      $0.stream = true
      $0.block = 6
      $0.window = 2
      $0.lanes = true
    },
    RandomPlanCase(name: "window, analog, psi 1") {
      $0.stream = true
      $0.block = 4
      $0.window = 30
      $0.analog = true
      $0.surrogateBits = 1
    },
    RandomPlanCase(name: "window, crowded, cross-entropy", seeds: 1...3) {
      $0.stream = true
      $0.block = 7
      $0.window = 5
      $0.roomForEvents = false
      $0.crossEntropy = true
    },
    RandomPlanCase(name: "tile 3, three populations", tile: 3) { $0.populations = 3 },
    RandomPlanCase(name: "lanes", seeds: 1...4) { $0.lanes = true },
    RandomPlanCase(name: "lanes, inference") {
      $0.lanes = true
      $0.learning = false
    },
    RandomPlanCase(name: "lanes, W 6") {
      $0.lanes = true
      $0.block = 6
    },
    RandomPlanCase(name: "lanes, extreme, zero reset") {
      $0.lanes = true
      $0.extreme = true
      $0.zeroReset = true
    },
    RandomPlanCase(name: "lanes, crowded", tile: 3) {
      $0.lanes = true
      $0.roomForEvents = false
      $0.populations = 3
    },
    RandomPlanCase(name: "lanes, replay", seeds: 1...4, history: .replay, tile: 8) {
      $0.lanes = true
      $0.largestCount = 22
    },
    RandomPlanCase(name: "lanes, replay, extreme", history: .replay, tile: 4) {
      $0.lanes = true
      $0.extreme = true
      $0.populations = 3
    },
    RandomPlanCase(name: "lanes, replay, odd tile", history: .replay, tile: 6) {
      $0.lanes = true
      $0.largestCount = 22
    },
    RandomPlanCase(name: "armv7e-m", seeds: 1...4, tile: 8, kernels: .armv7em) { $0.lanes = true },
    RandomPlanCase(name: "armv7e-m, inference", seeds: 1...4, kernels: .armv7em) {
      $0.lanes = true
      $0.learning = false
    },
    RandomPlanCase(name: "armv7e-m, replay", seeds: 1...4, history: .replay, tile: 8, kernels: .armv7em) {
      $0.lanes = true
      $0.largestCount = 22
    },
    RandomPlanCase(name: "armv7e-m, extreme", history: .replay, tile: 8, kernels: .armv7em) {
      $0.lanes = true
      $0.extreme = true
      $0.populations = 3
    },
    RandomPlanCase(name: "armv7e-m, W 6", tile: 8, kernels: .armv7em) {
      $0.lanes = true
      $0.block = 6
    },
    RandomPlanCase(name: "armv7e-m, adaptive", history: .replay, tile: 8, kernels: .armv7em) { _ in },
    RandomPlanCase(name: "packed", seeds: 1...4) { $0.packed = true },
    RandomPlanCase(name: "packed, inference") {
      $0.packed = true
      $0.learning = false
    },
    RandomPlanCase(name: "packed, analog, sgd") {
      $0.packed = true
      $0.analog = true
      $0.factored = false
    },
    RandomPlanCase(name: "packed, symmetric, W 6", tile: 3) {
      $0.packed = true
      $0.symmetric = true
      $0.block = 6
      $0.largestCount = 11
    },
    RandomPlanCase(name: "packed, replay, extreme", history: .replay, tile: 5) {
      $0.packed = true
      $0.extreme = true
      $0.largestCount = 13
    },
    RandomPlanCase(name: "sparse", seeds: 1...6) {
      $0.sparse = true
      $0.largestCount = 14
    },
    RandomPlanCase(name: "sparse, inference") {
      $0.sparse = true
      $0.learning = false
    },
    RandomPlanCase(name: "sparse, sgd, symmetric, tile 1", seeds: 1...3, tile: 1) {
      $0.sparse = true
      $0.factored = false
      $0.symmetric = true
    },
    RandomPlanCase(name: "sparse, analog", seeds: 1...3, tile: 3) {
      $0.sparse = true
      $0.analog = true
    },
    RandomPlanCase(name: "sparse, replay", seeds: 1...4, history: .replay, tile: 5) {
      $0.sparse = true
      $0.largestCount = 14
      $0.populations = 3
    },
    RandomPlanCase(name: "sparse, replay, analog, extreme", history: .replay, tile: 8) {
      $0.sparse = true
      $0.analog = true
      $0.extreme = true
    },
    RandomPlanCase(name: "sparse, packed, lanes, crowded", seeds: 1...3) {
      $0.sparse = true
      $0.packed = true
      $0.lanes = true
      $0.roomForEvents = false
    },
    RandomPlanCase(name: "sparse, lanes, large", seeds: 1...2, tile: 8) {
      $0.sparse = true
      $0.lanes = true
      $0.largestCount = 40
      $0.smallestCount = 20
    },
    RandomPlanCase(name: "sparse, large", seeds: 1...3, tile: 8) {
      $0.sparse = true
      $0.largestCount = 40
      $0.smallestCount = 20
      $0.wide = true
    },
    RandomPlanCase(name: "sparse, tile 2, replay", seeds: 1...4, history: .replay, tile: 2) {
      $0.sparse = true
      $0.largestCount = 14
    },
    RandomPlanCase(name: "sparse, tile 1, analog, sgd", seeds: 1...2, tile: 1) {
      $0.sparse = true
      $0.analog = true
      $0.factored = false
    },
    RandomPlanCase(name: "sparse, W 7", seeds: 1...3) {
      $0.sparse = true
      $0.block = 7
    },
    RandomPlanCase(name: "sparse, packed, W 6 per block, replay", seeds: 1...2, history: .replay) {
      $0.sparse = true
      $0.packed = true
      $0.block = 6
      $0.perBlock = true
    },
    RandomPlanCase(name: "sparse, stream", seeds: 1...2) {
      $0.sparse = true
      $0.stream = true
      $0.block = 6
    },
    RandomPlanCase(name: "sparse, window", seeds: 1...4) {
      $0.sparse = true
      $0.stream = true
      $0.window = 5
      $0.block = 6
    },
    RandomPlanCase(name: "sparse, postsynaptic", seeds: 1...4, tile: 5) {
      $0.sparse = true
      $0.postsynaptic = true
      $0.largestCount = 14
    },
    RandomPlanCase(name: "sparse, packed, postsynaptic, W 7, replay", seeds: 1...3, history: .replay) {
      $0.sparse = true
      $0.packed = true
      $0.postsynaptic = true
      $0.block = 7
    },
    RandomPlanCase(name: "sparse, analog, postsynaptic", seeds: 1...3, tile: 8) {
      $0.sparse = true
      $0.analog = true
      $0.postsynaptic = true
    },
    RandomPlanCase(name: "sparse, packed, held", seeds: 1...4, history: .replay, tile: 5) {
      $0.sparse = true
      $0.packed = true
      $0.analog = true
      $0.hold = 3
    },
    RandomPlanCase(name: "sparse, held", seeds: 1...4) {
      $0.sparse = true
      $0.analog = true
      $0.hold = 4
      $0.largestCount = 14
    },
    RandomPlanCase(name: "sparse, packed, adam 8", seeds: 1...4, tile: 5) {
      $0.sparse = true
      $0.packed = true
      $0.adamBits = 8
      $0.largestCount = 14
    },
    RandomPlanCase(name: "sparse, packed, adam 16, W 6", seeds: 1...2, history: .replay) {
      $0.sparse = true
      $0.packed = true
      $0.adamBits = 16
      $0.block = 6
    },
    RandomPlanCase(name: "sparse, packed, immediate", seeds: 1...3) {
      $0.sparse = true
      $0.packed = true
      $0.immediate = true
      $0.populations = 3
    },
    RandomPlanCase(name: "sparse, currents", seeds: 1...3, tile: 5) {
      $0.sparse = true
      $0.currents = true
      $0.largestCount = 14
    },
    RandomPlanCase(name: "sparse, packed, currents, W 7, replay", seeds: 1...2, history: .replay) {
      $0.sparse = true
      $0.packed = true
      $0.currents = true
      $0.block = 7
    },
    RandomPlanCase(name: "sparse, armv7e-m", seeds: 1...2, history: .replay, tile: 8, kernels: .armv7em) {
      $0.sparse = true
      $0.lanes = true
    },
    RandomPlanCase(name: "many outputs", seeds: 1...3) { $0.largestOutputs = 9 },
    RandomPlanCase(name: "readout only", seeds: 1...3) { $0.readoutOnly = true },
    RandomPlanCase(name: "readout only, lanes, W 4", history: .storedSurrogate) {
      $0.readoutOnly = true
      $0.lanes = true
      $0.block = 4
    },
    RandomPlanCase(name: "readout only, analog, sgd", history: .replay) {
      $0.readoutOnly = true
      $0.analog = true
      $0.factored = false
    },
    RandomPlanCase(name: "postsynaptic", seeds: 1...4) { $0.postsynaptic = true },
    RandomPlanCase(name: "postsynaptic, replay", history: .replay, tile: 1) { $0.postsynaptic = true },
    RandomPlanCase(name: "postsynaptic, W 3, every 2 blocks", tile: 3) {
      $0.postsynaptic = true
      $0.block = 3
      $0.everyBlocks = 2
    },
    RandomPlanCase(name: "postsynaptic, large, extreme", tile: 8) {
      $0.postsynaptic = true
      $0.extreme = true
      $0.wide = true
      $0.populations = 1
      $0.smallestCount = 32
      $0.largestCount = 41
    },
    RandomPlanCase(name: "postsynaptic, stream", history: .replay) {
      $0.postsynaptic = true
      $0.stream = true
      $0.block = 6
    },
    RandomPlanCase(name: "postsynaptic, readout only") {
      $0.postsynaptic = true
      $0.readoutOnly = true
    },
    RandomPlanCase(name: "adam 16", seeds: 1...4) { $0.adamBits = 16 },
    RandomPlanCase(name: "adam 8", seeds: 1...4) { $0.adamBits = 8 },
    RandomPlanCase(name: "adam 8, replay, extreme", history: .replay, tile: 1) {
      $0.adamBits = 8
      $0.extreme = true
    },
    RandomPlanCase(name: "adam 16, W 3, every 2 blocks, analog", tile: 3) {
      $0.adamBits = 16
      $0.analog = true
      $0.block = 3
      $0.everyBlocks = 2
    },
    RandomPlanCase(name: "adam 8, large", tile: 8) {
      $0.adamBits = 8
      $0.wide = true
      $0.populations = 1
      $0.smallestCount = 32
      $0.largestCount = 41
    },
    RandomPlanCase(name: "adam 16, stream", seeds: 1...3, history: .replay, tile: 2) {
      $0.adamBits = 16
      $0.stream = true
      $0.block = 6
    },
    RandomPlanCase(name: "adam 16, readout only, W 1 per block") {
      $0.adamBits = 16
      $0.readoutOnly = true
      $0.block = 1
      $0.perBlock = true
    },
    RandomPlanCase(name: "currents", seeds: 1...3) { $0.currents = true },
    RandomPlanCase(name: "currents, inference, analog") {
      $0.currents = true
      $0.learning = false
      $0.analog = true
    },
    RandomPlanCase(name: "currents, replay, W 7", history: .replay, tile: 3) {
      $0.currents = true
      $0.block = 7
    },
    RandomPlanCase(name: "currents, tile 1, held", history: .replay, tile: 1) {
      $0.currents = true
      $0.analog = true
      $0.hold = 3
    },
    RandomPlanCase(name: "currents, extreme, W 1 per block") {
      $0.currents = true
      $0.extreme = true
      $0.block = 1
      $0.perBlock = true
    },
    RandomPlanCase(name: "currents, window, psi 4") {
      $0.currents = true
      $0.stream = true
      $0.block = 5
      $0.window = 7
      $0.surrogateBits = 4
    },
    RandomPlanCase(name: "currents, stream, replay, crowded", history: .replay) {
      $0.currents = true
      $0.stream = true
      $0.block = 6
      $0.roomForEvents = false
    },
    RandomPlanCase(name: "currents, armv7e-m", tile: 8, kernels: .armv7em) { $0.currents = true },
    RandomPlanCase(name: "immediate", seeds: 1...3) {
      $0.immediate = true
      $0.populations = 3
    },
    RandomPlanCase(name: "immediate, inference, lanes", seeds: 1...3) {
      $0.immediate = true
      $0.populations = 3
      $0.learning = false
      $0.lanes = true
    },
    RandomPlanCase(name: "immediate, lanes, replay", seeds: 1...3, history: .replay, tile: 8) {
      $0.immediate = true
      $0.lanes = true
      $0.populations = 3
      $0.largestCount = 22
    },
    RandomPlanCase(name: "immediate, lanes, replay, W 6, armv7e-m", history: .replay, tile: 4, kernels: .armv7em) {
      $0.immediate = true
      $0.lanes = true
      $0.populations = 3
      $0.block = 6
    },
    RandomPlanCase(name: "immediate, tile 1", tile: 1) { $0.immediate = true },
    RandomPlanCase(name: "immediate, tile 3, analog", tile: 3) {
      $0.immediate = true
      $0.analog = true
    },
    RandomPlanCase(name: "immediate, W 3, every 2 blocks", history: .replay) {
      $0.immediate = true
      $0.block = 3
      $0.everyBlocks = 2
    },
    RandomPlanCase(name: "immediate, window", seeds: 1...3) {
      $0.immediate = true
      $0.stream = true
      $0.block = 5
      $0.window = 7
    },
    RandomPlanCase(name: "immediate, currents, stream", seeds: 1...3, tile: 8) {
      $0.immediate = true
      $0.currents = true
      $0.stream = true
      $0.block = 6
      $0.populations = 3
    },
    RandomPlanCase(name: "immediate, currents, crowded", history: .replay, tile: 2) {
      $0.immediate = true
      $0.currents = true
      $0.roomForEvents = false
      $0.populations = 3
    },
    RandomPlanCase(name: "tile 8, large", tile: 8) {
      $0.largestCount = 40
      $0.smallestCount = 20
    },
  ]
}
