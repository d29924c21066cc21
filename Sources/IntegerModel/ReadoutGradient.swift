import FixedPoint
import Planning

extension IntegerNetwork {
  /// A plastic projection into the readout.
  func learnReadout(_ learner: Learner, _ projection: ProjectionState, _ applies: Bool) {
    guard case .population(let index) = projection.plan.source else {
      preconditionFailure("the readout hears populations only")
    }
    let g = learner.gather.g.base
    for i in 0..<projection.pre {
      var times = learner.spikeIndex.times(of: populations[index].first + i)
      if times.first == -1 { times = UnsafeBufferPointer(rebasing: times.dropFirst()) }
      if times.isEmpty, !learner.isCarried, !keepsGradients, projection.adam == nil { continue }
      for start in stride(from: 0, to: readout.count, by: lanes) {
        let count = min(lanes, readout.count - start)
        for l in 0..<count { g[l] = 0 }
        for time in times {
          let row = learner.filtered.base + (Int(time) &* readout.count &+ start)
          for l in 0..<count { g[l] &+= Int64(row[l]) }
        }
        if learner.isCarried { addCarried(learner, projection.traces[i], start, count, to: g) }
        clearAbsent(projection, i, start, count, g)
        deliver(learner, projection, i, start, count, g, applies)
      }
    }
  }

  private func addCarried(
    _ learner: Learner, _ trace: Int32, _ start: Int, _ count: Int, to g: UnsafeMutablePointer<Int64>
  ) {
    for l in 0..<count {
      let before = Int64(learner.filteredBefore[start + l])
      let x = g[l] +~ near(before *~ Int64(trace), Fixed.readoutTraceBits)
      g[l] = Int64(sat32(x))
      if countsSaturations, g[l] != x { saturations.gradient += 1 }
    }
  }

  /// The bias, which is a source that fires in every step.
  func learnBias(_ learner: Learner, _ applies: Bool) {
    let g = learner.gather.g.base
    for start in stride(from: 0, to: readout.count, by: lanes) {
      let count = min(lanes, readout.count - start)
      for l in 0..<count { g[l] = 0 }
      for tau in 0..<learner.record.steps {
        for l in 0..<count { g[l] &+= Int64(learner.filtered.base[tau * readout.count + start + l]) }
      }
      if learner.isCarried { addCarried(learner, learner.biasTrace, start, count, to: g) }
      if applies {
        applyBias(learner, start, count, g)
      } else {
        let total = learner.biasAccumulator.base + start
        for l in 0..<count { total[l] = sat32(Int64(total[l]) + g[l]) }
      }
    }
  }
}
