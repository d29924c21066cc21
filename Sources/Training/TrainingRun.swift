public import FloatReference
public import Networks
public import Trials

/// One training: forward, gradient, update, for a number of iterations.
///
/// Not thread-safe: one per task.
public final class TrainingRun {
  /// What one iteration came to, measured before its update.
  public struct Iteration: Sendable, Hashable, Codable {
    /// From 1.
    public var iteration: Int
    /// E, the mean over the batch, without the rate regulariser.
    public var loss: Double
    /// The task's score over the batch, where there is one.
    public var score: Double?
    /// Hz, the mean over neurons and the batch; nil for rate networks.
    public var meanRate: Double?
    /// Wall-clock seconds that the iteration took.
    public var seconds: Double

    public init(iteration: Int, loss: Double, score: Double?, meanRate: Double?, seconds: Double) {
      (self.iteration, self.loss, self.score) = (iteration, loss, score)
      (self.meanRate, self.seconds) = (meanRate, seconds)
    }
  }

  /// A score from the trials of a batch and their readouts, [steps × outputs] each.
  public typealias Score = ([Trial], [[Double]]) -> Double

  private var start: SpikingNetwork
  private let engine: ReferenceEngine
  private let update: WeightUpdate
  private let score: Score?

  public init(_ network: SpikingNetwork, rule: LearningRule = .eProp1(EProp1()), score: Score? = nil) {
    start = network
    engine = ReferenceEngine(network, rule: rule)
    update = WeightUpdate(network)
    self.score = score
  }

  /// The network as it is now.
  public var network: SpikingNetwork {
    var network = start
    engine.weights.write(to: &network)
    return network
  }

  /// One iteration over a batch.
  public func iterate(_ trials: [Trial]) -> Iteration {
    let clock = ContinuousClock()
    let begin = clock.now
    let outcome = engine.evaluate(trials)
    engine.adaptiveFeedback?.remember(engine.weights)
    update.apply(engine.gradient, to: engine.weights)
    engine.adaptiveFeedback?.follow(engine.weights, learningRate: update.learningRate)
    return Iteration(
      iteration: update.trial, loss: outcome.loss, score: score?(trials, outcome.readouts),
      meanRate: outcome.meanRate, seconds: (clock.now - begin) / .seconds(1))
  }

  /// The gradient of the latest iteration, cut as `SpikingRuleRun.parameters` says.
  public var gradient: [[Double]] { cut(engine.gradient) }
  /// The weights as they are now, cut in the same way.
  public var weights: [[Double]] { cut(engine.weights) }

  private func cut(_ buffers: ParameterBuffers) -> [[Double]] {
    start.projections.indices.filter { start.projections[$0].isPlastic }.map(buffers.rowMajor)
      + (start.readout.biasIsPlastic ? [Array(buffers.bias)] : [])
  }

  /// `count` iterations, each over what `batch` gives for its number from 1. `report` is called after every one and may
  /// end the run by returning false.
  public func run(
    iterations count: Int, batch: (Int) -> [Trial], report: (Iteration) -> Bool = { _ in true }
  ) {
    for number in 1...max(count, 1) where count > 0 {
      guard report(iterate(batch(number))) else { return }
    }
  }

  /// The score of the network as it is now on other trials; 0 where there is none.
  public func validate(_ trials: [Trial]) -> Double {
    let outcome = engine.run(trials)
    return score?(trials, outcome.readouts) ?? 0
  }

  /// The same with the mean rate in Hz, in memory for 32 trials: for scores that are a mean over trials.
  public func assess(_ trials: [Trial]) -> (score: Double, meanRate: Double) {
    var (total, rate) = (0.0, 0.0)
    for first in stride(from: 0, to: trials.count, by: 32) {
      let part = Array(trials[first..<min(first + 32, trials.count)])
      let outcome = engine.run(part)
      total += (score?(part, outcome.readouts) ?? 0) * Double(part.count)
      rate += outcome.meanRate * Double(part.count)
    }
    let count = Double(max(trials.count, 1))
    return (total / count, rate / count)
  }
}
