import Foundation
public import Networks
import Randomness
import Trials

/// Pattern generation (Bellec, Scherr et al. 2019, task 1.1): three sequences of one second from a clock-like input.
///
/// Each target is the sum of four sinusoids of 1, 2, 3 and 5 Hz, their amplitudes uniform in [0.5, 2], their phases in
/// [0, 2π). Of 20 inputs in 5 groups, group g fires regularly at 100 Hz during [200 g, 200 g + 200) ms, its four inputs
/// staggered in phase. 600 LIF neurons, all to all, and three readouts. Every trial of a seed is the same trial.
///
/// What the paper leaves open and decides the result: the rate regulariser is a learning signal of 0.02 (f − 10 Hz) on
/// the unfiltered trace.
public struct PatternGeneration: BuiltInTask {
  /// n.
  public var neurons: Int
  public let name = "pattern-generation"
  public let summary = "generate three one-second sequences from a clock input (2019 paper, task 1.1)"
  public var needs: String {
    "\(neurons) LIF neurons, 20 inputs, 3 readouts; 1,000 iterations of one trial of 1,000 steps"
  }
  public let batch = 1
  public let iterations = 1000
  public let score = TaskScore.normalisedMeanSquaredError
  public let deviceOptimiser = SpikingNetwork.Optimiser(
    kind: .factored(clip: 1), learningRate: 0.01, schedule: .linearToZero(trials: 1000))

  static let steps = 1000
  static let inputs = 20
  static let outputs = 3

  public init(neurons: Int = 600) { self.neurons = neurons }

  public func network(seed: UInt64) -> SpikingNetwork {
    let population = SpikingNetwork.Population(
      name: "lif", count: neurons, timeConstant: 20, threshold: 0.61, reset: .subtract, refractorySteps: 5,
      adaptation: nil)
    let (inputs, outputs, share) = (Self.inputs, Self.outputs, 1 / Double(neurons))
    let feedback = Drawing.normals(neurons * outputs, variance: share, seed: seed, stream: "feedback")
    return SpikingNetwork(
      unchecked: "pattern_generation", timeStep: 1, convention: .paper2019,
      inputs: .init(count: inputs, kind: .spikes), populations: [population],
      projections: [
        .drawn(
          "input", from: .inputs, inputs, to: .population(0), neurons, variance: 1 / Double(inputs), seed: seed),
        .drawn("recurrent", from: .population(0), neurons, to: .population(0), neurons, variance: share, seed: seed),
        .drawn("output", from: .population(0), neurons, to: .readout, outputs, variance: share, seed: seed),
      ],
      readout: .init(
        name: "pattern", count: outputs, timeConstant: 20, bias: Array(repeating: 0, count: outputs),
        biasIsPlastic: true),
      loss: .squaredError, feedback: .fixed(feedback, origin: "random, seed \(seed)"),
      surrogate: .piecewiseLinear(dampening: 0.3), rateRegularisation: .init(coefficient: 0.02, target: 10),
      optimiser: .init(
        kind: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), learningRate: 0.003,
        schedule: .stepwise(factor: 0.7, every: 100)),
      maximumSteps: Self.steps)
  }

  public func stream(seed: UInt64) -> TrialStream {
    let trial = Trial(
      steps: Self.steps, inputs: .spikes(Self.clock()), targets: Self.targets(seed: seed), mask: nil)
    return TrialStream { _ in trial }
  }

  /// Input m of group g fires at 200 g + ⌊2.5 m⌋ and every 10 steps after it, until its group's time is over.
  static func clock() -> EventTrain {
    var (offsets, sources) = ([0], [UInt16]())
    for step in 0..<steps {
      for member in 0..<4 where step % 10 == 5 * member / 2 { sources.append(UInt16(step / 200 * 4 + member)) }
      offsets.append(sources.count)
    }
    return EventTrain(offsets: offsets, sources: sources)
  }

  /// y*, [steps × outputs]; step t stands for the time t + 1 ms.
  static func targets(seed: UInt64) -> [Double] {
    var generator = SplitMix64(seed: seed, stream: "targets")
    var targets = [Double](repeating: 0, count: steps * outputs)
    for k in 0..<outputs {
      for frequency in [1.0, 2, 3, 5] {
        let amplitude = 0.5 + 1.5 * generator.uniform()
        let phase = 2 * .pi * generator.uniform()
        for t in 0..<steps {
          targets[t * outputs + k] += amplitude * sin(2 * .pi * frequency * Double(t + 1) / 1000 + phase)
        }
      }
    }
    return targets
  }
}
