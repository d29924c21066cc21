public import Trials

/// Everything that happened in one trial, step by step; steps are counted from 0, neurons through all populations.
public struct Recording: Sendable, Hashable {
  public var steps: Int
  public var neuronCount: Int
  public var outputCount: Int
  /// z: which neurons fired at which step.
  public var spikes: EventTrain
  /// v, [steps × neurons], after the drive of the step and before the reset by its spike.
  public var voltages: [Double]
  /// a, [steps × neurons]; 0 for plain LIF neurons.
  public var adaptations: [Double]
  /// ψ = ∂z/∂v, [steps × neurons].
  public var surrogates: [Double]
  /// −∂z/∂A, [steps × neurons]: ψ, or ψ v / A where the convention says so.
  public var thresholdSlopes: [Double]
  /// y, [steps × outputs].
  public var readouts: [Double]
  /// y − y* or softmax(y) − target, [steps × outputs]; 0 where the mask is. Divided by the number of steps that count
  /// where the convention's loss is their mean.
  public var errors: [Double]
  /// E, without the rate regulariser.
  public var loss: Double

  /// z as numbers 0 and 1, [steps × neurons].
  public var spikeRaster: [Double] {
    var raster = [Double](repeating: 0, count: steps * neuronCount)
    for step in 0..<steps {
      for event in spikes.offsets[step]..<spikes.offsets[step + 1] {
        raster[step * neuronCount + Int(spikes.sources[event])] = 1
      }
    }
    return raster
  }

  init(_ tape: TrialTape) {
    let (steps, neurons, outputs) = (tape.steps, tape.neuronCount, tape.outputCount)
    func copy<Value: BitwiseCopyable>(_ buffer: Buffer<Value>, _ count: Int) -> [Value] {
      Array(UnsafeBufferPointer(start: buffer.base, count: count))
    }
    self.steps = steps
    neuronCount = neurons
    outputCount = outputs
    spikes = EventTrain(
      offsets: copy(tape.spikeOffsets, steps + 1), sources: copy(tape.spikes, tape.spikeCount))
    voltages = copy(tape.voltages, steps * neurons)
    adaptations = copy(tape.adaptations, steps * neurons)
    surrogates = copy(tape.surrogates, steps * neurons)
    thresholdSlopes = copy(tape.thresholdSlopes, steps * neurons)
    readouts = copy(tape.readouts, steps * outputs)
    errors = copy(tape.errors, steps * outputs)
    loss = tape.loss
  }
}
