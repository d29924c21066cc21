import Diagnostics
import FloatReference
import LearningRules
import Networks
import Reports
import Tasks
import Training
import Trials

/// A training of a spiking network: one update per batch.
final class SpikingJob: TrainingJob {
  /// Untrained, with the optimiser that the device will use.
  private let network: SpikingNetwork
  private let run: TrainingRun
  private let batch: Int
  let iterations: Int
  let score: String
  let learningRate: Double
  /// All trials, from the first.
  private let first: TrialStream
  private var stream: TrialStream
  /// Trials to score the trained network on.
  private let tests: [Trial]?

  init(_ options: Train) throws(Findings) {
    var network: SpikingNetwork
    let score: TaskScore
    if let task = options.task.flatMap(BuiltInTasks.named) {
      network = task.network(seed: options.seed)
      first = task.stream(seed: options.seed)
      (batch, iterations, score) = (options.batch ?? task.batch, options.iterations ?? task.iterations, task.score)
      tests = nil
    } else {
      let loaded = try Loading.network(options.network ?? "", withTrials: options.trials ?? "")
      let trials = loaded.trials.trials
      network = loaded.network
      (batch, iterations) = (options.batch ?? 1, options.iterations ?? 100)
      let order =
        options.shuffle ? ShuffledOrder.indices(of: trials.count, draws: iterations * batch, seed: options.seed) : nil
      first = TrialStream { trials[order?[$0] ?? $0 % trials.count] }
      tests = try options.test.map { path throws(Findings) in try Loading.trials(path, for: loaded.network).trials }
      score = network.loss == .crossEntropy ? .misclassification : .normalisedMeanSquaredError
    }
    guard options.updates == nil else {
      throw Findings(
        Finding(
          "rule.not-applicable", at: Finding.Location(path: "--updates"),
          "spiking networks are updated after every batch of trials", help: "leave out --updates"))
    }
    switch options.feedback {
    case .symmetric: network.feedback = .symmetric
    case .random:
      network.feedback = options.randomFeedback(neurons: network.neuronCount, outputs: network.readout.count)
    case nil: break
    }
    let rule = try RuleCatalogue.spiking(
      options.rules.choice, on: network, steps: network.maximumSteps,
      options: options.rules.options(seed: options.seed, settings: options.online.settings), training: true)
    let optimiser = options.optimiser(of: network.optimiser)
    if let task = options.task.flatMap(BuiltInTasks.named) { network.optimiser = task.deviceOptimiser }
    self.network = network
    self.score = score.rawValue
    learningRate = optimiser.learningRate
    stream = first
    network.optimiser = optimiser
    run = TrainingRun(network, rule: rule) { score.evaluate($0, readouts: $1) }
  }

  var parameters: [RuleParameter] { SpikingRuleRun.parameters(network) }
  let hasGradients = true
  var gradient: [[Double]]? { run.gradient }
  var weights: [[Double]] { run.weights }

  var testCount: Int? { tests?.count }
  func testScore() -> Double? { tests.map { run.assess($0).score } }

  func iterate() -> TrainingRun.Iteration { run.iterate(stream.next(batch)) }

  func files() throws(Findings) -> [(name: String, bytes: [UInt8])] {
    let trained = run.network
    var result = network
    for index in result.projections.indices { result.projections[index].weights = trained.projections[index].weights }
    result.readout.bias = trained.readout.bias
    return try result.validated().files()
  }

  func initialFiles() throws(Findings) -> [(name: String, bytes: [UInt8])] { try network.validated().files() }

  func firstBatch() -> TrialSet {
    var stream = first
    return TrialSet(
      inputCount: network.inputs.count, outputCount: network.readout.count, trials: stream.next(batch))
  }
}
