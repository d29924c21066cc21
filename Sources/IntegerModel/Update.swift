// swift-format does not know the operators of Bounded.swift.
// swift-format-ignore-file: NoAssignmentInExpressions

import FixedPoint
import Planning

/// The numbers of one update of one projection.
final class StepScratch {
  /// b_j and ℓ_j, or multiplier'_j.
  let first: Storage<Int64>
  let second: Storage<Int64>
  /// a_i and its shift.
  let presynaptic: Storage<UInt32>
  let shifts: Storage<Int>
  let rowSquares: Storage<UInt64>
  let columnSquares: Storage<UInt64>
  /// y of Adam's steps.
  var shift = 0

  init(pre: Int, post: Int) {
    first = Storage(post, repeating: 0)
    second = Storage(post, repeating: 0)
    presynaptic = Storage(pre, repeating: 0)
    shifts = Storage(pre, repeating: 0)
    rowSquares = Storage(pre, repeating: 0)
    columnSquares = Storage(post, repeating: 0)
  }
}

extension IntegerNetwork {
  // MARK: - Before and after

  /// Numbers the update, and fixes everything that depends on moments as they are before it.
  func beginUpdate(_ learner: Learner) {
    updates &+= 1
    advanceSchedule(learner.plan.schedule)
    for projection in projections where projection.isPlastic { prepareSteps(projection, learner.plan.schedule) }
  }

  /// Moves the moments.
  func finishUpdate(_ learner: Learner) {
    for projection in projections { projection.adam?.finish() }
    learner.biasAdam?.finish()
    for projection in projections where projection.isFactored {
      if projection.plan.sparsity != nil {
        finishSparse(projection, learner)
        continue
      }
      let stride = UInt64(projection.plan.momentStride)
      let (pre, post) = (ceilingLog2(projection.pre), ceilingLog2(projection.post))
      for i in 0..<projection.rows.count {
        let square = projection.step.rowSquares[i] *~ stride &<< UInt64(Fixed.momentBits)
        projection.rows[i] = moved(projection.rows[i], to: square &>> UInt64(post), learner)
      }
      for j in 0..<projection.post {
        let square = projection.step.columnSquares[j] *~ stride &<< UInt64(Fixed.momentBits)
        projection.columns[j] = moved(projection.columns[j], to: square &>> UInt64(pre), learner)
      }
      rescale(&projection.exponent, projection.columns, and: projection.rows)
    }
    if learner.biasMoment.count > 0 {
      rescale(&learner.biasExponent, learner.biasMoment, and: Storage(0, repeating: 0))
    }
  }

  /// Means over the synapses that exist.
  private func finishSparse(_ projection: ProjectionState, _ learner: Learner) {
    for i in 0..<projection.rows.count {
      let square = projection.step.rowSquares[i] *~ 256 / projection.fanOut[i]
      projection.rows[i] = moved(projection.rows[i], to: square, learner)
    }
    for j in 0..<projection.post {
      let square = projection.step.columnSquares[j] *~ 256 / projection.fanIn[j]
      projection.columns[j] = moved(projection.columns[j], to: square, learner)
    }
    rescale(&projection.exponent, projection.columns, and: projection.rows, driven: projection.driven)
  }

  /// The update at the end of a carried trial.
  func applyAccumulators(_ learner: Learner) {
    beginUpdate(learner)
    let g = learner.gather.g.base
    for projection in projections where projection.isPlastic {
      for i in 0..<projection.pre {
        for start in stride(from: 0, to: projection.post, by: lanes) {
          let count = min(lanes, projection.post - start)
          let total = projection.accumulator.base + (i * projection.post + start)
          for l in 0..<count {
            g[l] = Int64(total[l])
            total[l] = 0
          }
          keepGradient(projection, i, start, count, g)
          applyColumn(projection, i, start, count, g)
        }
      }
    }
    if plan.readout.biasIsPlastic {
      for start in stride(from: 0, to: readout.count, by: lanes) {
        let count = min(lanes, readout.count - start)
        for l in 0..<count { g[l] = Int64(learner.biasAccumulator[start + l]) }
        applyBias(learner, start, count, g)
      }
      learner.biasAccumulator.fill(0)
    }
    finishUpdate(learner)
  }

  private func prepareSteps(_ projection: ProjectionState, _ schedule: LearningPlan.Schedule) {
    let scratch = projection.step
    scratch.rowSquares.fill(0)
    scratch.columnSquares.fill(0)
    switch projection.plan.step {
    case .sgd(let multiplier, _):
      for j in 0..<projection.post { scratch.first[j] = Int64(scheduled(multiplier.value(j), schedule)) }
    case .factored(let unit, let limit):
      let largest = unit.max() ?? 0
      let mean = meanMoment(projection.columns, driven: projection.driven)
      for j in 0..<projection.post {
        var factor = postsynapticFactor(projection.columns[j], mean: mean)
        if unit.count > 1 {
          let share = largest == 0 ? 0 : min(32767, (UInt64(unit[j]) &<< 15) / UInt64(largest))
          factor = (factor *~ share) &>> 15
        }
        scratch.first[j] = Int64(factor)
        let most = scheduled(limit.value(j), schedule) &>> UInt64(16 &- projection.plan.stepBits)
        scratch.second[j] = updates == 1 ? 0 : Int64(most)
      }
      let rate = scheduled(largest, schedule)
      for i in 0..<projection.pre {
        (scratch.presynaptic[i], scratch.shifts[i]) = presynapticFactor(
          projection.rows[i], rate: rate, projection.plan.stepBits)
      }
    case .postsynaptic(let unit, let limit): preparePostsynaptic(projection, unit, limit, schedule)
    case .adam:
      if let moments = projection.adam { prepareAdam(projection, moments, schedule) }
    case nil: preconditionFailure("a plastic projection has a step")
    }
  }

  /// b: 2¹¹ √(mean / moment), at most 2¹⁵ − 1.
  private func postsynapticFactor(_ moment: UInt32, mean: UInt32) -> UInt64 {
    let m = (max(mean, 1) &<< UInt32(2 &* octaves(mean))) &>> 16
    let root = (UInt64(m) *~ UInt64(rsqrt(mean))) &>> 14
    let quotient = (root *~ UInt64(rsqrt(moment))) &>> 15
    let shift = octaves(mean) &+ 4 &- octaves(moment)
    return min(32767, shift >= 0 ? quotient &>> UInt64(shift) : quotient &<< UInt64(-shift))
  }

  /// a and the shift of F.
  private func presynapticFactor(_ moment: UInt32, rate: UInt64, _ stepBits: Int) -> (UInt32, Int) {
    guard rate > 0 else { return (0, 31) }
    let exponent = (64 &- rate.leadingZeroBitCount) &- 15
    let mantissa = exponent >= 0 ? rate &>> UInt64(exponent) : rate &<< UInt64(-exponent)
    let factor = (mantissa *~ UInt64(rsqrt(moment))) &>> 15
    let shift = 38 &- stepBits &- exponent &- octaves(moment)
    if shift < 11 { return (UInt32(min(32767, factor &<< UInt64(min(15, 11 &- shift)))), 11) }
    return shift > 31 ? (UInt32(factor &>> UInt64(shift &- 31)), 31) : (UInt32(factor), shift)
  }

  /// ⌊Σ / 2^κ⌋ with 2^κ the power of two that is not below the number of moments.
  ///
  /// - Parameters:
  ///   - driven: the targets that have a synapse, where not all pairs do; the mean is over these then.
  private func meanMoment(_ moments: Storage<UInt32>, driven: UInt64? = nil) -> UInt32 {
    let sum = moments.buffer.reduce(UInt64(0)) { $0 +~ UInt64($1) }
    if let driven { return UInt32(truncatingIfNeeded: sum / driven) }
    return UInt32(truncatingIfNeeded: sum &>> UInt64(ceilingLog2(moments.count)))
  }

  private func moved(_ moment: UInt32, to square: UInt64, _ learner: Learner) -> UInt32 {
    let share = 65536 / Int64(max(1, min(updates, learner.plan.momentWindow)))
    let dither = Int64((updates &* goldenStep) &>> 16)
    let moved = Int64(moment) +~ ((Int64(square) -~ Int64(moment)) *~ share +~ dither) &>> 16
    return UInt32(truncatingIfNeeded: moved)
  }

  /// Brings the mean of `moments` back into its octave, and with it the format of all of them and of the gradients.
  private func rescale(
    _ exponent: inout UInt8, _ moments: Storage<UInt32>, and others: Storage<UInt32>, driven: UInt64? = nil
  ) {
    var mean = UInt64(meanMoment(moments, driven: driven))
    let before = Int(exponent)
    while mean >= Fixed.momentTop, Int(exponent) < Fixed.exponentLimit, Int(exponent) < before + 8 {
      exponent += 1
      mean >>= 2
    }
    while mean < Fixed.momentTop / 4, exponent > 0, Int(exponent) > before - 8 {
      exponent -= 1
      mean <<= 2
    }
    let change = 2 * (Int(exponent) - before)
    for moments in [moments, others] {
      for k in 0..<moments.count {
        let moment = UInt64(moments[k])
        let scaled = change >= 0 ? moment >> UInt64(change) : moment << UInt64(-change)
        moments[k] = UInt32(min(scaled, 0xFFFF_FFFF))
      }
    }
  }

  // MARK: - Schedule

  private func advanceSchedule(_ schedule: LearningPlan.Schedule) {
    if case .stepwise(let factor, let every) = schedule, updates > 1, (updates - 1) % every == 0 {
      scheduleFactor = UInt32(truncatingIfNeeded: (UInt64(scheduleFactor) * UInt64(factor) + 32768) >> 16)
    }
  }

  private func linear(_ total: UInt32) -> UInt64 {
    updates > total ? 0 : 65536 * (UInt64(total) - UInt64(updates) + 1) / UInt64(total)
  }

  /// A learning rate, times the schedule's factor.
  func scheduled(_ rate: UInt32, _ schedule: LearningPlan.Schedule) -> UInt64 {
    var factor = UInt64(scheduleFactor)
    switch schedule {
    case .linearToZero(let total): factor = linear(total)
    case .linearToFloor(let total, let floor): factor = max(UInt64(floor), linear(total))
    case .constant, .stepwise: break
    }
    return (UInt64(rate) * factor) >> 16
  }

  // MARK: - Weights

  /// New weights from source i to some neurons.
  @inline(__always)
  func applyColumn(
    _ projection: ProjectionState, _ i: Int, _ start: Int, _ count: Int, _ g: UnsafeMutablePointer<Int64>
  ) {
    limit(g, count)
    if let moments = projection.adam {
      adamSteps(projection, moments, i, start, count, g)
    } else if projection.isFactored {
      quantise(g, count, Int(projection.exponent))
      squares(projection, i, start, count, g)
      if projection.rows.count > 0 {
        factoredSteps(projection, i, start, count, g)
      } else {
        postsynapticSteps(projection, start, count, g)
      }
    } else {
      multipliedSteps(projection, start, count, g)
    }
    let at = i * projection.post + start
    switch projection.weights {
    case .narrow(let weights):
      let end = Int64(1) << Int64(projection.plan.weightBits - 1)
      round(projection, weights.base + at, -end, end - 1, i, start, count, g)
    case .wide(let weights): round(projection, weights.base + at, -32768, 32767, i, start, count, g)
    }
  }

  /// Clamps gradients to what the steps have room for.
  @inline(__always)
  private func limit(_ g: UnsafeMutablePointer<Int64>, _ count: Int) {
    let limit = Int64(plan.learning?.gradientLimit ?? .max)
    for l in 0..<count { g[l] = clamp64(g[l], limit) }
  }

  /// g becomes t.
  @inline(__always)
  private func quantise(_ g: UnsafeMutablePointer<Int64>, _ count: Int, _ exponent: Int) {
    let limit = Int64(Fixed.quantisedGradientLimit)
    for l in 0..<count { g[l] = max(-limit, min(limit &- 1, near(g[l], exponent))) }
  }

  @inline(__always)
  private func squares(
    _ projection: ProjectionState, _ i: Int, _ start: Int, _ count: Int, _ t: UnsafePointer<Int64>
  ) {
    let columns = projection.step.columnSquares.base + start
    let stride = projection.plan.momentStride
    let turn = i &+ Int(updates)
    var row: UInt64 = 0
    for l in 0..<count where (turn &+ (start &+ l) / Fixed.hashedLanes) % stride == 0 {
      let square = t[l].magnitude *~ t[l].magnitude
      columns[l] = columns[l] +~ square
      row = row +~ square
    }
    projection.step.rowSquares.base[i] = projection.step.rowSquares.base[i] +~ row
  }

  /// t becomes the step p.
  @inline(__always)
  private func factoredSteps(
    _ projection: ProjectionState, _ i: Int, _ start: Int, _ count: Int, _ t: UnsafeMutablePointer<Int64>
  ) {
    let factor = projection.step.first.base + start
    let limit = projection.step.second.base + start
    let a = Int64(projection.step.presynaptic.base[i])
    let shift = Int64(projection.step.shifts.base[i])
    for l in 0..<count { t[l] = clamp64(t[l] *~ ((a *~ factor[l]) &>> shift), limit[l]) }
  }

  @inline(__always)
  private func multipliedSteps(
    _ projection: ProjectionState, _ start: Int, _ count: Int, _ g: UnsafeMutablePointer<Int64>
  ) {
    guard case .sgd(_, let exponent) = projection.plan.step else { return }
    let multiplier = projection.step.first.base + start
    let limit = Int64(Int32.max) &>> Int64(max(0, 32 &- exponent))
    for l in 0..<count { g[l] = asr64(clamp64(g[l], limit) *~ multiplier[l], exponent) }
  }

  /// Takes the steps off the weights, rounded with each synapse's threshold.
  @inline(__always)
  private func round<W: FixedWidthInteger>(
    _ projection: ProjectionState, _ weights: UnsafeMutablePointer<W>, _ least: Int64, _ most: Int64, _ i: Int,
    _ start: Int, _ count: Int, _ steps: UnsafePointer<Int64>
  ) {
    let (number, bits) = (updates, projection.plan.stepBits)
    let groups = (projection.post &+ Fixed.hashedLanes &- 1) / Fixed.hashedLanes
    let first = projection.plan.roundingSalt &+ UInt32(truncatingIfNeeded: i &* groups)
    var clamped = 0
    for l in 0..<count {
      let j = start &+ l
      let key = first &+ UInt32(truncatingIfNeeded: j / Fixed.hashedLanes)
      let threshold = Int64(roundingWord(key, j % Fixed.hashedLanes, number) &>> UInt32(32 &- bits))
      let x = Int64(truncatingIfNeeded: weights[l]) &- asr64(steps[l] &+ threshold, bits)
      let w = max(least, min(most, x))
      clamped &+= w == x ? 0 : 1
      weights[l] = W(truncatingIfNeeded: w)
    }
    if countsSaturations { saturations.weight += clamped }
  }

  // MARK: - Bias

  /// New biases of some outputs.
  func applyBias(_ learner: Learner, _ start: Int, _ count: Int, _ g: UnsafeMutablePointer<Int64>) {
    guard let rates = plan.readout.biasStep else { preconditionFailure("a plastic bias has a step") }
    if keepsGradients {
      if learner.biasGradient.isEmpty { learner.biasGradient = [Int64](repeating: 0, count: readout.count) }
      for l in 0..<count {
        learner.biasGradient[start + l] = g[l] + (addsGradients ? learner.biasGradient[start + l] : 0)
      }
    }
    self.limit(g, count)
    let limit = Int64(plan.readout.biasLimit)
    for l in 0..<count {
      let k = start + l
      let step = biasStep(learner, rates, k, g[l])
      let x = Int64(readout.bias[k]) - step
      let b = clamp64(x, limit)
      if countsSaturations, b != x { saturations.weight += 1 }
      readout.bias[k] = Int32(b)
    }
  }

  private func biasStep(_ learner: Learner, _ rates: StepPlan, _ k: Int, _ g: Int64) -> Int64 {
    let schedule = learner.plan.schedule
    switch rates {
    case .sgd(let multiplier, let exponent):
      return clamp64(asr64(g *~ Int64(scheduled(multiplier.value(k), schedule)), exponent), 1 << 30)
    case .adam(let adam):
      guard let moments = learner.biasAdam else { preconditionFailure("the bias has moments") }
      return adamBiasStep(moments, k, g, rate: scheduled(adam.unit.value(k), schedule))
    case .factored(let unit, let limit), .postsynaptic(let unit, let limit):
      var t = [g]
      t.withUnsafeMutableBufferPointer { quantise($0.baseAddress!, 1, Int(learner.biasExponent)) }
      let most = updates == 1 ? 0 : Int64(scheduled(limit.value(k), schedule))
      let rate = scheduled(unit.value(k), schedule)
      let size = clamp64(biasSize(t[0], rate, learner.biasMoment[k]), most)
      learner.biasMoment[k] = moved(learner.biasMoment[k], to: t[0].magnitude *~ t[0].magnitude &<< 8, learner)
      return size
    }
  }

  /// t · rate / √moment, not yet limited.
  private func biasSize(_ t: Int64, _ rate: UInt64, _ moment: UInt32) -> Int64 {
    guard rate > 0 else { return 0 }
    let exponent = (64 &- rate.leadingZeroBitCount) &- 15
    let mantissa = exponent >= 0 ? rate &>> UInt64(exponent) : rate &<< UInt64(-exponent)
    let factor = Int64((mantissa *~ UInt64(rsqrt(moment))) &>> 15)
    return asr64(t *~ factor *~ (1 &<< 20), 31 &- exponent &- octaves(moment))
  }
}

/// ⌈log₂ n⌉ of n ≥ 1.
private func ceilingLog2(_ n: Int) -> Int { n <= 1 ? 0 : Int.bitWidth &- (n &- 1).leadingZeroBitCount }

extension [UInt32] {
  /// The value of postsynaptic neuron j, from one for each or one for all.
  func value(_ j: Int) -> UInt32 { count == 1 ? self[0] : self[j] }
}
