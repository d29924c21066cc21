/// Conventions under the names that a description may use.
///
/// "Authors' code" below is the TensorFlow code published with Bellec, Scherr et al., "A solution to the learning dilemma
/// for recurrent networks of spiking neurons" (2020): `models.py` and the two tutorials beside it.
extension Convention {
  /// The authors' pattern-generation tutorial with its `LightLIF` cell.
  ///
  /// - v ← α v + (1 − α)(W_in x + W_rec z) − v_th z; the presynaptic trace is filtered likewise.
  /// - y and ē are filtered by κ · + (1 − κ) ·.
  /// - ψ = γ / v_th · max(0, 1 − |v − v_th| / v_th), and a spike at v > v_th (`tf.greater`).
  /// - ½ c Σ_j (f_j − f⁰)² with rates in spikes per ms at a step of 1 ms.
  /// - The cell has neither adaptation nor a refractory period; those two choices are the ones of `EligALIF`.
  public static let tfPatternGeneration = Convention(
    inputScaling: .oneMinusDecay, recurrentScaling: .oneMinusDecay, readoutScaling: .oneMinusDecay,
    traceScaling: .oneMinusDecay, adaptationScaling: .one, surrogateHeight: .gammaOverThreshold, surrogateWidth: .base,
    spikeCondition: .above, refractoryCount: .including, rateTerm: .halfSum, adamEpsilon: .uncorrected)

  /// The authors' evidence-accumulation tutorial with its `EligALIF` cell.
  ///
  /// - v ← α v + W_in x + W_rec z − v_th z, and b ← ρ b + z: nothing is scaled in the cell.
  /// - y and ē are filtered by κ · + (1 − κ) ·.
  /// - ψ = γ / v_th · max(0, 1 − |v − A| / v_th), and a spike at v > A.
  /// - The counter r ← r + n z − 1 is compared with 0, so the step of the spike is the first of the n.
  /// - c Σ_j (f_j − f⁰)² with rates in spikes per ms at a step of 1 ms.
  /// - The cross-entropy is the mean over the recall steps, not their sum.
  public static let tfEvidenceAccumulation = Convention(
    inputScaling: .one, recurrentScaling: .one, readoutScaling: .oneMinusDecay, traceScaling: .oneMinusDecay,
    adaptationScaling: .one, surrogateHeight: .gammaOverThreshold, surrogateWidth: .base, spikeCondition: .above,
    refractoryCount: .including, rateTerm: .sum, lossReduction: .mean,
    adamEpsilon: .uncorrected)

  /// The authors' `LightALIF` cell.
  ///
  /// - v as in `tfPatternGeneration`; b ← ρ b + (1 − ρ) z.
  /// - The surrogate's argument is (v − A) / A and is differentiated automatically: ψ = ∂z/∂v = (γ / A) · max(0, 1 −
  ///   |v − A| / A), and ∂z/∂A = −ψ v / A because A stands in the denominator too.
  public static let tfLightALIF = Convention(
    inputScaling: .oneMinusDecay, recurrentScaling: .oneMinusDecay, readoutScaling: .oneMinusDecay,
    traceScaling: .oneMinusDecay, adaptationScaling: .oneMinusDecay, surrogateHeight: .gammaOverAdaptiveThreshold,
    surrogateWidth: .adaptive, thresholdDerivative: .scale, spikeCondition: .above, refractoryCount: .including,
    rateTerm: .halfSum, adamEpsilon: .uncorrected)

  /// NEST's `eprop_iaf_bsshslm_2020` as its regression example sets it up (`regular_spike_arrival` false).
  ///
  /// - Arriving spikes are multiplied by 1 − α and in the readout by 1 − κ; ē is filtered by κ · + (1 − κ) ·.
  /// - ψ = γ / v_th · max(0, 1 − |v − A| / v_th), 0 while refractory; later versions write it with their γ = γ / v_th
  ///   and β = 1 / v_th.
  /// - A spike at v ≥ A: that is what the model's code compares with, unlike the TensorFlow code that it follows.
  /// - The refractory counter is lowered before it is compared with 0, so the step of the spike is the first.
  /// - c_reg (f_j − f⁰), in spikes per step of the same trial, times the sum of e: `halfSum` with c = c_reg · T.
  /// - The adaptive model writes ε ← ρ ε + e: with e = ψ (ẑ − β ε) that is the paper's ε ← ψ ẑ + (ρ − ψ β) ε.
  /// - Its regression example sums the gradient over the steps. With `average_gradient`, as in the evidence-accumulation
  ///   example, everything is divided by the steps of the learning window, the rate term too: `lossReduction` `mean` and
  ///   c = c_reg · T / window.
  /// - Its surrogate has a free height γ and width 1 / β, and the examples round 1 / v_th: `surrogateHeight` `gamma` and a
  ///   surrogate with a width of its own are exact.
  ///
  /// NEST delays spikes by whole connections; trials for it must be shifted, which is not a matter of the convention.
  public static let nest = Convention(
    inputScaling: .oneMinusDecay, recurrentScaling: .oneMinusDecay, readoutScaling: .oneMinusDecay,
    traceScaling: .oneMinusDecay, adaptationScaling: .one, surrogateHeight: .gammaOverThreshold, surrogateWidth: .base,
    spikeCondition: .atOrAbove, refractoryCount: .including, rateTerm: .halfSum, rateAverage: .trial,
    adamEpsilon: .uncorrected)

  /// The presets' names in a description.
  public enum Preset: String, Sendable, Hashable, CaseIterable {
    case paper2019 = "paper-2019"
    case tfPatternGeneration = "tf-pattern-generation"
    case tfEvidenceAccumulation = "tf-evidence-accumulation"
    case tfLightALIF = "tf-light-alif"
    case nest

    /// What the name stands for.
    public var convention: Convention {
      switch self {
      case .paper2019: .paper2019
      case .tfPatternGeneration: .tfPatternGeneration
      case .tfEvidenceAccumulation: .tfEvidenceAccumulation
      case .tfLightALIF: .tfLightALIF
      case .nest: .nest
      }
    }
  }
}
