public import FloatReference
public import Networks
public import Trials

/// Times training iterations by the CPU time of one thread.
public enum TrainingBenchmark {
  /// CPU milliseconds per iteration.
  public struct Figures: Sendable, Hashable, Codable {
    /// The median over all iterations.
    public var median: Double
    public var fastest: Double
    public var slowest: Double
    /// Of the medians of forward and gradient together, and of the update.
    public var gradient: Double
    public var update: Double
    public var iterations: Int
  }

  /// Trains `network` on `trials` for a number of iterations and times forward, gradient and update of each.
  public static func measure(
    _ network: SpikingNetwork, _ trials: [Trial], rule: LearningRule = .eProp1(EProp1()), iterations: Int = 200
  ) -> Figures {
    let engine = ReferenceEngine(network, rule: rule)
    let update = WeightUpdate(network)
    var (gradients, updates) = ([Double](), [Double]())
    for _ in 0..<max(iterations, 1) {
      let start = ProcessorTime.milliseconds()
      engine.evaluate(trials)
      let middle = ProcessorTime.milliseconds()
      update.apply(engine.gradient, to: engine.weights)
      gradients.append(middle - start)
      updates.append(ProcessorTime.milliseconds() - middle)
    }
    let sums = zip(gradients, updates).map(+).sorted()
    return Figures(
      median: sums[sums.count / 2], fastest: sums[0], slowest: sums[sums.count - 1],
      gradient: gradients.sorted()[sums.count / 2], update: updates.sorted()[sums.count / 2], iterations: sums.count)
  }
}
