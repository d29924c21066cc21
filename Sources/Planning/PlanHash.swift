extension FixedPlan {
  /// FNV-1a, 64 bits, of everything in the plan that decides a bit of a result: same hash, same bits out. Layout, bounds,
  /// notes and figures meant for people are left out.
  public var hash: UInt64 {
    var hasher = FNV1a()
    hasher.add(name)
    hasher.add([maximumSteps, inputs.count, inputs.kind == .spikes ? -1 : inputs.kind.fractionBits])
    if inputs.kind != .spikes { hasher.add([inputs.holdSteps]) }
    for population in populations { hasher.add(population) }
    for projection in projections { hasher.add(projection) }
    hasher.add(readout)
    if let learning { hasher.add(learning) }
    return hasher.value
  }
}

extension InputPlan.Kind {
  /// Of analog inputs; 0 for spikes.
  public var fractionBits: Int {
    switch self {
    case .spikes: 0
    case .analog(let bits): bits
    }
  }
}

/// FNV-1a over a canonical sequence of 64-bit integers.
private struct FNV1a {
  var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  mutating func add(_ integer: Int64) {
    for k in 0..<8 { add(byte: UInt8(truncatingIfNeeded: integer >> Int64(8 * k))) }
  }
  mutating func add(_ integers: [Int]) { for integer in integers { add(Int64(integer)) } }
  mutating func add(_ text: String) {
    add(Int64(text.utf8.count))
    for byte in text.utf8 { add(byte: byte) }
  }
  mutating func add(_ values: PerNeuron) {
    switch values {
    case .common(let value): add([0, Int(value)])
    case .each(let list): add([list.count] + list.map(Int.init))
    }
  }
  mutating func add(_ decay: DecayPlan) { add([Int(decay.factor), decay.shift]) }
  mutating func add(_ decays: Decays) {
    // One for all as it was before there were several.
    if case .each = decays { add([-9]) }
    for decay in decays.all { add(decay) }
  }

  mutating func add(_ plan: PopulationPlan) {
    add(plan.name)
    add([plan.first, plan.count])
    switch plan.leak {
    case .common(let leak): add([Int(leak)])
    case .each(let leaks): add([-8] + leaks.map(Int.init))
    }
    add([plan.firesAtThreshold ? 1 : 0, plan.refractorySteps, plan.driveShift])
    add(plan.traceDecay)
    add(plan.threshold)
    add(plan.surrogateScale)
    switch plan.reset {
    case .subtract(let amount): add(amount)
    case .zero: add([-1])
    case .value(let potential):
      add([-2])
      add(potential)
    case .hold: add([-3])
    }
    // Nothing where there is none, so that plans from before there was a bias keep their hash.
    if let bias = plan.bias {
      add([-4])
      add(bias)
    }
    if let current = plan.current {
      add([-5, current.fractionBits])
      add(current.decay)
    }
    if let adaptation = plan.adaptation {
      add(adaptation.decay)
      add(adaptation.increment)
      add([adaptation.fractionBits, Int(adaptation.surrogateStrength)])
    }
  }

  mutating func add(_ plan: ProjectionPlan) {
    add(plan.name)
    add([plan.source.code, plan.target.code, plan.preCount, plan.postCount, plan.weightBits, plan.shift])
    add([plan.isPlastic ? 1 : 0, plan.skipsDiagonal ? 1 : 0, Int(plan.roundingSalt)])
    if plan.isImmediate { add([-6]) }
    for weight in plan.weights {
      add(byte: UInt8(truncatingIfNeeded: weight))
      if plan.weightBits == 16 { add(byte: UInt8(truncatingIfNeeded: weight >> 8)) }
    }
    if let sparsity = plan.sparsity {
      add(byte: sparsity.storage == .columns ? 1 : 0)
      for exists in sparsity.mask { add(byte: exists ? 1 : 0) }
    }
    if let step = plan.step { add(step) }
  }

  mutating func add(_ step: StepPlan) {
    switch step {
    case .factored(let unit, let limit): add([2] + unit.map(Int.init) + limit.map(Int.init))
    case .postsynaptic(let unit, let limit): add([4] + unit.map(Int.init) + limit.map(Int.init))
    case .adam(let adam):
      add([5, adam.momentBits, Int(adam.firstKept), Int(adam.secondKept), Int(adam.epsilon), Int(adam.ratioLimit)])
      add(adam.unit.map(Int.init))
    case .sgd(let multiplier, let exponent): add([3, exponent] + multiplier.map(Int.init))
    }
  }

  mutating func add(_ plan: ReadoutPlan) {
    add(plan.decay)
    add([plan.count, plan.fractionBits, plan.shift, plan.biasIsPlastic ? 1 : 0, Int(plan.biasLimit)])
    add(plan.bias.map(Int.init))
    if let step = plan.biasStep { add(step) }
  }

  mutating func add(_ plan: LearningPlan) {
    add([plan.blockSteps, plan.updateTime.code, plan.loss == .squaredError ? 0 : 1, plan.errorShift])
    add([plan.errorFractionBits, plan.filteredShift, plan.inputEventCapacity, plan.spikeCapacity])
    if !plan.recordsInputs { add([-2]) }
    add([Int(plan.momentWindow), Int(plan.gradientLimit)])
    if plan.isStream { add([plan.windowSteps + 1]) }
    if plan.surrogateBits != 8 { add([-plan.surrogateBits]) }
    if case .fixed(let matrix) = plan.feedback { add(matrix.map(Int.init)) } else { add([-1]) }
    for population in plan.populations {
      add([population.feedbackShift, population.deltaShift, population.traceFractionBits])
      if population.currentShift != 0 { add([-7, population.currentShift]) }
      if let rate = population.rate { add([Int(rate.perSpike), Int(rate.constant), Int(rate.limit)]) }
    }
    switch plan.schedule {
    case .constant: add([0])
    case .linearToZero(let trials): add([1, Int(trials)])
    case .linearToFloor(let trials, let floor): add([3, Int(trials), Int(floor)])
    case .stepwise(let factor, let every): add([2, Int(factor), Int(every)])
    }
  }
}

extension LearningPlan.UpdateTime {
  /// 0 for trials, else the number of blocks.
  fileprivate var code: Int {
    switch self {
    case .trial: 0
    case .block: 1
    case .blocks(let count): count
    }
  }
}

extension ProjectionPlan.Source {
  /// −1 for the inputs, else the population's number.
  public var code: Int {
    switch self {
    case .inputs: -1
    case .population(let index): index
    }
  }
}

extension ProjectionPlan.Target {
  /// −1 for the readout, else the population's number.
  public var code: Int {
    switch self {
    case .readout: -1
    case .population(let index): index
    }
  }
}
