import Planning

/// What an update did.
public enum UpdateResult: Sendable, Hashable {
  /// The trial was learnt from, as update number `IntegerNetwork.updates`; of a stream, all steps so far.
  case learnt
  /// There was nothing to learn from and nothing has changed: no step since `reset`, a second `update` of the same trial,
  /// or a plan without learning.
  case nothingRecorded
  /// The trial did not fit its record or was too long. Only the count of skipped trials has changed; blocks that had been
  /// learnt from before the trial was spoilt stay learnt. Of a stream, the block that has begun is dropped.
  case spoilt
}

extension IntegerNetwork {
  /// Before a step: a full record is processed, and a step too many spoils the trial.
  func beginRecordedStep() {
    guard let learner, !learner.hasEnded, hasStepped else { return }
    if learner.hasBlocks, !learner.isSpoilt, learner.isLearnt || learner.isFull(at: time) {
      processBlock(learner)
      nextBlock(learner)
    }
    guard plan.learning?.isStream ?? false else {
      if time >= plan.maximumSteps { learner.isSpoilt = true }
      return
    }
    if learner.isSpoilt, learner.isFull(at: time) { dropBlock(learner) }
  }

  /// From a record to gradients, and to new weights where they are due, as far as that is still to be done.
  private func processBlock(_ learner: Learner) {
    if learner.pieces.isEmpty, !learner.isLearnt { learner.pieces = piecesOfBlock(learner)[...] }
    finishPieces()
  }

  /// A record for the block that begins with the coming step.
  private func nextBlock(_ learner: Learner) {
    learner.isLearnt = false
    learner.blockStart = time
    if learner.plan.windowSteps > 0 {
      learner.record.keep(last: learner.plan.windowSteps)
    } else {
      beginRecord(learner)
    }
  }

  private func beginRecord(_ learner: Learner) {
    let before = UnsafeBufferPointer(start: neurons.spikes.base, count: neurons.spikeCount)
    learner.isSpoilt = !learner.record.begin(at: time, before: before)
  }

  /// A stream goes on after a block that did not fit its record, with nothing to give credit to but what comes.
  private func dropBlock(_ learner: Learner) {
    skippedTrials &+= 1
    for projection in projections { projection.forget() }
    learner.biasTrace = 0
    learner.beginPeriod()
    learner.blockStart = time
    beginRecord(learner)
  }

  /// After a step.
  func recordStep(_ input: StepInput) {
    guard let learner else { return }
    guard !learner.isSpoilt, !learner.hasEnded else { return learner.record.passOver() }
    guard learner.record.append(input, neurons) else {
      learner.isSpoilt = true
      return
    }
    learner.periodSteps += 1
    for n in 0..<neurons.spikeCount { learner.counts.base[Int(neurons.spikes.base[n])] &+= 1 }
  }

  /// Ends the learning of a trial; `reset` begins the next one. A stream goes on: all its steps so far are learnt from.
  public func update() -> UpdateResult {
    let result = updateBegin()
    finishPieces()
    return result
  }

  /// As `update`, but the work is left to `updateSlice`.
  public func updateBegin() -> UpdateResult {
    guard let learner else { return .nothingRecorded }
    if learner.hasEnded { return learner.pieces.isEmpty ? .nothingRecorded : .learnt }
    if learner.isSpoilt {
      if learner.plan.isStream {
        dropBlock(learner)
      } else {
        skippedTrials &+= 1
        learner.hasEnded = true
      }
      return .spoilt
    }
    guard hasStepped, learner.plan.isStream ? time > learner.blockStart : true else { return .nothingRecorded }
    if learner.pieces.isEmpty, !learner.isLearnt { learner.pieces = piecesOfBlock(learner)[...] }
    if learner.plan.isStream { return .learnt }
    if !learner.appliesBlocks, learner.owesUpdate { learner.pieces.append(.sums) }
    if learner.hasBlocks { learner.pieces.append(.counts) }
    learner.hasEnded = true
    return .learnt
  }

  /// Does up to `budget` of the pieces that are left of an update begun, or of a block whose record is full; false when
  /// none is left.
  public func updateSlice(budget: Int) -> Bool {
    guard let learner else { return false }
    let isWaiting = learner.hasBlocks && !learner.hasEnded && !learner.isSpoilt && !learner.isLearnt
    if learner.pieces.isEmpty, isWaiting, hasStepped, learner.isFull(at: time) {
      learner.pieces = piecesOfBlock(learner)[...]
    }
    perform(budget, learner)
    return isUpdating
  }
}
