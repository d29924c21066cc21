/// Every array and scalar that a compiled network owns, decided in one place: the C back end declares exactly these, the
/// profiler counts them, and a test compares the sum with the object file.
public struct Memory: Sendable, Hashable {
  /// What a byte is for.
  public enum Purpose: String, Sendable, Hashable, CaseIterable {
    case weight, index, trace, accumulator, optimiser, history, scratch, neuron, readout, control
  }
  /// What an array has one element of, for figures per synapse and per neuron.
  public enum Unit: String, Sendable, Hashable { case synapse, neuron, source, readout, event, step, network }

  public struct Field: Sendable, Hashable {
    public var name: String
    public var bits: Int
    public var isSigned: Bool
    /// 0 for a scalar.
    public var count: Int
    public var purpose: Purpose
    public var unit: Unit
    /// A short remark for the struct's declaration.
    public var remark: String
    /// Position in the plan's projections, where the field belongs to one.
    public var projection: Int?

    public var bytes: Int { bits / 8 * max(1, count) }

    /// The largest power of two, at most 8, that divides the field's size: with fields in the order of falling
    /// alignment, each begins at a multiple of its own.
    public var alignment: Int { min(8, 1 << bytes.trailingZeroBitCount) }
  }

  /// The members of the network's struct, in the order of their declaration: what has at most 4 bytes, which the offsets of
  /// short instructions reach, then arrays. Both have falling alignment, so that no ABI pads, and arrays of bytes or
  /// half-words that are a multiple of 4 bytes long can be read by words; of arrays that are aligned alike the smaller come
  /// first.
  public var ram: [Field]
  /// Constant tables.
  public var flash: [Field]
  /// The table of the projections that learn; nil if none does.
  public var learnt: LearntTable?
  /// What a saved image holds after its header, in its order; empty where nothing learns.
  public var saved: [Field] = []
  /// Bytes at the end of the struct that round its size up to a multiple of 8.
  public var padding: Int

  /// sizeof the network's struct, on every ABI.
  public var structBytes: Int { ram.reduce(0) { $0 + $1.bytes } + padding }
  public var flashBytes: Int { flash.reduce(0) { $0 + $1.bytes } }

  public init(_ plan: FixedPlan) {
    var fields = FieldList(plan: plan)
    fields.addForward()
    if let learning = plan.learning { fields.addLearning(learning) }
    ram = Memory.ordered(fields.ram)
    let bytes = ram.reduce(0) { $0 + $1.bytes }
    padding = (8 - bytes % 8) % 8
    if plan.learning != nil, plan.projections.contains(where: \.isPlastic) {
      let table = LearntTable(plan, structBytes: bytes + padding)
      learnt = table
      fields.addTable(
        "learnt", 8, signed: false, table.bytes, .control, .network, "where each learning projection's arrays are")
    }
    if plan.learning != nil {
      saved = Memory.saved(plan, ram)
      if !saved.isEmpty {
        fields.addTable("image_head", 32, signed: false, 4, .control, .network, "how a saved image begins")
        fields.addTable(
          "saved", bytes + padding > 65535 ? 32 : 16, signed: false, 3 * saved.count, .control, .network,
          "where the arrays of a saved image are")
      }
    }
    flash = fields.flash
  }

  /// Fields in the order of their declaration, with what begins the arrays at a multiple of 8.
  private static func ordered(_ fields: [Field]) -> [Field] {
    let small = fields.enumerated().filter { $0.element.bytes <= 4 }.sorted { a, b in
      (-a.element.alignment, -a.element.bits, a.offset) < (-b.element.alignment, -b.element.bits, b.offset)
    }.map(\.element)
    let arrays = fields.enumerated().filter { $0.element.bytes > 4 }.sorted { a, b in
      (-a.element.alignment, a.element.bytes, a.offset) < (-b.element.alignment, b.element.bytes, b.offset)
    }.map(\.element)
    let gap = (8 - small.reduce(0) { $0 + $1.bytes } % 8) % 8
    guard gap > 0, !arrays.isEmpty else { return small + arrays }
    let unused = Field(
      name: "gap", bits: 8, isSigned: false, count: gap, purpose: .control, unit: .network,
      remark: "arrays begin at a multiple of 8")
    return small + [unused] + arrays
  }

  /// Weights and biases, then moments, then what regulates rates.
  private static func saved(_ plan: FixedPlan, _ ram: [Field]) -> [Field] {
    func named(_ name: String) -> [Field] { ram.filter { $0.name == name } }
    let plastic = plan.projections.filter(\.isPlastic)
    var fields = plastic.flatMap { named("w_\($0.name)") } + named("bias")
    for projection in plastic {
      fields += ["row", "col", "ratio", "square", "exponent"].flatMap { named("\($0)_\(projection.name)") }
    }
    return fields + ["var_bias", "exponent", "ratio_bias", "square_bias", "exponent_bias", "last_count"].flatMap(named)
  }
}

extension FixedPlan {
  public var memory: Memory { Memory(self) }

  /// Width of an offset into the records of spikes and input events.
  public var offsetBits: Int {
    guard let learning else { return 16 }
    return max(learning.inputEventCapacity, learning.spikeCapacity) <= 65535 ? 16 : 32
  }

  /// Width of the accumulators of the forward pass: 16 bits where the plan proves that they suffice.
  public var accumulatorBits: Int {
    populations.allSatisfy { $0.accumulatorBound <= 32767 } ? 16 : 32
  }

  /// Whether ψ of a population is computed: stored for all of them where anything is swept, replayed only where something
  /// learns.
  public func computesSurrogate(_ index: Int) -> Bool {
    storesSurrogate || learnsInto(index)
  }

  /// Whether the inputs drive a population.
  public func hearsInputs(_ index: Int) -> Bool {
    projections.contains { $0.source == .inputs && $0.target == .population(index) }
  }

  /// Whether δ is summed over the steps of each held input before the gradients of the inputs' synapses are.
  public var sumsFrames: Bool {
    learning != nil && holdsInputs && projections.contains { $0.isPlastic && $0.source == .inputs }
  }

  /// Whether traces are carried over from block to block.
  public var isCarried: Bool { learning?.carries(maximumSteps: maximumSteps) ?? false }

  /// Whether a trial can have several blocks.
  public var hasBlocks: Bool { learning.map { $0.isStream || $0.blockSteps < maximumSteps } ?? false }

  /// Whether there are no trials.
  public var isStream: Bool { learning?.isStream ?? false }

  /// Whether δ of a population is the upper half of an S that fades: plain neurons, where a trial is one block. (What several blocks
  /// have in common is rounded once per block, so that shorter ones need a finer unit of δ.)
  public func fades(_ index: Int) -> Bool {
    populations[index].adaptation == nil && populations[index].current == nil && !hasBlocks
  }

  /// Whether gradients are collected over the blocks of a trial.
  public var accumulates: Bool { isCarried && learning?.updateTime != .block }

  /// Whether spikes of earlier trials regulate the rates of this one.
  public var countsSpikes: Bool { hasBlocks && (learning?.populations.contains { $0.rate != nil } ?? false) }

  /// Bytes of a step's stored surrogate derivatives.
  public var surrogateRowBytes: Int { (neuronCount * (learning?.surrogateBits ?? 8) + 7) / 8 }

  /// Whether the optimiser keeps means of g² per neuron.
  public var isFactored: Bool { (projections.map(\.step) + [readout.biasStep]).contains { $0?.keepsColumns ?? false } }

  /// Whether it keeps them per presynaptic neuron too.
  public var hasRows: Bool { projections.contains { $0.step?.keepsRows ?? false } }

  /// Exponents of gradients that a network keeps.
  public var exponentCount: Int {
    (projections.map(\.step) + [readout.biasStep]).count { $0?.keepsColumns ?? false }
  }

  /// Width of a sum of squares of quantised gradients, less than 2^22 each.
  public var squareBits: Int {
    let longest = projections.filter(\.isPlastic).map { max($0.preCount, $0.postCount) }.max() ?? 1
    return longest < 1024 ? 32 : 64
  }

  /// Whether the neurons of each plastic projection's target share one learning rate.
  public var hasCommonRates: Bool {
    projections.allSatisfy { projection in
      switch projection.step {
      case .factored(let unit, let limit)?, .postsynaptic(let unit, let limit)?:
        unit.count == 1 && limit.count == 1
      case .adam(let adam)?: adam.unit.count == 1
      case .sgd(let multiplier, _)?: multiplier.count == 1
      case nil: true
      }
    }
  }

  /// Number of synapses of a projection that exist.
  public func synapseCount(_ projection: ProjectionPlan) -> Int {
    if let sparsity = projection.sparsity { return sparsity.count }
    return projection.preCount * projection.postCount - (projection.skipsDiagonal ? projection.preCount : 0)
  }
}

private struct FieldList {
  let plan: FixedPlan
  var ram: [Memory.Field] = []
  var flash: [Memory.Field] = []

  mutating func add(
    _ name: String, _ bits: Int, signed: Bool, _ count: Int, _ purpose: Memory.Purpose, _ unit: Memory.Unit,
    _ remark: String, projection: Int? = nil
  ) {
    ram.append(
      Memory.Field(
        name: name, bits: bits, isSigned: signed, count: count, purpose: purpose, unit: unit, remark: remark,
        projection: projection))
  }

  mutating func addTable(
    _ name: String, _ bits: Int, signed: Bool, _ count: Int, _ purpose: Memory.Purpose, _ unit: Memory.Unit,
    _ remark: String, projection: Int? = nil
  ) {
    flash.append(
      Memory.Field(
        name: name, bits: bits, isSigned: signed, count: count, purpose: purpose, unit: unit, remark: remark,
        projection: projection))
  }

  mutating func addForward() {
    let n = plan.neuronCount
    add("y", 32, signed: true, plan.readout.count, .readout, .readout, "readouts")
    if plan.readout.biasIsPlastic {
      add("bias", 32, signed: true, plan.readout.count, .readout, .readout, "their bias, in y's format")
    }
    addTable("initial_bias", 32, signed: true, plan.readout.count, .readout, .readout, "bias")
    addDecays("readout", plan.readout.decay, .readout, .readout, "decays")
    for population in plan.populations where population.adaptation != nil {
      add(
        "raise_\(population.name)", 32, signed: true, population.count, .neuron, .neuron,
        "what adaptation adds to the threshold")
    }
    for population in plan.populations where population.current != nil {
      add("synaptic_\(population.name)", 32, signed: true, population.count, .neuron, .neuron, "synaptic currents")
    }
    for (index, population) in plan.populations.enumerated() where plan.sumsInLanes(index) {
      add(
        "cell_\(population.name)", 16, signed: false, population.count, .neuron, .neuron,
        "membrane potentials - threshold + 2^14, after any reset; see \(plan.name)_potential")
      add(
        "lanes_\(population.name)", 16, signed: false, population.count, .neuron, .neuron,
        "sums of arriving weights, in the order of cell_\(population.name)")
    }
    if !plan.populations.indices.allSatisfy(plan.sumsInLanes) {
      add("acc", plan.accumulatorBits, signed: true, n, .neuron, .neuron, "sums of arriving weights")
      add("v", 16, signed: true, n, .neuron, .neuron, "membrane potentials, after any reset")
    }
    if plan.replaysHeldInputs {
      add(
        "tile_held", 32, signed: true, plan.layout.tile, .scratch, .network,
        "sums of the held inputs' weights onto a tile that is replayed")
    }
    if plan.replaysCurrents {
      add(
        "tile_synaptic", 32, signed: true, plan.layout.tile, .scratch, .network,
        "synaptic currents of a tile that is replayed")
    }
    if plan.holdsInputs { add("phase", 8, signed: false, 0, .control, .network, "steps since inputs were taken") }
    for (index, population) in plan.populations.enumerated() where plan.holdsInputs && plan.hearsInputs(index) {
      add(
        "held_\(population.name)", 32, signed: true, population.count, .neuron, .neuron,
        "sums of the weights of the inputs that are held")
    }
    add("ready", 16, signed: false, n, .neuron, .neuron, "first step at which the neuron may fire again")
    add("spikes", 16, signed: false, n, .neuron, .neuron, "neurons that fired in the last step, ascending")
    add(
      "spike_end", 16, signed: false, plan.populations.count, .control, .network,
      "end of each population's part of spikes")
    add("t", 16, signed: false, 0, .control, .network, "steps since step `origin`")
    add("origin", 32, signed: false, 0, .control, .network, "steps since reset at which t was 0, modulo 2^32")
    for (index, projection) in plan.projections.enumerated() {
      addWeights(projection, index: index)
    }
    for (index, population) in plan.populations.enumerated() {
      addDynamics(population, index: index)
      if case .each = population.threshold {
        addTable("threshold_\(population.name)", 16, signed: true, population.count, .neuron, .neuron, "thresholds")
        if plan.computesSurrogate(index) {
          addTable(
            "slope_\(population.name)", 32, signed: true, population.count, .neuron, .neuron,
            "steps of psi per LSB of v")
        }
      }
      if case .each? = population.bias {
        addTable(
          "current_\(population.name)", population.current == nil ? 16 : 32, signed: true, population.count, .neuron,
          .neuron,
          "bias currents")
      }
      if population.reset.isTable {
        addTable("reset_\(population.name)", 16, signed: true, population.count, .neuron, .neuron, "resets")
      }
      if case .each? = population.adaptation?.increment {
        addTable("increment_\(population.name)", 32, signed: true, population.count, .neuron, .neuron, "increments")
      }
    }
  }

  /// The tables of neurons whose time constants are their own.
  private mutating func addDynamics(_ population: PopulationPlan, index: Int) {
    let (n, count) = (population.name, population.count)
    if case .each = population.leak {
      addTable("leak_\(n)", 16, signed: true, count, .neuron, .neuron, "leaks")
    }
    if let current = population.current {
      addDecays("synaptic", current.decay, .neuron, .neuron, "decays of synaptic currents", suffix: "_\(n)")
    }
    if let adaptation = population.adaptation {
      addDecays("raise", adaptation.decay, .neuron, .neuron, "decays of adaptations", suffix: "_\(n)")
    }
    guard plan.hasTraceKinds(index) else { return }
    let kinds = population.traceKinds
    addTable("trace_kind_\(n)", kinds.bits, signed: false, count, .trace, .neuron, "which traces are whose")
    for name in population.current == nil ? ["trace"] : ["trace", "trace_current"] {
      addTable("\(name)_rate_\(n)", 16, signed: true, kinds.count, .trace, .neuron, "decays of traces")
      addTable("\(name)_shift_\(n)", 8, signed: false, kinds.count, .trace, .neuron, "their shifts")
    }
  }

  /// The tables of decays that differ: 3 bytes each.
  private mutating func addDecays(
    _ name: String, _ decays: Decays, _ purpose: Memory.Purpose, _ unit: Memory.Unit, _ remark: String,
    suffix: String = ""
  ) {
    guard case .each(let list) = decays else { return }
    addTable("\(name)_rate\(suffix)", 16, signed: true, list.count, purpose, unit, remark)
    addTable("\(name)_shift\(suffix)", 8, signed: false, list.count, purpose, unit, "their shifts")
  }

  mutating func addWeights(_ projection: ProjectionPlan, index: Int) {
    let (bits, count) = (max(8, projection.weightBits), projection.storedWeights)
    let (isSigned, name) = (!projection.isPacked, projection.name)
    addTable("initial_\(name)", bits, signed: isSigned, count, .weight, .synapse, "weights", projection: index)
    if projection.isPlastic {
      let remark =
        projection.isCompressed
        ? "weights, by source"
        : projection.isPacked ? "weights of \(projection.weightBits) bits, [pre][post]" : "weights, [pre][post]"
      add("w_\(name)", bits, signed: isSigned, count, .weight, .synapse, remark, projection: index)
    }
    guard let sparsity = projection.sparsity else { return }
    let (pre, post) = (projection.preCount, projection.postCount)
    if projection.isCompressed {
      let position = plan.positionBits
      addTable(
        "begin_\(name)", position, signed: false, pre + 1, .index, .source, "each source's first synapse",
        projection: index)
      addTable(
        "target_\(name)", plan.targetBits, signed: false, sparsity.count, .index, .synapse, "targets",
        projection: index)
      guard plan.needsNext(projection) else { return }
      add(
        "next_\(name)", position, signed: false, pre, .scratch, .source, "each source's next synapse of the update",
        projection: index)
    } else if projection.isPlastic {
      addTable(
        "mask_\(name)", 8, signed: false, (pre * post + 7) / 8, .index, .synapse, "a bit for each that exists",
        projection: index)
    }
    guard let step = projection.step, step.keepsColumns else { return }
    addTable("fan_in_\(name)", 16, signed: false, post, .index, .neuron, "synapses per target", projection: index)
    guard step.keepsRows else { return }
    addTable("fan_out_\(name)", 16, signed: false, pre, .index, .source, "synapses per source", projection: index)
  }

  mutating func addLearning(_ learning: LearningPlan) {
    addRecord(learning)
    addCarry(learning)
    addOptimiser(learning)
    if case .fixed(let matrix) = learning.feedback, plan.hasSweeps {
      addTable("feedback", 8, signed: true, matrix.count, .readout, .neuron, "B")
    }
    if learning.loss == .crossEntropy {
      addTable("exp2_table", 32, signed: false, 33, .readout, .network, "2^(16 - n/32)")
    }
  }

  mutating func addRecord(_ learning: LearningPlan) {
    let w = learning.recordSteps
    let tile = plan.layout.tile
    addArrivals(learning)
    add("error", 16, signed: true, w * plan.readout.count, .history, .step, "errors of the block, then filtered")
    let ofReadout = plan.projections.contains { $0.isPlastic && $0.target == .readout } && !plan.isCarried
    let packs = plan.packsGradients
    if plan.hasSweeps || (ofReadout && !packs) {
      add(
        "delta", 16, signed: false, (ofReadout || packs ? w + 1 : w) * tile, .scratch, .step,
        "worth of an arrival to each neuron of a tile\(plan.addsRows ? ", an int16" : ", + 2^\(packs ? 10 : 15)")")
    }
    if plan.sumsFrames {
      add(
        "frame_delta", 32, signed: true, plan.frameCount(steps: w) * tile, .scratch, .step,
        "sums of delta over the steps of a held input")
    }
    if plan.hasSweeps { addSurrogates(learning, steps: w, tile: tile) }
    add("recorded", 16, signed: false, 0, .control, .network, "steps in the record")
    add("piece", 16, signed: false, 0, .control, .network, "what of an update is next; 0: none is under way")
    add("tile", 16, signed: false, 0, .control, .network, "first neuron of the tile that is next")
    if packs && plan.hasSweeps {
      add(
        "sums", 8, signed: false, 0, .control, .network,
        plan.addsRows
          ? "deltas of the tile that a half has room for; 255: it is errors that are summed"
          : "gradients are summed from: 1 deltas below 2^10, 0 larger ones, 2 errors")
      add("few", 8, signed: false, 0, .scratch, .network, "deltas that may be summed two to a word")
      add("centre", 32, signed: false, 0, .scratch, .network, "what such a sum begins with")
      add("outside", 32, signed: false, 0, .scratch, .network, "bits of such sums that are out of range")
    }
    if packs {
      add("turn", 32, signed: false, 0, .scratch, .network, "of rounding thresholds in this update")
      add("width", 8, signed: false, 0, .scratch, .network, "neurons of the tile that is learnt")
      add("drop", 8, signed: false, 0, .scratch, .network, "bits to be cut off the gradients in g")
    }
    if plan.hasBlocks {
      add("first", 32, signed: false, 0, .control, .network, "number of the record's first step, modulo 2^32")
    }
    if learning.windowSteps > 0 {
      add("kept", 16, signed: false, 0, .control, .network, "those of them that belong to earlier blocks")
    }
    add("recording", 8, signed: false, 0, .control, .network, "1 until the trial is spoilt or learnt from")
    add("spoilt", 8, signed: false, 0, .control, .network, "1: the record overflowed or the trial is too long")
  }

  /// The events of a block, and what brings them into the order of their sources.
  mutating func addArrivals(_ learning: LearningPlan) {
    let (w, bits) = (learning.recordSteps, plan.offsetBits)
    if plan.recordsInputs && plan.inputs.kind == .spikes {
      if plan.countsEvents {
        add("input_count", 8, signed: false, w, .history, .step, "events of each step in input_events")
        add("input_total", bits, signed: false, 0, .control, .network, "events in input_events")
      } else {
        add("input_end", bits, signed: false, w, .history, .step, "end of each step's part of input_events")
      }
      if plan.sortsInputs {
        add("input_start", bits, signed: false, plan.inputs.count + 1, .scratch, .source, "the same, by source")
      }
      add(
        "input_events", plan.inputEventBits, signed: false, learning.inputEventCapacity, .history, .event,
        "input events of the block")
      if plan.sortsInputs {
        add("input_times", 16, signed: false, learning.inputEventCapacity, .scratch, .event, "their steps, by source")
      }
    } else if plan.recordsInputs {
      add(
        "input_values", 8, signed: true, plan.frameCount(steps: w) * plan.inputs.count, .history, .step,
        "inputs of the block")
    }
    if plan.countsEvents {
      add("record_count", 8, signed: false, w, .history, .step, "spikes of each step in record")
      add("record_total", bits, signed: false, 0, .control, .network, "spikes in record")
    } else {
      add(
        "record_end", bits, signed: false, w + 1, .history, .step, "end of each step's part of record; [0]: before it")
    }
    add("record", plan.spikeEventBits, signed: false, learning.spikeCapacity, .history, .event, "spikes of the block")
    addOrder(learning)
  }

  private mutating func addOrder(_ learning: LearningPlan) {
    let (n, bits) = (plan.neuronCount, plan.offsetBits)
    guard plan.scattersGradients else {
      add("record_start", bits, signed: false, n + 1, .scratch, .source, "record_end, by neuron")
      add("record_times", 16, signed: false, learning.spikeCapacity, .scratch, .event, "their steps + 1, by neuron")
      return
    }
    add(
      "sums", 32, signed: true, (plan.scatteredInputs + n) * plan.layout.tile, .scratch, .source,
      "gradients from each source to a tile")
    if plan.countsScattered {
      add("fired", 16, signed: false, n, .scratch, .neuron, "spikes of each neuron in the trial")
    }
  }

  private mutating func addSurrogates(_ learning: LearningPlan, steps: Int, tile: Int) {
    let n = plan.neuronCount
    switch (plan.layout.history, learning.surrogateBits) {
    case (.replay, _):
      add("psi", 8, signed: false, steps * tile, .scratch, .step, "surrogate derivatives of a tile, recomputed")
      if plan.hasBlocks { addStart(n) }
    case (.storedSurrogate, 8):
      add(
        "psi", 8, signed: false, (steps + 1) * n, .history, .step, "surrogate derivatives of the block; of other steps")
    case (.storedSurrogate, let bits):
      let row = plan.surrogateRowBytes
      add(
        "psi", 8, signed: false, steps * row, .history, .step,
        "surrogate derivatives of the block, \(8 / bits) to a byte")
      add("last_psi", 8, signed: false, row * (8 / bits), .scratch, .neuron, "those of the last step, a byte each")
    }
  }

  /// What the replay of a block begins with.
  private mutating func addStart(_ n: Int) {
    add("start_v", 16, signed: true, n, .history, .neuron, "v at the beginning of the block")
    add("start_ready", 16, signed: false, n, .history, .neuron, "ready then, as a step of the block")
    for population in plan.populations where population.adaptation != nil {
      add(
        "start_raise_\(population.name)", 32, signed: true, population.count, .history, .neuron,
        "raise_\(population.name) then")
    }
    for population in plan.populations where population.current != nil {
      add(
        "start_synaptic_\(population.name)", 32, signed: true, population.count, .history, .neuron,
        "synaptic_\(population.name) then")
    }
  }

  mutating func addCarry(_ learning: LearningPlan) {
    if plan.countsSpikes {
      add(
        "count", 16, signed: false, plan.neuronCount, .control, .neuron,
        "spikes of this \(plan.isStream ? "period" : "trial")")
      add("last_count", 16, signed: false, plan.neuronCount, .control, .neuron, "those of the last one learnt from")
      add("period", 32, signed: false, 0, .control, .network, "recorded steps in which they were counted")
      add("last_steps", 32, signed: false, 0, .control, .network, "the same for last_count")
    }
    guard plan.isCarried else { return }
    let w = learning.recordSteps
    if plan.hasSweeps {
      for (name, remark) in [
        ("end_s", "where a sweep of a tile ends: the worth of the presynaptic trace"),
        ("end_q", "of the adaptation's eligibility"), ("end_p", "of the presynaptic trace of the current"),
        ("end_k", "of the filtered eligibility trace"),
      ] where name != "end_p" || plan.hasCurrents {
        add(name, 32, signed: true, plan.layout.tile, .scratch, .network, remark)
      }
      add("sigma", 32, signed: true, w * plan.layout.tile, .scratch, .step, "what an arrival adds to a trace of a tile")
    }
    if case .blocks = learning.updateTime {
      add("pending", 16, signed: false, 0, .control, .network, "blocks of this trial since the last update")
    }
    if plan.projections.contains(where: { $0.target == .readout && $0.isPlastic }) {
      add("readout_trace", 32, signed: true, plan.neuronCount, .trace, .neuron, "spikes filtered like the readout")
    }
    add("last_error", 16, signed: true, plan.readout.count, .scratch, .readout, "F one step before the block")
    if plan.readout.biasIsPlastic {
      add("bias_trace", 32, signed: true, 0, .trace, .network, "a constant 1, filtered like the readout")
      if plan.accumulates {
        add("sum_bias", 32, signed: true, plan.readout.count, .accumulator, .readout, "gradient of the bias so far")
      }
    }
    for (index, projection) in plan.projections.enumerated() where projection.isPlastic {
      let count = projection.preCount * projection.postCount
      if case .population(let target) = projection.target {
        let kinds = plan.traceCount(projection)
        let (traces, unit) = (projection.preCount * kinds, kinds == 1 ? Memory.Unit.source : .synapse)
        add(
          "trace_\(projection.name)", 32, signed: true, traces, .trace, unit,
          kinds == 1 ? "presynaptic traces" : "presynaptic traces of each source, by the ways in which targets filter",
          projection: index)
        if plan.populations[target].current != nil {
          add(
            "current_trace_\(projection.name)", 32, signed: true, traces, .trace, unit,
            "the same, filtered by the current alone", projection: index)
        }
        add(
          "eligibility_\(projection.name)", 16, signed: true, count, .trace, .synapse, "filtered eligibility traces",
          projection: index)
        if plan.populations[target].adaptation != nil {
          add(
            "adaptation_\(projection.name)", 32, signed: true, count, .trace, .synapse,
            "eligibility through the adaptation", projection: index)
        }
      }
      if plan.accumulates {
        add(
          "sum_\(projection.name)", 32, signed: true, count, .accumulator, .synapse, "gradients so far",
          projection: index)
      }
    }
  }

  mutating func addOptimiser(_ learning: LearningPlan) {
    addRates()
    for (index, projection) in plan.projections.enumerated() {
      guard let step = projection.step, step.keepsColumns else { continue }
      if step.keepsRows { addRows(projection, index: index) }
      add(
        "col_\(projection.name)", 32, signed: false, projection.postCount, .optimiser, .neuron,
        step.keepsRows
          ? "the same per postsynaptic neuron" : "mean square of the gradients per postsynaptic neuron, Q8",
        projection: index)
      if step.keepsRows { addRowScratch(projection, index: index) }
    }
    if let step = plan.readout.biasStep, step.keepsColumns {
      add(
        "var_bias", 32, signed: false, plan.readout.count, .optimiser, .readout,
        "mean square of the bias's gradient, Q8")
    }
    if plan.learnsByAdam { addAdam() }
    if plan.isFactored {
      add(
        "exponent", 8, signed: false, plan.exponentCount, .optimiser, .network,
        "of the gradients behind the means: one per projection\(plan.readout.biasIsPlastic ? ", one for the bias" : "")"
      )
    }
    addTile()
    add("updates", 32, signed: false, 0, .control, .network, "updates so far")
    add("skipped", 32, signed: false, 0, .control, .network, "trials that were spoilt")
    add("schedule", 32, signed: false, 0, .control, .network, "factor of the learning rate, Q16")
    if plan.isFactored { add("share", 32, signed: false, 0, .control, .network, "of this update in the means, Q16") }
  }

  /// Adam's moments, each with an exponent for all synapses of a postsynaptic neuron.
  mutating func addAdam() {
    func addMoments(_ name: String, _ bits: Int, _ count: Int, _ post: Int, _ unit: Memory.Unit, _ index: Int?) {
      add(
        "ratio_\(name)", bits, signed: true, count, .optimiser, unit, "mean gradient over the root of the mean square",
        projection: index)
      add(
        "square_\(name)", bits, signed: false, count, .optimiser, unit, "codes of the mean square", projection: index)
      add(
        "exponent_\(name)", 8, signed: false, post, .optimiser, index == nil ? .readout : .neuron,
        "of the gradients behind them; 0: unknown", projection: index)
    }
    for (index, projection) in plan.projections.enumerated() {
      guard let adam = projection.step?.adam else { continue }
      addMoments(
        projection.name, adam.momentBits, projection.preCount * projection.postCount, projection.postCount, .synapse,
        index)
    }
    if plan.readout.biasStep?.adam != nil {
      addMoments("bias", 16, plan.readout.count, plan.readout.count, .readout, nil)
    }
    add("first_share", 32, signed: false, 0, .control, .network, "of this update in the means of gradients")
    add("second_share", 32, signed: false, 0, .control, .network, "and in those of their squares")
  }

  mutating func addRows(_ projection: ProjectionPlan, index: Int) {
    add(
      "row_\(projection.name)", 32, signed: false, projection.preCount, .optimiser, .source,
      "mean square of the gradients per presynaptic neuron, Q8", projection: index)
  }

  mutating func addRowScratch(_ projection: ProjectionPlan, index: Int) {
    add(
      "row_sum_\(projection.name)", plan.squareBits, signed: false, projection.preCount, .scratch, .source,
      "sum of squares in this update", projection: index)
    add(
      "row_factor_\(projection.name)", 16, signed: false, projection.preCount, .scratch, .source,
      "presynaptic factor of a step", projection: index)
    add(
      "row_shift_\(projection.name)", 8, signed: false, projection.preCount, .scratch, .source, "and its exponent",
      projection: index)
  }

  /// What is at hand while a tile of a projection is learnt.
  mutating func addTile() {
    let plastic = plan.projections.filter(\.isPlastic)
    guard !plastic.isEmpty else { return }
    let tile = plan.layout.tile
    add("g", 32, signed: true, tile, .scratch, .network, "gradients of a source's synapses onto a tile")
    if plan.isFactored {
      add("factor", 32, signed: false, tile, .scratch, .network, "postsynaptic factors of their steps")
      add("limit", 32, signed: false, plan.hasCommonRates ? 0 : tile, .scratch, .network, "their largest steps")
      add("square", plan.squareBits, signed: false, tile, .scratch, .network, "sums of their squares in this update")
      if plan.hasRows {
        add("mean", 32, signed: false, plastic.count, .scratch, .network, "mean square of each projection's gradients")
      }
    } else if plan.learnsByAdam {
      add("factor", 32, signed: false, tile, .scratch, .network, "their learning rates, of 15 bits")
      add("step_shift", 8, signed: false, 0, .scratch, .network, "and the exponent of these")
      add("epsilon", 32, signed: false, tile, .scratch, .network, "epsilon in the units of their moments")
      add("top", 32, signed: false, tile, .scratch, .network, "their largest second moments in this update")
    } else {
      add("rate", 32, signed: true, plan.hasCommonRates ? 0 : tile, .scratch, .network, "their learning rates")
    }
    if plastic.contains(where: \.isPacked) {
      add("unpacked", 8, signed: true, tile, .scratch, .network, "weights of a source onto a tile")
    }
    let analog = plan.inputs.kind != .spikes && plastic.contains { $0.source == .inputs }
    if plan.isCarried || analog { add("wide", 64, signed: true, tile, .scratch, .network, "sums that need 64 bits") }
  }

  /// Learning rates differ between postsynaptic neurons where their weights have LSBs of their own.
  mutating func addRates() {
    guard !plan.hasCommonRates else { return }
    let targets = plan.projections.filter(\.isPlastic).reduce(0) { $0 + $1.postCount }
    if plan.isFactored {
      addTable("shares", 16, signed: false, targets, .optimiser, .neuron, "learning rates, Q15 of the largest")
      addTable("limits", 32, signed: false, targets, .optimiser, .neuron, "largest steps")
    } else if plan.learnsByAdam {
      addTable("shares", 16, signed: false, targets, .optimiser, .neuron, "learning rates, Q15 of the largest")
    } else {
      addTable("multipliers", 32, signed: false, targets, .optimiser, .neuron, "steps per gradient")
    }
  }
}
