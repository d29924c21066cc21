import Planning

/// The weights of a projection, as wide as the plan wants them.
enum Weights {
  case narrow(Storage<Int8>)
  case wide(Storage<Int16>)

  init(_ plan: ProjectionPlan) {
    let count = plan.preCount * plan.postCount
    precondition(plan.weights.count == count, "weights of \(plan.name)")
    if plan.weightBits <= 8 {
      let storage = Storage<Int8>(count, repeating: 0)
      for index in 0..<count { storage[index] = Int8(plan.weights[index]) }
      self = .narrow(storage)
    } else {
      self = .wide(Storage(plan.weights))
    }
  }

  subscript(index: Int) -> Int32 {
    switch self {
    case .narrow(let storage): Int32(storage[index])
    case .wide(let storage): Int32(storage[index])
    }
  }

  func set(_ index: Int, _ value: Int16) {
    switch self {
    case .narrow(let storage): storage[index] = Int8(value)
    case .wide(let storage): storage[index] = value
    }
  }
}

/// A projection's weights, and what learning keeps for it.
final class ProjectionState {
  let plan: ProjectionPlan
  let pre: Int
  let post: Int
  let isPlastic: Bool
  let isFactored: Bool
  let weights: Weights
  /// The pairs without a synapse where not all exist, by source; a skipped diagonal is not among them.
  let absent: [[Int]]
  /// There: how many synapses a source and a target have, at least 1; and how many targets have any.
  let fanOut: [UInt64]
  let fanIn: [UInt64]
  let driven: UInt64?

  /// Second moments of the gradient, per presynaptic and per postsynaptic neuron.
  let rows: Storage<UInt32>
  let columns: Storage<UInt32>
  /// e: their gradients are taken in units of 2ᵉ.
  var exponent: UInt8 = 0
  /// Adam's moments.
  let adam: AdamMoments?
  /// How many ẑ a source has, and which of them is of which target.
  let traceKinds: TraceKinds
  /// Per presynaptic neuron and kind: ẑ of a projection into a population, z̄ of one into the readout.
  let traces: Storage<Int32>
  /// ζ of a projection onto neurons with a synaptic current.
  let currentTraces: Storage<Int32>
  /// What arrives in a step while traces advance.
  let arrived: Storage<Int32>
  /// ē and ε.
  let eligibility: Storage<Int16>
  let adaptationEligibility: Storage<Int32>
  let accumulator: Storage<Int32>
  let step: StepScratch
  /// Σ x w of each neuron for held inputs.
  let held: Storage<Int64>
  /// g of the last update, when it is kept.
  var gradient: Storage<Int64>?

  init(_ plan: ProjectionPlan, learning: LearningPlan?, carried: Bool, target: PopulationPlan?, holdsInputs: Bool) {
    self.plan = plan
    pre = plan.preCount
    post = plan.postCount
    isPlastic = plan.isPlastic && learning != nil
    weights = Weights(plan)
    if let sparsity = plan.sparsity {
      let post = plan.postCount
      absent = (0..<plan.preCount).map { i in (0..<post).filter { !sparsity.mask[i * post + $0] } }
      var into = [UInt64](repeating: 0, count: post)
      for pair in sparsity.mask.indices where sparsity.mask[pair] { into[pair % post] += 1 }
      fanOut = absent.map { UInt64(max(1, post - $0.count)) }
      fanIn = into.map { max(1, $0) }
      driven = UInt64(max(1, into.count { $0 > 0 }))
    } else {
      (absent, fanOut, fanIn, driven) = ([], [], [], nil)
    }
    isFactored = isPlastic && plan.step?.keepsColumns ?? false
    precondition(!isPlastic || plan.step != nil, "\(plan.name) is plastic and has no step")
    rows = Storage(isFactored && plan.step?.keepsRows ?? false ? pre : 0, repeating: 0)
    columns = Storage(isFactored ? post : 0, repeating: 0)
    adam = (isPlastic ? plan.step?.adam : nil).map {
      AdamMoments($0, pre: plan.preCount, post: plan.postCount, bits: $0.momentBits)
    }
    let carries = isPlastic && carried
    let synapses = carries && plan.target != .readout ? pre * post : 0
    let kinds = target?.traceKinds ?? TraceKinds()
    traceKinds = kinds
    traces = Storage(carries ? pre * max(1, kinds.count) : 0, repeating: 0)
    currentTraces = Storage(carries && target?.current != nil ? pre * kinds.count : 0, repeating: 0)
    arrived = Storage(carries ? pre : 0, repeating: 0)
    eligibility = Storage(synapses, repeating: 0)
    adaptationEligibility = Storage(target?.adaptation != nil ? synapses : 0, repeating: 0)
    accumulator = Storage(carries && learning?.updateTime != .block ? pre * post : 0, repeating: 0)
    held = Storage(holdsInputs && plan.source == .inputs ? post : 0, repeating: 0)
    step = StepScratch(pre: isPlastic ? pre : 0, post: isPlastic ? post : 0)
  }

  /// Where ẑ of source i for target j is.
  @inline(__always)
  func tracePlace(_ i: Int, _ j: Int) -> Int { i * traceKinds.count + traceKinds.ofNeuron[j] }

  /// What `reset` forgets.
  func resetTrial() {
    traces.fill(0)
    currentTraces.fill(0)
    eligibility.fill(0)
    adaptationEligibility.fill(0)
    accumulator.fill(0)
  }

  /// ẑ or z̄, ζ, ē and ε are those of a time in which nothing has happened.
  func forget() {
    traces.fill(0)
    currentTraces.fill(0)
    eligibility.fill(0)
    adaptationEligibility.fill(0)
  }
}
