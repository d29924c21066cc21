// swift-format does not know the operators of Bounded.swift.
// swift-format-ignore-file: NoAssignmentInExpressions

import FixedPoint
import Planning

/// What a synaptic current adds: I between drive and potential, P behind S, ζ beside ẑ.
extension IntegerNetwork {
  /// I and v of a population, from its drive.
  func integrateCurrent(_ population: PopulationState, _ current: CurrentPlan) {
    let (shift, word) = (population.plan.driveShift, ditherWord)
    let currents = neurons.currents.base + population.firstCurrent
    decayEach(currents, population.count, current.decay, word)
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
      let i = currents[j] +~ drive +~ constants.biases.base[n]
      currents[j] = i
      let x = leak(Int32(neurons.v.base[n]), constants.leaks.base[n], word) +~ near(i, current.fractionBits)
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
    decayTile(p, tile.start, tile.count, current.decay, word)
    for l in 0..<tile.count { p[l] = p[l] +~ near(s[l], shift) }
    return UnsafePointer(p)
  }

  /// A_P after a sweep.
  func keepCurrent(_ learner: Learner, _ tile: Tile, _ ends: Storage<Int64>) {
    guard let current = tile.population.plan.current else { return }
    let word = learner.dither(learner.record.steps, firstNumber)
    for l in 0..<tile.count {
      let rate = current.decay[tile.start + l]
      ends[l] = Int64(decay(learner.sweep.p[l], rate.factor, rate.shift, word))
    }
  }

  /// What ẑ and ζ at a place add to a trace: A_S ẑ + A_P ζ.
  func carried(
    _ trace: Int64, _ current: Int64, _ projection: ProjectionState, _ place: Int,
    _ learning: LearningPlan.PopulationLearning
  ) -> Int64 {
    let s = asr64(trace *~ Int64(projection.traces[place]), Fixed.traceBits + learning.currentShift)
    guard projection.currentTraces.count > 0 else { return s }
    return s +~ asr64(current *~ Int64(projection.currentTraces[place]), Fixed.traceBits)
  }
}
