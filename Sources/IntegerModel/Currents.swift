// swift-format does not know the operators of Bounded.swift.
// swift-format-ignore-file: NoAssignmentInExpressions

import FixedPoint
import Planning

/// What a synaptic current adds: I between drive and potential, P behind S, ζ beside ẑ.
extension IntegerNetwork {
  /// I and v of a population, from its drive.
  func integrateCurrent(_ population: PopulationState, _ current: CurrentPlan) {
    let (shift, c, word) = (population.plan.driveShift, population.plan.leak, ditherWord)
    for j in 0..<population.count {
      let n = population.first + j
      let drive: Int32
      if population.isWide {
        let sum = neurons.wideDrive.base[n]
        drive = Int32(truncatingIfNeeded: shift >= 0 ? raised(sum, shift) : near(sum, -shift))
      } else {
        let sum = neurons.drive.base[n]
        drive = shift >= 0 ? raised(sum, shift) : near(sum, -shift)
      }
      let kept = decay(
        neurons.currents.base[population.firstCurrent + j], current.decay.factor, current.decay.shift, word)
      let i = kept +~ drive +~ constants.biases.base[n]
      neurons.currents.base[population.firstCurrent + j] = i
      let x = leak(Int32(neurons.v.base[n]), c, word) +~ near(i, current.fractionBits)
      let v = max(constants.lowest.base[n], min(constants.highest.base[n], x))
      if countsSaturations, v != x { saturations.potential += 1 }
      neurons.v.base[n] = Int16(truncatingIfNeeded: v)
    }
  }

  /// The worth of an arrival at step τ: S, or P one step further back.
  @inline(__always)
  func arrivalWorth(_ learner: Learner, _ tile: Tile, tau: Int) -> UnsafePointer<Int32> {
    let s = learner.sweep.s.base
    guard let current = tile.population.plan.current else { return UnsafePointer(s) }
    let shift = tile.population.learning?.currentShift ?? 0
    let (p, word) = (learner.sweep.p.base, learner.dither(tau, firstNumber))
    for l in 0..<tile.count {
      p[l] = decay(p[l], current.decay.factor, current.decay.shift, word) +~ near(s[l], shift)
    }
    return UnsafePointer(p)
  }

  /// A_P after a sweep.
  func keepCurrent(_ learner: Learner, _ tile: Tile, _ ends: Storage<Int64>) {
    guard let current = tile.population.plan.current else { return }
    let word = learner.dither(learner.record.steps, firstNumber)
    for l in 0..<tile.count {
      ends[l] = Int64(decay(learner.sweep.p[l], current.decay.factor, current.decay.shift, word))
    }
  }

  /// What ẑ and ζ of source i add to a trace: A_S ẑ + A_P ζ.
  func carried(
    _ trace: Int64, _ current: Int64, _ projection: ProjectionState, _ i: Int,
    _ learning: LearningPlan.PopulationLearning
  ) -> Int64 {
    let s = asr64(trace *~ Int64(projection.traces[i]), Fixed.traceBits + learning.currentShift)
    guard projection.currentTraces.count > 0 else { return s }
    return s +~ asr64(current *~ Int64(projection.currentTraces[i]), Fixed.traceBits)
  }

  /// ζ of a step, and ζ in the place of arrivals into ẑ, which has decayed; false where the target has no current.
  func advanceCurrentTraces(_ record: Record, _ projection: ProjectionState, _ tau: Int, _ word: UInt32) -> Bool {
    guard projection.currentTraces.count > 0, case .population(let index) = projection.plan.target,
      let current = populations[index].plan.current
    else { return false }
    let zeta = projection.currentTraces.base
    for i in 0..<projection.pre { zeta[i] = decay(zeta[i], current.decay.factor, current.decay.shift, word) }
    addArrivals(record, projection, tau, to: zeta)
    for i in 0..<projection.pre { projection.traces.base[i] = projection.traces.base[i] +~ zeta[i] }
    return true
  }
}
