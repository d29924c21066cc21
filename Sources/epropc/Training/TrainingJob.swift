import Diagnostics
import LearningRules
import Networks
import Randomness
import Reports
import Training
import Trials

/// A training that the command line asks for: every choice made, nothing learnt yet.
protocol TrainingJob: AnyObject {
  /// What the score is called.
  var score: String { get }
  var iterations: Int { get }
  var learningRate: Double { get }
  /// What is plastic.
  var parameters: [RuleParameter] { get }
  /// Of the latest iteration, cut as `parameters` says; nil where iterations have none.
  var gradient: [[Double]]? { get }
  var hasGradients: Bool { get }
  /// As they are now.
  var weights: [[Double]] { get }
  /// The next iteration.
  func iterate() -> TrainingRun.Iteration
  /// The trained network's files, and the untrained one's.
  func files() throws(Findings) -> [(name: String, bytes: [UInt8])]
  func initialFiles() throws(Findings) -> [(name: String, bytes: [UInt8])]
  /// The trials of the first iteration.
  func firstBatch() -> TrialSet
  /// How many trials the trained network is scored on, and the score; nil without.
  var testCount: Int? { get }
  func testScore() -> Double?
}

extension TrainingJob {
  /// What is reported when the loss is no longer a number.
  func divergence(after iterations: Int) -> Finding {
    Finding(
      "train.diverged", at: nil,
      "after iteration \(iterations) the loss or the weights are not finite; nothing was written",
      help: "lower the learning rate (\(learningRate)) with --learning-rate")
  }
}

extension Train {
  /// The network's own optimiser where the kind is the same; its learning rate and schedule in any case.
  func optimiser(of own: SpikingNetwork.Optimiser) -> SpikingNetwork.Optimiser {
    var chosen = own
    switch (optimizer, own.kind) {
    case (nil, _), (.sgd, .sgd), (.momentum, .momentum), (.adam, .adam), (.factored, .factored),
      (.postsynaptic, .postsynaptic):
      break
    case (.sgd, _): chosen.kind = .sgd
    case (.momentum, _): chosen.kind = .momentum(0.9)
    case (.adam, _): chosen.kind = .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
    case (.factored, _): chosen.kind = .factored(clip: 10)
    case (.postsynaptic, _): chosen.kind = .postsynaptic(clip: 10)
    }
    if let learningRate {
      chosen.learningRate = learningRate
    } else if chosen.kind != own.kind {
      Console.standard.report([Self.foreignRate(chosen.learningRate)])
    }
    return chosen
  }

  private static func foreignRate(_ rate: Double) -> Finding {
    Finding(
      "train.learning-rate", .note, at: Finding.Location(path: "--optimizer"),
      "the learning rate \(rate) was chosen for another optimiser", help: "give one that suits with --learning-rate")
  }

  /// N(0, 1/n), as the built-in tasks draw it.
  func randomFeedback(neurons: Int, outputs: Int) -> SpikingNetwork.Feedback {
    var generator = SplitMix64(seed: seed, stream: "feedback")
    let deviation = (1 / Double(neurons)).squareRoot()
    return .fixed((0..<neurons * outputs).map { _ in deviation * generator.normal() }, origin: "random, seed \(seed)")
  }
}
