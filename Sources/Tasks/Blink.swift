public import Networks
import Trials

/// Two neurons that can be followed by hand: one LIF, one adaptive LIF, two inputs, one readout, 24 steps. Every weight
/// is a multiple of 1/64, nothing is drawn, and every trial of every seed is the same.
///
/// Input 0 fires at every third step, input 1 at every fourth. The readout should be quiet for the first half of the
/// trial and at 1 for the second.
public struct Blink: BuiltInTask {
  public let name = "blink"
  public let summary = "two neurons, small enough to check by hand"
  public let needs = "1 LIF and 1 adaptive LIF neuron, 2 inputs, 1 readout; 200 iterations of one trial of 24 steps"
  public let batch = 1
  public let iterations = 200
  public let score = TaskScore.normalisedMeanSquaredError
  public let deviceOptimiser = SpikingNetwork.Optimiser(kind: .sgd, learningRate: 1 / 2048.0, schedule: .constant)

  static let steps = 24

  public init() {}

  public func network(seed: UInt64) -> SpikingNetwork {
    func weights(_ sixtyFourths: Double...) -> [Double] { sixtyFourths.map { $0 / 64 } }
    func projection(
      _ name: String, _ source: SpikingNetwork.Projection.Source, _ target: SpikingNetwork.Projection.Target,
      _ weights: [Double]
    ) -> SpikingNetwork.Projection {
      .init(name: name, source: source, target: target, weights: weights, isPlastic: true, autapses: false)
    }
    return SpikingNetwork(
      unchecked: "blink", timeStep: 1, convention: .paper2019, inputs: .init(count: 2, kind: .spikes),
      populations: [
        .init(
          name: "plain", count: 1, timeConstant: 10, threshold: 0.5, reset: .subtract, refractorySteps: 2,
          adaptation: nil),
        .init(
          name: "adaptive", count: 1, timeConstant: 10, threshold: 0.5, reset: .subtract, refractorySteps: 2,
          adaptation: .init(strength: 0.25, timeConstant: 50)),
      ],
      projections: [
        projection("input_to_plain", .inputs, .population(0), weights(24, 8)),
        projection("input_to_adaptive", .inputs, .population(1), weights(12, 28)),
        projection("plain_to_adaptive", .population(0), .population(1), weights(16)),
        projection("adaptive_to_plain", .population(1), .population(0), weights(-8)),
        projection("plain_to_light", .population(0), .readout, weights(20)),
        projection("adaptive_to_light", .population(1), .readout, weights(-12)),
      ],
      readout: .init(name: "light", count: 1, timeConstant: 10, bias: [0], biasIsPlastic: true), loss: .squaredError,
      feedback: .fixed(weights(64, -32), origin: "given"), surrogate: .piecewiseLinear(dampening: 0.3),
      rateRegularisation: nil,
      optimiser: .init(kind: .sgd, learningRate: 1 / 2048.0, schedule: .constant), maximumSteps: Self.steps)
  }

  public func stream(seed: UInt64) -> TrialStream {
    var (offsets, sources) = ([0], [UInt16]())
    for step in 0..<Self.steps {
      if step % 3 == 0 { sources.append(0) }
      if step % 4 == 0 { sources.append(1) }
      offsets.append(sources.count)
    }
    let trial = Trial(
      steps: Self.steps, inputs: .spikes(EventTrain(offsets: offsets, sources: sources)),
      targets: (0..<Self.steps).map { $0 < Self.steps / 2 ? 0 : 1 }, mask: nil)
    return TrialStream { _ in trial }
  }
}
