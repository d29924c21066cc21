// swift-format does not know the operators of Bounded.swift.
// swift-format-ignore-file: NoAssignmentInExpressions

import FixedPoint
import Planning

/// What the sweeps of a tile leave for the carry.
final class CarryScratch {
  /// Of the error sweep: A_S, Q · surrogateStrength / 2⁸, K.
  let errorTrace = Storage<Int64>(lanes, repeating: 0)
  let errorAdaptation = Storage<Int64>(lanes, repeating: 0)
  let errorEligibility = Storage<Int64>(lanes, repeating: 0)
  /// Of the sweep of ē: the same for its own S and Q.
  let eligibilityTrace = Storage<Int64>(lanes, repeating: 0)
  let eligibilityAdaptation = Storage<Int64>(lanes, repeating: 0)
  /// G after the sweep.
  var eligibilityDecay: Int64 = 0
  /// A_P of the error sweep, of that of ē and of that of ε.
  let errorCurrent = Storage<Int64>(lanes, repeating: 0)
  let eligibilityCurrent = Storage<Int64>(lanes, repeating: 0)
  let adaptationCurrent = Storage<Int64>(lanes, repeating: 0)
  /// Of the sweep of ε: scale(S, α) and R.
  let adaptationTrace = Storage<Int64>(lanes, repeating: 0)
  let r = Storage<Int32>(lanes, repeating: 0)
  let sum = Storage<Int64>(lanes, repeating: 0)
}

extension IntegerNetwork {
  /// Keeps the ends of the error sweep, which stand in S, Q and F⁻.
  func carryErrors(_ learner: Learner, _ tile: Tile, _ learning: LearningPlan.PopulationLearning) {
    let (scratch, carry) = (learner.sweep, learner.sweep.carry)
    for l in 0..<tile.count { scratch.h[l] = 0 }
    for k in 0..<readout.count { addFeedback(learner, tile, k, learner.filteredBefore[k]) }
    for l in 0..<tile.count { carry.errorEligibility[l] = Int64(near(scratch.h[l], learning.feedbackShift)) }
    keepEnds(scratch, tile, carry.errorTrace, carry.errorAdaptation)
    keepCurrent(learner, tile, carry.errorCurrent)
  }

  /// scale(S, α) and Q · surrogateStrength / 2⁸ after a sweep.
  private func keepEnds(_ scratch: SweepScratch, _ tile: Tile, _ trace: Storage<Int64>, _ adaptation: Storage<Int64>) {
    let plan = tile.population.plan
    for l in 0..<tile.count { trace[l] = Int64(scale(scratch.s[l], plan.leak[tile.start + l])) }
    guard let strength = plan.adaptation?.surrogateStrength else { return }
    for l in 0..<tile.count { adaptation[l] = asr64(Int64(scratch.q[l]) * Int64(strength), 8) }
  }

  /// σ of ē: what one arrival in a step adds to the filtered trace at the end of the block.
  func sweepEligibility(_ learner: Learner, _ tile: Tile) {
    let scratch = learner.sweep
    // Readouts of streams and short blocks are all alike.
    let rate = plan.readout.decay[0]
    scratch.s.fill(0)
    scratch.q.fill(0)
    scratch.p.fill(0)
    var coefficient: Int32 = 1 << Int32(Fixed.coefficientBits)
    for tau in stride(from: learner.record.steps - 1, through: 0, by: -1) {
      for l in 0..<tile.count { scratch.h.base[l] = coefficient }
      let psi = learner.record.psi.base + (tau * neurons.count + tile.first)
      sweepStep(learner, tile, psi, tau: tau)
      scratch.eligibility.base.advanced(by: tau * lanes)
        .update(from: arrivalWorth(learner, tile, tau: tau), count: tile.count)
      coefficient = decay(coefficient, rate.factor, rate.shift, learner.dither(tau, firstNumber))
    }
    scratch.carry.eligibilityDecay = Int64(coefficient)
    keepEnds(scratch, tile, scratch.carry.eligibilityTrace, scratch.carry.eligibilityAdaptation)
    keepCurrent(learner, tile, scratch.carry.eligibilityCurrent)
  }

  /// σ of ε.
  func sweepAdaptation(_ learner: Learner, _ tile: Tile, _ adaptation: AdaptationPlan) {
    let scratch = learner.sweep
    let (leak, kept) = (constants.leaks.base + tile.first, scratch.kept.base)
    let (s, r) = (scratch.s.base, scratch.carry.r.base)
    scratch.s.fill(0)
    scratch.p.fill(0)
    scratch.carry.r.fill(1 << 24)
    for tau in stride(from: learner.record.steps - 1, through: 0, by: -1) {
      let psi = learner.record.psi.base + (tau * neurons.count + tile.first)
      let word = learner.dither(tau, firstNumber)
      let sigma = scratch.adaptation.base + tau * lanes
      for l in 0..<tile.count { kept[l] = r[l] }
      decayTile(kept, tile.start, tile.count, adaptation.decay, word)
      for l in 0..<tile.count {
        let p = Int32(psi[l])
        s[l] = scale(s[l], leak[l]) +~ p *~ asr32(r[l], 12)
        let m = (p *~ adaptation.surrogateStrength +~ 128) &>> 8
        r[l] = kept[l] -~ scale(r[l], m)
      }
      sigma.update(from: arrivalWorth(learner, tile, tau: tau), count: tile.count)
    }
    keepCurrent(learner, tile, scratch.carry.adaptationCurrent)
    for l in 0..<tile.count { scratch.carry.adaptationTrace[l] = Int64(scale(s[l], leak[l])) }
  }

  /// What arrived before the block adds to g.
  func addCarried(
    _ learner: Learner, _ projection: ProjectionState, _ tile: Tile, _ learning: LearningPlan.PopulationLearning,
    source i: Int, to g: UnsafeMutablePointer<Int64>
  ) {
    let carry = learner.sweep.carry
    let at = i * projection.post + tile.start
    let shift = learning.deltaShift
    for l in 0..<tile.count {
      let place = projection.tracePlace(i, tile.start + l)
      let trace = Int64(projection.traces[place])
      var x = g[l] +~ near(carry.errorTrace.base[l] *~ trace, Fixed.traceBits + learning.currentShift + shift)
      if tile.population.plan.current != nil {
        x = x +~ near(carry.errorCurrent.base[l] *~ Int64(projection.currentTraces[place]), Fixed.traceBits + shift)
      }
      if tile.population.plan.adaptation != nil {
        let epsilon = Int64(projection.adaptationEligibility.base[at + l])
        x = x +~ near(carry.errorAdaptation.base[l] *~ epsilon, 19 + shift)
      }
      let eligibility = Int64(projection.eligibility.base[at + l])
      x = x +~ near(carry.errorEligibility.base[l] *~ eligibility, learning.traceFractionBits + shift)
      g[l] = Int64(sat32(x))
      if countsSaturations, g[l] != x { saturations.gradient += 1 }
    }
  }

  /// ē and ε at the end of the block.
  func carryEligibility(
    _ learner: Learner, _ projection: ProjectionState, _ tile: Tile, _ learning: LearningPlan.PopulationLearning,
    source i: Int, skipped: Int?
  ) {
    let carry = learner.sweep.carry
    let at = i * projection.post + tile.start
    let e = projection.eligibility.base + at
    let epsilon = projection.adaptationEligibility.base + at
    let word = learner.dither(learner.record.steps, firstNumber) >> 20
    let adapts = tile.population.plan.adaptation != nil
    let sum = carry.sum.base
    _ = gather(learner, projection, i, learner.sweep.eligibility.base, tile.count, into: sum)
    for l in 0..<tile.count {
      var s =
        sum[l]
        +~ carried(
          carry.eligibilityTrace.base[l], carry.eligibilityCurrent.base[l], projection,
          projection.tracePlace(i, tile.start + l), learning)
      if adapts { s = s +~ asr64(carry.eligibilityAdaptation.base[l] *~ Int64(epsilon[l]), 19) }
      let old = carry.eligibilityDecay *~ Int64(e[l])
      let x = asr64(raised(s, learning.traceFractionBits) +~ old +~ Int64(word), 12)
      e[l] = saturated16(x)
      if countsSaturations, Int64(e[l]) != x { saturations.eligibility += 1 }
    }
    if let skipped { e[skipped] = 0 }
    guard adapts else { return }
    _ = gather(learner, projection, i, learner.sweep.adaptation.base, tile.count, into: sum)
    for l in 0..<tile.count {
      let s =
        sum[l]
        +~ carried(
          carry.adaptationTrace.base[l], carry.adaptationCurrent.base[l], projection,
          projection.tracePlace(i, tile.start + l), learning)
      let old = asr64(Int64(carry.r.base[l]) *~ Int64(epsilon[l]), 12)
      let x = asr64(raised(s, Fixed.adaptationTraceBits) +~ old +~ Int64(word), 12)
      epsilon[l] = Int32(truncatingIfNeeded: clamp64(x, Fixed.adaptationTraceLimit))
      if countsSaturations, Int64(epsilon[l]) != x { saturations.eligibility += 1 }
    }
    if let skipped { epsilon[skipped] = 0 }
  }

  /// ẑ, z̄ and c̄ at the end of the block.
  func advanceTraces(_ learner: Learner) {
    for tau in 0..<learner.record.steps {
      let word = learner.dither(tau, firstNumber)
      for projection in projections where projection.isPlastic {
        switch projection.plan.target {
        case .population(let index): advanceTraces(learner.record, projection, populations[index].plan, tau, word)
        case .readout:
          decayEach(projection.traces.base, projection.pre, plan.readout.decay, word)
          addArrivals(learner.record, projection, tau, to: projection.traces.base)
        }
      }
      let rate = plan.readout.decay[0]
      learner.biasTrace = decay(learner.biasTrace, rate.factor, rate.shift, word) +~ 1 << Int32(Fixed.readoutTraceBits)
    }
  }

  /// ẑ of a step, and where there is a current ζ in the place of what arrives.
  private func advanceTraces(
    _ record: Record, _ projection: ProjectionState, _ target: PopulationPlan, _ tau: Int, _ word: UInt32
  ) {
    let kinds = projection.traceKinds.kinds
    let (traces, currents, arrived) = (
      projection.traces.base, projection.currentTraces.base, projection.arrived.base
    )
    projection.arrived.fill(0)
    addArrivals(record, projection, tau, to: arrived)
    for i in 0..<projection.pre {
      for (number, kind) in kinds.enumerated() {
        let place = i * kinds.count + number
        var x = arrived[i]
        if let synaptic = kind.synaptic {
          x = decay(currents[place], synaptic.factor, synaptic.shift, word) +~ x
          currents[place] = x
        }
        traces[place] = decay(traces[place], kind.membrane.factor, kind.membrane.shift, word) +~ x
      }
    }
  }

  /// One for every arrival of step τ, in the format of the traces.
  func addArrivals(
    _ record: Record, _ projection: ProjectionState, _ tau: Int, to traces: UnsafeMutablePointer<Int32>
  ) {
    switch projection.plan.source {
    case .inputs where record.isAnalog:
      let bits = Fixed.traceBits - plan.inputs.kind.fractionBits
      for i in 0..<record.inputs {
        traces[i] = traces[i] +~ raised(Int32(record.analog.base[tau * record.inputs + i]), bits)
      }
    case .inputs:
      for e in Int(record.inputStarts[tau])..<Int(record.inputStarts[tau + 1]) {
        let i = Int(record.inputEvents.base[e])
        traces[i] = traces[i] +~ 1 << Int32(Fixed.traceBits)
      }
    case .population(let index):
      let isReadout = projection.plan.target == .readout
      let unit: Int32 = 1 << Int32(isReadout ? Fixed.readoutTraceBits : Fixed.traceBits)
      let range = record.spikeRange(isReadout || projection.plan.isImmediate ? tau : tau - 1)
      for e in range {
        let i = Int(record.spikes.base[e]) - populations[index].first
        if i >= 0, i < projection.pre { traces[i] = traces[i] +~ unit }
      }
    }
  }
}
