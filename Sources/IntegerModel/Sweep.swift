// swift-format does not know the operators of Bounded.swift.
// swift-format-ignore-file: NoAssignmentInExpressions

import FixedPoint
import Planning

/// One backward pass over the neurons of a tile.
final class SweepScratch {
  /// δ, [step × lane].
  let delta: Storage<Int16>
  /// σ of the carry sweeps of ē and ε, [step × lane].
  let eligibility: Storage<Int32>
  let adaptation: Storage<Int32>
  let s = Storage<Int32>(lanes, repeating: 0)
  let q = Storage<Int32>(lanes, repeating: 0)
  /// P, of neurons with a synaptic current.
  let p = Storage<Int32>(lanes, repeating: 0)
  let h = Storage<Int32>(lanes, repeating: 0)
  /// Q or R after its decay.
  let kept = Storage<Int32>(lanes, repeating: 0)
  let carry = CarryScratch()

  init(steps: Int, carried: Bool) {
    delta = Storage(steps * lanes, repeating: 0)
    eligibility = Storage(carried ? steps * lanes : 0, repeating: 0)
    adaptation = Storage(carried ? steps * lanes : 0, repeating: 0)
  }
}

/// Neurons of one population that are learnt together.
struct Tile {
  let population: PopulationState
  /// First neuron, within the population and in the network.
  let start: Int
  let count: Int
  var first: Int { population.first + start }
}

extension IntegerNetwork {
  /// All plastic projections into a tile of a population.
  func learn(_ learner: Learner, _ tile: Tile, _ applies: Bool) {
    let target = ProjectionPlan.Target.population(tile.population.index)
    guard let learning = tile.population.learning else { return }
    sweepErrors(learner, tile, learning)
    if learner.isCarried {
      carryErrors(learner, tile, learning)
      sweepEligibility(learner, tile)
      if let adaptation = tile.population.plan.adaptation { sweepAdaptation(learner, tile, adaptation) }
    }
    for projection in projections where projection.isPlastic && projection.plan.target == target {
      learnProjection(learner, projection, tile, learning, applies)
    }
  }

  /// δ of every step and neuron of the tile; S and Q stay as the sweep leaves them.
  private func sweepErrors(_ learner: Learner, _ tile: Tile, _ learning: LearningPlan.PopulationLearning) {
    let scratch = learner.sweep
    let fades = plan.fades(tile.population.index)
    scratch.s.fill(fades ? 1 << 15 : 0)
    scratch.q.fill(0)
    scratch.p.fill(0)
    for tau in stride(from: learner.record.steps - 1, through: 0, by: -1) {
      let signal = learner.filtered.base + tau * readout.count
      for l in 0..<tile.count { scratch.h.base[l] = 0 }
      for k in 0..<readout.count { addFeedback(learner, tile, k, Int32(signal[k])) }
      finishSignal(learner, tile, learning.feedbackShift)
      let psi = learner.record.psi.base + (tau * neurons.count + tile.first)
      let delta = scratch.delta.base + tau * lanes
      if fades {
        fadeStep(learner, tile, psi, into: delta)
      } else {
        sweepStep(learner, tile, psi, tau: tau)
        narrow(arrivalWorth(learner, tile, tau: tau), tile, learning.deltaShift, into: delta)
      }
    }
  }

  @inline(__always)
  func addFeedback(_ learner: Learner, _ tile: Tile, _ k: Int, _ signal: Int32) {
    let h = learner.sweep.h.base
    let b = learner.feedback.base + (k * neurons.count + tile.first)
    for l in 0..<tile.count { h[l] = h[l] +~ b[l] *~ signal }
  }

  /// H from Σ B F.
  @inline(__always)
  private func finishSignal(_ learner: Learner, _ tile: Tile, _ shift: Int) {
    let h = learner.sweep.h.base
    let rate = learner.rate.base + tile.first
    for l in 0..<tile.count { h[l] = rate[l] +~ near(h[l], shift) }
  }

  /// S of plain neurons one step back, and its upper half.
  @inline(__always)
  private func fadeStep(
    _ learner: Learner, _ tile: Tile, _ psi: UnsafePointer<UInt8>, into delta: UnsafeMutablePointer<Int16>
  ) {
    let (s, h) = (learner.sweep.s.base, learner.sweep.h.base)
    let leak = constants.leaks.base + tile.first
    for l in 0..<tile.count {
      s[l] = fade(s[l], leak[l]) +~ Int32(psi[l]) *~ h[l]
      delta[l] = Int16(truncatingIfNeeded: s[l] &>> 16)
    }
  }

  /// S and Q one step back, the coefficient of this step being ψ times what stands in `h`.
  @inline(__always)
  func sweepStep(_ learner: Learner, _ tile: Tile, _ psi: UnsafePointer<UInt8>, tau: Int) {
    let (s, h) = (learner.sweep.s.base, learner.sweep.h.base)
    let leak = constants.leaks.base + tile.first
    guard let adaptation = tile.population.plan.adaptation else {
      for l in 0..<tile.count { s[l] = scale(s[l], leak[l]) +~ Int32(psi[l]) *~ h[l] }
      return
    }
    let q = learner.sweep.q.base
    let word = learner.dither(tau, firstNumber)
    let strength = adaptation.surrogateStrength
    var clamped: Int32 = 0
    let kept = learner.sweep.kept.base
    for l in 0..<tile.count { kept[l] = q[l] }
    decayTile(kept, tile.start, tile.count, adaptation.decay, word)
    for l in 0..<tile.count {
      let c = Int64(Int32(psi[l]) *~ h[l])
      let x = Int64(scale(q[l], (Int32(psi[l]) *~ strength +~ 128) &>> 8))
      let nextS = Int64(scale(s[l], leak[l])) &+ c &+ x
      let nextQ = Int64(kept[l]) &- x &- c
      s[l] = Int32(truncatingIfNeeded: clamp64(nextS, Fixed.sweepLimit))
      q[l] = Int32(truncatingIfNeeded: clamp64(nextQ, Fixed.sweepLimit))
      clamped &+= Int64(s[l]) == nextS ? 0 : 1
      clamped &+= Int64(q[l]) == nextQ ? 0 : 1
    }
    if countsSaturations { saturations.sweep += Int(clamped) }
  }

  @inline(__always)
  private func narrow(
    _ s: UnsafePointer<Int32>, _ tile: Tile, _ shift: Int, into delta: UnsafeMutablePointer<Int16>
  ) {
    var clamped: Int32 = 0
    for l in 0..<tile.count {
      let x = near(s[l], shift)
      let d = sat16(x)
      delta[l] = Int16(truncatingIfNeeded: d)
      clamped &+= d == x ? 0 : 1
    }
    if countsSaturations { saturations.delta += Int(clamped) }
  }
}
