import Networks
import Trials

/// Backpropagation through time with the surrogate derivative. Backward over the steps of a trial, with everything 0
/// after its last step:
///
///     G_k ← κ G_k + err_k^t
///     ∂z_j = s_out Σ_k W_kj G_k + rate term + s_rec Σ_l W_lj δ_l^{t+1} + s_a ∂a_j^{t+1}
///            [− v_th δ_j^{t+1}, or − α v_j^t δ_j^{t+1} where the reset is to zero: the reset path, `Wiring.Group.resetSlope`]
///     δ_j^t = ψ_j^t ∂z_j + α δ_j^{t+1}                (reset to zero, to a value, hold: α (1 − z_j^t))
///     ∂a_j  = −β χ_j^t ∂z_j + ρ ∂a_j^{t+1}             (χ = −∂z/∂A)
///
/// δ_j^t is the coefficient of p^t, so the gather of the block form makes the gradients. With a synaptic current that
/// coefficient is δI_j^t = δ_j^t + α_s δI_j^{t+1}, here and in ∂z. Where a projection has no delay, ∂z takes δ_l^t of a later
/// population; so populations are swept backward too. With the reset `hold`, δ is 0 in the step after a spike. Feedback matrices and trace
/// scalings play no part: this is the gradient of the loss, except for the surrogate.
///
/// Source: Werbos, "Backpropagation through time: what it does and how to do it" (1990), with the surrogate derivative of
/// Bellec, Salaj et al., "Long short-term memory and learning-to-learn in networks of spiking neurons" (2018).
/// Cost: O(n²) per step. Memory: O(n T) for ψ, v and δ.
final class Backpropagation: GradientMethod {
  private let wiring: Wiring
  private let weights: ParameterBuffers
  private let gather: GradientGather
  private let coefficients: Coefficients
  private let paths: DerivativePaths
  private let wanted: [Bool]
  let needsStates = true
  /// ∂z, δ^{t+1} and ∂a^{t+1}.
  private let output: Buffer<Double>
  private let membrane: Buffer<Double>
  /// The coefficient of p: δ, or δI with a synaptic current.
  private let drive: Buffer<Double>
  private let adaptation: Buffer<Double>
  /// Whether z_j^t = 1.
  private let fired: Buffer<Double>
  let rateTerm: Buffer<Double>

  init(_ wiring: Wiring, weights: ParameterBuffers, paths: DerivativePaths, wanted: [Bool]) {
    self.wiring = wiring
    self.weights = weights
    self.paths = paths
    self.wanted = wanted
    gather = GradientGather(wiring: wiring)
    coefficients = Coefficients(wiring)
    output = Buffer(wiring.neuronCount, filledWith: 0)
    membrane = Buffer(wiring.neuronCount, filledWith: 0)
    drive = Buffer(wiring.neuronCount, filledWith: 0)
    adaptation = Buffer(wiring.neuronCount, filledWith: 0)
    fired = Buffer(wiring.neuronCount, filledWith: 0)
    rateTerm = Buffer(wiring.neuronCount, filledWith: 0)
  }

  func add(_ tape: TrialTape, _ trial: Trial, _ part: TrialPart, factor: Double, to gradient: ParameterBuffers) {
    let block = part.steps(of: trial)
    let count = wiring.neuronCount
    coefficients.prepare(steps: block.count)
    coefficients.filterErrors(tape, block, part, decays: wiring.readoutDecays.base)
    membrane.fill(0)
    drive.fill(0)
    adaptation.fill(0)
    for step in block.reversed() {
      markSpikes(tape, step, 1)
      if part.counts(step) { output.base.update(from: rateTerm.base, count: count) } else { output.fill(0) }
      let surrogates = tape.surrogates.base + step * count
      for (index, link) in wiring.links.enumerated() where link.targetGroup == nil || link.delay > 0 {
        pullBack(index, link, surrogates, step)
      }
      for group in wiring.groups.indices.reversed() {
        for (index, link) in wiring.links.enumerated()
        where link.sourceGroup == group && link.targetGroup != nil && link.delay == 0 {
          pullBack(index, link, surrogates, step)
        }
        stepBack(wiring.groups[group], tape, step)
      }
      (coefficients.neurons.base + step * count).update(from: drive.base, count: count)
      markSpikes(tape, step, 0)
    }
    gather.addAll(tape, trial, block, coefficients, wanted: wanted, factor: factor, to: gradient)
  }

  private func markSpikes(_ tape: TrialTape, _ step: Int, _ value: Double) {
    for event in tape.spikeOffsets.base[step]..<tape.spikeOffsets.base[step + 1] {
      fired.base[Int(tape.spikes.base[event])] = value
    }
  }

  /// ∂z += s Wᵀ times what lies behind the projection. Not needed where ψ is 0.
  private func pullBack(_ index: Int, _ link: Wiring.Link, _ surrogates: UnsafePointer<Double>, _ step: Int) {
    guard paths.carried[index], let matrix = weights.projections[index].baseAddress else { return }
    let behind =
      link.targetGroup == nil
      ? coefficients.outputs.base + step * wiring.outputCount : drive.base + link.postFirst
    for i in 0..<link.preCount where surrogates[link.preFirst + i] != 0 {
      output.base[link.preFirst + i] +=
        link.scale * Kernels.dot(matrix + i * link.postCount, behind, count: link.postCount)
    }
  }

  private func stepBack(_ group: Wiring.Group, _ tape: TrialTape, _ step: Int) {
    let count = wiring.neuronCount
    let (surrogates, voltages) = (tape.surrogates.base + step * count, tape.voltages.base + step * count)
    let slopes = tape.thresholdSlopes.base + step * count
    let (delta, behind) = (membrane.base, adaptation.base)
    for j in group.first..<group.end {
      var slope = output.base[j] + group.adaptationScale * behind[j]
      if paths.followsReset {
        slope -= group.resetSlope(voltages[j], of: j) * delta[j]
      }
      let kept = group.reset.forgetsPotential ? 1 - fired.base[j] : 1
      delta[j] = surrogates[j] * slope + group.membraneDecay[j] * kept * delta[j]
      behind[j] = -group.adaptationStrength * slopes[j] * slope + group.adaptationDecay[j] * behind[j]
    }
    if group.reset == .hold, step > 0 { release(group, tape, step) }
    if let decay = group.synapticDecay {
      for j in group.first..<group.end { drive.base[j] = delta[j] + decay[j] * drive.base[j] }
    } else {
      (drive.base + group.first).update(from: delta + group.first, count: group.count)
    }
  }

  /// δ ← 0 where v^t is held because of a spike in the step before.
  private func release(_ group: Wiring.Group, _ tape: TrialTape, _ step: Int) {
    for event in tape.spikeOffsets.base[step - 1]..<tape.spikeOffsets.base[step] {
      let neuron = Int(tape.spikes.base[event])
      if neuron >= group.first, neuron < group.end { membrane.base[neuron] = 0 }
    }
  }
}

/// Which dependences a backward sweep differentiates, beside those within a neuron.
struct DerivativePaths {
  /// The z of the reset.
  var followsReset: Bool
  /// Per projection, from the z of its source; inputs have none.
  var carried: [Bool]

  /// Every projection.
  static func all(_ wiring: Wiring, followsReset: Bool) -> DerivativePaths {
    DerivativePaths(followsReset: followsReset, carried: wiring.links.map { $0.sourceGroup != nil })
  }
}
