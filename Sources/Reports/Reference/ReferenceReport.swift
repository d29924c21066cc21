public import Diagnostics
public import FloatReference
public import Networks
public import Trials

/// A run of the float reference over a batch of trials, to be shown as text or JSON.
public struct ReferenceReport: Sendable {
  /// At most this many numbers go into a document.
  public static let maximumNumbers = 8_000_000

  let network: SpikingNetwork
  let ruleName: String
  let isEProp: Bool
  /// With their numbers in the file.
  let trials: [(number: Int, trial: Trial)]
  let evaluation: Reference.Evaluation

  /// Runs the trials and forms the gradients.
  ///
  /// - Parameter trials: with their numbers in the file.
  public init(
    _ network: SpikingNetwork, _ trials: [(number: Int, trial: Trial)], rule: LearningRule, named name: String
  ) {
    self.network = network
    self.trials = trials
    ruleName = name
    isEProp = rule == .eProp1(EProp1())
    evaluation = Reference.evaluate(network, trials.map(\.trial), rule: rule)
  }

  /// Refuses what would not fit into a document of `maximumNumbers`, before anything runs.
  ///
  /// - Throws: `reference.size`.
  public static func checkSize(_ network: SpikingNetwork, _ trials: [Trial], perStep: Bool) throws(Findings) {
    let synapses = network.projections.reduce(0) { $0 + $1.weights.count }
    let perTrialStep = 5 * network.neuronCount + 2 * network.readout.count + (perStep ? 3 * synapses : 0)
    let count = trials.reduce(synapses) { $0 + $1.steps * perTrialStep }
    guard count > maximumNumbers else { return }
    let advice = (trials.count > 1 ? ["choose one trial with --trial"] : []) + (perStep ? ["leave out --per-step"] : [])
    throw Findings(
      Finding(
        "reference.size", at: Finding.Location(path: "--json"),
        "the document would hold \(count) numbers; at most \(maximumNumbers) are written",
        help: advice.isEmpty ? nil : advice.joined(separator: ", or ")))
  }

  /// Hz, the mean over the neurons.
  func meanRate(_ recording: Recording) -> Double {
    let seconds = network.timeStep * Double(recording.steps) / 1000
    return Double(recording.spikes.sources.count) / (seconds * Double(network.neuronCount))
  }

  /// Hz, the mean over neurons and trials.
  var meanRate: Double {
    evaluation.recordings.reduce(0) { $0 + meanRate($1) } / Double(evaluation.recordings.count)
  }

  /// Every gradient, the bias last.
  var gradients: [ParameterGradient] {
    let projections = network.projections.indices.map { index in
      let projection = network.projections[index]
      return ParameterGradient(
        name: projection.name, symbol: projection.symbol,
        shape: [network.postsynapticCount(of: projection), network.presynapticCount(of: projection)],
        values: evaluation.gradients.projections[index])
    }
    let bias = ParameterGradient(
      name: network.readout.name, symbol: "b_out", shape: [network.readout.count], values: evaluation.gradients.bias)
    return projections + [bias]
  }
}

/// dE/dθ of one projection or the bias.
struct ParameterGradient {
  /// The projection, or the readout.
  let name: String
  let symbol: String
  let shape: [Int]
  let values: [Double]

  /// The Euclidean norm.
  var norm: Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  var largest: Double { values.reduce(0) { max($0, abs($1)) } }
}
