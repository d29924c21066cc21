import Trials

/// The second half of the block form: every presynaptic event (t, i) adds p_i^t S_j^t to g_ji, for all j at once.
struct GradientGather {
  let wiring: Wiring

  /// Adds factor · s · Σ_t p_i^t S^t over the steps t of the block to the [pre × post] numbers of one projection.
  ///
  /// An input of step t arrives at step t, and so does a spike at a readout; at a neuron a spike of step t arrives at t + 1,
  /// or at t where the projection has no delay.
  func add(
    _ linkIndex: Int, _ tape: TrialTape, _ trial: Trial, _ block: Range<Int>, _ coefficients: Coefficients,
    factor: Double, to sums: UnsafeMutableBufferPointer<Double>
  ) {
    let link = wiring.links[linkIndex]
    guard let base = sums.baseAddress else { return }
    let toReadout = link.targetGroup == nil
    let stride = toReadout ? wiring.outputCount : wiring.neuronCount
    let rows = (toReadout ? coefficients.outputs.base : coefficients.neurons.base) + link.postFirst
    if link.sourceGroup == nil, case .analog(let values) = trial.inputs {
      if trial.holdSteps > 1 {
        addHeld(link, values, trial.holdSteps, block, rows, stride, factor: factor, to: base)
      } else {
        addAnalog(link, values, block, rows, stride, factor: factor, to: base)
      }
      return
    }
    let delay = link.delay
    let events = link.sourceGroup == nil ? tape.inputsBySource : tape.spikesBySource
    let arrivals = block.lowerBound - delay..<block.upperBound - delay
    for i in 0..<link.preCount {
      let window = events.window(of: link.preFirst + i, within: arrivals)
      addColumn(
        base + i * link.postCount, events.times.base, window, rows - arrivals.lowerBound * stride, stride,
        factor: factor * link.scale, count: link.postCount)
    }
    if link.lacksDiagonal { for i in 0..<link.preCount { base[i * link.postCount + i] = 0 } }
  }

  /// The same for every projection that is wanted, and the bias, from a block that begins with the trial.
  func addAll(
    _ tape: TrialTape, _ trial: Trial, _ block: Range<Int>, _ coefficients: Coefficients, wanted: [Bool],
    factor: Double, to gradient: ParameterBuffers
  ) {
    for link in wiring.links.indices where wanted[link] {
      add(link, tape, trial, block, coefficients, factor: factor, to: gradient.projections[link])
    }
    for step in block {
      for k in 0..<wiring.outputCount {
        gradient.bias[k] += factor * coefficients.outputs.base[step * wiring.outputCount + k]
      }
    }
  }

  /// Four events at a time: one pass over the column for each four.
  @inline(__always)
  private func addColumn(
    _ column: UnsafeMutablePointer<Double>, _ times: UnsafePointer<Int32>, _ window: Range<Int>,
    _ rows: UnsafePointer<Double>, _ stride: Int, factor: Double, count: Int
  ) {
    var event = window.lowerBound
    while event &+ 4 <= window.upperBound {
      Kernels.add(
        rows + Int(times[event]) &* stride, rows + Int(times[event &+ 1]) &* stride,
        rows + Int(times[event &+ 2]) &* stride, rows + Int(times[event &+ 3]) &* stride,
        times: factor, to: column, count: count)
      event &+= 4
    }
    while event < window.upperBound {
      Kernels.add(rows + Int(times[event]) &* stride, times: factor, to: column, count: count)
      event &+= 1
    }
  }

  private func addAnalog(
    _ link: Wiring.Link, _ values: [Double], _ block: Range<Int>, _ rows: UnsafePointer<Double>, _ stride: Int,
    factor: Double, to sums: UnsafeMutablePointer<Double>
  ) {
    for i in 0..<link.preCount {
      for step in block {
        let value = values[step * wiring.inputCount + i]
        guard value != 0 else { continue }
        Kernels.add(
          rows + (step - block.lowerBound) * stride, times: factor * link.scale * value,
          to: sums + i * link.postCount, count: link.postCount)
      }
    }
  }
}

extension GradientGather {
  /// The same for inputs that are held: the coefficients of their steps are summed first.
  private func addHeld(
    _ link: Wiring.Link, _ values: [Double], _ hold: Int, _ block: Range<Int>, _ rows: UnsafePointer<Double>,
    _ stride: Int, factor: Double, to sums: UnsafeMutablePointer<Double>
  ) {
    let sum = Buffer(link.postCount, filledWith: 0.0)
    var step = block.lowerBound
    while step < block.upperBound {
      let row = step / hold
      sum.fill(0)
      while step < block.upperBound, step / hold == row {
        Kernels.add(rows + (step - block.lowerBound) * stride, times: 1, to: sum.base, count: link.postCount)
        step += 1
      }
      for i in 0..<link.preCount {
        let value = values[row * wiring.inputCount + i]
        guard value != 0 else { continue }
        Kernels.add(
          sum.base, times: factor * link.scale * value, to: sums + i * link.postCount, count: link.postCount)
      }
    }
  }
}

extension EventsBySource {
  /// Which of a source's events happened within a range of steps.
  func window(of source: Int, within steps: Range<Int>) -> Range<Int> {
    let all = offsets.base[source]..<offsets.base[source + 1]
    return firstIndex(notBefore: steps.lowerBound, in: all)..<firstIndex(notBefore: steps.upperBound, in: all)
  }

  private func firstIndex(notBefore step: Int, in range: Range<Int>) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if Int(times.base[middle]) < step { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
