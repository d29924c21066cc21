import Networks
import Trials

/// m-order e-prop: the derivative along paths that leave a neuron through explicit recurrence at most m − 1 times. An
/// explicit recurrence is a z^{t−1} that acts on a later state: through a synapse or, where the reset path is followed,
/// through the reset of the neuron itself. Backward, with δ(h) for paths of at most h recurrences and δ(−1) = 0:
///
///     ∂z_j(h) = s_out Σ_k W_kj G_k + rate term + s_rec Σ_l W_lj δ_l^{t+1}(h−1) + s_a ∂a_j^{t+1}(h)
///               [− v_th δ_j^{t+1}(h−1), or − α v_j^t δ_j^{t+1}(h−1) where the reset is to zero]
///     δ_j^t(h) = ψ_j^t ∂z_j(h) + α δ_j^{t+1}(h)              (reset to zero: α (1 − z_j^t))
///     ∂a_j(h)  = −β χ_j^t ∂z_j(h) + ρ ∂a_j^{t+1}(h)             (χ = −∂z/∂A)
///
/// δ(m − 1) makes the gradient. m = 1 is e-prop 1 with symmetric feedback, m = T backpropagation through time, since every
/// recurrence takes a step.
///
/// Source: Martín-Sánchez, Bohté and Otte, "A Taxonomy of Recurrent Learning Rules" (2022), the family of which e-prop is
/// the first member. Cost: O(m n²) per step. Memory: O(n T + m n).
final class MOrderEProp: GradientMethod {
  private let wiring: Wiring
  private let weights: ParameterBuffers
  private let gather: GradientGather
  private let coefficients: Coefficients
  private let levels: Int
  private let followsReset: Bool
  private let wanted: [Bool]
  /// ∂z(h), δ(h) and ∂a(h), [levels × neurons].
  private let output: Buffer<Double>
  private let membrane: Buffer<Double>
  private let adaptation: Buffer<Double>
  /// ∂z(0) without the adaptation: what no recurrence contributes to.
  private let direct: Buffer<Double>
  private let fired: Buffer<Double>
  let rateTerm: Buffer<Double>
  let needsStates = true

  init(_ wiring: Wiring, weights: ParameterBuffers, order: Int, followsReset: Bool, wanted: [Bool]) {
    self.wiring = wiring
    self.weights = weights
    self.followsReset = followsReset
    self.wanted = wanted
    levels = max(order, 1)
    gather = GradientGather(wiring: wiring)
    coefficients = Coefficients(wiring)
    output = Buffer(levels * wiring.neuronCount, filledWith: 0)
    membrane = Buffer(levels * wiring.neuronCount, filledWith: 0)
    adaptation = Buffer(levels * wiring.neuronCount, filledWith: 0)
    direct = Buffer(wiring.neuronCount, filledWith: 0)
    fired = Buffer(wiring.neuronCount, filledWith: 0)
    rateTerm = Buffer(wiring.neuronCount, filledWith: 0)
  }

  func add(_ tape: TrialTape, _ trial: Trial, _ part: TrialPart, factor: Double, to gradient: ParameterBuffers) {
    let block = part.steps(of: trial)
    let count = wiring.neuronCount
    coefficients.prepare(steps: block.count)
    coefficients.filterErrors(tape, block, part, decays: wiring.readoutDecays.base)
    membrane.fill(0)
    adaptation.fill(0)
    for step in block.reversed() {
      // Behind n steps there are at most n recurrences: higher levels are still equal to the highest of these.
      let used = min(levels, block.upperBound - step)
      fired.fill(0)
      for event in tape.spikeOffsets.base[step]..<tape.spikeOffsets.base[step + 1] {
        fired.base[Int(tape.spikes.base[event])] = 1
      }
      fillDirect(tape, step, counts: part.counts(step))
      for level in 0..<used { pullBack(level, tape, step) }
      for level in 0..<used { stepBack(level, tape, step) }
      if used < levels { copy(level: used - 1, to: used) }
      (coefficients.neurons.base + step * count).update(from: membrane.base + (used - 1) * count, count: count)
    }
    gather.addAll(tape, trial, block, coefficients, wanted: wanted, factor: factor, to: gradient)
  }

  /// s_out Σ_k W_kj G_k + rate term.
  private func fillDirect(_ tape: TrialTape, _ step: Int, counts: Bool) {
    if counts { direct.base.update(from: rateTerm.base, count: wiring.neuronCount) } else { direct.fill(0) }
    let behind = coefficients.outputs.base + step * wiring.outputCount
    for (index, link) in wiring.links.enumerated() where link.sourceGroup != nil && link.targetGroup == nil {
      guard let matrix = weights.projections[index].baseAddress else { continue }
      for i in 0..<link.preCount {
        direct.base[link.preFirst + i] +=
          link.scale * Kernels.dot(matrix + i * link.postCount, behind, count: link.postCount)
      }
    }
  }

  /// ∂z(h) but for its adaptation, from the δ(h − 1) of the step behind.
  private func pullBack(_ level: Int, _ tape: TrialTape, _ step: Int) {
    let count = wiring.neuronCount
    let out = output.base + level * count
    out.update(from: direct.base, count: count)
    guard level > 0 else { return }
    let behind = membrane.base + (level - 1) * count
    let (surrogates, voltages) = (tape.surrogates.base + step * count, tape.voltages.base + step * count)
    for (index, link) in wiring.links.enumerated() where link.sourceGroup != nil && link.targetGroup != nil {
      guard let matrix = weights.projections[index].baseAddress else { continue }
      for i in 0..<link.preCount where surrogates[link.preFirst + i] != 0 {
        out[link.preFirst + i] +=
          link.scale * Kernels.dot(matrix + i * link.postCount, behind + link.postFirst, count: link.postCount)
      }
    }
    guard followsReset else { return }
    for group in wiring.groups {
      for j in group.first..<group.end {
        out[j] -= group.resetSlope(voltages[j], of: j) * behind[j]
      }
    }
  }

  private func stepBack(_ level: Int, _ tape: TrialTape, _ step: Int) {
    let count = wiring.neuronCount
    let (psi, chi) = (tape.surrogates.base + step * count, tape.thresholdSlopes.base + step * count)
    let (slopes, delta, behind) = (
      output.base + level * count, membrane.base + level * count, adaptation.base + level * count
    )
    for group in wiring.groups {
      for j in group.first..<group.end {
        let slope = slopes[j] + group.adaptationScale * behind[j]
        let kept = group.reset.forgetsPotential ? 1 - fired.base[j] : 1
        delta[j] = psi[j] * slope + group.membraneDecay[j] * kept * delta[j]
        behind[j] = -group.adaptationStrength * chi[j] * slope + group.adaptationDecay[j] * behind[j]
      }
    }
  }

  private func copy(level: Int, to other: Int) {
    let count = wiring.neuronCount
    (membrane.base + other * count).update(from: membrane.base + level * count, count: count)
    (adaptation.base + other * count).update(from: adaptation.base + level * count, count: count)
  }
}
