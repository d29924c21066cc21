import Foundation

/// A rule of synaptic plasticity in place of the surrogate derivative: what the postsynaptic neuron contributes to an
/// eligibility trace is
///
///     ψ_j^t → [v_j^t − v_th⁺]⁺ [v̂_j^t − v_th⁻]⁺,   v̂^t = δ v̂^{t−1} + (1 − δ) v^t,   δ = exp(−Δt / 10 ms)
///
/// with v_th⁺ = 0 and v_th⁻ = v_th / 4. Everything else of e-prop 1 stays, for adaptive neurons with this factor in ε too;
/// a refractory period does not silence it.
///
/// Source: Clopath, Büsing, Vasilaki and Gerstner, "Connectivity reflects coding: a model of voltage-based STDP with
/// homeostasis" (2010), as used in Bellec, Scherr et al. (2019), whose text lists the two thresholds in the order v_th⁻,
/// v_th⁺. Cost: that of e-prop 1, and O(n) per step. Memory: that of e-prop 1, and O(n T) for the voltages.
final class ClopathFactor {
  private let wiring: Wiring
  /// δ.
  private let decay: Double
  private let trace: Buffer<Double>
  private var factors = Buffer(0, filledWith: 0.0)

  init(_ wiring: Wiring, timeStep: Double) {
    self.wiring = wiring
    decay = exp(-timeStep / 10)
    trace = Buffer(wiring.neuronCount, filledWith: 0)
  }

  /// The factors of a trial, from the voltages on its tape; the next call overwrites them.
  func follow(_ tape: TrialTape) -> PostsynapticFactors {
    let count = wiring.neuronCount
    factors = factors.holding(atLeast: tape.steps * count, filledWith: 0)
    trace.fill(0)
    for step in 0..<tape.steps {
      let (v, row) = (tape.voltages.base + step * count, factors.base + step * count)
      for group in wiring.groups {
        for j in group.first..<group.end {
          trace.base[j] = decay * trace.base[j] + (1 - decay) * v[j]
          row[j] = max(v[j], 0) * max(trace.base[j] - group.threshold / 4, 0)
        }
      }
    }
    return PostsynapticFactors(factors)
  }
}

/// What the postsynaptic neurons contribute to the eligibility traces of a trial, [steps × neurons] each.
struct PostsynapticFactors {
  /// ψ = ∂z/∂v, or what stands for it.
  var surrogates: Buffer<Double>
  /// χ = −∂z/∂A, or what stands for it.
  var thresholdSlopes: Buffer<Double>

  init(_ tape: TrialTape) { (surrogates, thresholdSlopes) = (tape.surrogates, tape.thresholdSlopes) }
  init(_ factors: Buffer<Double>) { (surrogates, thresholdSlopes) = (factors, factors) }
}
