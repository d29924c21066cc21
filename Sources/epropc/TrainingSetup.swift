import Diagnostics
import FloatReference
import Networks
import Randomness
import Reports
import Tasks
import Training
import Trials

/// A training that the command line asks for: every choice made, nothing begun.
struct TrainingSetup {
  /// Untrained, with the optimiser that the device will use.
  let network: SpikingNetwork
  /// The optimiser of this training.
  let optimiser: SpikingNetwork.Optimiser
  let rule: LearningRule
  let score: TaskScore
  /// All trials, from the first.
  let stream: TrialStream
  let batch: Int
  let iterations: Int
  /// Trials to score the trained network on.
  let tests: [Trial]?

  init(_ options: Train) throws(Findings) {
    var network: SpikingNetwork
    if let task = options.task.flatMap(BuiltInTasks.named) {
      network = task.network(seed: options.seed)
      stream = task.stream(seed: options.seed)
      (batch, iterations, score) = (options.batch ?? task.batch, options.iterations ?? task.iterations, task.score)
      tests = nil
    } else {
      let loaded = try Loading.network(options.network ?? "", withTrials: options.trials ?? "")
      let trials = loaded.trials.trials
      network = loaded.network
      (batch, iterations) = (options.batch ?? 1, options.iterations ?? 100)
      let order =
        options.shuffle ? ShuffledOrder.indices(of: trials.count, draws: iterations * batch, seed: options.seed) : nil
      stream = TrialStream { trials[order?[$0] ?? $0 % trials.count] }
      tests = try options.test.map { path throws(Findings) in try Loading.trials(path, for: loaded.network).trials }
      score = network.loss == .crossEntropy ? .misclassification : .normalisedMeanSquaredError
    }
    switch options.feedback {
    case .symmetric: network.feedback = .symmetric
    case .random: network.feedback = Self.randomFeedback(network, seed: options.seed)
    case nil: break
    }
    rule = try RuleCatalogue.spiking(
      options.rules.choice, on: network, steps: network.maximumSteps,
      options: options.rules.options(seed: options.seed),
      training: true)
    optimiser = Self.optimiser(options, of: network)
    if let task = options.task.flatMap(BuiltInTasks.named) { network.optimiser = task.deviceOptimiser }
    self.network = network
  }

  /// N(0, 1/n), as the built-in tasks draw it.
  private static func randomFeedback(_ network: SpikingNetwork, seed: UInt64) -> SpikingNetwork.Feedback {
    var generator = SplitMix64(seed: seed, stream: "feedback")
    let deviation = (1 / Double(network.neuronCount)).squareRoot()
    let matrix = (0..<network.neuronCount * network.readout.count).map { _ in deviation * generator.normal() }
    return .fixed(matrix, origin: "random, seed \(seed)")
  }

  /// The network's own where the kind is the same; its learning rate and schedule in any case.
  private static func optimiser(_ options: Train, of network: SpikingNetwork) -> SpikingNetwork.Optimiser {
    var optimiser = network.optimiser
    switch (options.optimizer, optimiser.kind) {
    case (nil, _), (.sgd, .sgd), (.momentum, .momentum), (.adam, .adam), (.factored, .factored),
      (.postsynaptic, .postsynaptic):
      break
    case (.sgd, _): optimiser.kind = .sgd
    case (.momentum, _): optimiser.kind = .momentum(0.9)
    case (.adam, _): optimiser.kind = .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
    case (.factored, _): optimiser.kind = .factored(clip: 10)
    case (.postsynaptic, _): optimiser.kind = .postsynaptic(clip: 10)
    }
    if let rate = options.learningRate {
      optimiser.learningRate = rate
    } else if optimiser.kind != network.optimiser.kind {
      Console.standard.report([foreignRate(optimiser.learningRate)])
    }
    return optimiser
  }

  private static func foreignRate(_ rate: Double) -> Finding {
    Finding(
      "train.learning-rate", .note, at: Finding.Location(path: "--optimizer"),
      "the learning rate \(rate) was chosen for another optimiser", help: "give one that suits with --learning-rate")
  }

  /// A new run from the untrained network.
  func run() -> TrainingRun {
    var network = network
    network.optimiser = optimiser
    return TrainingRun(network, rule: rule) { score.evaluate($0, readouts: $1) }
  }

  /// The trials of the first iteration.
  func firstBatch() -> TrialSet {
    var stream = stream
    return TrialSet(
      inputCount: network.inputs.count, outputCount: network.readout.count, trials: stream.next(batch))
  }

  /// What is reported when the loss is no longer a number.
  func divergence(after iterations: Int) -> Finding {
    Finding(
      "train.diverged", at: nil, "the loss of iteration \(iterations) is not finite; nothing was written",
      help: "lower the learning rate (\(optimiser.learningRate)) with --learning-rate")
  }
}
