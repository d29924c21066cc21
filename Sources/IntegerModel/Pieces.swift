import FixedPoint
import Planning

/// A part of the processing of a block, or of what an update does besides.
enum Piece {
  /// Filters the errors, sorts the arrivals and begins an update where the block's gradient is applied at once.
  case begin
  /// A tile of a population, from `start`.
  case tile(population: Int, start: Int)
  case readout(projection: Int)
  case bias
  /// Moves presynaptic traces and moments on.
  case end
  /// Applies what the blocks of a trial since the last update have added up.
  case sums
  /// Notes the spike counts by which the rates of the next trial are regularised.
  case counts
}

extension IntegerNetwork {
  /// The pieces of a block, in their order.
  func piecesOfBlock(_ learner: Learner) -> [Piece] {
    var pieces = [Piece.begin]
    for population in populations {
      let target = ProjectionPlan.Target.population(population.index)
      guard projections.contains(where: { $0.isPlastic && $0.plan.target == target }) else { continue }
      for start in stride(from: 0, to: population.count, by: lanes) {
        pieces.append(.tile(population: population.index, start: start))
      }
    }
    for p in projections.indices where projections[p].isPlastic && projections[p].plan.target == .readout {
      pieces.append(.readout(projection: p))
    }
    if plan.readout.biasIsPlastic { pieces.append(.bias) }
    pieces.append(.end)
    if case .blocks(learner.pendingBlocks + 1) = learner.plan.updateTime { pieces.append(.sums) }
    return pieces
  }

  /// Does up to `count` pieces that are left.
  func perform(_ count: Int, _ learner: Learner) {
    for _ in 0..<count {
      guard let piece = learner.pieces.popFirst() else { return }
      perform(piece, learner)
    }
  }

  /// Does all pieces that are left.
  func finishPieces() {
    if let learner { perform(learner.pieces.count, learner) }
  }

  private func perform(_ piece: Piece, _ learner: Learner) {
    let applies = learner.appliesBlocks
    switch piece {
    case .begin:
      indexEvents(learner)
      filterErrors(learner)
      refreshFeedback(learner)
      if applies { beginUpdate(learner) }
    case .tile(let index, let start):
      let population = populations[index]
      let count = min(lanes, population.count - start)
      learn(learner, Tile(population: population, start: start, count: count), applies)
    case .readout(let p): learnReadout(learner, projections[p], applies)
    case .bias: learnBias(learner, applies)
    case .end:
      if learner.isCarried { advanceTraces(learner) }
      if applies { finishUpdate(learner) }
      if learner.plan.isStream { endPeriod(learner) }
      learner.isLearnt = true
      learner.pendingBlocks += 1
    case .sums:
      applyAccumulators(learner)
      learner.pendingBlocks = 0
    case .counts: latchCounts(learner)
    }
  }

  /// Takes over the rates of a period of a stream when the next block may be its last.
  private func endPeriod(_ learner: Learner) {
    guard learner.periodSteps + learner.plan.blockSteps > plan.maximumSteps else { return }
    latchCounts(learner)
    learner.beginPeriod()
  }

  private func latchCounts(_ learner: Learner) {
    guard learner.lastCounts.count > 0 else { return }
    learner.lastCounts.base.update(from: learner.counts.base, count: neurons.count)
    learner.lastSteps = UInt32(learner.periodSteps)
  }
}

extension Learner {
  /// d(t) of step τ of the record.
  func dither(_ tau: Int, _ firstNumber: UInt32) -> UInt32 {
    FixedPoint.dither(firstNumber &+ UInt32(truncatingIfNeeded: record.firstStep + tau))
  }
}
