import Networks
import OnlineRules
import Trials

/// A spiking network as online rules see it. A neuron's state is v, the spikes z̄ as the readouts filter them and, where the
/// network has adaptive neurons, a; W holds s_rec W_rec and s_in W_in, and â^t = [z^{t−1}; x^t]:
///
///     ∂v_j^t = α ∂v_j^{t−1} + Σ_l s_rec W_jl ∂z_l^{t−1} − v_th ∂z_j^{t−1} + p_i^t ∂W_ji
///     ∂a_j^t = ρ ∂a_j^{t−1} + s_a ∂z_j^{t−1}
///     ∂z_j^t = ψ_j^t ∂v_j^t − χ_j^t β_j ∂a_j^t                  (χ = −∂z/∂A)
///     ∂z̄_j^t = κ ∂z̄_j^{t−1} + ∂z_j^t
///     q: Σ_k err_k s_out W_kj on z̄_j, and the rate term times ∂z_j^t
///
/// The derivatives are those of `RealTimeRecurrentLearning` with the reset path (reset to zero: α (1 − z_j^{t−1}) for α and
/// α v_j^{t−1} for v_th). d is 1 on v, ψ on z̄ and 0 on a.
final class SpikingCell: OnlineCell {
  private let wiring: Wiring
  private let weights: ParameterBuffers
  /// ψ, χ and β; ψ^{t−1}, χ^{t−1}, and what ∂z_j^{t−1} and ∂v_j^{t−1} count for in ∂v_j^t by the neuron itself.
  private let psi, chi, beta, psiBefore, chiBefore, reset, kept: Vector
  /// By source neuron: the projections onto neurons.
  private let linksOfGroup: [[Int]]
  private let groupOfNeuron: [Int]

  typealias Vector = OnlineRules.Buffer

  static func sizes(_ wiring: Wiring) -> OnlineSizes {
    OnlineSizes(
      units: wiring.neuronCount, components: wiring.groups.contains(where: \.isAdaptive) ? 3 : 2,
      columns: wiring.neuronCount + wiring.inputCount, outputs: wiring.outputCount)
  }

  init(_ wiring: Wiring, weights: ParameterBuffers) {
    self.wiring = wiring
    self.weights = weights
    let n = wiring.neuronCount
    (psi, chi, beta) = (Vector(n), Vector(n), Vector(n))
    (psiBefore, chiBefore, reset, kept) = (Vector(n), Vector(n), Vector(n), Vector(n))
    for group in wiring.groups { for j in group.first..<group.end { beta.base[j] = group.adaptationStrength } }
    groupOfNeuron = wiring.groups.indices.flatMap { Array(repeating: $0, count: wiring.groups[$0].count) }
    linksOfGroup = wiring.groups.indices.map { group in
      wiring.links.indices.filter { wiring.links[$0].sourceGroup == group && wiring.links[$0].targetGroup != nil }
    }
    super.init(Self.sizes(wiring))
  }

  /// z̄.
  var filtered: UnsafeMutablePointer<Double> { state.base + units }

  func begin(_ trial: Trial) {
    for vector in [state, hat, psi, chi] { vector.fill(0) }
    state.base[states] = 1
    for k in 0..<outputs { target.base[k] = trial.targets[k] }
  }

  /// Everything of a step that the tape has.
  func advance(_ tape: TrialTape, _ trial: Trial, step: Int, rateTerm: UnsafePointer<Double>) {
    let (n, row) = (units, step * units)
    previousState.base.update(from: state.base, count: states)
    swapSlopes(tape, step)
    state.base.update(from: tape.voltages.base + row, count: n)
    if components > 2 { (state.base + 2 * n).update(from: tape.adaptations.base + row, count: n) }
    Kernels.scale(filtered, by: wiring.readoutDecay, count: n)
    loadSources(tape, trial, step)
    for event in tape.spikeOffsets.base[step]..<tape.spikeOffsets.base[step + 1] {
      filtered[Int(tape.spikes.base[event])] += 1
    }
    for j in 0..<n {
      immediate.base[j] = 1
      immediate.base[n + j] = psi.base[j]
    }
    fillSignal(tape.errors.base + step * outputs, rateTerm)
    for k in 0..<outputs {
      previousTarget.base[k] = target.base[k]
      target.base[k] = trial.targets[step * outputs + k]
    }
    forgetJacobian()
  }

  private func swapSlopes(_ tape: TrialTape, _ step: Int) {
    let row = step * units
    psiBefore.copy(psi)
    chiBefore.copy(chi)
    psi.base.update(from: tape.surrogates.base + row, count: units)
    chi.base.update(from: tape.thresholdSlopes.base + row, count: units)
    for group in wiring.groups {
      for j in group.first..<group.end {
        reset.base[j] =
          group.reset != .zero
          ? group.threshold : step > 0 ? group.membraneDecay[j] * tape.voltages.base[row - units + j] : 0
        kept.base[j] = group.membraneDecay[j]
      }
    }
    guard step > 0 else { return }
    for event in tape.spikeOffsets.base[step - 1]..<tape.spikeOffsets.base[step] {
      let neuron = Int(tape.spikes.base[event])
      if wiring.groups[groupOfNeuron[neuron]].reset == .zero { kept.base[neuron] = 0 }
    }
  }

  /// â.
  private func loadSources(_ tape: TrialTape, _ trial: Trial, _ step: Int) {
    hat.fill(0)
    if step > 0 {
      for event in tape.spikeOffsets.base[step - 1]..<tape.spikeOffsets.base[step] {
        hat.base[Int(tape.spikes.base[event])] = 1
      }
    }
    let x = hat.base + units
    switch trial.inputs {
    case .analog(let values):
      let row = trial.row(of: step) * wiring.inputCount
      for i in 0..<wiring.inputCount { x[i] = values[row + i] }
    case .spikes(let train):
      for event in train.offsets[step]..<train.offsets[step + 1] { x[Int(train.sources[event])] = 1 }
    }
  }

  private func fillSignal(_ errors: UnsafePointer<Double>, _ rateTerm: UnsafePointer<Double>) {
    let q = signal.base
    signal.fill(0)
    for (index, link) in wiring.links.enumerated() where link.targetGroup == nil && link.sourceGroup != nil {
      guard let matrix = weights.projections[index].baseAddress else { continue }
      for i in 0..<link.preCount {
        q[units + link.preFirst + i] +=
          link.scale * Kernels.dot(matrix + i * link.postCount, errors, count: link.postCount)
      }
    }
    for j in 0..<units {
      q[j] += rateTerm[j] * psi.base[j]
      if components > 2 { q[2 * units + j] -= rateTerm[j] * chi.base[j] * beta.base[j] }
    }
  }

  override func fillTransposedJacobian(_ matrix: UnsafeMutablePointer<Double>) {
    let n = units
    matrix.update(repeating: 0, count: states * states)
    for l in 0..<n {
      let group = wiring.groups[groupOfNeuron[l]]
      fill(matrix + l * states, from: l, group, slope: psiBefore.base[l], ofVoltage: kept.base[l], ofAdaptation: 0)
      matrix[(n + l) * states + n + l] = wiring.readoutDecay
      guard components > 2 else { continue }
      fill(
        matrix + (2 * n + l) * states, from: l, group, slope: -beta.base[l] * chiBefore.base[l], ofVoltage: 0,
        ofAdaptation: group.adaptationDecay[l])
    }
  }

  /// What v or a of neuron l does, by ∂z_l^{t−1} = slope times it and by itself.
  private func fill(
    _ row: UnsafeMutablePointer<Double>, from l: Int, _ group: Wiring.Group, slope: Double, ofVoltage: Double,
    ofAdaptation: Double
  ) {
    let n = units
    row[l] = ofVoltage - reset.base[l] * slope
    if components > 2 { row[2 * n + l] = ofAdaptation + group.adaptationScale * slope }
    if slope != 0 {
      for index in linksOfGroup[groupOfNeuron[l]] {
        let link = wiring.links[index]
        guard let matrix = weights.projections[index].baseAddress else { continue }
        Kernels.add(
          matrix + (l - link.preFirst) * link.postCount, times: link.scale * slope, to: row + link.postFirst,
          count: link.postCount)
      }
      for j in 0..<n { row[n + j] = psi.base[j] * row[j] }
    } else {
      row[n + l] = psi.base[l] * row[l]
    }
    if components > 2 { row[n + l] -= chi.base[l] * beta.base[l] * row[2 * n + l] }
  }

  /// The decays.
  override func fillInitialJacobian(_ matrix: UnsafeMutablePointer<Double>) {
    matrix.update(repeating: 0, count: states * states)
    for group in wiring.groups {
      for j in group.first..<group.end {
        let decays = [group.membraneDecay[j], wiring.readoutDecay, group.adaptationDecay[j]]
        for c in 0..<components { matrix[(c * units + j) * (states + 1)] = decays[c] }
      }
    }
  }
}
