public import Networks
import Randomness
import Trials

/// No task to be learnt but a load to be carried: 100 inputs of 20 Hz, 100 LIF neurons of about 10 Hz and two readouts,
/// all of it plastic, with targets that are drawn anew every 100 steps. What steps, events and synapses cost is measured
/// on it.
public struct SteadyLoad: BuiltInTask {
  public let name = "steady-load"
  public let summary = "100 LIF neurons under Poisson input: what costs are measured on, not learnt from"
  public let needs = "100 LIF neurons, 100 inputs, 2 readouts; 20 iterations of one trial of 1,000 steps"
  public let batch = 1
  public let iterations = 20
  public let score = TaskScore.normalisedMeanSquaredError
  public let deviceOptimiser = SpikingNetwork.Optimiser(
    kind: .factored(clip: 1), learningRate: 0.003, schedule: .constant)

  public static let inputs = 100
  public static let neurons = 100
  public static let outputs = 2
  static let steps = 1000
  /// Spikes per step of an input: 20 Hz.
  static let probability = 0.02
  /// Of the weights; chosen so that the neurons fire at about 10 Hz.
  static let deviation = 0.066

  public init() {}

  public func network(seed: UInt64) -> SpikingNetwork {
    let (inputs, neurons, outputs) = (Self.inputs, Self.neurons, Self.outputs)
    func normals(_ count: Int, _ stream: String) -> [Double] {
      var random = SplitMix64(seed: seed, stream: "kernel benchmark, " + stream)
      return (0..<count).map { _ in Self.deviation * random.normal() }
    }
    func projection(
      _ name: String, _ source: SpikingNetwork.Projection.Source, _ pre: Int,
      _ target: SpikingNetwork.Projection.Target, _ post: Int
    ) -> SpikingNetwork.Projection {
      var weights = normals(pre * post, name)
      if case (.population, .population) = (source, target) {
        for j in 0..<post { weights[j * pre + j] = 0 }
      }
      return .init(name: name, source: source, target: target, weights: weights, isPlastic: true, autapses: false)
    }
    return SpikingNetwork(
      unchecked: "steady_load", timeStep: 1, convention: .paper2019, inputs: .init(count: inputs, kind: .spikes),
      populations: [
        .init(
          name: "lif", count: neurons, timeConstant: 20, threshold: 0.61, reset: .subtract, refractorySteps: 5,
          adaptation: nil)
      ],
      projections: [
        projection("input", .inputs, inputs, .population(0), neurons),
        projection("recurrent", .population(0), neurons, .population(0), neurons),
        projection("output", .population(0), neurons, .readout, outputs),
      ],
      readout: .init(name: "out", count: outputs, timeConstant: 20, bias: [0, 0], biasIsPlastic: true),
      loss: .squaredError, feedback: .fixed(normals(neurons * outputs, "feedback"), origin: "random, seed \(seed)"),
      surrogate: .piecewiseLinear(dampening: 0.3), rateRegularisation: .init(coefficient: 0.02, target: 10),
      optimiser: deviceOptimiser, maximumSteps: Self.steps)
  }

  public func stream(seed: UInt64) -> TrialStream {
    TrialStream { number in
      var random = SplitMix64(seed: seed, stream: "trial \(number)")
      var (offsets, sources) = ([0], [UInt16]())
      var targets: [Double] = []
      var current = [Double](repeating: 0, count: Self.outputs)
      for step in 0..<Self.steps {
        for input in 0..<Self.inputs where random.uniform() < Self.probability { sources.append(UInt16(input)) }
        offsets.append(sources.count)
        if step % 100 == 0 { current = current.map { _ in 2 * random.uniform() - 1 } }
        targets += current
      }
      return Trial(
        steps: Self.steps, inputs: .spikes(EventTrain(offsets: offsets, sources: sources)), targets: targets, mask: nil)
    }
  }
}
