import Planning

/// What learning needs of the steps of a block: arrivals, ψ and errors.
final class Record {
  let capacity: Int
  let inputs: Int
  let neurons: Int
  let outputs: Int
  let isAnalog: Bool
  let recordsInputs: Bool
  let surrogateBits: Int

  /// Steps recorded.
  private(set) var steps = 0
  /// t of the first.
  private(set) var firstStep = 0
  /// Whether the last step of the network is in the record.
  private var holdsLastStep = false

  /// [step × neuron], [step × output], [step × input].
  let psi: Storage<UInt8>
  let error: Storage<Int16>
  let analog: Storage<Int8>
  /// Input events; those of step τ are at `inputStarts[τ]..<inputStarts[τ + 1]`.
  let inputEvents: Storage<UInt16>
  let inputStarts: Storage<Int32>
  /// Spikes: those of the step before the block up to `spikeStarts[0]`, then those of step τ at
  /// `spikeStarts[τ]..<spikeStarts[τ + 1]`.
  let spikes: Storage<UInt16>
  let spikeStarts: Storage<Int32>

  init(_ plan: FixedPlan, _ learning: LearningPlan) {
    capacity = learning.recordSteps
    surrogateBits = learning.surrogateBits
    inputs = plan.inputs.count
    neurons = plan.neuronCount
    outputs = plan.readout.count
    isAnalog = plan.inputs.kind != .spikes
    recordsInputs = learning.recordsInputs
    psi = Storage(capacity * neurons, repeating: 0)
    error = Storage(capacity * outputs, repeating: 0)
    analog = Storage(isAnalog && recordsInputs ? capacity * inputs : 0, repeating: 0)
    inputEvents = Storage(isAnalog ? 0 : learning.inputEventCapacity, repeating: 0)
    inputStarts = Storage(capacity + 1, repeating: 0)
    spikes = Storage(learning.spikeCapacity, repeating: 0)
    spikeStarts = Storage(capacity + 1, repeating: 0)
  }

  /// An empty record for a block that begins with step `firstStep`; `before` are the spikes of the step before it.
  func begin(at firstStep: Int, before: UnsafeBufferPointer<UInt16>) -> Bool {
    steps = 0
    self.firstStep = firstStep
    holdsLastStep = false
    guard before.count <= spikes.count else { return false }
    for (index, neuron) in before.enumerated() { spikes.base[index] = neuron }
    spikeStarts.base[0] = Int32(before.count)
    return true
  }

  /// Steps that are not recorded have no error to set either.
  func passOver() { holdsLastStep = false }

  /// False where the step does not fit.
  func append(_ input: StepInput, _ state: NeuronState) -> Bool {
    holdsLastStep = false
    let spikeEnd = Int(spikeStarts.base[steps]) + state.spikeCount
    guard spikeEnd <= spikes.count, append(input) else { return false }
    spikes.base.advanced(by: spikeEnd - state.spikeCount).update(from: state.spikes.base, count: state.spikeCount)
    let row = psi.base + steps * neurons
    for n in 0..<neurons { row[n] = recorded(state.psi.base[n]) }
    error.base.advanced(by: steps * outputs).update(repeating: 0, count: outputs)
    steps += 1
    spikeStarts.base[steps] = Int32(spikeEnd)
    holdsLastStep = true
    return true
  }

  /// ψ as it is learnt from.
  @inline(__always)
  private func recorded(_ psi: UInt8) -> UInt8 {
    switch surrogateBits {
    case 8: psi
    case 4: 17 * ((psi / 17) + (psi % 17 > 8 ? 1 : 0))
    default: psi > 0 ? UInt8(Fixed.surrogateLevel) : 0
    }
  }

  /// What the next block's record begins with: the last `count` steps of this one, without their errors.
  func keep(last count: Int) {
    let kept = min(count, steps)
    let dropped = steps - kept
    func move<E>(_ storage: Storage<E>, _ from: Int, _ count: Int) {
      for k in 0..<count { storage.base[k] = storage.base[from + k] }
    }
    move(psi, dropped * neurons, kept * neurons)
    error.fill(0)
    if isAnalog {
      move(analog, dropped * inputs, kept * inputs)
    } else {
      let start = Int(inputStarts.base[dropped])
      move(inputEvents, start, Int(inputStarts.base[steps]) - start)
      for k in 0...kept { inputStarts.base[k] = inputStarts.base[dropped + k] - Int32(start) }
    }
    // The spikes of the last step that is dropped arrive in the first that is kept.
    let start = dropped == 0 ? 0 : Int(spikeStarts.base[dropped - 1])
    move(spikes, start, Int(spikeStarts.base[steps]) - start)
    for k in 0...kept { spikeStarts.base[k] = spikeStarts.base[dropped + k] - Int32(start) }
    steps = kept
    firstStep += dropped
    holdsLastStep = false
  }

  private func append(_ input: StepInput) -> Bool {
    guard recordsInputs else { return true }
    switch input {
    case .analog(let values):
      for i in 0..<inputs { analog.base[steps * inputs + i] = values[i] }
    case .spikes(let events):
      let start = Int(inputStarts.base[steps])
      guard start + events.count <= inputEvents.count else { return false }
      for (index, event) in events.enumerated() { inputEvents.base[start + index] = event }
      inputStarts.base[steps + 1] = Int32(start + events.count)
    }
    return true
  }

  /// The error of the last step, if that is in the record.
  func setError(_ values: Storage<Int16>) {
    guard holdsLastStep else { return }
    error.base.advanced(by: (steps - 1) * outputs).update(from: values.base, count: outputs)
  }
}

extension Record {
  /// Where the spikes of step τ of the block are; −1 is the step before it.
  func spikeRange(_ tau: Int) -> Range<Int> {
    let start = tau < 0 ? 0 : Int(spikeStarts.base[tau])
    return start..<Int(spikeStarts.base[tau + 1])
  }
}
