import FixedPoint
import Planning

extension IntegerNetwork {
  /// The error of the step just taken. Without a target this does nothing: the step's error is 0 unless it is given one.
  /// While pieces are left for `updateSlice`, the step's error is not recorded.
  ///
  /// Targets are in the format of y for the squared error and in Q15 for the cross-entropy.
  public func learn(target: [Int32]?) {
    guard let learner, hasStepped, let target else { return }
    precondition(target.count == readout.count, "one target for each output")
    switch learner.plan.loss {
    case .squaredError: compareSquared(target, shift: learner.plan.errorShift)
    case .crossEntropy: compareSoftmax(target)
    }
    if !isUpdating { learner.record.setError(readout.error) }
  }

  private func compareSquared(_ target: [Int32], shift: Int) {
    for k in 0..<readout.count {
      setError(k, near(readout.y[k] -~ limited(target[k]), shift))
    }
  }

  private func compareSoftmax(_ target: [Int32]) {
    softmax(UnsafeBufferPointer(readout.y.buffer), fractionBits: plan.readout.fractionBits) { k, p in
      setError(k, p -~ limited(target[k]))
    }
  }

  private func limited(_ target: Int32) -> Int32 { max(-Fixed.targetLimit, min(Fixed.targetLimit, target)) }

  private func setError(_ k: Int, _ value: Int32) {
    let s = sat16(value)
    if countsSaturations, s != value { saturations.error += 1 }
    readout.error[k] = Int16(truncatingIfNeeded: s)
  }
}
