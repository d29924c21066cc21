import Networks
import Trials

/// Real-time recurrent learning: the derivatives of every neuron's state with respect to every weight, moved forward with
/// the network. For a weight θ onto a neuron, with W the weights between neurons and the order of a step as in the
/// forward pass:
///
///     dv_j^t/dθ = α dv_j^{t−1}/dθ + s_rec Σ_l W_jl dz_l^{t−1}/dθ + [θ = W_ji] s p_i^t   [− v_th dz_j^{t−1}/dθ: the reset path]
///     da_j^t/dθ = ρ da_j^{t−1}/dθ + s_a dz_j^{t−1}/dθ
///     dz_j^t/dθ = ψ_j^t dv_j^t/dθ − χ_j^t β_j da_j^t/dθ                   (χ = −∂z/∂A)
///     dy_k^t/dθ = κ dy_k^{t−1}/dθ + s_out Σ_l W_kl dz_l^t/dθ
///     g_θ = Σ_t (Σ_k err_k^t dy_k^t/dθ + Σ_j r_j dz_j^t/dθ)
///
/// Where the reset is to zero, α stands with 1 − z_j^{t−1}, and the reset path is − α v_j^{t−1} dz_j^{t−1}/dθ. It is the
/// gradient of backpropagation through time, known at every step.
///
/// Source: Williams and Zipser, "A learning algorithm for continually running fully recurrent neural networks" (1989).
/// Cost: O(n⁴) per step. Memory: O(n³).
final class RealTimeRecurrentLearning: GradientMethod {
  /// The derivatives of one trial.
  final class State {
    /// dv, da and dz, [neurons × weights], and dy, [outputs × weights].
    let v: Buffer<Double>
    let a: Buffer<Double>
    let z: Buffer<Double>
    let y: Buffer<Double>
    /// κ-filtered sources of the projections onto the readout, and what the bias sums.
    let sources: [Buffer<Double>]
    var bias = 0.0

    init(_ wiring: Wiring, weightCount: Int) {
      let size = wiring.neuronCount * weightCount
      v = Buffer(size, filledWith: 0)
      a = Buffer(size, filledWith: 0)
      z = Buffer(size, filledWith: 0)
      y = Buffer(wiring.outputCount * weightCount, filledWith: 0)
      sources = wiring.links.map { Buffer($0.targetGroup == nil ? $0.preCount : 0, filledWith: 0) }
    }
  }

  private let wiring: Wiring
  private let weights: ParameterBuffers
  private let followsReset: Bool
  private let wanted: [Bool]
  /// Where the weights of a projection begin among all weights onto neurons; nil for those without derivatives here.
  private let offsets: [Int?]
  private let weightCount: Int
  private let arrivals: Buffer<Double>
  private var states: [ObjectIdentifier: State] = [:]
  let rateTerm: Buffer<Double>
  let needsStates = true

  /// Bytes that one trial takes.
  static func bytes(_ wiring: Wiring, wanted: [Bool]) -> Double {
    let weights = wiring.links.indices.reduce(0.0) { sum, index in
      let link = wiring.links[index]
      return sum + (wanted[index] && link.targetGroup != nil ? Double(link.preCount) * Double(link.postCount) : 0)
    }
    return 8 * weights * Double(3 * wiring.neuronCount + wiring.outputCount)
  }

  init(_ wiring: Wiring, weights: ParameterBuffers, followsReset: Bool, wanted: [Bool]) {
    self.wiring = wiring
    self.weights = weights
    self.followsReset = followsReset
    self.wanted = wanted
    var count = 0
    offsets = wiring.links.indices.map { index in
      let link = wiring.links[index]
      guard wanted[index], link.targetGroup != nil else { return nil }
      defer { count += link.preCount * link.postCount }
      return count
    }
    weightCount = count
    arrivals = Buffer(max(wiring.inputCount, wiring.neuronCount), filledWith: 0)
    rateTerm = Buffer(wiring.neuronCount, filledWith: 0)
  }

  func prepare() { states = [:] }

  func add(_ tape: TrialTape, _ trial: Trial, _ part: TrialPart, factor: Double, to gradient: ParameterBuffers) {
    let key = ObjectIdentifier(tape)
    let state = states[key] ?? State(wiring, weightCount: weightCount)
    switch part {
    case .whole: for step in 0..<trial.steps { advance(state, tape, trial, step, factor, gradient) }
    case .step(let step):
      states[key] = state
      advance(state, tape, trial, step, factor, gradient)
    }
  }

  private func advance(
    _ state: State, _ tape: TrialTape, _ trial: Trial, _ step: Int, _ factor: Double, _ gradient: ParameterBuffers
  ) {
    for group in wiring.groups {
      for j in group.first..<group.end { decay(state, group, j, tape, step) }
    }
    for (index, link) in wiring.links.enumerated() where link.targetGroup != nil {
      drive(state, index, link, tape, trial, step)
    }
    for group in wiring.groups {
      for j in group.first..<group.end {
        let place = step * wiring.neuronCount + j
        fire(state, group, j, tape.surrogates.base[place], tape.thresholdSlopes.base[place])
      }
    }
    Kernels.scale(state.y.base, by: wiring.readoutDecay, count: state.y.count)
    state.bias = wiring.readoutDecay * state.bias + 1
    for (index, link) in wiring.links.enumerated() where link.targetGroup == nil {
      read(state, index, link, tape, trial, step)
    }
    collect(state, tape, step, factor, gradient)
  }

  /// The terms of the neuron itself.
  private func decay(_ state: State, _ group: Wiring.Group, _ j: Int, _ tape: TrialTape, _ step: Int) {
    let (v, a, z) = (state.v.base + j * weightCount, state.a.base + j * weightCount, state.z.base + j * weightCount)
    let fired = step > 0 && hasFired(j, tape, step - 1)
    Kernels.scale(v, by: group.membraneDecay[j] * (group.reset.forgetsPotential && fired ? 0 : 1), count: weightCount)
    if followsReset, step > 0 {
      let voltage = tape.voltages.base[(step - 1) * wiring.neuronCount + j]
      let slope = group.resetSlope(voltage, of: j)
      Kernels.add(z, times: -slope, to: v, count: weightCount)
    }
    guard group.isAdaptive else { return }
    Kernels.scale(a, by: group.adaptationDecay[j], count: weightCount)
    Kernels.add(z, times: group.adaptationScale, to: a, count: weightCount)
  }

  private func hasFired(_ neuron: Int, _ tape: TrialTape, _ step: Int) -> Bool {
    (tape.spikeOffsets.base[step]..<tape.spikeOffsets.base[step + 1]).contains { Int(tape.spikes.base[$0]) == neuron }
  }

  /// s Σ_l W_jl dz_l^{t−1} and s p_i^t.
  private func drive(
    _ state: State, _ index: Int, _ link: Wiring.Link, _ tape: TrialTape, _ trial: Trial, _ step: Int
  ) {
    if link.sourceGroup != nil, step > 0, let matrix = weights.projections[index].baseAddress {
      let surrogates = tape.surrogates.base + (step - 1) * wiring.neuronCount + link.preFirst
      for l in 0..<link.preCount where surrogates[l] != 0 {
        let row = state.z.base + (link.preFirst + l) * weightCount
        for j in 0..<link.postCount where matrix[l * link.postCount + j] != 0 {
          Kernels.add(
            row, times: link.scale * matrix[l * link.postCount + j],
            to: state.v.base + (link.postFirst + j) * weightCount,
            count: weightCount)
        }
      }
    }
    guard let offset = offsets[index] else { return }
    fillArrivals(link, tape, trial, step)
    for i in 0..<link.preCount where arrivals.base[i] != 0 {
      for j in 0..<link.postCount where !(link.lacksDiagonal && i == j) {
        state.v.base[(link.postFirst + j) * weightCount + offset + i * link.postCount + j] +=
          link.scale * arrivals.base[i]
      }
    }
  }

  /// p^t of a projection.
  private func fillArrivals(_ link: Wiring.Link, _ tape: TrialTape, _ trial: Trial, _ step: Int) {
    (arrivals.base).update(repeating: 0, count: link.preCount)
    guard link.sourceGroup == nil else {
      let fired = step - (link.targetGroup == nil ? 0 : 1)
      guard fired >= 0 else { return }
      for event in tape.spikeOffsets.base[fired]..<tape.spikeOffsets.base[fired + 1] {
        let source = Int(tape.spikes.base[event]) - link.preFirst
        if source >= 0 && source < link.preCount { arrivals.base[source] = 1 }
      }
      return
    }
    switch trial.inputs {
    case .analog(let values):
      let row = trial.row(of: step)
      for i in 0..<link.preCount { arrivals.base[i] = values[row * wiring.inputCount + i] }
    case .spikes(let train):
      for event in train.offsets[step]..<train.offsets[step + 1] { arrivals.base[Int(train.sources[event])] = 1 }
    }
  }

  private func fire(_ state: State, _ group: Wiring.Group, _ j: Int, _ psi: Double, _ chi: Double) {
    let (v, a, z) = (state.v.base + j * weightCount, state.a.base + j * weightCount, state.z.base + j * weightCount)
    Kernels.assign(v, times: psi, to: z, count: weightCount)
    if group.isAdaptive { Kernels.add(a, times: -group.adaptationStrength * chi, to: z, count: weightCount) }
  }

  /// s_out Σ_l W_kl dz_l^t, and the traces of the weights onto the readout.
  private func read(
    _ state: State, _ index: Int, _ link: Wiring.Link, _ tape: TrialTape, _ trial: Trial, _ step: Int
  ) {
    if link.sourceGroup != nil, let matrix = weights.projections[index].baseAddress {
      for l in 0..<link.preCount where tape.surrogates.base[step * wiring.neuronCount + link.preFirst + l] != 0 {
        for k in 0..<link.postCount {
          Kernels.add(
            state.z.base + (link.preFirst + l) * weightCount, times: link.scale * matrix[l * link.postCount + k],
            to: state.y.base + k * weightCount, count: weightCount)
        }
      }
    }
    fillArrivals(link, tape, trial, step)
    for i in 0..<link.preCount {
      state.sources[index].base[i] = wiring.readoutDecay * state.sources[index].base[i] + arrivals.base[i]
    }
  }

  private func collect(
    _ state: State, _ tape: TrialTape, _ step: Int, _ factor: Double, _ gradient: ParameterBuffers
  ) {
    let errors = tape.errors.base + step * wiring.outputCount
    for (index, link) in wiring.links.enumerated() where wanted[index] {
      guard let sums = gradient.projections[index].baseAddress else { continue }
      guard let offset = offsets[index] else {
        for i in 0..<link.preCount {
          for k in 0..<link.postCount {
            sums[i * link.postCount + k] += factor * link.scale * errors[k] * state.sources[index].base[i]
          }
        }
        continue
      }
      let count = link.preCount * link.postCount
      for k in 0..<wiring.outputCount where errors[k] != 0 {
        Kernels.add(state.y.base + k * weightCount + offset, times: factor * errors[k], to: sums, count: count)
      }
      for j in 0..<wiring.neuronCount where rateTerm.base[j] != 0 {
        Kernels.add(state.z.base + j * weightCount + offset, times: factor * rateTerm.base[j], to: sums, count: count)
      }
    }
    for k in 0..<wiring.outputCount { gradient.bias[k] += factor * errors[k] * state.bias }
  }
}
