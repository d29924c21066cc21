// swift-format does not know the operators of Bounded.swift.
// swift-format-ignore-file: NoAssignmentInExpressions

import FixedPoint
import Planning

/// The gradient of one source's synapses into one tile.
final class GatherScratch {
  let sum = Storage<Int32>(lanes, repeating: 0)
  let wide = Storage<Int64>(lanes, repeating: 0)
  let g = Storage<Int64>(lanes, repeating: 0)
  let coefficients = Storage<Int64>(lanes, repeating: 0)
}

extension IntegerNetwork {
  /// Gradient, carry and, where it is due, the new weights of a projection's synapses into a tile.
  func learnProjection(
    _ learner: Learner, _ projection: ProjectionState, _ tile: Tile, _ learning: LearningPlan.PopulationLearning,
    _ applies: Bool
  ) {
    let g = learner.gather.g.base
    for i in 0..<projection.pre {
      let isSilent = !gather(learner, projection, i, learner.sweep.delta.base, tile.count, into: g)
      let diagonal = projection.plan.skipsDiagonal ? i - tile.start : -1
      let skipped = diagonal >= 0 && diagonal < tile.count ? diagonal : nil
      if learner.isCarried {
        addCarried(learner, projection, tile, learning, source: i, to: g)
        carryEligibility(learner, projection, tile, learning, source: i, skipped: skipped)
      } else if isSilent, projection.adam == nil {
        keepGradient(projection, i, tile.start, tile.count, g)
        continue
      }
      if let skipped { g[skipped] = 0 }
      clearAbsent(projection, i, tile.start, tile.count, g)
      deliver(learner, projection, i, tile.start, tile.count, g, applies)
    }
  }

  /// No synapse, no gradient.
  @inline(__always)
  func clearAbsent(
    _ projection: ProjectionState, _ i: Int, _ start: Int, _ count: Int, _ g: UnsafeMutablePointer<Int64>
  ) {
    guard !projection.absent.isEmpty else { return }
    for j in projection.absent[i] where j >= start && j < start + count { g[j - start] = 0 }
  }

  /// Σ over the arrivals of source i of a row of `table`, [step × lane]; false, with zeros, where nothing arrives.
  @inline(__always)
  func gather<E: FixedWidthInteger>(
    _ learner: Learner, _ projection: ProjectionState, _ i: Int, _ table: UnsafePointer<E>, _ count: Int,
    into g: UnsafeMutablePointer<Int64>
  ) -> Bool {
    switch projection.plan.source {
    case .population(let index):
      var times = learner.spikeIndex.times(of: populations[index].first + i)
      if projection.plan.isImmediate {
        if times.first == -1 { times = times.dropFirst().rebased }
        return gather(learner, times, table, count, into: g)
      }
      if let last = times.last, Int(last) == learner.record.steps - 1 { times = times.dropLast().rebased }
      return gather(learner, times, table + lanes, count, into: g)
    case .inputs where learner.record.isAnalog:
      gatherAnalog(learner, i, table, count, into: g)
      return true
    case .inputs:
      return gather(learner, learner.inputIndex.times(of: i), table, count, into: g)
    }
  }

  /// Spikes of the step before the block have time −1: `table` begins one step late for them.
  @inline(__always)
  private func gather<E: FixedWidthInteger>(
    _ learner: Learner, _ times: UnsafeBufferPointer<Int32>, _ table: UnsafePointer<E>, _ count: Int,
    into g: UnsafeMutablePointer<Int64>
  ) -> Bool {
    for l in 0..<count { g[l] = 0 }
    if times.isEmpty { return false }
    if MemoryLayout<E>.size > 2 {
      for time in times {
        let row = table + Int(time) &* lanes
        for l in 0..<count { g[l] &+= Int64(truncatingIfNeeded: row[l]) }
      }
      return true
    }
    let sum = learner.gather.sum.base
    for l in 0..<count { sum[l] = 0 }
    for time in times {
      let row = table + Int(time) &* lanes
      for l in 0..<count { sum[l] = sum[l] +~ Int32(truncatingIfNeeded: row[l]) }
    }
    for l in 0..<count { g[l] = Int64(sum[l]) }
    return true
  }

  /// Σ x · row, not yet divided by the format of x.
  private func gatherAnalog<E: FixedWidthInteger>(
    _ learner: Learner, _ i: Int, _ table: UnsafePointer<E>, _ count: Int, into g: UnsafeMutablePointer<Int64>
  ) {
    let record = learner.record
    for l in 0..<count { g[l] = 0 }
    for tau in 0..<record.steps {
      let x = Int64(record.analog.base[tau * record.inputs + i])
      guard x != 0 else { continue }
      let row = table + tau * lanes
      for l in 0..<count { g[l] &+= x &* Int64(truncatingIfNeeded: row[l]) }
    }
    let bits = plan.inputs.kind.fractionBits
    if MemoryLayout<E>.size > 2 {
      for l in 0..<count { g[l] = asr64(g[l], bits) }
    } else {
      for l in 0..<count { g[l] = near(g[l], bits) }
    }
  }

  /// Hands g to the update or to the accumulator.
  @inline(__always)
  func deliver(
    _ learner: Learner, _ projection: ProjectionState, _ i: Int, _ start: Int, _ count: Int,
    _ g: UnsafeMutablePointer<Int64>, _ applies: Bool
  ) {
    if applies {
      keepGradient(projection, i, start, count, g)
      applyColumn(projection, i, start, count, g)
      return
    }
    let total = projection.accumulator.base + (i * projection.post + start)
    for l in 0..<count {
      let x = Int64(total[l]) &+ g[l]
      total[l] = sat32(x)
      if countsSaturations, Int64(total[l]) != x { saturations.gradient += 1 }
    }
  }

  func keepGradient(
    _ projection: ProjectionState, _ i: Int, _ start: Int, _ count: Int, _ g: UnsafePointer<Int64>
  ) {
    guard keepsGradients else { return }
    let kept = projection.gradient ?? Storage(projection.pre * projection.post, repeating: 0)
    projection.gradient = kept
    let at = kept.base + (i * projection.post + start)
    for l in 0..<count { at[l] = g[l] + (addsGradients ? at[l] : 0) }
  }
}

extension Slice<UnsafeBufferPointer<Int32>> {
  /// The same elements as a buffer of their own.
  fileprivate var rebased: UnsafeBufferPointer<Int32> { UnsafeBufferPointer(rebasing: self) }
}
