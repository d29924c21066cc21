public import Networks
public import Trials

/// A task for rate networks that comes with the compiler: one endless stream, learnt from at every step.
public protocol RateTask: Sendable {
  /// How the command line calls it.
  var name: String { get }
  /// One line.
  var summary: String { get }
  /// What a run of it takes.
  var needs: String { get }
  /// Steps of the stream that are one trial.
  var steps: Int { get }
  /// How many stretches a training has by default.
  var iterations: Int { get }
  var score: TaskScore { get }
  /// The untrained network with its initial weights drawn.
  func network(seed: UInt64) -> RateNetwork
  /// A seed's stream from its beginning.
  func stream(seed: UInt64) -> any RateStream
}

/// An endless stream in stretches; each goes on where the one before ended.
public protocol RateStream {
  mutating func next() -> Trial
}

extension RateTask {
  public var iterations: Int { 300 }

  /// The first `trials` stretches of a seed's stream, `steps` each.
  public func stream(seed: UInt64, trials: Int) -> TrialSet {
    var stream = stream(seed: seed)
    let network = network(seed: seed)
    return TrialSet(
      inputCount: network.inputs.count, outputCount: network.readout.count,
      trials: (0..<trials).map { _ in stream.next() })
  }
}

/// The built-in tasks for rate networks.
public enum RateTasks {
  public static let all: [any RateTask] = [AddTask(), AddTask(alpha: 0.5), MimicTask()]

  /// The task of a name, or nil.
  public static func named(_ name: String) -> (any RateTask)? { all.first { $0.name == name } }
}

extension RateNetwork {
  /// A plastic network with autapses and without biases, as Marschall, Cho and Savin start from: W_in ~ N(0, 1/n_in),
  /// W_rec a random orthogonal matrix, W_out ~ N(0, 1/n).
  static func drawn(
    _ name: String, inputs: SpikingNetwork.Inputs, units: Int, outputs: Int, alpha: Double, loss: SpikingNetwork.Loss,
    learningRate: Double, decaysOver updates: Int, maximumSteps: Int, seed: UInt64
  ) -> RateNetwork {
    func normals(_ count: Int, _ variance: Double, _ purpose: String) -> [Double] {
      Drawing.normals(count, variance: variance, seed: seed, stream: "weights " + name + " " + purpose)
    }
    func projection(
      _ name: String, _ source: Projection.Source, _ target: Projection.Target, _ weights: [Double],
      autapses: Bool = false
    ) -> Projection {
      Projection(name: name, source: source, target: target, weights: weights, isPlastic: true, autapses: autapses)
    }
    return RateNetwork(
      unchecked: name, inputs: inputs,
      population: Population(
        name: "units", count: units, alpha: alpha, bias: [Double](repeating: 0, count: units), biasIsPlastic: true),
      projections: [
        projection(
          "input", .inputs, .population(0), normals(units * inputs.count, 1 / Double(inputs.count), "input")),
        projection(
          "recurrent", .population(0), .population(0), orthogonal(normals(units * units, 1, "recurrent"), units),
          autapses: true),
        projection("output", .population(0), .readout, normals(outputs * units, 1 / Double(units), "output")),
      ],
      readout: Readout(
        name: "prediction", count: outputs, bias: [Double](repeating: 0, count: outputs), biasIsPlastic: true),
      loss: loss, feedback: .symmetric,
      optimiser: .init(kind: .sgd, learningRate: learningRate, schedule: .linearToZero(trials: updates)),
      maximumSteps: maximumSteps)
  }

  /// The rows of an n × n matrix, made orthonormal one after the other (Gram–Schmidt, twice for rounding).
  private static func orthogonal(_ matrix: [Double], _ n: Int) -> [Double] {
    var rows = (0..<n).map { Array(matrix[$0 * n..<($0 + 1) * n]) }
    for i in 0..<n {
      for _ in 0..<2 {
        for j in 0..<i {
          let overlap = zip(rows[i], rows[j]).reduce(0) { $0 + $1.0 * $1.1 }
          for k in 0..<n { rows[i][k] -= overlap * rows[j][k] }
        }
      }
      let norm = rows[i].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for k in 0..<n { rows[i][k] /= norm }
    }
    return rows.flatMap { $0 }
  }
}
