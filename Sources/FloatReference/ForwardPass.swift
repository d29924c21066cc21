import Networks
import Trials

/// The dynamics, event by event. In the order of a step t (symbols as in the paper, eqs 20, 21, 25, 26; the scalings
/// s are 1 or one minus a decay, as the convention says):
///
///     v^t = α v^{t−1} − v_th z^{t−1} + s_in W_in x^t + s_rec W_rec z^{t−1} + b   (other resets: `ResetMechanism.swift`)
///     with a synaptic current  I^t = α_s I^{t−1} + s_in W_in x^t + s_rec W_rec z^{t−1} + b,  v^t = α v^{t−1} − v_th z^{t−1} + I^t
///     a^t = ρ a^{t−1} + s_a z^{t−1},   A^t = v_th + β a^t
///     ψ^t = γ f((v^t − A^t) / width),  0 while refractory            (`SurrogateDerivative`; f the surrogate's shape)
///     z^t = [v^t ≥ A^t and not refractory]                                       (or >)
///     y^t = κ y^{t−1} + s_out W_out z^t + b
///
/// Populations fire in their order, so that a projection without a delay carries z^t to a later one. All states are 0
/// before the first step.
final class ForwardPass {
  /// One projection, as the inner loops see it.
  private struct Wire {
    var weights: UnsafeMutablePointer<Double>
    var target: UnsafeMutablePointer<Double>
    var preFirst: Int
    var count: Int
    var scale: Double
  }

  private let wiring: Wiring
  private let weights: ParameterBuffers
  private let voltage: Buffer<Double>
  /// I; 0 where there is no synaptic current.
  private let current: Buffer<Double>
  private let adaptation: Buffer<Double>
  /// A.
  private let threshold: Buffer<Double>
  /// The last step at which the neuron is refractory, as a number that vectorises.
  private let silentUntil: Buffer<Double>
  private let readout: Buffer<Double>
  private let groupOfNeuron: Buffer<Int>
  private let groups: Buffer<Wiring.Group>
  private let inputWires: [Wire]
  /// W_in x of an input that is held, and the wires to it.
  private let heldDrive: Buffer<Double>
  private let heldWires: [Wire]
  /// By source population: with a delay, and without.
  private let wires: [[Wire]]
  private let immediateWires: [[Wire]]
  private let inputReadoutWires: [Wire]
  private let readoutWires: [[Wire]]

  init(_ wiring: Wiring, weights: ParameterBuffers) {
    self.wiring = wiring
    self.weights = weights
    let count = wiring.neuronCount
    voltage = Buffer(count, filledWith: 0)
    current = Buffer(count, filledWith: 0)
    adaptation = Buffer(count, filledWith: 0)
    threshold = Buffer(count, filledWith: 0)
    silentUntil = Buffer(count, filledWith: -1)
    readout = Buffer(wiring.outputCount, filledWith: 0)
    groupOfNeuron = Buffer(
      wiring.groups.indices.flatMap { Array(repeating: $0, count: wiring.groups[$0].count) }, orIfEmpty: 0)
    groups = Buffer(wiring.groups, orIfEmpty: wiring.groups[0])
    heldDrive = Buffer(count, filledWith: 0)
    let (voltage, current, held, readout) = (voltage, current, heldDrive, readout)
    func wires(from source: Int?, toReadout: Bool, delay: Int = 0, isHeld: Bool = false) -> [Wire] {
      wiring.links.indices.compactMap { index in
        let link = wiring.links[index]
        guard link.sourceGroup == source, (link.targetGroup == nil) == toReadout, link.delay == delay,
          let base = weights.projections[index].baseAddress
        else { return nil }
        let isFiltered = link.targetGroup.map { wiring.groups[$0].synapticDecay != nil } ?? false
        let target = toReadout ? readout.base : isFiltered ? current.base : voltage.base
        return Wire(
          weights: base, target: (isHeld ? held.base : target) + link.postFirst, preFirst: link.preFirst,
          count: link.postCount,
          scale: link.scale)
      }
    }
    inputWires = wires(from: nil, toReadout: false)
    heldWires = wires(from: nil, toReadout: false, isHeld: true)
    inputReadoutWires = wires(from: nil, toReadout: true)
    self.wires = wiring.groups.indices.map { wires(from: $0, toReadout: false, delay: 1) }
    immediateWires = wiring.groups.indices.map { wires(from: $0, toReadout: false) }
    readoutWires = wiring.groups.indices.map { wires(from: $0, toReadout: true) }
  }

  /// Runs one trial and leaves ψ, the spikes and y on the tape. With `forced`, the neurons fire exactly when it says.
  func run(_ trial: Trial, onto tape: TrialTape, forced: EventTrain?, recordingStates: Bool) {
    tape.prepare(steps: trial.steps, recordingStates: recordingStates)
    reset()
    let (count, outputs) = (wiring.neuronCount, wiring.outputCount)
    let offsets = tape.spikeOffsets.base
    offsets[0] = 0
    var previous = 0..<0
    for step in 0..<trial.steps {
      decayAndReset(previous, tape)
      if trial.holdSteps > 1, !heldWires.isEmpty {
        deliverHeld(trial, step)
      } else {
        deliverInputs(trial, step, to: inputWires)
      }
      deliverSpikes(previous, tape, to: wires)
      let surrogates = tape.surrogates.base + step * count
      var end = previous.upperBound
      for group in wiring.groups {
        settle(group, previous, tape)
        differentiate(group, step, surrogates)
        if wiring.scalesThresholdDerivative {
          scaleThresholdSlopes(group, surrogates, tape.thresholdSlopes.base + step * count)
        }
        if recordingStates {
          let first = group.first
          (tape.voltages.base + step * count + first).update(from: voltage.base + first, count: group.count)
          (tape.adaptations.base + step * count + first).update(from: adaptation.base + first, count: group.count)
        }
        let start = end
        end = forced.map { force($0, group, step, tape, from: end) } ?? fire(group, step, tape, from: end)
        deliverSpikes(start..<end, tape, to: immediateWires)
      }
      offsets[step + 1] = end
      previous = previous.upperBound..<end
      Kernels.scale(readout.base, by: wiring.readoutDecays.base, count: outputs)
      deliverInputs(trial, step, to: inputReadoutWires)
      deliverSpikes(previous, tape, to: readoutWires)
      for k in 0..<outputs { readout.base[k] += weights.bias[k] }
      (tape.readouts.base + step * outputs).update(from: readout.base, count: outputs)
    }
  }

  private func reset() {
    voltage.fill(0)
    current.fill(0)
    adaptation.fill(0)
    silentUntil.fill(-1)
    readout.fill(0)
    for group in wiring.groups {
      (threshold.base + group.first).update(repeating: group.threshold, count: group.count)
    }
  }

  /// v ← α v − v_th z^{t−1}, I ← α_s I, a ← ρ a + s_a z^{t−1}, and the bias. (Other resets were done when the spike was.)
  private func decayAndReset(_ previous: Range<Int>, _ tape: TrialTape) {
    for group in wiring.groups {
      Kernels.scale(voltage.base + group.first, by: group.membraneDecay + group.first, count: group.count)
      if let decay = group.synapticDecay {
        Kernels.scale(current.base + group.first, by: decay + group.first, count: group.count)
      }
      if group.hasBias {
        let target = group.synapticDecay == nil ? voltage.base : current.base
        for j in group.first..<group.end { target[j] += wiring.bias[j] }
      }
      if group.isAdaptive {
        Kernels.scale(adaptation.base + group.first, by: group.adaptationDecay + group.first, count: group.count)
      }
    }
    let (spikes, v, a) = (tape.spikes.base, voltage.base, adaptation.base)
    for event in previous {
      let neuron = Int(spikes[event])
      let group = groups.base + groupOfNeuron.base[neuron]
      if group.pointee.reset == .subtract { v[neuron] -= group.pointee.threshold }
      if group.pointee.isAdaptive { a[neuron] += group.pointee.adaptationScale }
    }
  }

  /// What is held is weighted once for all its steps.
  private func deliverHeld(_ trial: Trial, _ step: Int) {
    if step % trial.holdSteps == 0 {
      heldDrive.fill(0)
      deliverInputs(trial, step, to: heldWires)
    }
    for group in wiring.groups {
      let target = group.synapticDecay != nil ? current.base : voltage.base
      Kernels.add(heldDrive.base + group.first, times: 1, to: target + group.first, count: group.count)
    }
  }

  /// Once everything has arrived: v ← v + I, and v ← 0 where a spike of the step before holds it.
  private func settle(_ group: Wiring.Group, _ previous: Range<Int>, _ tape: TrialTape) {
    if group.synapticDecay != nil {
      for j in group.first..<group.end { voltage.base[j] += current.base[j] }
    }
    guard group.reset == .hold else { return }
    for event in previous {
      let neuron = Int(tape.spikes.base[event])
      if neuron >= group.first, neuron < group.end { voltage.base[neuron] = 0 }
    }
  }

  private func deliverInputs(_ trial: Trial, _ step: Int, to wires: [Wire]) {
    guard !wires.isEmpty else { return }
    switch trial.inputs {
    case .spikes(let train):
      for event in train.offsets[step]..<train.offsets[step + 1] {
        let source = Int(train.sources[event])
        for wire in wires { deliver(wire, source, 1) }
      }
    case .analog(let values):
      let row = trial.row(of: step) * wiring.inputCount
      for source in 0..<wiring.inputCount {
        let value = values[row + source]
        if value != 0 { for wire in wires { deliver(wire, source, value) } }
      }
    }
  }

  private func deliverSpikes(_ range: Range<Int>, _ tape: TrialTape, to wires: [[Wire]]) {
    let spikes = tape.spikes.base
    for event in range {
      let neuron = Int(spikes[event])
      for wire in wires[groupOfNeuron.base[neuron]] { deliver(wire, neuron - wire.preFirst, 1) }
    }
  }

  @inline(__always)
  private func deliver(_ wire: Wire, _ source: Int, _ value: Double) {
    Kernels.add(
      wire.weights + source &* wire.count, times: wire.scale * value, to: wire.target, count: wire.count)
  }

  /// A^t and ψ^t.
  private func differentiate(_ group: Wiring.Group, _ step: Int, _ surrogates: UnsafeMutablePointer<Double>) {
    let (v, a, limit, silent) = (voltage.base, adaptation.base, threshold.base, silentUntil.base)
    if group.isAdaptive {
      for j in group.first..<group.end { limit[j] = group.threshold + group.adaptationStrength * a[j] }
    }
    if group.surrogate.isTent {
      group.surrogate.fillTent(
        surrogates, voltages: v, thresholds: limit, silentUntil: silent, now: Double(step), group.first..<group.end)
    } else {
      for j in group.first..<group.end {
        surrogates[j] = silent[j] >= Double(step) ? 0 : group.surrogate.value(v: v[j], threshold: limit[j])
      }
    }
  }

  /// −∂z/∂A = ψ v / A.
  private func scaleThresholdSlopes(
    _ group: Wiring.Group, _ surrogates: UnsafePointer<Double>, _ slopes: UnsafeMutablePointer<Double>
  ) {
    for j in group.first..<group.end { slopes[j] = surrogates[j] * voltage.base[j] / threshold.base[j] }
  }

  /// z^t, and the reset in its own step.
  private func fire(_ group: Wiring.Group, _ step: Int, _ tape: TrialTape, from start: Int) -> Int {
    let (v, limit, silent, spikes) = (voltage.base, threshold.base, silentUntil.base, tape.spikes.base)
    let (now, atThreshold) = (Double(step), wiring.firesAtThreshold)
    var end = start
    var j = group.first
    while j < group.end {
      if v[j] >= limit[j], atThreshold || v[j] > limit[j], silent[j] < now {
        spikes[end] = UInt16(truncatingIfNeeded: j)
        end &+= 1
        silent[j] = now + Double(group.silentSteps)
        resetAtOnce(group, j)
      }
      j &+= 1
    }
    return end
  }

  @inline(__always)
  private func resetAtOnce(_ group: Wiring.Group, _ neuron: Int) {
    switch group.reset {
    case .zero, .hold: voltage.base[neuron] = 0
    case .value: voltage.base[neuron] = group.resetPotential[neuron]
    case .subtractAtOnce: voltage.base[neuron] -= group.threshold
    case .subtract, .none: break
    }
  }

  /// The given z^t of a population in place of the network's own.
  private func force(
    _ forced: EventTrain, _ group: Wiring.Group, _ step: Int, _ tape: TrialTape, from start: Int
  ) -> Int {
    var end = start
    for event in forced.offsets[step]..<forced.offsets[step + 1] {
      let neuron = Int(forced.sources[event])
      guard neuron >= group.first, neuron < group.end else { continue }
      tape.spikes.base[end] = forced.sources[event]
      end += 1
      silentUntil.base[neuron] = Double(step + group.silentSteps)
      resetAtOnce(group, neuron)
    }
    return end
  }
}
