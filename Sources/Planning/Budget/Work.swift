/// Numbers of work items.
public typealias WorkCounts = [WorkItem: Double]

/// What a plan does, counted: per step, per block that is learnt from and per update.
public struct Work: Sendable, Hashable {
  /// Of one step, with what it records.
  public private(set) var step: WorkCounts = [:]
  /// Of processing one full block of W steps; with the update itself where that is part of it.
  public private(set) var block: WorkCounts = [:]
  /// Of applying what the blocks of a trial have summed up.
  public private(set) var apply: WorkCounts = [:]
  /// Of the pieces of a block and of an update, each kind once.
  public private(set) var pieces: [WorkCounts] = []
  /// Blocks of the longest trial.
  public let blocks: Int

  private let plan: FixedPlan
  private let activity: Activity

  public init(_ plan: FixedPlan, _ activity: Activity = Activity()) {
    self.plan = plan
    self.activity = activity
    blocks = plan.learning.map { (plan.maximumSteps + $0.blockSteps - 1) / $0.blockSteps } ?? 0
    countStep()
    guard let learning = plan.learning else { return }
    countBlock(learning)
    if plan.accumulates { countApply() } else { countSynapses(into: &block) }
  }

  /// Arrivals per step at each postsynaptic neuron of a projection: events, or analog values, of which those that are held
  /// arrive once.
  private func arrivals(_ projection: ProjectionPlan) -> Double {
    switch projection.source {
    case .inputs:
      plan.inputs.kind == .spikes
        ? activity.inputEvents(plan) : Double(plan.inputs.count) / Double(plan.inputs.holdSteps)
    case .population: activity.spikes(plan, of: projection.preCount)
    }
  }

  private func isAnalog(_ projection: ProjectionPlan) -> Bool {
    projection.source == .inputs && plan.inputs.kind != .spikes
  }

  /// Synapses of one source that work is done for: all pairs of a matrix, in columns those that exist.
  private func reached(_ projection: ProjectionPlan) -> Double {
    guard projection.isCompressed else { return Double(projection.postCount) }
    return Double(plan.synapseCount(projection)) / Double(max(1, projection.preCount))
  }

  /// Lanes of the tiles that a source reaches: all, or those in which a synapse of compressed columns is to be expected.
  private func reachedLanes(_ projection: ProjectionPlan) -> Double {
    let all = Double(projection.postCount)
    guard projection.isCompressed else { return all }
    let absent = 1 - reached(projection) / all
    return all * (1 - (0..<plan.layout.tile).reduce(1) { share, _ in share * absent })
  }

  private mutating func countStep() {
    let events = activity.inputEvents(plan) + activity.spikes(plan, of: plan.neuronCount)
    step[.step] = 1
    step[.event] = events
    for (index, population) in plan.populations.enumerated() {
      let count = Double(population.count)
      step[plan.sumsInLanes(index) ? .laneNeuron : .plainNeuron, default: 0] += count
      if population.adaptation != nil { step[.adaptation, default: 0] += count }
      // A current decays as the adaptation does, forward and backward.
      if population.current != nil { step[.adaptation, default: 0] += count }
      if plan.learning != nil && plan.layout.history == .storedSurrogate && plan.computesSurrogate(index) {
        step[.surrogate, default: 0] += count
      }
    }
    for projection in plan.projections {
      let adds = arrivals(projection) * reached(projection)
      switch projection.target {
      case .population(let target):
        let byLanes = plan.sumsInLanes(target) && !projection.isCompressed
        step[byLanes ? .laneAdd : .plainAdd, default: 0] += adds
      case .readout: step[.plainAdd, default: 0] += adds
      }
    }
    step[.readout] = Double(plan.readout.count)
    if plan.learning != nil { step[.recordedEvent] = events }
  }

  private mutating func countBlock(_ learning: LearningPlan) {
    let steps = Double(learning.blockSteps)
    let events = (activity.inputEvents(plan) + activity.spikes(plan, of: plan.neuronCount)) * steps
    block[.error] = steps * Double(plan.readout.count)
    block[.sortedEvent] = events
    block[.sortedSource] = Double(plan.neuronCount + (plan.inputs.kind == .spikes ? plan.inputs.count : 0))
    addPieces(since: [:], [[.error], [.sortedEvent, .sortedSource]])
    for (index, population) in plan.populations.enumerated() where plan.learnsInto(index) {
      let before = block
      countSweep(population, index: index, learning)
      addPieces(since: before, Self.sweepPieces, tiles: tiles(population.count))
    }
    for projection in plan.projections where projection.isPlastic {
      let before = block
      if projection.target == .readout {
        block[.gatherReadout, default: 0] += arrivals(projection) * steps * Double(projection.postCount)
      } else {
        countGather(projection, steps: steps)
      }
      var update: WorkCounts = [:]
      countSynapses(of: projection, into: &update)
      addPieces(since: before, [[.carriedSource]])
      addPieces(since: before, [Self.learnPiece], tiles: tiles(projection.postCount), and: update)
    }
  }

  private func tiles(_ count: Int) -> Double { Double((count + plan.layout.tile - 1) / plan.layout.tile) }

  /// Items of a block that are done in one piece, for one tile.
  private static let sweepPieces: [[WorkItem]] = [
    [.sweepNeuron, .sweepOutput, .sweepAdaptation], [.traceSweep], [.adaptationSweep],
    [.replayLaneNeuron, .replayPlainNeuron, .replayLaneAdd, .replayPlainAdd],
  ]
  private static let learnPiece: [WorkItem] = [
    .gatherAdd, .gatherSource, .gatherAnalog, .gatherReadout, .sigmaAdd, .sigmaAnalog, .carriedSynapse,
    .carriedAdaptation, .collectedSynapse,
  ]

  /// Notes what has been added to `block` since `before` as pieces of so many tiles, each with its share of `more`.
  private mutating func addPieces(
    since before: WorkCounts, _ pieces: [[WorkItem]], tiles: Double = 1, and more: WorkCounts = [:]
  ) {
    for items in pieces {
      var piece = more.mapValues { $0 / tiles }
      for item in items { piece[item, default: 0] += ((block[item] ?? 0) - (before[item] ?? 0)) / tiles }
      self.pieces.append(piece)
    }
  }

  private mutating func countSweep(_ population: PopulationPlan, index: Int, _ learning: LearningPlan) {
    let neuronSteps = Double(population.count * learning.blockSteps)
    block[.sweepNeuron, default: 0] += neuronSteps
    block[.sweepOutput, default: 0] += neuronSteps * Double(plan.readout.count)
    if population.adaptation != nil { block[.sweepAdaptation, default: 0] += neuronSteps }
    if population.current != nil { block[.sweepAdaptation, default: 0] += neuronSteps }
    if plan.isCarried {
      block[.traceSweep, default: 0] += neuronSteps
      if population.adaptation != nil { block[.adaptationSweep, default: 0] += neuronSteps }
    }
    guard plan.layout.history == .replay else { return }
    let byLanes = plan.replaysInLanes(index)
    block[byLanes ? .replayLaneNeuron : .replayPlainNeuron, default: 0] += neuronSteps
    for projection in plan.projections where projection.target == .population(index) {
      let lanes = byLanes ? reachedLanes(projection) : reached(projection)
      let adds = arrivals(projection) * Double(learning.blockSteps) * lanes
      block[byLanes ? .replayLaneAdd : .replayPlainAdd, default: 0] += adds
    }
  }

  private mutating func countGather(_ projection: ProjectionPlan, steps: Double) {
    let tiles = tiles(projection.postCount)
    let lanes = projection.isCompressed ? reached(projection) : tiles * Double(plan.layout.tile)
    let adds = arrivals(projection) * steps * lanes
    block[isAnalog(projection) ? .gatherAnalog : .gatherAdd, default: 0] += adds
    block[.gatherSource, default: 0] += Double(projection.preCount) * tiles
    guard plan.isCarried, case .population(let target) = projection.target else { return }
    let synapses = Double(projection.preCount * projection.postCount)
    let passes: Double = plan.populations[target].adaptation == nil ? 1 : 2
    // σ is not summed over the steps of a held input.
    let again = isAnalog(projection) ? Double(plan.inputs.holdSteps) : 1
    block[isAnalog(projection) ? .sigmaAnalog : .sigmaAdd, default: 0] += adds * passes * again
    block[.gatherSource, default: 0] += Double(projection.preCount) * tiles * passes
    block[.carriedSynapse, default: 0] += synapses
    if passes > 1 { block[.carriedAdaptation, default: 0] += synapses }
    block[.carriedSource, default: 0] += Double(projection.preCount) * steps
    if plan.accumulates { block[.collectedSynapse, default: 0] += synapses }
  }

  private mutating func countApply() { countSynapses(into: &apply) }

  private func countSynapses(into counts: inout WorkCounts) {
    for projection in plan.projections where projection.isPlastic { countSynapses(of: projection, into: &counts) }
  }

  private func countSynapses(of projection: ProjectionPlan, into counts: inout WorkCounts) {
    let synapses = Double(projection.preCount) * reached(projection)
    switch projection.step {
    case .factored:
      counts[.synapseFactored, default: 0] += synapses
      counts[.moment, default: 0] += Double(projection.preCount + projection.postCount)
    case .postsynaptic:
      counts[.synapsePostsynaptic, default: 0] += synapses
      counts[.moment, default: 0] += Double(projection.postCount)
    case .adam: counts[.synapseAdam, default: 0] += synapses
    case .sgd, nil: counts[.synapseMultiplied, default: 0] += synapses
    }
  }
}
