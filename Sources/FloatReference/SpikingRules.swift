public import Diagnostics
public import LearningRules
public import Networks
public import OnlineRules
import Randomness

/// The rules for spiking networks, as the tools list them, and what each name means on a network.
public enum SpikingRules {
  /// What a rule may draw or be told beyond its name.
  public struct Options: Sendable, Hashable {
    /// Of everything that is drawn.
    public var seed: UInt64
    /// c of `AdaptiveFeedback`.
    public var feedbackDecay: Double
    /// What online rules are told.
    public var settings: OnlineRuleSettings
    /// What online rules take in place of drawn numbers.
    public var recorded: RecordedDraws?
    public init(
      seed: UInt64 = 1, feedbackDecay: Double = 0.01, settings: OnlineRuleSettings = .init(),
      recorded: RecordedDraws? = nil
    ) {
      self.seed = seed
      self.feedbackDecay = feedbackDecay
      self.settings = settings
      self.recorded = recorded
    }
  }

  /// What a rule means on a network.
  ///
  /// - Parameters:
  ///   - choice: one of `entries`.
  ///   - steps: of the longest trial.
  ///   - draws: given in place of drawn numbers.
  /// - Throws: `draws.…` findings, and `rule.too-large` where a rule would take too much memory.
  public static func rule(
    _ choice: RuleChoice, on network: SpikingNetwork, steps: Int, options: Options = Options(), draws: RuleDraws? = nil
  ) throws(Findings) -> LearningRule {
    try checkDynamics(network, choice)
    switch choice.entry.name {
    case "e-prop-1-symmetric": return .eProp1(EProp1(feedback: .symmetric))
    case "e-prop-1-random": return .eProp1(EProp1(feedback: .fixed(try random(network, choice, options, draws))))
    case "e-prop-1-global": return .eProp1(EProp1(feedback: .global))
    case "e-prop-1-adaptive": return .eProp1(EProp1(feedback: .adaptive(decay: options.feedbackDecay)))
    case "e-prop-1-windows":
      return .eProp1(EProp1(feedback: .windows(try windows(network, choice, steps, options, draws))))
    case "e-prop-1-truncated": return .eProp1(EProp1(eligibility: .truncated))
    case "e-prop-1-presynaptic": return .eProp1(EProp1(eligibility: .presynaptic))
    case "e-prop-1-clopath": return .eProp1(EProp1(factor: .clopath))
    // No path has more recurrences than there are steps.
    case "m-order": return .mOrder(min(choice.parameter, max(steps, 1)), resetPath: true)
    case "m-order-no-reset-path": return .mOrder(min(choice.parameter, max(steps, 1)), resetPath: false)
    case "deep-e-prop": return .deepEProp
    case "rtrl", "rtrl-no-reset-path":
      try checkMemory(network)
      return .realTime(resetPath: choice.entry.name == "rtrl")
    case "bptt": return .backpropagation(resetPath: true)
    case "bptt-no-reset-path": return .backpropagation(resetPath: false)
    case "rflo": return .eProp1(EProp1(eligibility: .leak))
    default:
      guard let rule = OnlineRule(rawValue: choice.entry.name) else { return .eProp1(EProp1()) }
      try checkMemory(network, rule)
      return .online(OnlineChoice(rule, settings: options.settings, seed: options.seed, recorded: options.recorded))
    }
  }

  /// What online rules see of a network.
  public static func onlineSizes(_ network: SpikingNetwork) -> OnlineSizes { SpikingCell.sizes(Wiring(network)) }

  /// Forward derivatives, those of a bounded order and online rules are formed for the dynamics of the paper alone.
  private static func checkDynamics(_ network: SpikingNetwork, _ choice: RuleChoice) throws(Findings) {
    let name = choice.entry.name
    let isOnline = OnlineRule(rawValue: name).map(OnlineRule.ofSpikes.contains) ?? false
    if isOnline || ["e-prop-1-windows", "rtrl", "rtrl-no-reset-path"].contains(name),
      !network.readout.timeConstant.isCommon
    {
      throw Findings(
        Finding(
          "rule.not-applicable", at: nil, "\(name) does not know readouts with time constants of their own",
          help: "bptt and the other forms of e-prop 1 do"))
    }
    guard isOnline || ["m-order", "m-order-no-reset-path", "rtrl", "rtrl-no-reset-path"].contains(name) else { return }
    let isUnusual =
      network.populations.contains { population in
        population.synapticTimeConstant != nil || population.reset == .hold
          || (isOnline && population.reset != .subtract && population.reset != .zero)
      }
      || network.projections.contains { $0.delaySteps == 0 }
    guard isUnusual else { return }
    throw Findings(
      Finding(
        "rule.not-applicable", at: nil,
        "\(name) does not know synaptic currents, projections without a delay, and the reset \"hold\""
          + (isOnline ? " or others than \"subtract\" and \"zero\"" : ""),
        help: "bptt and e-prop 1 do"))
  }

  private static func random(
    _ network: SpikingNetwork, _ choice: RuleChoice, _ options: Options, _ draws: RuleDraws?
  ) throws(Findings) -> [Double] {
    let shape = [network.neuronCount, network.readout.count]
    if let given = try draws?.tensor("feedback", of: choice, shape: shape) { return given }
    var generator = SplitMix64(seed: options.seed, stream: "feedback")
    let deviation = (1 / Double(network.neuronCount)).squareRoot()
    return (0..<shape[0] * shape[1]).map { _ in deviation * generator.normal() }
  }

  private static func windows(
    _ network: SpikingNetwork, _ choice: RuleChoice, _ steps: Int, _ options: Options, _ draws: RuleDraws?
  ) throws(Findings) -> WindowedFeedback {
    let size = network.neuronCount * network.readout.count
    let count = (steps + choice.parameter - 1) / choice.parameter
    let shape = [count, network.neuronCount, network.readout.count]
    guard let given = try draws?.tensor("feedback", of: choice, shape: shape) else {
      return WindowedFeedback(stepsPerWindow: choice.parameter, seed: options.seed)
    }
    let matrices = (0..<count).map { Array(given[$0 * size..<($0 + 1) * size]) }
    return WindowedFeedback(stepsPerWindow: choice.parameter, matrices: matrices)
  }

  /// The most that real-time recurrent learning may keep, in bytes.
  public static let memoryLimit = 4e9

  private static func checkMemory(_ network: SpikingNetwork, _ rule: OnlineRule) throws(Findings) {
    let bytes = OnlineMethod.bytes(rule, Wiring(network))
    guard bytes > memoryLimit else { return }
    throw Findings(
      Finding(
        "rule.too-large", at: nil,
        "\(rule.rawValue) would keep \(Int(bytes / 1e9)) GB; at most \(Int(memoryLimit / 1e9)) GB are used",
        help: "e-prop 1 keeps no Jacobian"))
  }

  private static func checkMemory(_ network: SpikingNetwork) throws(Findings) {
    let wiring = Wiring(network)
    let bytes = RealTimeRecurrentLearning.bytes(wiring, wanted: wiring.links.map(\.isPlastic))
    guard bytes > memoryLimit else { return }
    throw Findings(
      Finding(
        "rule.too-large", at: nil,
        "rtrl would keep \(Int(bytes / 1e9)) GB of derivatives for each trial; at most \(Int(memoryLimit / 1e9)) GB are used",
        help: "bptt gives the same gradient"))
  }
}
