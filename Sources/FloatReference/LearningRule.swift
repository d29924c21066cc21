public import OnlineRules

/// How the gradient is formed.
public enum LearningRule: Sendable, Hashable {
  case eProp1(EProp1)
  /// Backpropagation through time with the same surrogate derivative. `resetPath` says whether the derivative also goes
  /// through the z of the reset.
  case backpropagation(resetPath: Bool)
  /// Paths through at most `order` − 1 synapses or, with `resetPath`, resets behind the neuron of the weight.
  case mOrder(Int, resetPath: Bool)
  /// The same gradient as `backpropagation`, formed forward in time.
  case realTime(resetPath: Bool)
  /// Across depth as backpropagation, within a population as e-prop 1.
  case deepEProp
  /// A rule of `OnlineRule.ofSpikes`, over the state of the neurons.
  case online(OnlineChoice)
}

/// An online rule and what it may draw or be told.
public struct OnlineChoice: Sendable, Hashable {
  public var rule: OnlineRule
  public var settings: OnlineRuleSettings
  /// Of what is drawn.
  public var seed: UInt64
  /// Stands for what would be drawn.
  public var recorded: RecordedDraws?

  public init(
    _ rule: OnlineRule, settings: OnlineRuleSettings = .init(), seed: UInt64 = 1, recorded: RecordedDraws? = nil
  ) {
    self.rule = rule
    self.settings = settings
    self.seed = seed
    self.recorded = recorded
  }
}

/// e-prop 1 and its ablations.
public struct EProp1: Sendable, Hashable {
  /// How the same gradient is computed.
  public enum Form: Sendable, Hashable {
    /// Per-step traces for every synapse, as the equations are printed: slow, and the plainest to read.
    case traces
    /// Blocks of so many steps, with per-synapse values carried from one to the next.
    case blocks(Int)
    /// The whole trial as one block.
    case trial
  }

  /// What stands for e_ji; whatever it is, it is filtered by κ as usual.
  public enum Eligibility: String, Sendable, Hashable, CaseIterable {
    /// ψ_j (ẑ_i − β_j ε_ji).
    case full
    /// ψ_j ẑ_i: of the neuron's own dependences only the leak of v; full for a plain LIF neuron.
    case leak
    /// ψ_j p_i: of the eligibility vector only its last increment ∂s^t/∂W = (p^t, 0) is kept.
    case truncated
    /// p_i: the postsynaptic factor is left out too, and e_ji = z_i^{t−1} for a recurrent synapse.
    case presynaptic
  }

  /// The B of L_j = Σ_k B_jk err_k.
  public enum Feedback: Sendable, Hashable {
    /// What the network's description says.
    case ofNetwork
    /// B = W_outᵀ at every moment.
    case symmetric
    /// A given B, [neurons × outputs], row major.
    case fixed([Double])
    /// One signal for all: B = 1/√n for n neurons.
    case global
    /// B starts as the network's description says and learns with W_out; both decay with the coefficient.
    case adaptive(decay: Double)
    /// Another B in every window of steps.
    case windows(WindowedFeedback)
  }

  /// What stands for ψ_j in e_ji.
  public enum PostsynapticFactor: String, Sendable, Hashable, CaseIterable {
    /// The surrogate derivative.
    case surrogate
    /// `ClopathFactor`.
    case clopath
  }

  public var form: Form
  public var eligibility: Eligibility
  public var feedback: Feedback
  public var factor: PostsynapticFactor

  public init(
    form: Form = .trial, eligibility: Eligibility = .full, feedback: Feedback = .ofNetwork,
    factor: PostsynapticFactor = .surrogate
  ) {
    self.form = form
    self.eligibility = eligibility
    self.feedback = feedback
    self.factor = factor
  }
}
