public import LearningRules
public import Networks
public import Trials

/// A rule on a spiking network: its gradient on a batch of trials, whole and step by step.
///
/// For the rules that sweep backward, a step's contribution takes a sweep of its own over the steps before it, so all of
/// them take T / 2 times as long as the gradient.
public final class SpikingRuleRun: RuleRun {
  public let rule: String
  public let parameters: [RuleParameter]
  public let steps: Int
  private let engine: ReferenceEngine
  /// A new one where a rule learns about the network or draws, so that what is asked first makes no difference.
  private let makeEngine: () -> ReferenceEngine
  private let trials: [Trial]
  /// The plastic projections, and whether the bias is plastic.
  private let projections: [Int]
  private let hasBias: Bool
  private var isPrepared = false

  public init(_ network: SpikingNetwork, _ trials: [Trial], _ rule: LearningRule, named name: String) {
    self.rule = name
    self.trials = trials
    let engine = ReferenceEngine(network, rule: rule)
    self.engine = engine
    if case .online = rule {
      makeEngine = { ReferenceEngine(network, rule: rule) }
    } else {
      makeEngine = { engine }
    }
    steps = trials.map(\.steps).max() ?? 0
    projections = network.projections.indices.filter { network.projections[$0].isPlastic }
    hasBias = network.readout.biasIsPlastic
    parameters = Self.parameters(network)
  }

  /// Everything plastic, projections first.
  public static func parameters(_ network: SpikingNetwork) -> [RuleParameter] {
    let projections = network.projections.filter(\.isPlastic).map { projection in
      RuleParameter(
        name: projection.name, symbol: projection.symbol,
        shape: [network.postsynapticCount(of: projection), network.presynapticCount(of: projection)])
    }
    guard network.readout.biasIsPlastic else { return projections }
    return projections + [RuleParameter(name: network.readout.name, symbol: "b_out", shape: [network.readout.count])]
  }

  public func total() -> [[Double]] {
    let engine = makeEngine()
    engine.evaluate(trials)
    return gradient(of: engine)
  }

  public func contribution(of step: Int) -> [[Double]] {
    if !isPrepared { engine.prepareContributions(trials) }
    isPrepared = true
    engine.formContribution(of: step, trials)
    return gradient(of: engine)
  }

  private func gradient(of engine: ReferenceEngine) -> [[Double]] {
    projections.map(engine.gradient.rowMajor) + (hasBias ? [Array(engine.gradient.bias)] : [])
  }
}

extension SpikingNetwork.Projection {
  /// What the paper calls its weights.
  public var symbol: String {
    switch (source, target) {
    case (_, .readout): "W_out"
    case (.inputs, .population): "W_in"
    case (.population, .population): "W_rec"
    }
  }
}
