import Diagnostics
import LearningRules
import Networks
import OnlineRules
import RateReference
import Reports
import Tasks
import Training
import Trials

/// A training of a rate network: a built-in task's endless stream, or trials of one's own that each start from rest.
final class RateJob: TrainingJob {
  private let network: RateNetwork
  private let run: RateTrainingRun
  private let batch: Int
  private let taskScore: TaskScore
  let iterations: Int
  let learningRate: Double
  let hasGradients: Bool
  /// nil: the trials are one's own.
  private let task: (any RateTask)?
  private let seed: UInt64
  private let trials: [Trial]
  private var stream: (any RateStream)?
  private var count = 0

  /// nil if the options ask for a spiking network, or for none that can be read.
  init?(_ options: Train) throws(Findings) {
    var network: RateNetwork
    if let task = options.task.flatMap(RateTasks.named) {
      (self.task, trials) = (task, [])
      network = task.network(seed: options.seed)
      stream = task.stream(seed: options.seed)
      taskScore = task.score
      iterations = options.iterations ?? task.iterations
    } else {
      guard let path = options.network, let file = options.trials,
        let loaded = try Loading.rateNetwork(path, withTrials: file)
      else { return nil }
      (task, stream) = (nil, nil)
      (network, trials) = (loaded.network, loaded.trials.trials)
      taskScore = network.loss == .crossEntropy ? .crossEntropy : .normalisedMeanSquaredError
      iterations = options.iterations ?? 100
    }
    let choice = options.rules.rateChoice
    let findings = choice.findings(for: .rate, training: true) + Self.findings(options)
    guard findings.isEmpty, let rule = OnlineRule(rawValue: choice.entry.name) else { throw Findings(findings) }
    batch = options.batch ?? 1
    seed = options.seed
    switch options.feedback {
    case .symmetric: network.feedback = .symmetric
    case .random:
      network.feedback = options.randomFeedback(neurons: network.population.count, outputs: network.readout.count)
    case nil: break
    }
    self.network = network
    network.optimiser = options.optimiser(of: network.optimiser)
    learningRate = network.optimiser.learningRate
    let updates = options.updates ?? .step
    var settings = options.online.settings
    if updates == .trial { settings.horizon = nil }
    hasGradients = updates == .trial
    run = RateTrainingRun(network, rule: rule, settings: settings, seed: options.seed, updates: updates)
  }

  /// The factored second moment is that of a device.
  private static func findings(_ options: Train) -> [Finding] {
    var findings: [Finding] = []
    if options.optimizer == .factored || options.optimizer == .postsynaptic {
      findings.append(
        Finding(
          "network.rate.optimiser", at: Finding.Location(path: "--optimizer"),
          "factored second moments look at whole trials, and a rate network learns after every step",
          help: "choose sgd, momentum or adam"))
    }
    if options.shuffle || options.test != nil {
      findings.append(
        Finding(
          "train.spiking-only", at: Finding.Location(path: options.shuffle ? "--shuffle" : "--test"),
          "rate networks learn from streams, in their order, and are scored while they learn",
          help: "leave out --shuffle and --test"))
    }
    return findings
  }

  var score: String { taskScore.rawValue }
  let testCount: Int? = nil
  func testScore() -> Double? { nil }
  var parameters: [RuleParameter] { RateRuleRun.parameters(network) }
  var gradient: [[Double]]? { run.batchGradient }
  var weights: [[Double]] { run.weights }

  func iterate() -> TrainingRun.Iteration {
    let clock = ContinuousClock()
    let begin = clock.now
    let trials = (0..<batch).map { _ in nextTrial() }
    let outcome = run.iterate(trials, continuing: task != nil)
    count += 1
    return TrainingRun.Iteration(
      iteration: count, loss: outcome.loss, score: taskScore.evaluate(trials, readouts: outcome.readouts),
      meanRate: nil, seconds: (clock.now - begin) / .seconds(1))
  }

  private var position = 0

  private func nextTrial() -> Trial {
    if let trial = stream?.next() { return trial }
    defer { position += 1 }
    return trials[position % trials.count]
  }

  func files() throws(Findings) -> [(name: String, bytes: [UInt8])] {
    var result = run.network
    (result.optimiser, result.feedback) = (network.optimiser, network.feedback)
    return try result.validated().files()
  }

  func initialFiles() throws(Findings) -> [(name: String, bytes: [UInt8])] { try network.validated().files() }

  func firstBatch() -> TrialSet {
    if let task { return task.stream(seed: seed, trials: batch) }
    return TrialSet(
      inputCount: network.inputs.count, outputCount: network.readout.count,
      trials: (0..<batch).map { trials[$0 % trials.count] })
  }
}
