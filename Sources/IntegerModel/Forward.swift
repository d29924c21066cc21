// swift-format does not know the operators of Bounded.swift.
// swift-format-ignore-file: NoAssignmentInExpressions

import FixedPoint
import Planning

/// The input of one step.
enum StepInput {
  case spikes(UnsafeBufferPointer<UInt16>)
  case analog(UnsafeBufferPointer<Int8>)
}

extension IntegerNetwork {
  /// One step: `spikes` are the inputs that fire, distinct and in any order.
  public func step(spikes: UnsafeBufferPointer<UInt16>, forcedSpikes: [UInt16]? = nil) {
    precondition(plan.inputs.kind == .spikes, "this network has analog inputs")
    precondition(spikes.allSatisfy { Int($0) < plan.inputs.count }, "no such input")
    advance(.spikes(spikes), forced: forcedSpikes)
  }

  /// One step: `spikes` are the inputs that fire, distinct and in any order. With `forcedSpikes`, those neurons fire in
  /// this step, and no others, whatever they would have decided.
  public func step(spikes: [UInt16], forcedSpikes: [UInt16]? = nil) {
    spikes.withUnsafeBufferPointer { step(spikes: $0, forcedSpikes: forcedSpikes) }
  }

  /// One step with a value for each input, which counts where the inputs are not held or this step takes them. With `forcedSpikes`, those neurons fire in this step, and no others.
  public func step(analog: [Int8], forcedSpikes: [UInt16]? = nil) {
    precondition(plan.inputs.kind != .spikes, "this network has spiking inputs")
    precondition(analog.count == plan.inputs.count, "one value for each input")
    guard plan.holdsInputs else {
      analog.withUnsafeBufferPointer { advance(.analog($0), forced: forcedSpikes) }
      return
    }
    if takesInput { for i in 0..<analog.count { heldInput.base[i] = analog[i] } }
    advance(.analog(UnsafeBufferPointer(heldInput.buffer)), forced: forcedSpikes)
  }

  /// Whether the input of the step that begins is not that of an earlier one.
  private var takesInput: Bool { time % plan.inputs.holdSteps == 0 }

  private func advance(_ input: StepInput, forced: [UInt16]?) {
    beginRecordedStep()
    for population in populations { gatherDrive(population, input) }
    let wanted = forced.map(flags)
    for population in populations {
      gatherImmediate(population)
      integrate(population)
      if population.plan.reset == .hold { hold(population) }
      decide(population)
      if let wanted { force(population, wanted) }
      fire(population)
    }
    readOut()
    hasStepped = true
    recordStep(input)
    time += 1
  }

  /// d(t) of the step that is computed.
  var ditherWord: UInt32 { dither(firstNumber &+ UInt32(truncatingIfNeeded: time)) }

  // MARK: - Membranes

  /// acc of every neuron of a population, as far as nothing of it is fired in this step.
  private func gatherDrive(_ population: PopulationState, _ input: StepInput) {
    if population.isWide {
      let sums = neurons.wideDrive.base + population.first
      sums.update(repeating: 0, count: population.count)
      gatherDrive(population, input, isImmediate: false, into: sums)
    } else {
      let sums = neurons.drive.base + population.first
      sums.update(repeating: 0, count: population.count)
      gatherDrive(population, input, isImmediate: false, into: sums)
    }
  }

  /// What the populations that fired before this one in this step add to it.
  private func gatherImmediate(_ population: PopulationState) {
    guard population.hearsImmediately else { return }
    let none = StepInput.spikes(UnsafeBufferPointer(start: nil, count: 0))
    if population.isWide {
      gatherDrive(population, none, isImmediate: true, into: neurons.wideDrive.base + population.first)
    } else {
      gatherDrive(population, none, isImmediate: true, into: neurons.drive.base + population.first)
    }
  }

  private func gatherDrive<A: FixedWidthInteger>(
    _ population: PopulationState, _ input: StepInput, isImmediate: Bool, into sums: UnsafeMutablePointer<A>
  ) {
    for projection in projections {
      guard projection.plan.target == .population(population.index), projection.plan.isImmediate == isImmediate
      else { continue }
      switch projection.weights {
      case .narrow(let weights): gather(projection, weights.base, input, into: sums)
      case .wide(let weights): gather(projection, weights.base, input, into: sums)
      }
    }
  }

  private func gather<W: FixedWidthInteger, A: FixedWidthInteger>(
    _ projection: ProjectionState, _ weights: UnsafePointer<W>, _ input: StepInput, into sums: UnsafeMutablePointer<A>
  ) {
    let (post, shift) = (projection.post, projection.plan.shift)
    switch (projection.plan.source, input) {
    case (.population(let index), _):
      let first = populations[index].first
      for n in neurons.spikeRange(index) {
        addColumn(weights + (Int(neurons.spikes.base[n]) - first) * post, post, shift, sums)
      }
    case (.inputs, .spikes(let events)):
      for event in events { addColumn(weights + Int(event) * post, post, shift, sums) }
    case (.inputs, .analog(let values)) where projection.held.count > 0:
      if takesInput {
        projection.held.fill(0)
        for (i, x) in values.enumerated() { addColumn(weights + i * post, times: x, post, 0, projection.held.base) }
      }
      for j in 0..<post { sums[j] = sums[j] +~ raised(A(truncatingIfNeeded: projection.held.base[j]), shift) }
    case (.inputs, .analog(let values)):
      for (i, x) in values.enumerated() where x != 0 {
        addColumn(weights + i * post, times: x, post, shift, sums)
      }
    }
  }

  private func integrate(_ population: PopulationState) {
    if let current = population.plan.current { return integrateCurrent(population, current) }
    if population.isWide { integrateWide(population) } else { integrateNarrow(population) }
  }

  private func integrateNarrow(_ population: PopulationState) {
    let (count, shift) = (population.count, population.plan.driveShift)
    let c = constants.leaks.base + population.first
    let word = ditherWord
    let v = neurons.v.base + population.first
    let drive = neurons.drive.base + population.first
    if shift >= 0 {
      for j in 0..<count { drive[j] = raised(drive[j], shift) }
    } else {
      for j in 0..<count { drive[j] = near(drive[j], -shift) }
    }
    let bias = constants.biases.base + population.first
    let lowest = constants.lowest.base + population.first
    let highest = constants.highest.base + population.first
    var clamped: Int32 = 0
    for j in 0..<count {
      let x = leak(Int32(v[j]), c[j], word) +~ drive[j] +~ bias[j]
      let s = max(lowest[j], min(highest[j], x))
      clamped &+= x == s ? 0 : 1
      v[j] = Int16(truncatingIfNeeded: s)
    }
    if countsSaturations { saturations.potential += Int(clamped) }
  }

  private func integrateWide(_ population: PopulationState) {
    let shift = population.plan.driveShift
    let word = ditherWord
    let v = neurons.v.base + population.first
    let sums = neurons.wideDrive.base + population.first
    for j in 0..<population.count {
      let drive = shift >= 0 ? raised(sums[j], shift) : near(sums[j], -shift)
      let n = population.first + j
      let x = Int64(leak(Int32(v[j]), constants.leaks.base[n], word)) +~ drive +~ Int64(constants.biases.base[n])
      v[j] = Int16(truncatingIfNeeded: max(Int64(constants.lowest.base[n]), min(Int64(constants.highest.base[n]), x)))
      if countsSaturations, Int64(v[j]) != x { saturations.potential += 1 }
    }
  }

  /// v = 0 in the step after a spike.
  private func hold(_ population: PopulationState) {
    for n in population.range where Int(neurons.ready.base[n]) == time + population.plan.refractorySteps {
      neurons.v.base[n] = 0
    }
  }

  // MARK: - Spikes

  /// Thresholds, ψ, and what each neuron would do; leaves its decision in `fired`.
  private func decide(_ population: PopulationState) {
    let (first, count) = (population.first, population.count)
    neurons.unreset.base.advanced(by: first).update(from: neurons.v.base + first, count: count)
    if let adaptation = population.plan.adaptation { adapt(population, adaptation) }
    let raise = population.plan.adaptation == nil ? nil : neurons.adaptation.base + population.firstAdaptive
    let bits = Int32(population.plan.adaptation?.fractionBits ?? 0)
    let v = neurons.v.base + first
    let thresholds = constants.thresholds.base + first
    let scales = constants.surrogateScales.base + first
    let ready = neurons.ready.base + first
    let psi = neurons.psi.base + first
    let fired = neurons.fired.base + first
    let t = Int64(time)
    let least: Int32 = population.plan.firesAtThreshold ? 0 : 1
    for j in 0..<count {
      var above = Int32(v[j]) -~ thresholds[j]
      if let raise { above = above -~ raise[j] &>> bits }
      let m = thresholds[j] -~ abs(above)
      let p = min(255, (max(0, m) *~ scales[j]) &>> 16)
      let awake = t >= ready[j]
      psi[j] = awake ? UInt8(truncatingIfNeeded: p) : 0
      fired[j] = awake && above >= least ? 1 : 0
    }
  }

  private func adapt(_ population: PopulationState, _ adaptation: AdaptationPlan) {
    let word = ditherWord
    let b = neurons.adaptation.base + population.firstAdaptive
    let increments = constants.increments.base + population.firstAdaptive
    let fired = neurons.fired.base + population.first
    decayEach(b, population.count, adaptation.decay, word)
    for j in 0..<population.count where fired[j] != 0 { b[j] = b[j] +~ increments[j] }
  }

  private func flags(_ forced: [UInt16]) -> [UInt8] {
    var wanted = [UInt8](repeating: 0, count: neurons.count)
    for neuron in forced { wanted[Int(neuron)] = 1 }
    return wanted
  }

  private func force(_ population: PopulationState, _ wanted: [UInt8]) {
    for n in population.range {
      if wanted[n] != neurons.fired[n] { forcedDifferences += 1 }
      neurons.fired[n] = wanted[n]
    }
  }

  /// Turns decisions into spikes: the list, resets and refractory periods.
  private func fire(_ population: PopulationState) {
    var total = neurons.starts[population.index]
    let fired = neurons.fired.base
    var n = population.first
    let end = population.first + population.count
    while n < end {
      if n &+ 8 <= end, UnsafeRawPointer(fired + n).loadUnaligned(as: UInt64.self) == 0 {
        n &+= 8
        continue
      }
      if fired[n] != 0 {
        neurons.spikes.base[total] = UInt16(truncatingIfNeeded: n)
        total &+= 1
        settle(n, population)
      }
      n &+= 1
    }
    neurons.starts[population.index + 1] = total
  }

  private func settle(_ n: Int, _ population: PopulationState) {
    neurons.ready.base[n] = Int64(time + 1 + population.plan.refractorySteps)
    switch population.plan.reset {
    case .zero, .hold: neurons.v.base[n] = 0
    case .value: neurons.v.base[n] = Int16(truncatingIfNeeded: constants.resetAmounts.base[n])
    case .subtract:
      let x = Int32(neurons.v.base[n]) -~ constants.resetAmounts.base[n]
      let s = sat16(x)
      if countsSaturations, s != x { saturations.potential += 1 }
      neurons.v.base[n] = Int16(truncatingIfNeeded: s)
    }
  }

  // MARK: - Readout

  private func readOut() {
    let sum = readout.sum.base
    readout.sum.fill(0)
    for projection in projections where projection.plan.target == .readout {
      switch projection.weights {
      case .narrow(let weights): gatherOwnSpikes(projection, weights.base, into: sum)
      case .wide(let weights): gatherOwnSpikes(projection, weights.base, into: sum)
      }
    }
    let word = ditherWord
    decayEach(readout.y.base, readout.count, plan.readout.decay, word)
    for k in 0..<readout.count {
      let kept = readout.y.base[k] +~ readout.bias.base[k]
      readout.y.base[k] = kept +~ raised(sum[k], plan.readout.shift)
      readout.error.base[k] = 0
    }
  }

  private func gatherOwnSpikes<W: FixedWidthInteger>(
    _ projection: ProjectionState, _ weights: UnsafePointer<W>, into sum: UnsafeMutablePointer<Int32>
  ) {
    guard case .population(let index) = projection.plan.source else {
      preconditionFailure("the readout hears populations only")
    }
    let first = populations[index].first
    for n in neurons.spikeRange(index) {
      addColumn(weights + (Int(neurons.spikes.base[n]) - first) * projection.post, projection.post, 0, sum)
    }
  }
}

@inline(__always)
private func addColumn<W: FixedWidthInteger, A: FixedWidthInteger>(
  _ column: UnsafePointer<W>, _ count: Int, _ shift: Int, _ sums: UnsafeMutablePointer<A>
) {
  for j in 0..<count { sums[j] = sums[j] +~ raised(A(truncatingIfNeeded: column[j]), shift) }
}

@inline(__always)
private func addColumn<W: FixedWidthInteger, A: FixedWidthInteger>(
  _ column: UnsafePointer<W>, times x: Int8, _ count: Int, _ shift: Int, _ sums: UnsafeMutablePointer<A>
) {
  let x = A(truncatingIfNeeded: x)
  for j in 0..<count { sums[j] = sums[j] +~ raised(x *~ A(truncatingIfNeeded: column[j]), shift) }
}
