import Networks
import Trials

/// Backpropagation through time with the surrogate derivative. Backward over the steps of a trial, with everything 0
/// after its last step:
///
///     G_k ← κ G_k + err_k^t
///     ∂z_j = s_out Σ_k W_kj G_k + rate term + s_rec Σ_l W_lj δ_l^{t+1} + s_a ∂a_j^{t+1}
///            [− v_th δ_j^{t+1}, or − α v_j^t δ_j^{t+1} where the reset is to zero: the reset path]
///     δ_j^t = ψ_j^t ∂z_j + α δ_j^{t+1}                (reset to zero: α (1 − z_j^t))
///     ∂a_j  = −β ψ_j^t ∂z_j + ρ ∂a_j^{t+1}
///
/// δ_j^t is the coefficient of p^t, so the gather of the block form makes the gradients. Feedback matrices and trace
/// scalings play no part: this is the gradient of the loss, except for the surrogate.
final class Backpropagation {
  private let wiring: Wiring
  private let weights: ParameterBuffers
  private let gather: GradientGather
  private let coefficients: Coefficients
  private let followsReset: Bool
  private let wanted: [Bool]
  /// ∂z, δ^{t+1} and ∂a^{t+1}.
  private let output: Buffer<Double>
  private let membrane: Buffer<Double>
  private let adaptation: Buffer<Double>
  /// Whether z_j^t = 1.
  private let fired: Buffer<Double>
  let rateTerm: Buffer<Double>

  init(_ wiring: Wiring, weights: ParameterBuffers, followsReset: Bool, wanted: [Bool]) {
    self.wiring = wiring
    self.weights = weights
    self.followsReset = followsReset
    self.wanted = wanted
    gather = GradientGather(wiring: wiring)
    coefficients = Coefficients(wiring)
    output = Buffer(wiring.neuronCount, filledWith: 0)
    membrane = Buffer(wiring.neuronCount, filledWith: 0)
    adaptation = Buffer(wiring.neuronCount, filledWith: 0)
    fired = Buffer(wiring.neuronCount, filledWith: 0)
    rateTerm = Buffer(wiring.neuronCount, filledWith: 0)
  }

  /// Adds `factor` times the gradient of one trial to `gradient`. The tape must hold the voltages.
  func add(_ tape: TrialTape, _ trial: Trial, factor: Double, to gradient: ParameterBuffers) {
    let block = 0..<trial.steps
    let count = wiring.neuronCount
    coefficients.prepare(steps: trial.steps)
    coefficients.filterErrors(tape, block, decay: wiring.readoutDecay)
    membrane.fill(0)
    adaptation.fill(0)
    for step in block.reversed() {
      markSpikes(tape, step, 1)
      output.base.update(from: rateTerm.base, count: count)
      let surrogates = tape.surrogates.base + step * count
      for (index, link) in wiring.links.enumerated() { pullBack(index, link, surrogates, step) }
      for group in wiring.groups { stepBack(group, tape, step) }
      (coefficients.neurons.base + step * count).update(from: membrane.base, count: count)
      markSpikes(tape, step, 0)
    }
    for link in wiring.links.indices where wanted[link] {
      gather.add(link, tape, trial, block, coefficients, factor: factor, to: gradient.projections[link])
    }
    for step in block {
      for k in 0..<wiring.outputCount {
        gradient.bias[k] += factor * coefficients.outputs.base[step * wiring.outputCount + k]
      }
    }
  }

  private func markSpikes(_ tape: TrialTape, _ step: Int, _ value: Double) {
    for event in tape.spikeOffsets.base[step]..<tape.spikeOffsets.base[step + 1] {
      fired.base[Int(tape.spikes.base[event])] = value
    }
  }

  /// ∂z += s Wᵀ times what lies behind the projection. Not needed where ψ is 0.
  private func pullBack(_ index: Int, _ link: Wiring.Link, _ surrogates: UnsafePointer<Double>, _ step: Int) {
    guard link.sourceGroup != nil, let matrix = weights.projections[index].baseAddress else { return }
    let behind =
      link.targetGroup == nil
      ? coefficients.outputs.base + step * wiring.outputCount : membrane.base + link.postFirst
    for i in 0..<link.preCount where surrogates[link.preFirst + i] != 0 {
      output.base[link.preFirst + i] +=
        link.scale * Kernels.dot(matrix + i * link.postCount, behind, count: link.postCount)
    }
  }

  private func stepBack(_ group: Wiring.Group, _ tape: TrialTape, _ step: Int) {
    let count = wiring.neuronCount
    let (surrogates, voltages) = (tape.surrogates.base + step * count, tape.voltages.base + step * count)
    let (delta, behind) = (membrane.base, adaptation.base)
    for j in group.first..<group.end {
      var slope = output.base[j] + group.adaptationScale * behind[j]
      if followsReset {
        slope -= (group.resetsToZero ? group.membraneDecay * voltages[j] : group.threshold) * delta[j]
      }
      let kept = group.resetsToZero ? 1 - fired.base[j] : 1
      delta[j] = surrogates[j] * slope + group.membraneDecay * kept * delta[j]
      behind[j] = -group.adaptationStrength * surrogates[j] * slope + group.adaptationDecay * behind[j]
    }
  }
}
