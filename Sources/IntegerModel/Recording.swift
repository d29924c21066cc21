import Planning

/// What an update did.
public enum UpdateResult: Sendable, Hashable {
  /// The trial was learnt from, as update number `IntegerNetwork.updates`.
  case learnt
  /// There was nothing to learn from and nothing has changed: no step since `reset`, a second `update` of the same trial,
  /// or a plan without learning.
  case nothingRecorded
  /// The trial did not fit its record or was too long. Only the count of skipped trials has changed; blocks that had been
  /// learnt from before the trial was spoilt stay learnt.
  case spoilt
}

extension IntegerNetwork {
  /// Before a step: a full record is processed, and a step too many spoils the trial.
  func beginRecordedStep() {
    guard let learner, !learner.isSpoilt, !learner.hasEnded else { return }
    if !hasStepped || time == plan.maximumSteps {
      learner.isSpoilt = time == plan.maximumSteps
      return
    }
    guard learner.record.isFull else { return }
    processBlock(learner)
    learner.pendingBlocks += 1
    if case .blocks(learner.pendingBlocks) = learner.plan.updateTime {
      applyAccumulators(learner)
      learner.pendingBlocks = 0
    }
    let before = UnsafeBufferPointer(start: neurons.spikes.base, count: neurons.spikeCount)
    learner.isSpoilt = !learner.record.begin(at: time, before: before)
  }

  /// After a step.
  func recordStep(_ input: StepInput) {
    guard let learner else { return }
    guard !learner.isSpoilt, !learner.hasEnded else { return learner.record.passOver() }
    guard learner.record.append(input, neurons) else {
      learner.isSpoilt = true
      return
    }
    for n in 0..<neurons.spikeCount { learner.counts.base[Int(neurons.spikes.base[n])] &+= 1 }
  }

  /// Ends the learning of a trial; `reset` begins the next one.
  public func update() -> UpdateResult {
    guard let learner, !learner.hasEnded else { return .nothingRecorded }
    if learner.isSpoilt {
      skippedTrials &+= 1
      learner.hasEnded = true
      return .spoilt
    }
    guard learner.record.steps > 0 else { return .nothingRecorded }
    processBlock(learner)
    if !learner.appliesBlocks { applyAccumulators(learner) }
    if learner.lastCounts.count > 0 {
      learner.lastCounts.base.update(from: learner.counts.base, count: neurons.count)
      learner.lastSteps = UInt32(time)
    }
    learner.hasEnded = true
    return .learnt
  }
}
