public import Planning

/// What a random plan is to have; everything else comes from its seed.
public struct RandomPlanOptions {
  public var steps = 20
  public var block = 20
  /// Blocks without trials, with a window of so many steps before each or, if 0, carried traces.
  public var stream = false
  public var window = 0
  public var surrogateBits = 8
  public var analog = false
  /// H of analog inputs.
  public var hold = 1
  public var factored = true
  public var crossEntropy = false
  public var symmetric = false
  public var perBlock = false
  /// An update after so many blocks; 0: as `perBlock` says.
  public var everyBlocks = 0
  public var rate = true
  public var zeroReset = false
  public var learning = true
  public var populations = 2
  public var largestCount = 6
  public var smallestCount = 1
  public var roomForEvents = true
  public var largestOutputs = 4
  /// Feedback, errors and traces so strong that everything that can saturate does.
  public var extreme = false
  /// 37 inputs.
  public var wide = false
  /// Plain neurons in fours, whose 8-bit weights are summed in the lanes of words.
  public var lanes = false
  /// Nothing learns but the projections into the readout.
  public var readoutOnly = false
  /// Populations with synaptic currents, of which most are.
  public var currents = false
  /// Most projections to later populations have no delay.
  public var immediate = false
  /// Time constants of their own for most neurons and readouts.
  public var ownDecays = false
  /// Second moments per postsynaptic neuron alone, where they are kept.
  public var postsynaptic = false
  /// Bits of Adam's moments; 0: not Adam.
  public var adamBits = 0
  /// Weights of 4 and of 6 bits.
  public var packed = false
  /// Projections of which not every synapse exists, stored either way; as matrices where traces are carried.
  public var sparse = false

  public init() {}
}

/// Small plans of every shape, from a seed.
public struct PlanGenerator {
  var random: Generator
  let options: RandomPlanOptions
  let inputs: Int
  let outputs: Int
  /// What all steps by Adam have in common, once drawn.
  private var adam: AdamPlan?

  init(seed: UInt64, _ options: RandomPlanOptions) {
    random = Generator(seed)
    self.options = options
    inputs = options.wide ? 37 : random.int(1...5)
    outputs = options.extreme ? 4 : random.int((options.largestOutputs > 64 ? 65 : 1)...options.largestOutputs)
  }

  public static func plan(seed: UInt64, _ options: RandomPlanOptions = RandomPlanOptions()) -> FixedPlan {
    var generator = PlanGenerator(seed: seed, options)
    return generator.make()
  }

  mutating func make() -> FixedPlan {
    var populations: [PopulationPlan] = []
    for index in 0..<options.populations {
      let first = populations.reduce(0) { $0 + $1.count }
      populations.append(population(index, first: first))
    }
    let projections = projections(populations)
    let readout = readout()
    let neurons = populations.reduce(0) { $0 + $1.count }
    let learning = options.learning ? learning(populations, neurons: neurons) : nil
    return FixedPlan(
      name: "net", timeStep: 1, maximumSteps: options.steps,
      inputs: InputPlan(
        count: inputs, kind: options.analog ? .analog(fractionBits: random.int(0...7)) : .spikes,
        holdSteps: options.analog ? options.hold : 1),
      populations: populations, projections: projections, readout: readout, learning: learning,
      layout: Layout(history: .storedSurrogate, tile: 8), bounds: [], notes: [])
  }

  private mutating func perNeuron(_ count: Int, _ range: ClosedRange<Int>) -> PerNeuron {
    if random.chance(50) { return .common(Int32(random.int(range))) }
    return .each((0..<count).map { _ in Int32(random.int(range)) })
  }

  private func map(_ values: PerNeuron, _ body: (Int32) -> Int32) -> PerNeuron {
    switch values {
    case .common(let value): .common(body(value))
    case .each(let values): .each(values.map(body))
    }
  }

  /// The decays of all units, or one for each.
  private mutating func decays(_ count: Int, _ steps: ClosedRange<Int>) -> Decays {
    guard options.ownDecays, random.chance(70) else { return .common(decay(steps)) }
    return .each((0..<count).map { _ in decay(steps) })
  }

  private mutating func leaks(_ count: Int) -> PerNeuron {
    guard options.ownDecays, random.chance(70) else { return .common(Int32(random.int(16000...32000))) }
    return .each((0..<count).map { _ in Int32(random.int(16000...32000)) })
  }

  /// A decay by 1 / steps of a step, roughly.
  mutating func decay(_ steps: ClosedRange<Int>) -> DecayPlan {
    var rate = 1 / Double(random.int(steps))
    var shift = 0
    while rate < 0.5, shift < 15 {
      rate *= 2
      shift += 1
    }
    return DecayPlan(factor: min(32767, Int32(rate * 32768)), shift: shift)
  }

  private mutating func population(_ index: Int, first: Int) -> PopulationPlan {
    let drawn = random.int(options.smallestCount...options.largestCount)
    let count = options.lanes ? (drawn + 3) / 4 * 4 : drawn
    let threshold = perNeuron(count, 256...4000)
    let adaptation = AdaptationPlan(
      decay: decays(count, 10...100), increment: perNeuron(count, 500...20000), fractionBits: random.int(0...6),
      surrogateStrength: Int32(random.int(1...20000)))
    let reset: PopulationPlan.Reset =
      options.zeroReset
      ? .zero
      : options.lanes || random.chance(60)
        ? .subtract(map(threshold) { $0 + $0 / 16 })
        : random.chance(50) ? .hold : .value(perNeuron(count, -900...200))
    let shift = random.int(options.lanes ? 0...2 : -3...2)
    let current = current(count)
    return PopulationPlan(
      name: "p\(index)", first: first, count: count, leak: leaks(count), traceDecay: decays(count, 2...40),
      threshold: threshold, surrogateScale: map(threshold) { ((1 << 24) + $0 / 2) / $0 },
      firesAtThreshold: random.chance(50), reset: reset, refractorySteps: random.int((reset == .hold ? 1 : 0)...3),
      adaptation: !options.lanes && options.window == 0 && (index % 2 == 1 || options.extreme) ? adaptation : nil,
      current: current, driveShift: shift + (current?.fractionBits ?? 0),
      bias: options.lanes || random.chance(60) ? nil : perNeuron(count, -150...250),
      accumulatorBound: random.chance(30) ? 1 << 40 : 1 << 24, lsb: [1])
  }

  private mutating func current(_ count: Int) -> CurrentPlan? {
    guard options.currents, random.chance(70) else { return nil }
    return CurrentPlan(decay: decays(count, 1...10), fractionBits: random.int(0...4))
  }

  private mutating func projections(_ populations: [PopulationPlan]) -> [ProjectionPlan] {
    var projections: [ProjectionPlan] = []
    for (target, population) in populations.enumerated() {
      projections.append(projection(.inputs, .population(target), inputs, population.count, random.chance(80)))
      for (source, other) in populations.enumerated() where random.chance(75) {
        projections.append(
          projection(.population(source), .population(target), other.count, population.count, random.chance(80)))
        if options.immediate, source < target, random.chance(75) {
          projections[projections.count - 1].isImmediate = true
          projections[projections.count - 1].sparsity?.storage = .matrix
        }
      }
    }
    for (source, population) in populations.enumerated() where source == 0 || random.chance(80) {
      projections.append(projection(.population(source), .readout, population.count, outputs, random.chance(80)))
    }
    return projections
  }

  private mutating func projection(
    _ source: ProjectionPlan.Source, _ target: ProjectionPlan.Target, _ pre: Int, _ post: Int, _ plastic: Bool
  ) -> ProjectionPlan {
    let bits = random.pick(
      options.packed ? [4, 6, 6, 8] : options.lanes && target != .readout ? [8] : [8, 16])
    var skips = false
    if case .population(let s) = source, case .population(let t) = target { skips = s == t && random.chance(70) }
    let (reach, bias) = bits < 8 ? ((1 << (bits - 1)) - 1, bits - 3) : bits == 8 ? (127, 20) : (1500, 300)
    var weights = (0..<pre * post).map { _ in Int16(random.int(-reach + bias...reach)) }
    if random.chance(30) { weights[0] = Int16(bits <= 8 ? -(1 << (bits - 1)) : -2000) }
    if skips { for i in 0..<pre { weights[i * post + i] = 0 } }
    let sparsity = options.sparse && random.chance(80) ? sparsity(pre, post, skips, source, target, bits) : nil
    if let sparsity { for pair in weights.indices where !sparsity.mask[pair] { weights[pair] = 0 } }
    let plastic = (target == .readout || !options.readoutOnly) && plastic && options.learning
    return ProjectionPlan(
      name: name(source, target), source: source, target: target, preCount: pre, postCount: post,
      weightBits: bits, weights: weights, sparsity: sparsity, isPlastic: plastic, skipsDiagonal: skips,
      shift: target == .readout ? 0 : random.int(0...3), lsb: [1], gradientLSB: 1,
      step: plastic ? step(post, in: 10000...300000) : nil, roundingSalt: UInt32(truncatingIfNeeded: random.next()))
  }

  /// Some synapses of a projection, at least one where there is a pair for it; sources and targets without any may be among them.
  private mutating func sparsity(
    _ pre: Int, _ post: Int, _ skips: Bool, _ source: ProjectionPlan.Source, _ target: ProjectionPlan.Target,
    _ bits: Int
  ) -> SparsityPlan? {
    let percent = random.int(10...80)
    var mask = (0..<pre * post).map { pair in
      random.chance(percent) && !(skips && pair / post == pair % post)
    }
    if !mask.contains(true) {
      guard let pair = mask.indices.first(where: { !skips || $0 / post != $0 % post }) else { return nil }
      mask[pair] = true
    }
    let isHeld = options.analog && options.hold > 1 && source == .inputs
    let mayBeCompressed = target != .readout && bits >= 8 && !isCarried && !isHeld && options.adamBits == 0
    return SparsityPlan(mask: mask, storage: mayBeCompressed && random.chance(70) ? .columns : .matrix)
  }

  /// A C identifier for each pair.
  private func name(_ source: ProjectionPlan.Source, _ target: ProjectionPlan.Target) -> String {
    (source.code < 0 ? "in" : "p\(source.code)") + "_to_" + (target.code < 0 ? "out" : "p\(target.code)")
  }

  private var isCarried: Bool {
    options.learning && (options.stream || options.block < options.steps) && options.window == 0
  }

  private mutating func step(_ count: Int, in unit: ClosedRange<Int>) -> StepPlan {
    let entries = random.chance(50) ? 1 : count
    if options.adamBits > 0 {
      var adam = adam ?? drawnAdam()
      self.adam = adam
      adam.unit = (0..<entries).map { _ in UInt32(random.int(unit)) }
      adam.epsilon = random.chance(50) ? 0 : UInt32(random.int(1...3_000_000))
      return .adam(adam)
    }
    if options.factored {
      let units = (0..<entries).map { _ in UInt32(random.int(unit)) }
      if options.postsynaptic { return .postsynaptic(unit: units, limit: units.map { 10 * $0 }) }
      return .factored(unit: units, limit: units.map { 10 * $0 })
    }
    return .sgd(multiplier: (0..<entries).map { _ in UInt32(random.int(unit)) << 12 }, exponent: random.int(22...26))
  }

  /// One width, one pair of β and one limit; units and ε are those of a step.
  private mutating func drawnAdam() -> AdamPlan {
    AdamPlan(
      unit: [], momentBits: options.adamBits, firstKept: UInt32(random.int(0...4_200_000_000)),
      secondKept: UInt32(random.int(3_000_000_000...4_294_967_295)), epsilon: 0,
      ratioLimit: Int32(random.int(4096...32767)))
  }

  private mutating func readout() -> ReadoutPlan {
    let plastic = options.learning && random.chance(80)
    return ReadoutPlan(
      name: "out", count: outputs, decay: isCarried ? .common(decay(2...30)) : decays(outputs, 2...30),
      fractionBits: random.int(9...14), shift: random.int(2...6),
      bias: (0..<outputs).map { _ in Int32(random.int(-500...500)) }, biasIsPlastic: plastic, biasLimit: 3000,
      biasStep: plastic ? step(outputs, in: 10...200) : nil)
  }

  private mutating func learning(_ populations: [PopulationPlan], neurons: Int) -> LearningPlan {
    let parts = populations.map { population in
      // S of a plain neuron, 255 |H| / (1 - α), has 32 bits.
      let slowest = (0..<population.count).map { population.leak[$0] }.max() ?? 0
      let gain = 1 / (1 - Double(slowest) / 32768) + 1
      var least = 0
      while (Double(outputs << 22) / Double(1 << least) + 401) * 255 * gain + 0x1p16 >= 0x1p31 { least += 1 }
      let plain =
        population.adaptation == nil && population.current == nil && options.block >= options.steps && !options.stream
      return LearningPlan.PopulationLearning(
        feedbackShift: plain
          ? max(least, options.extreme ? 0 : random.int(6...11)) : options.extreme ? 2 : random.int(8...11),
        deltaShift: plain ? 16 : options.extreme ? 4 : random.int(8...12),
        currentShift: population.current == nil ? 0 : random.int(4...6),
        traceFractionBits: options.extreme ? 7 : random.int(0...4),
        rate: options.rate && random.chance(70)
          ? .init(perSpike: Int64(random.int(0...900_000)), constant: Int64(random.int(0...80_000)), limit: 400) : nil,
        signalLSB: 1, surrogateLSB: 1)
    }
    let feedback: LearningPlan.Feedback =
      options.symmetric
      ? .symmetric : .fixed((0..<neurons * outputs).map { _ in Int8(random.int(-128...127)) })
    let schedule: LearningPlan.Schedule = random.pick([
      .constant, .linearToZero(trials: 5), .stepwise(factor: 40000, every: 2), .linearToFloor(trials: 4, floor: 30000),
    ])
    let steps = options.block + options.window
    let room = options.roomForEvents ? steps : max(1, steps / 3)
    return LearningPlan(
      blockSteps: options.block, isStream: options.stream, windowSteps: options.window,
      surrogateBits: options.surrogateBits,
      updateTime: options.stream
        ? .block : options.everyBlocks > 0 ? .blocks(options.everyBlocks) : options.perBlock ? .block : .trial,
      loss: options.crossEntropy ? .crossEntropy : .squaredError, errorShift: random.int(0...2), errorFractionBits: 10,
      filteredShift: random.int(0...4), feedback: feedback, populations: parts, schedule: schedule,
      momentWindow: UInt32(random.int(2...6)), gradientLimit: 1 << 30, inputEventCapacity: inputs * room,
      spikeCapacity: neurons * (room + 1))
  }
}

/// The stimulus of one trial.
public struct RandomStimulus {
  public var spikes: [[UInt16]] = []
  public var analog: [[Int8]] = []
  public var targets: [[Int32]?] = []

  public init(_ plan: FixedPlan, steps: Int, seed: UInt64, percent: Int = 30) {
    var random = Generator(seed)
    for _ in 0..<steps {
      let firing = (0..<plan.inputs.count).filter { _ in random.chance(percent) }
      spikes.append(firing.map { UInt16($0) }.shuffled(using: &random))
      analog.append((0..<plan.inputs.count).map { _ in random.chance(70) ? Int8(random.int(-128...127)) : 0 })
      let isOneHot = plan.learning?.loss == .crossEntropy
      let hot = random.int(0...plan.readout.count - 1)
      let target = (0..<plan.readout.count).map { k in
        isOneHot ? (k == hot ? Int32(32768) : 0) : Int32(random.int(-9000...9000))
      }
      targets.append(random.chance(70) ? target : nil)
    }
  }
}
