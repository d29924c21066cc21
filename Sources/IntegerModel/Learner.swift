import Planning

/// Neurons that are swept side by side.
let lanes = 64

/// Everything that learning keeps beside the weights.
final class Learner {
  let plan: LearningPlan
  /// Whether traces are carried from block to block.
  let isCarried: Bool
  /// Whether a trial can have several blocks.
  let hasBlocks: Bool
  let record: Record
  /// t of the block's first step, without those kept of earlier blocks.
  var blockStart = 0
  /// What is left of the processing of a block, and of an update.
  var pieces: ArraySlice<Piece> = []
  /// Whether the block has been processed, though no step of the next one has begun.
  var isLearnt = false
  /// No block of this trial is processed any more.
  var isSpoilt = false
  /// Blocks of this trial since the last update, where several have one together.
  var pendingBlocks = 0
  /// `update` has been called.
  var hasEnded = false

  let inputIndex: EventIndex
  let spikeIndex: EventIndex
  /// F, [step × output], F⁻, and Ē on its way back.
  let filtered: Storage<Int16>
  let filteredBefore: Storage<Int32>
  let running: Storage<Int32>
  /// B, [output × neuron].
  let feedback: Storage<Int32>
  /// reg per neuron.
  let rate: Storage<Int32>
  let isRegularised: Bool
  /// Spikes of this trial, and those of the last trial that was learnt from with its length.
  let counts: Storage<UInt16>
  let lastCounts: Storage<UInt16>
  var lastSteps: UInt32 = 0
  /// Steps recorded in the unfinished period of a stream.
  var periodSteps = 0
  let sweep: SweepScratch
  let gather: GatherScratch
  /// c̄.
  var biasTrace: Int32 = 0
  let biasAccumulator: Storage<Int32>
  let biasMoment: Storage<UInt32>
  var biasExponent: UInt8 = 0
  let biasAdam: AdamMoments?
  var biasGradient: [Int64] = []

  init(_ network: FixedPlan, _ plan: LearningPlan) {
    self.plan = plan
    isCarried = plan.carries(maximumSteps: network.maximumSteps)
    hasBlocks = plan.isStream || plan.blockSteps < network.maximumSteps
    record = Record(network, plan)
    let (neurons, outputs) = (network.neuronCount, network.readout.count)
    inputIndex = EventIndex(sources: network.inputs.count, capacity: plan.inputEventCapacity)
    spikeIndex = EventIndex(sources: neurons, capacity: plan.spikeCapacity)
    filtered = Storage(plan.recordSteps * outputs, repeating: 0)
    filteredBefore = Storage(outputs, repeating: 0)
    running = Storage(outputs, repeating: 0)
    feedback = Storage(neurons * outputs, repeating: 0)
    rate = Storage(neurons, repeating: 0)
    isRegularised = plan.populations.contains { $0.rate != nil }
    counts = Storage(neurons, repeating: 0)
    lastCounts = Storage(hasBlocks && isRegularised ? neurons : 0, repeating: 0)
    sweep = SweepScratch(steps: plan.recordSteps, carried: isCarried)
    gather = GatherScratch()
    let plastic = network.readout.biasIsPlastic
    biasAccumulator = Storage(plastic && isCarried && plan.updateTime != .block ? outputs : 0, repeating: 0)
    biasAdam = (plastic ? network.readout.biasStep?.adam : nil).map {
      AdamMoments($0, pre: 1, post: outputs, bits: 16)
    }
    if plastic, network.readout.biasStep?.keepsColumns ?? false {
      biasMoment = Storage(outputs, repeating: 0)
    } else {
      biasMoment = Storage(0, repeating: 0)
    }
    if case .fixed(let matrix) = plan.feedback {
      for n in 0..<neurons {
        for k in 0..<outputs { feedback[k * neurons + n] = Int32(matrix[n * outputs + k]) }
      }
    }
  }

  /// Whether a block's gradient is applied as soon as it is known.
  var appliesBlocks: Bool { !isCarried || plan.updateTime == .block }

  /// Whether gradients will have been added up, after the pieces that are left, that no update is foreseen for.
  var owesUpdate: Bool {
    let isForeseen = pieces.contains { if case .sums = $0 { true } else { false } }
    return !isForeseen && (pendingBlocks > 0 || !pieces.isEmpty)
  }

  /// Steps of the block itself in the record are all that it has room for.
  func isFull(at time: Int) -> Bool { time - blockStart == plan.blockSteps }

  func beginPeriod() {
    counts.fill(0)
    periodSteps = 0
  }

  func resetTrial() {
    isSpoilt = false
    hasEnded = false
    pendingBlocks = 0
    _ = record.begin(at: 0, before: UnsafeBufferPointer(start: nil, count: 0))
    blockStart = 0
    pieces = []
    isLearnt = false
    beginPeriod()
    biasTrace = 0
    biasAccumulator.fill(0)
  }
}
