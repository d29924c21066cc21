import FixedPoint
import Planning

/// Steps by second moments per postsynaptic neuron alone.
extension IntegerNetwork {
  /// F_j and ℓ_j.
  func preparePostsynaptic(
    _ projection: ProjectionState, _ unit: [UInt32], _ limit: [UInt32], _ schedule: LearningPlan.Schedule
  ) {
    let scratch = projection.step
    let bits = projection.plan.stepBits
    let largest = unit.max() ?? 0
    let rate = scheduled(largest, schedule)
    let exponent = (64 - rate.leadingZeroBitCount) - 15
    let mantissa = exponent >= 0 ? rate >> UInt64(exponent) : rate << UInt64(-exponent)
    for j in 0..<projection.post {
      var factor = (mantissa * UInt64(rsqrt(projection.columns[j]))) >> 15
      if unit.count > 1, largest > 0 { factor = (factor * min(32767, (UInt64(unit[j]) << 15) / UInt64(largest))) >> 15 }
      let shift = 27 - bits - exponent - octaves(projection.columns[j])
      let aligned = shift > 0 ? near(Int64(factor), min(shift, 40)) : Int64(factor << UInt64(min(16, -shift)))
      scratch.first[j] = rate == 0 ? 0 : min(aligned, (1 << 19) - 1)
      let most = scheduled(limit.value(j), schedule) >> UInt64(16 - bits)
      scratch.second[j] = updates == 1 ? 0 : Int64(most)
    }
  }

  /// t becomes the step p.
  @inline(__always)
  func postsynapticSteps(_ projection: ProjectionState, _ start: Int, _ count: Int, _ t: UnsafeMutablePointer<Int64>) {
    let factor = projection.step.first.base + start
    let limit = projection.step.second.base + start
    for l in 0..<count { t[l] = clamp64(t[l] *~ factor[l], limit[l]) }
  }
}
