import Networks
import Trials

/// What a forward pass leaves behind for the gradient: the surrogate derivatives, the spikes, the readouts and the
/// errors of one trial. Reused from trial to trial; it grows to the longest trial seen.
final class TrialTape {
  let neuronCount: Int
  let outputCount: Int
  private(set) var steps = 0
  /// ψ, [steps × neurons].
  private(set) var surrogates: Buffer<Double>
  /// −∂z/∂A, [steps × neurons]: ψ itself, unless the convention scales it.
  private(set) var thresholdSlopes: Buffer<Double>
  private let hasThresholdSlopes: Bool
  /// y, [steps × outputs].
  private(set) var readouts: Buffer<Double>
  /// err, [steps × outputs].
  private(set) var errors: Buffer<Double>
  /// Neuron n fired at step t: `spikes[spikeOffsets[t]..<spikeOffsets[t + 1]]` holds n.
  private(set) var spikeOffsets: Buffer<Int>
  private(set) var spikes: Buffer<UInt16>
  /// v and a, [steps × neurons]; filled where asked for.
  private(set) var voltages: Buffer<Double>
  private(set) var adaptations: Buffer<Double>
  /// The spikes again, in the order of their neurons.
  let spikesBySource: EventsBySource
  let inputsBySource: EventsBySource
  /// E.
  var loss = 0.0

  init(_ wiring: Wiring) {
    neuronCount = wiring.neuronCount
    outputCount = wiring.outputCount
    surrogates = Buffer(0, filledWith: 0)
    hasThresholdSlopes = wiring.scalesThresholdDerivative
    thresholdSlopes = hasThresholdSlopes ? Buffer(0, filledWith: 0) : surrogates
    readouts = Buffer(0, filledWith: 0)
    errors = Buffer(0, filledWith: 0)
    spikeOffsets = Buffer(1, filledWith: 0)
    spikes = Buffer(0, filledWith: 0)
    voltages = Buffer(0, filledWith: 0)
    adaptations = Buffer(0, filledWith: 0)
    spikesBySource = EventsBySource(sourceCount: wiring.neuronCount)
    inputsBySource = EventsBySource(sourceCount: wiring.inputCount)
  }

  func prepare(steps: Int, recordingStates: Bool) {
    self.steps = steps
    surrogates = surrogates.holding(atLeast: steps * neuronCount, filledWith: 0)
    thresholdSlopes =
      hasThresholdSlopes ? thresholdSlopes.holding(atLeast: steps * neuronCount, filledWith: 0) : surrogates
    readouts = readouts.holding(atLeast: steps * outputCount, filledWith: 0)
    errors = errors.holding(atLeast: steps * outputCount, filledWith: 0)
    spikeOffsets = spikeOffsets.holding(atLeast: steps + 1, filledWith: 0)
    spikes = spikes.holding(atLeast: steps * neuronCount, filledWith: 0)
    if recordingStates {
      voltages = voltages.holding(atLeast: steps * neuronCount, filledWith: 0)
      adaptations = adaptations.holding(atLeast: steps * neuronCount, filledWith: 0)
    }
  }

  var spikeCount: Int { spikeOffsets.base[steps] }
}

/// Events sorted by their source: those of source i happened at `times[offsets[i]..<offsets[i + 1]]`, ascending.
final class EventsBySource {
  let sourceCount: Int
  let offsets: Buffer<Int>
  private(set) var times: Buffer<Int32>

  init(sourceCount: Int) {
    self.sourceCount = sourceCount
    offsets = Buffer(sourceCount + 2, filledWith: 0)
    times = Buffer(0, filledWith: 0)
  }

  /// A counting sort of events in compressed rows (see `EventTrain`).
  func sort(steps: Int, rowOffsets: UnsafePointer<Int>, sources: UnsafePointer<UInt16>) {
    let count = rowOffsets[steps]
    times = times.holding(atLeast: count, filledWith: 0)
    offsets.fill(0)
    // Counted two places to the right: after the prefix sum, offsets[i + 1] is where source i begins, and placing its
    // events moves it to where source i ends.
    let next = offsets.base + 1
    for event in 0..<count { next[Int(sources[event]) + 1] += 1 }
    for source in 0..<sourceCount { next[source + 1] += next[source] }
    for step in 0..<steps {
      for event in rowOffsets[step]..<rowOffsets[step + 1] {
        let source = Int(sources[event])
        times.base[next[source]] = Int32(truncatingIfNeeded: step)
        next[source] += 1
      }
    }
  }
}
