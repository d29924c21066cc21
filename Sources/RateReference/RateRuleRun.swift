public import LearningRules
public import Networks
public import OnlineRules
public import Trials

/// A rule on a rate network: its gradient on a batch of trials, whole and step by step. The trials are run in order, so
/// rules that learn about the network learn from one for the next.
///
/// What a step contributes is what the rule gives at that step. For the rules that look into the past it belongs to the
/// step's own loss; for `dni` and `dni-b`, to the step's own influence on all losses to come.
public final class RateRuleRun: RuleRun {
  public let rule: String
  public let parameters: [RuleParameter]
  public let steps: Int
  private let network: RateNetwork
  private let trials: [Trial]
  private let makeEngine: () -> RateEngine
  private var contributions: [[[Double]]]?

  /// - Parameter learning: the rule whose gradient moves the weights after every step; nil: they stay, and `bptt` gives
  ///   every step's own derivative. Each trial goes on with the weights of the one before.
  public init(
    _ network: RateNetwork, _ trials: [Trial], _ rule: OnlineRule, recorded: RecordedDraws? = nil, seed: UInt64 = 1,
    learning: OnlineRule? = nil
  ) {
    self.rule = rule.rawValue
    (self.network, self.trials) = (network, trials)
    steps = trials.map(\.steps).max() ?? 0
    parameters = Self.parameters(network)
    makeEngine = {
      var settings = OnlineRuleSettings()
      settings.splitsByError = learning == nil && recorded?.values("bptt.horizon") == nil
      let rules = learning.map { $0 == rule ? [rule] : [rule, $0] } ?? [rule]
      return RateEngine(
        network, rules: rules, settings: settings, recorded: recorded, seed: seed, learning: learning)
    }
  }

  /// Everything plastic: projections first, then b and b_out.
  public static func parameters(_ network: RateNetwork) -> [RuleParameter] {
    let (n, inputs, outputs) = (network.population.count, network.inputs.count, network.readout.count)
    var parameters = network.projections.filter(\.isPlastic).map { projection in
      switch RateNetwork.role(of: projection) {
      case .input: RuleParameter(name: projection.name, symbol: "W_in", shape: [n, inputs])
      case .recurrent: RuleParameter(name: projection.name, symbol: "W_rec", shape: [n, n])
      case .output: RuleParameter(name: projection.name, symbol: "W_out", shape: [outputs, n])
      }
    }
    if network.population.biasIsPlastic {
      parameters.append(RuleParameter(name: network.population.name, symbol: "b", shape: [n]))
    }
    if network.readout.biasIsPlastic {
      parameters.append(RuleParameter(name: network.readout.name, symbol: "b_out", shape: [outputs]))
    }
    return parameters
  }

  public func total() -> [[Double]] {
    let engine = makeEngine()
    let sum = RateParameters(shapedLike: network)
    for (number, trial) in trials.enumerated() {
      engine.run(trial, number: number) { _ in sum.add(engine.gradients[0]) }
    }
    sum.scale(by: 1 / Double(max(trials.count, 1)))
    return arrays(sum)
  }

  public func contribution(of step: Int) -> [[Double]] {
    if contributions == nil { contributions = runThrough() }
    return contributions?[step] ?? []
  }

  private func runThrough() -> [[[Double]]] {
    let engine = makeEngine()
    let sums = (0..<steps).map { _ in RateParameters(shapedLike: network) }
    for (number, trial) in trials.enumerated() {
      engine.run(trial, number: number) { sums[$0.number].add(engine.gradients[0]) }
    }
    return sums.map { sum in
      sum.scale(by: 1 / Double(max(trials.count, 1)))
      return arrays(sum)
    }
  }

  private func arrays(_ gradient: RateParameters) -> [[Double]] { Self.arrays(gradient, parameters) }

  /// The parts of a gradient or of weights.
  static func arrays(_ gradient: RateParameters, _ parameters: [RuleParameter]) -> [[Double]] {
    parameters.map { parameter in
      switch parameter.symbol {
      case "W_in": gradient.matrix(.input)
      case "W_rec": gradient.matrix(.recurrent)
      case "W_out": gradient.matrix(.output)
      case "b": gradient.bias
      default: gradient.readoutBias
      }
    }
  }
}
