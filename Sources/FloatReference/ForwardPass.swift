import Networks
import Trials

/// The dynamics, event by event. In the order of a step t (symbols as in the paper, eqs 20, 21, 25, 26; the scalings
/// s are 1 or one minus a decay, as the convention says):
///
///     v^t = α v^{t−1} − v_th z^{t−1} + s_in W_in x^t + s_rec W_rec z^{t−1}      (reset to zero: α v^{t−1} (1 − z^{t−1}) + …)
///     a^t = ρ a^{t−1} + s_a z^{t−1},   A^t = v_th + β a^t
///     ψ^t = γ f((v^t − A^t) / width),  0 while refractory            (`SurrogateDerivative`; f the surrogate's shape)
///     z^t = [v^t ≥ A^t and not refractory]                                       (or >)
///     y^t = κ y^{t−1} + s_out W_out z^t + b
///
/// All states are 0 before the first step.
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
  /// By source population.
  private let wires: [[Wire]]
  private let inputReadoutWires: [Wire]
  private let readoutWires: [[Wire]]

  init(_ wiring: Wiring, weights: ParameterBuffers) {
    self.wiring = wiring
    self.weights = weights
    let count = wiring.neuronCount
    voltage = Buffer(count, filledWith: 0)
    adaptation = Buffer(count, filledWith: 0)
    threshold = Buffer(count, filledWith: 0)
    silentUntil = Buffer(count, filledWith: -1)
    readout = Buffer(wiring.outputCount, filledWith: 0)
    groupOfNeuron = Buffer(
      wiring.groups.indices.flatMap { Array(repeating: $0, count: wiring.groups[$0].count) }, orIfEmpty: 0)
    groups = Buffer(wiring.groups, orIfEmpty: wiring.groups[0])
    heldDrive = Buffer(count, filledWith: 0)
    let (voltage, readout) = (voltage, readout)
    func wires(from source: Int?, toReadout: Bool, to drive: Buffer<Double>) -> [Wire] {
      wiring.links.indices.compactMap { index in
        let link = wiring.links[index]
        guard link.sourceGroup == source, (link.targetGroup == nil) == toReadout,
          let base = weights.projections[index].baseAddress
        else { return nil }
        return Wire(
          weights: base, target: (toReadout ? readout.base : drive.base) + link.postFirst, preFirst: link.preFirst,
          count: link.postCount, scale: link.scale)
      }
    }
    inputWires = wires(from: nil, toReadout: false, to: voltage)
    heldWires = wires(from: nil, toReadout: false, to: heldDrive)
    inputReadoutWires = wires(from: nil, toReadout: true, to: voltage)
    self.wires = wiring.groups.indices.map { wires(from: $0, toReadout: false, to: voltage) }
    readoutWires = wiring.groups.indices.map { wires(from: $0, toReadout: true, to: voltage) }
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
      for group in wiring.groups { differentiate(group, step, surrogates) }
      if wiring.scalesThresholdDerivative { scaleThresholdSlopes(surrogates, tape.thresholdSlopes.base + step * count) }
      if recordingStates {
        (tape.voltages.base + step * count).update(from: voltage.base, count: count)
        (tape.adaptations.base + step * count).update(from: adaptation.base, count: count)
      }
      var end = previous.upperBound
      if let forced {
        end = force(forced, step, tape, from: end)
      } else {
        for group in wiring.groups { end = fire(group, step, tape, from: end) }
      }
      offsets[step + 1] = end
      previous = previous.upperBound..<end
      Kernels.scale(readout.base, by: wiring.readoutDecay, count: outputs)
      deliverInputs(trial, step, to: inputReadoutWires)
      deliverSpikes(previous, tape, to: readoutWires)
      for k in 0..<outputs { readout.base[k] += weights.bias[k] }
      (tape.readouts.base + step * outputs).update(from: readout.base, count: outputs)
    }
  }

  private func reset() {
    voltage.fill(0)
    adaptation.fill(0)
    silentUntil.fill(-1)
    readout.fill(0)
    for group in wiring.groups {
      (threshold.base + group.first).update(repeating: group.threshold, count: group.count)
    }
  }

  /// v ← α v − v_th z^{t−1} and a ← ρ a + s_a z^{t−1}. (Reset to zero was done when the spike was.)
  private func decayAndReset(_ previous: Range<Int>, _ tape: TrialTape) {
    for group in wiring.groups {
      Kernels.scale(voltage.base + group.first, by: group.membraneDecay, count: group.count)
      if group.isAdaptive {
        Kernels.scale(adaptation.base + group.first, by: group.adaptationDecay, count: group.count)
      }
    }
    let (spikes, v, a) = (tape.spikes.base, voltage.base, adaptation.base)
    for event in previous {
      let neuron = Int(spikes[event])
      let group = groups.base + groupOfNeuron.base[neuron]
      if !group.pointee.resetsToZero { v[neuron] -= group.pointee.threshold }
      if group.pointee.isAdaptive { a[neuron] += group.pointee.adaptationScale }
    }
  }

  /// What is held is weighted once for all its steps.
  private func deliverHeld(_ trial: Trial, _ step: Int) {
    if step % trial.holdSteps == 0 {
      heldDrive.fill(0)
      deliverInputs(trial, step, to: heldWires)
    }
    Kernels.add(heldDrive.base, times: 1, to: voltage.base, count: wiring.neuronCount)
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
    _ surrogates: UnsafePointer<Double>, _ slopes: UnsafeMutablePointer<Double>
  ) {
    for j in 0..<wiring.neuronCount { slopes[j] = surrogates[j] * voltage.base[j] / threshold.base[j] }
  }

  /// z^t, and the reset to zero.
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
        if group.resetsToZero { v[j] = 0 }
      }
      j &+= 1
    }
    return end
  }

  /// The given z^t in place of the network's own.
  private func force(_ forced: EventTrain, _ step: Int, _ tape: TrialTape, from start: Int) -> Int {
    var end = start
    for event in forced.offsets[step]..<forced.offsets[step + 1] {
      let neuron = Int(forced.sources[event])
      let group = wiring.groups[groupOfNeuron.base[neuron]]
      tape.spikes.base[end] = forced.sources[event]
      end += 1
      silentUntil.base[neuron] = Double(step + group.silentSteps)
      if group.resetsToZero { voltage.base[neuron] = 0 }
    }
    return end
  }
}
