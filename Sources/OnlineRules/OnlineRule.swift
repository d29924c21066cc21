/// The online learning rules and the bounds that they are compared with, by the names that the command line uses.
///
/// Costs are per step for n units (inputs and outputs are taken to be few), T the number of steps that are looked back on.
public enum OnlineRule: String, Sendable, Hashable, CaseIterable {
  case backpropagation = "bptt"
  case futureBackpropagation = "f-bptt"
  case rtrl
  case uoro
  case kfRTRL = "kf-rtrl"
  case reverseKF = "r-kf"
  case kernl
  case rflo
  case dni
  case dniB = "dni-b"
  case fixedW = "fixed-w"

  /// What the rule is, in a line.
  public var summary: String {
    switch self {
    case .backpropagation: "backpropagation through time, window by window; exact within a window"
    case .futureBackpropagation: "backpropagation of every step's error into the steps before it"
    case .rtrl: "real-time recurrent learning: the exact gradient, forwards"
    case .uoro: "unbiased online recurrent optimisation: the influence as one random outer product"
    case .kfRTRL: "Kronecker-factored RTRL: the influence as a random vector times a matrix"
    case .reverseKF: "KF-RTRL with the factors' roles exchanged"
    case .kernl: "kernel RNN learning: sensitivities and time constants learnt from perturbations"
    case .rflo: "random-feedback local online learning: the leak is all that carries influence"
    case .dni: "decoupled neural interface: a learnt linear guess of the future gradient"
    case .dniB: "DNI with a learnt Jacobian and a squashed bootstrap"
    case .fixedW: "only the readout learns"
    }
  }

  /// The published work that the rule is from.
  public var source: String {
    switch self {
    case .backpropagation, .futureBackpropagation: "Werbos 1990; Marschall, Cho and Savin 2020"
    case .rtrl: "Williams and Zipser 1989"
    case .uoro: "Tallec and Ollivier 2017"
    case .kfRTRL: "Mujika, Meier and Steger 2018"
    case .reverseKF, .dniB, .fixedW: "Marschall, Cho and Savin 2020"
    case .kernl: "Roth, Kanitscheider and Fiete 2019"
    case .rflo: "Murray 2019"
    case .dni: "Jaderberg et al. 2017"
    }
  }

  /// Time per step beyond the forward pass, and the exponent of n in it.
  public var cost: (order: String, exponent: Double) {
    switch self {
    case .futureBackpropagation: ("n² T", 2)
    case .rtrl: ("n⁴", 4)
    case .kfRTRL, .reverseKF: ("n³", 3)
    case .fixedW: ("1", 0)
    case .backpropagation, .uoro, .kernl, .rflo, .dni, .dniB: ("n²", 2)
    }
  }

  /// Memory beside the weights and the gradient.
  public var memory: (order: String, exponent: Double) {
    switch self {
    case .backpropagation, .futureBackpropagation: ("n T", 1)
    case .rtrl: ("n³", 3)
    case .fixedW: ("1", 0)
    default: ("n²", 2)
    }
  }

  /// What the rule computes, in a line.
  public var equation: String {
    switch self {
    case .backpropagation: "c ← q + c J,  g_ij = Σ c_i α tanh′(h_i) â_j"
    case .futureBackpropagation: "c^{t−s} += q^t J^t … J^{t−s+1}"
    case .rtrl: "M ← J M + M̄,  g = q M"
    case .uoro: "M ≈ A B,  A ← p₀ J A + p₁ ν,  B ← B/p₀ + ν M̄/p₁"
    case .kfRTRL: "M ≈ A ⊗ B,  A ← ν₀ p₀ A + ν₁ p₁ â,  B ← ν₀ J B/p₀ + ν₁ D̄/p₁,  M̄ = D̄ ⊗ â"
    case .reverseKF: "M_{k,ij} ≈ A_i B_kj,  A ← p₀ A + p₁ ν,  B ← J B/p₀ + ν M̄/p₁"
    case .kernl: "M_{k,ij} ≈ A_ki B_ij,  B_ij ← (1 − γ_i) B_ij + M̄_ij,  A and γ learnt from perturbations"
    case .rflo: "B ← (1 − α) B + M̄,  g_ij = q_i B_ij"
    case .dni: "g_ij = Σ_k (A ã)_k M̄_{k,ij},  A ã^{t−1} → q^{t−1} + (A⁻ ã^t) J^t"
    case .dniB: "as dni with tanh(A⁻ ã^t) J̃,  J̃ s^{t−1} → s^t"
    case .fixedW: "g = 0"
    }
  }

  /// How many numbers a rule of `ofSpikes` keeps on a network of these sizes, with J.
  public func numbers(_ sizes: OnlineSizes) -> Double {
    let (n, m, d) = (Double(sizes.units), Double(sizes.columns), Double(sizes.states))
    let row = d + Double(sizes.outputs) + 1
    return switch self {
    case .uoro: d * d + n * m
    case .kfRTRL: d * d + n * d
    case .reverseKF: d * d + m * d
    case .dni: d * d + 2 * d * row
    case .dniB: d * d + 2 * d * row
    default: n * m
    }
  }

  /// Whether two runs with other draws differ.
  public var isStochastic: Bool {
    switch self {
    case .uoro, .kfRTRL, .reverseKF, .kernl, .dni, .dniB: true
    case .backpropagation, .futureBackpropagation, .rtrl, .rflo, .fixedW: false
    }
  }
}

/// What the rules leave open. The defaults are those of Marschall, Cho and Savin's programs where those have one.
public struct OnlineRuleSettings: Sendable, Hashable {
  /// T of `bptt` and `f-bptt`; nil: the whole trial.
  public var horizon: Int?
  /// `bptt` gives at every step the derivative of that step's loss alone, at O(n² T) per step, and no windows.
  public var splitsByError = false
  /// Learning rate of DNI's matrix A.
  public var dniLearningRate = 0.001
  /// Whether DNI divides both its learning rates by ‖ã‖² or ‖s‖² where that is above 1 (normalised least mean squares).
  public var dniNormalises = false
  /// Learning rate of DNI(b)'s Jacobian.
  public var dniJacobianRate = 0.001
  /// Steps for which the bootstrap of DNI's target keeps to one A.
  public var dniInterval = 5
  /// Learning rate of KeRNL's A and decays.
  public var kernlLearningRate = 5.0
  /// Standard deviation of KeRNL's perturbations.
  public var kernlNoise = 0.001
  /// Steps after which KeRNL's perturbed network starts again from the network itself; nil: never.
  public var kernlReset: Int?

  public init(horizon: Int? = nil) { self.horizon = horizon }
}
