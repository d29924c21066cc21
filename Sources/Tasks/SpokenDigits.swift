public import Networks
import Randomness

/// Spoken digits after the paper's task on speech (Bellec, Scherr et al. 2019, task 1.3): the settings of the network. The
/// recordings are the user's.
///
/// 39 features of a frame of 10 ms (13 mel-frequency cepstral coefficients with first and second differences) are analog
/// inputs for 5 steps of 1 ms each, so that a frame is seen at twice its speed. 100 LIF and 100 adaptive LIF neurons, all to
/// all; ten readouts with τ_out = 3 ms, whose target is the digit at every step. A recording is taken for the digit of the
/// largest mean readout.
///
/// As in the paper: τ_m 20 ms, refractory 2 ms, τ_a 200 ms, γ 0.3, B ~ N(0, 1), batches of 32. Of our choosing, on seeds that
/// no figure is reported of: v_th 1 and β 0.1, Adam 0.005 falling to 0 linearly, W ~ N(0, 1/fan-in), and a rate regulariser
/// with the learning signal 0.003 (f − 20 Hz).
public struct SpokenDigits: Sendable {
  public static let inputs = 39
  public static let digits = 10
  /// How long a frame is shown, in steps.
  public static let holdSteps = 5
  /// The longest recording, in frames; longer ones are cut.
  public static let frames = 98
  public static let perPopulation = 100
  public static let batch = 32

  public init() {}

  /// The untrained network, with the optimiser of a training of so many updates.
  public func network(seed: UInt64, updates: Int) -> SpikingNetwork {
    let (neurons, digits) = (2 * Self.perPopulation, Self.digits)
    return SpikingNetwork(
      unchecked: "spoken_digits", timeStep: 1, convention: .paper2019,
      // A byte u of the features is (u − 128) / 128.
      inputs: .init(count: Self.inputs, kind: .analog(low: -1, high: 127.0 / 128), holdSteps: Self.holdSteps),
      populations: [
        Self.population("lif", nil), Self.population("alif", .init(strength: 0.1, timeConstant: 200)),
      ],
      projections: Self.projections(seed: seed),
      readout: .init(
        name: "digit", count: digits, timeConstant: 3, bias: Array(repeating: 0, count: digits), biasIsPlastic: true),
      loss: .crossEntropy,
      feedback: .fixed(
        Drawing.normals(neurons * digits, variance: 1, seed: seed, stream: "feedback"), origin: "random, seed \(seed)"),
      surrogate: .piecewiseLinear(dampening: 0.3), rateRegularisation: .init(coefficient: 0.003, target: 20),
      optimiser: .init(
        kind: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-5), learningRate: 0.005,
        schedule: .linearToZero(trials: updates)),
      maximumSteps: Self.frames * Self.holdSteps)
  }

  private static func population(
    _ name: String, _ adaptation: SpikingNetwork.Population.Adaptation?
  ) -> SpikingNetwork.Population {
    .init(
      name: name, count: perPopulation, timeConstant: 20, threshold: 1, reset: .subtract, refractorySteps: 2,
      adaptation: adaptation)
  }

  private static func projections(seed: UInt64) -> [SpikingNetwork.Projection] {
    let (names, count) = (["lif", "alif"], perPopulation)
    var projections: [SpikingNetwork.Projection] = []
    for (to, target) in names.enumerated() {
      projections.append(
        .drawn(
          "input_\(target)", from: .inputs, inputs, to: .population(to), count, variance: 1 / Double(inputs),
          seed: seed))
      for (from, source) in names.enumerated() {
        projections.append(
          .drawn(
            "\(source)_\(target)", from: .population(from), count, to: .population(to), count,
            variance: 1 / Double(2 * count), seed: seed))
      }
    }
    for (from, source) in names.enumerated() {
      projections.append(
        .drawn(
          "output_\(source)", from: .population(from), count, to: .readout, digits, variance: 1 / Double(2 * count),
          seed: seed))
    }
    return projections
  }
}

extension SpikingNetwork {
  /// The same network of which only the readout learns.
  public func learningReadoutOnly() -> SpikingNetwork {
    var network = self
    for index in projections.indices where projections[index].target != .readout {
      network.projections[index].isPlastic = false
    }
    return network
  }
}
