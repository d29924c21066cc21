public import Networks
import Randomness

/// Networks for measurements: Poisson spikes or analog values drive plain and adaptive neurons that fire at about 10 Hz
/// whatever their number, everything plastic, random weights.
public struct BenchmarkNetwork: Sendable, Hashable {
  public var inputs = 100
  /// LIF neurons, and adaptive ones beside them.
  public var plain = 100
  public var adaptive = 0
  public var outputs = 2
  /// T.
  public var steps = 1000
  public var isAnalog = false
  /// Whether anything but the readout learns.
  public var learnsRecurrently = true
  public var optimiser = SpikingNetwork.Optimiser.Kind.factored(clip: 1)

  public init() {}

  /// Of one weight into a neuron with 100 sources of a kind.
  private static let deviation = 0.066

  public var network: SpikingNetwork {
    var populations: [SpikingNetwork.Population] = []
    if plain > 0 { populations.append(population("lif", plain, nil)) }
    if adaptive > 0 { populations.append(population("alif", adaptive, .init(strength: 0.01, timeConstant: 200))) }
    var projections: [SpikingNetwork.Projection] = []
    for (target, population) in populations.enumerated() {
      projections.append(projection("in_to_\(population.name)", .inputs, inputs, .population(target), population.count))
      for (source, other) in populations.enumerated() {
        projections.append(
          projection(
            "\(other.name)_to_\(population.name)", .population(source), other.count, .population(target),
            population.count))
      }
    }
    for (source, population) in populations.enumerated() {
      projections.append(
        projection("\(population.name)_to_out", .population(source), population.count, .readout, outputs))
    }
    let neurons = plain + adaptive
    return SpikingNetwork(
      unchecked: "bench", timeStep: 1, convention: .paper2019,
      inputs: .init(count: inputs, kind: isAnalog ? .analog(low: -1, high: 1) : .spikes), populations: populations,
      projections: projections,
      readout: .init(
        name: "out", count: outputs, timeConstant: 20, bias: Array(repeating: 0, count: outputs), biasIsPlastic: true),
      loss: .squaredError,
      feedback: .fixed(normals(neurons * outputs, "feedback").map { $0 * Self.deviation }, origin: "random"),
      surrogate: .piecewiseLinear(dampening: 0.3), rateRegularisation: .init(coefficient: 0.02, target: 10),
      optimiser: .init(kind: optimiser, learningRate: 0.003, schedule: .constant), maximumSteps: steps)
  }

  private func population(
    _ name: String, _ count: Int, _ adaptation: SpikingNetwork.Population.Adaptation?
  ) -> SpikingNetwork.Population {
    .init(
      name: name, count: count, timeConstant: 20, threshold: 0.61, reset: .subtract, refractorySteps: 5,
      adaptation: adaptation)
  }

  private func projection(
    _ name: String, _ source: SpikingNetwork.Projection.Source, _ pre: Int,
    _ target: SpikingNetwork.Projection.Target, _ post: Int
  ) -> SpikingNetwork.Projection {
    // The sum over all sources of a kind has the variance of 100 of them; analog values are in every step.
    let kinds = source == .inputs ? Double(inputs) * (isAnalog ? 16 : 1) : Double(plain + adaptive)
    let scale = Self.deviation * (100 / kinds).squareRoot()
    var weights = normals(pre * post, name).map { $0 * scale }
    if case .population(let a) = source, case .population(let b) = target, a == b {
      for j in 0..<post { weights[j * pre + j] = 0 }
    }
    return .init(
      name: name, source: source, target: target, weights: weights, isPlastic: learnsRecurrently || target == .readout,
      autapses: false)
  }

  private func normals(_ count: Int, _ stream: String) -> [Double] {
    var random = SplitMix64(seed: 1, stream: "benchmark network, " + stream)
    return (0..<count).map { _ in random.normal() }
  }
}
