// swift-format does not know the operators of Bounded.swift.
// swift-format-ignore-file: NoAssignmentInExpressions

import FixedPoint
import Planning

/// The numbers of one update of one projection.
final class StepScratch {
  /// P_j and L'_j, or multiplier'_j.
  let first: Storage<Int64>
  let second: Storage<Int64>
  /// q_i.
  let presynaptic: Storage<Int64>
  let rowSquares: Storage<UInt64>
  let columnSquares: Storage<UInt64>

  init(pre: Int, post: Int) {
    first = Storage(post, repeating: 0)
    second = Storage(post, repeating: 0)
    presynaptic = Storage(pre, repeating: 0)
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
    let window = UInt64(max(1, min(updates, learner.plan.momentWindow)))
    for projection in projections where projection.isFactored {
      for i in 0..<projection.pre {
        move(&projection.rows.base[i], to: projection.step.rowSquares[i] / UInt64(projection.post), window)
      }
      for j in 0..<projection.post {
        move(&projection.columns.base[j], to: projection.step.columnSquares[j] / UInt64(projection.pre), window)
      }
    }
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
      for j in 0..<projection.post {
        let rms = UInt64(max(1, isqrt(projection.columns[j])))
        let factor = (scheduled(unit.value(j), schedule) << 24) / rms
        scratch.first[j] = Int64(min(Fixed.stepFactorLimit, factor))
        scratch.second[j] = Int64(scheduled(limit.value(j), schedule))
      }
      let total = projection.rows.buffer.reduce(UInt64(0), +~)
      let mean = UInt64(isqrt(total / UInt64(max(1, projection.pre)))) << 12
      for i in 0..<projection.pre {
        let factor = mean / UInt64(max(1, isqrt(projection.rows[i])))
        scratch.presynaptic[i] = Int64(min(Fixed.presynapticFactorLimit, factor))
      }
    case nil: preconditionFailure("a plastic projection has a step")
    }
  }

  private func move(_ moment: inout UInt64, to target: UInt64, _ window: UInt64) {
    if target >= moment { moment += (target - moment) / window } else { moment -= (moment - target) / window }
  }

  // MARK: - Schedule

  private func advanceSchedule(_ schedule: LearningPlan.Schedule) {
    if case .stepwise(let factor, let every) = schedule, updates > 1, (updates - 1) % every == 0 {
      scheduleFactor = UInt32(truncatingIfNeeded: (UInt64(scheduleFactor) * UInt64(factor) + 32768) >> 16)
    }
  }

  /// A learning rate, times the schedule's factor.
  private func scheduled(_ rate: UInt32, _ schedule: LearningPlan.Schedule) -> UInt64 {
    var factor = UInt64(scheduleFactor)
    if case .linearToZero(let total) = schedule {
      factor = updates > total ? 0 : 65536 * (UInt64(total) - UInt64(updates) + 1) / UInt64(total)
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
    if projection.isFactored {
      squares(projection, i, start, count, g)
      factoredSteps(projection, i, start, count, g)
    } else {
      multipliedSteps(projection, start, count, g)
    }
    let at = i * projection.post + start
    switch projection.weights {
    case .narrow(let weights): round(projection, weights.base + at, -128, 127, at, count, g)
    case .wide(let weights): round(projection, weights.base + at, -32768, 32767, at, count, g)
    }
  }

  /// Clamps gradients to what the sums of squares have room for.
  @inline(__always)
  private func limit(_ g: UnsafeMutablePointer<Int64>, _ count: Int) {
    let limit = Int64(plan.learning?.gradientLimit ?? .max)
    for l in 0..<count { g[l] = clamp64(g[l], limit) }
  }

  @inline(__always)
  private func squares(
    _ projection: ProjectionState, _ i: Int, _ start: Int, _ count: Int, _ g: UnsafePointer<Int64>
  ) {
    let columns = projection.step.columnSquares.base + start
    var row: UInt64 = 0
    for l in 0..<count {
      let square = g[l].magnitude *~ g[l].magnitude
      columns[l] = columns[l] +~ square
      row = row +~ square
    }
    projection.step.rowSquares.base[i] = projection.step.rowSquares.base[i] +~ row
  }

  /// g becomes the step, in 2⁻¹⁶ LSB.
  @inline(__always)
  private func factoredSteps(
    _ projection: ProjectionState, _ i: Int, _ start: Int, _ count: Int, _ g: UnsafeMutablePointer<Int64>
  ) {
    if updates == 1 {
      for l in 0..<count { g[l] = 0 }
      return
    }
    let factor = projection.step.first.base + start
    let limit = projection.step.second.base + start
    let q = projection.step.presynaptic.base[i]
    for l in 0..<count {
      // g P may pass 2⁶³ by little; the clamp that follows makes its exact value irrelevant.
      let (product, overflows) = g[l].multipliedReportingOverflow(by: factor[l])
      let exact = overflows ? (g[l] < 0 ? Int64.min : Int64.max) : product
      g[l] = clamp64(asr64(clamp64(asr64(exact, 24), 1 << 38) &* q, 12), limit[l])
    }
  }

  @inline(__always)
  private func multipliedSteps(
    _ projection: ProjectionState, _ start: Int, _ count: Int, _ g: UnsafeMutablePointer<Int64>
  ) {
    guard case .sgd(_, let exponent) = projection.plan.step else { return }
    let multiplier = projection.step.first.base + start
    for l in 0..<count { g[l] = clamp64(asr64(g[l] *~ multiplier[l], exponent), 1 << 30) }
  }

  /// Takes the steps off the weights, rounded with each synapse's threshold.
  @inline(__always)
  private func round<W: FixedWidthInteger>(
    _ projection: ProjectionState, _ weights: UnsafeMutablePointer<W>, _ least: Int64, _ most: Int64, _ at: Int,
    _ count: Int, _ steps: UnsafePointer<Int64>
  ) {
    let key = projection.plan.roundingSalt &+ UInt32(truncatingIfNeeded: at)
    let number = updates
    var clamped = 0
    for l in 0..<count {
      let rounded = asr64(steps[l] &+ Int64(threshold(key &+ UInt32(truncatingIfNeeded: l), number)), 16)
      let x = Int64(truncatingIfNeeded: weights[l]) &- rounded
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
      if start == 0 { learner.biasGradient = [] }
      learner.biasGradient += (0..<count).map { g[$0] }
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
    case .factored(let unit, let limit):
      let rms = UInt64(max(1, isqrt(learner.biasMoment[k])))
      let size = min(scheduled(limit.value(k), schedule), g.magnitude *~ scheduled(unit.value(k), schedule) / rms)
      let window = UInt64(max(1, min(updates, learner.plan.momentWindow)))
      move(&learner.biasMoment.base[k], to: g.magnitude *~ g.magnitude, window)
      if updates == 1 { return 0 }
      return g < 0 ? -Int64(size) : Int64(size)
    }
  }
}

extension [UInt32] {
  /// The value of postsynaptic neuron j, from one for each or one for all.
  fileprivate func value(_ j: Int) -> UInt32 { count == 1 ? self[0] : self[j] }
}
