/// The choices in which published e-prop systems differ. A description names each of them; nothing is implied.
///
/// The comments give the equation under each choice, for a unit with membrane decay α = exp(−Δt/τ_m), readout decay
/// κ = exp(−Δt/τ_out) and adaptation decay ρ = exp(−Δt/τ_a).
public struct Convention: Sendable, Hashable {
  /// Whether a drive is used as it is, or multiplied by one minus the decay of the state that it drives.
  public enum Scaling: String, Sendable, Hashable, CaseIterable {
    case one
    case oneMinusDecay = "one-minus-decay"
  }

  /// The height of the surrogate derivative: ψ = γ·…, ψ = (γ / v_th)·…, or ψ = (γ / A)·… with the adaptive threshold A.
  public enum SurrogateHeight: String, Sendable, Hashable, CaseIterable {
    case gamma
    case gammaOverThreshold = "gamma-over-threshold"
    case gammaOverAdaptiveThreshold = "gamma-over-adaptive-threshold"
  }

  /// What the argument v − A of the surrogate is divided by: the base threshold v_th or the adaptive threshold A.
  public enum SurrogateWidth: String, Sendable, Hashable, CaseIterable { case base, adaptive }

  /// The derivative of z with respect to the adaptive threshold A.
  /// - `shift`: ∂z/∂A = −ψ, as the threshold shifts the argument v − A (the paper).
  /// - `scale`: ∂z/∂A = −ψ v / A, what differentiating the argument (v − A) / A gives, with A in the denominator too.
  public enum ThresholdDerivative: String, Sendable, Hashable, CaseIterable { case shift, scale }

  /// Whether v = A already fires.
  public enum SpikeCondition: String, Sendable, Hashable, CaseIterable {
    case atOrAbove = "at-or-above"
    case above
  }

  /// How a refractory period of n steps is counted. `after`: z = 0 for the n steps after a spike.
  /// `including`: the step of the spike is the first of them, so n − 1 further steps are silent.
  public enum RefractoryCount: String, Sendable, Hashable, CaseIterable { case after, including }

  /// What the rate regulariser with coefficient c adds to the loss, for the rate f_j of neuron j (mean over the trials
  /// of a batch and over time) and the target f⁰.
  /// - `learningSignal`: the learning signal c (f_j − f⁰), rates in Hz, is added on the unfiltered trace at every step.
  /// - `halfSum`: ½ c Σ_j (f_j − f⁰)², rates in spikes per step; the gradient adds c (f_j − f⁰) / T per step.
  /// - `sum`: c Σ_j (f_j − f⁰)², rates in spikes per step; the gradient adds 2 c (f_j − f⁰) / T per step.
  /// - `paper`: the loss c Σ_j (f_j − f⁰)² with the gradient printed in the paper, which lacks the 2: c (f_j − f⁰) / T.
  public enum RateTerm: String, Sendable, Hashable, CaseIterable {
    case learningSignal = "learning-signal"
    case halfSum = "half-sum"
    case sum
    case paper
  }

  /// Which rate f_j the regulariser sees where a batch has several trials: the mean over them, or each trial's own.
  public enum RateAverage: String, Sendable, Hashable, CaseIterable { case batch, trial }

  /// How the loss of a trial is made of the losses of its steps (those that the mask counts): their sum, or their mean.
  /// Over the trials of a batch it is always the mean. The rate regulariser is not part of either.
  public enum LossReduction: String, Sendable, Hashable, CaseIterable { case sum, mean }

  /// Where Adam's ε stands: beside the root of the second moment with its bias corrected (Kingma & Ba, algorithm 1), or
  /// as it is, ε̂ in their section 2 (TensorFlow, NEST). They differ while the moments are young.
  public enum AdamEpsilon: String, Sendable, Hashable, CaseIterable { case corrected, uncorrected }

  /// Multiplies W_in x.
  public var inputScaling: Scaling
  /// Multiplies W_rec z.
  public var recurrentScaling: Scaling
  /// Multiplies W_out z (by 1 − κ). The bias is never scaled.
  public var readoutScaling: Scaling
  /// Multiplies e in the filtered trace ē (by 1 − κ).
  public var traceScaling: Scaling
  /// Multiplies z in the adaptation a (by 1 − ρ).
  public var adaptationScaling: Scaling
  public var surrogateHeight: SurrogateHeight
  public var surrogateWidth: SurrogateWidth
  public var thresholdDerivative: ThresholdDerivative
  public var spikeCondition: SpikeCondition
  public var refractoryCount: RefractoryCount
  public var rateTerm: RateTerm
  public var rateAverage: RateAverage
  public var lossReduction: LossReduction
  public var adamEpsilon: AdamEpsilon

  public init(
    inputScaling: Scaling, recurrentScaling: Scaling, readoutScaling: Scaling, traceScaling: Scaling,
    adaptationScaling: Scaling, surrogateHeight: SurrogateHeight, surrogateWidth: SurrogateWidth,
    thresholdDerivative: ThresholdDerivative = .shift, spikeCondition: SpikeCondition,
    refractoryCount: RefractoryCount, rateTerm: RateTerm,
    rateAverage: RateAverage = .batch, lossReduction: LossReduction = .sum,
    adamEpsilon: AdamEpsilon = .corrected
  ) {
    self.inputScaling = inputScaling
    self.recurrentScaling = recurrentScaling
    self.readoutScaling = readoutScaling
    self.traceScaling = traceScaling
    self.adaptationScaling = adaptationScaling
    self.surrogateHeight = surrogateHeight
    self.surrogateWidth = surrogateWidth
    self.thresholdDerivative = thresholdDerivative
    self.spikeCondition = spikeCondition
    self.refractoryCount = refractoryCount
    self.rateTerm = rateTerm
    self.rateAverage = rateAverage
    self.lossReduction = lossReduction
    self.adamEpsilon = adamEpsilon
  }

  /// The 2019 paper as printed (Bellec, Scherr et al., arXiv 1901.09049v2, eqs 20–28, 41): nothing is scaled, ψ = γ
  /// max(0, 1 − |v − A| / v_th), a spike at v ≥ A.
  public static let paper2019 = Convention(
    inputScaling: .one, recurrentScaling: .one, readoutScaling: .one, traceScaling: .one, adaptationScaling: .one,
    surrogateHeight: .gamma, surrogateWidth: .base, spikeCondition: .atOrAbove, refractoryCount: .after,
    rateTerm: .learningSignal)
}
