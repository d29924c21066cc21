/// What the sweeps leave for the gather: for each step of a block, by how much a unit event at each neuron's synapses
/// changes the loss, and by how much one at each readout's.
final class Coefficients {
  let neuronCount: Int
  let outputCount: Int
  /// S_j^t, [steps of the block × neurons].
  private(set) var neurons: Buffer<Double>
  /// G_k^t = κ G_k^{t+1} + err_k^t, [steps of the block × outputs].
  private(set) var outputs: Buffer<Double>

  init(_ wiring: Wiring) {
    neuronCount = wiring.neuronCount
    outputCount = wiring.outputCount
    neurons = Buffer(0, filledWith: 0)
    outputs = Buffer(0, filledWith: 0)
  }

  func prepare(steps: Int) {
    neurons = neurons.holding(atLeast: steps * neuronCount, filledWith: 0)
    outputs = outputs.holding(atLeast: steps * outputCount, filledWith: 0)
  }

  /// Sweeps the errors of a block that count backward through the readouts' decay. 0 after the block.
  func filterErrors(_ tape: TrialTape, _ block: Range<Int>, _ part: TrialPart, decays: UnsafePointer<Double>) {
    let count = outputCount
    var step = block.upperBound - 1
    while step >= block.lowerBound {
      let row = outputs.base + (step - block.lowerBound) * count
      let errors = tape.errors.base + step * count
      let isLast = step == block.upperBound - 1
      let share = part.counts(step) ? 1.0 : 0
      for k in 0..<count { row[k] = share * errors[k] + (isLast ? 0 : decays[k] * row[count + k]) }
      step -= 1
    }
  }
}

/// The backward sweep of e-prop 1 over one block (LEARNING.md of the project): with everything 0 after the block,
///
///     G ← κ G + L^t                          L_j = Σ_k B_jk err_k
///     D = s_e G + rate term + s_a R           (the old R)
///     S ← α S + ψ^t D                         (stored as S_j^t)
///     R ← ρ R − β χ^t D
///     Q ← α_s Q + S                           (with a synaptic current: stored in the place of S)
///
/// where s_e scales the filtered trace, s_a the adaptation, and χ = −∂z/∂A (ψ in most conventions). G of the neurons is B
/// times the G of the readouts, unless B changes with time. Another postsynaptic factor may stand for ψ and χ.
///
/// The coefficient α of ẑ does not know of the reset: ẑ_i^t = α ẑ_i^{t−1} + p_i^t, also where a spike resets v to zero.
///
/// With a synaptic current I^t = α_s I^{t−1} + W p^t, v^t = α v^{t−1} + I^t − …, the state of a neuron has one more
/// component, and its eligibility vector too (Bellec, Scherr et al. 2019, eq 13: ε^t = ∂h^t/∂h^{t−1} ε^{t−1} + ∂h^t/∂W):
///
///     ∂I^t/∂I^{t−1} = α_s,  ∂I^t/∂W_ji = p_i^t:         ε_I^t = α_s ε_I^{t−1} + p_i^t
///     ∂v^t/∂v^{t−1} = α,    ∂v^t/∂I^t = 1:              ε_v^t = α ε_v^{t−1} + ε_I^t
///
/// Neither depends on the postsynaptic neuron but through its decays, so ε_v takes the place of ẑ in e and ε of the
/// adaptation, and e-prop 1 is as cheap as before: e_ji = ψ_j (ε_v − β ε_a). The coefficient of p_i^t is what is gathered,
/// S filtered backward once more: Q.
final class GradientSweep {
  /// What the swept functional is.
  enum Functional {
    /// The loss, of the whole trial or of one step.
    case loss(TrialPart)
    /// ē after the block.
    case filteredTrace
    /// ε after the block.
    case adaptationTrace
  }

  private let wiring: Wiring
  /// G, S and R of each neuron as they stand after the latest step of the sweep.
  let signal: Buffer<Double>
  let membrane: Buffer<Double>
  let adaptation: Buffer<Double>
  /// Q of neurons with a synaptic current.
  let current: Buffer<Double>
  private let feedback: Feedback
  /// What is added to s_e G at every step for the rate of a neuron.
  let rateTerm: Buffer<Double>
  let eligibility: EProp1.Eligibility

  init(_ wiring: Wiring, eligibility: EProp1.Eligibility, feedback: Feedback) {
    self.wiring = wiring
    self.eligibility = eligibility
    self.feedback = feedback
    signal = Buffer(wiring.neuronCount, filledWith: 0)
    membrane = Buffer(wiring.neuronCount, filledWith: 0)
    adaptation = Buffer(wiring.neuronCount, filledWith: 0)
    current = Buffer(wiring.neuronCount, filledWith: 0)
    rateTerm = Buffer(wiring.neuronCount, filledWith: 0)
  }

  /// Fills `coefficients.neurons` for the block; `coefficients.outputs` must be filled for `.loss`.
  ///
  /// - Parameter factors: ψ and χ, or what stands for them.
  func run(
    _ functional: Functional, _ tape: TrialTape, factors: PostsynapticFactors, _ block: Range<Int>,
    into coefficients: Coefficients
  ) {
    start(functional)
    let count = wiring.neuronCount
    var step = block.upperBound
    while step > block.lowerBound {
      step -= 1
      let row = step - block.lowerBound
      var rateScale = 0.0
      switch functional {
      case .loss(let part):
        rateScale = part.counts(step) ? 1 : 0
        if feedback.isWindowed {
          accumulate(step, part.counts(step) ? tape.errors.base + step * wiring.outputCount : nil)
        } else {
          broadcast(coefficients.outputs.base + row * wiring.outputCount)
        }
      case .filteredTrace:
        if step + 1 < block.upperBound { Kernels.scale(signal.base, by: wiring.readoutDecay, count: count) }
      case .adaptationTrace: break
      }
      let out = coefficients.neurons.base + row * count
      let (psi, chi) = (factors.surrogates.base + step * count, factors.thresholdSlopes.base + step * count)
      for group in wiring.groups { advance(group, psi, chi, out, rateScale: rateScale) }
    }
    guard isTruncated else { return }
    membrane.fill(0)
    adaptation.fill(0)
    current.fill(0)
  }

  /// Whether nothing passes from step to step within a neuron.
  private var isTruncated: Bool { eligibility == .truncated || eligibility == .presynaptic }

  private func start(_ functional: Functional) {
    membrane.fill(0)
    adaptation.fill(0)
    current.fill(0)
    signal.fill(0)
    switch functional {
    case .loss: break
    case .filteredTrace: signal.fill(1)
    case .adaptationTrace: adaptation.fill(1)
    }
  }

  @inline(__always)
  private func advance(
    _ group: Wiring.Group, _ psi: UnsafePointer<Double>, _ chi: UnsafePointer<Double>,
    _ out: UnsafeMutablePointer<Double>, rateScale: Double
  ) {
    if isTruncated {
      stepTruncated(group, psi, out, rateScale: rateScale)
    } else if group.isAdaptive && eligibility == .full {
      stepAdaptive(group, psi, chi, out, rateScale: rateScale)
    } else {
      stepPlain(group, psi, out, rateScale: rateScale)
    }
    if !isTruncated, let decay = group.synapticDecay { filter(group, decay, out) }
  }

  /// Q ← α_s Q + S, and Q in the place of S.
  private func filter(_ group: Wiring.Group, _ decay: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>) {
    for j in group.first..<group.end {
      current.base[j] = decay[j] * current.base[j] + out[j]
      out[j] = current.base[j]
    }
  }

  /// G_j = Σ_k B_jk G_k.
  private func broadcast(_ errors: UnsafePointer<Double>) {
    let (count, matrix) = (wiring.neuronCount, feedback.matrix.base)
    Kernels.assign(matrix, times: errors[0], to: signal.base, count: count)
    for k in 1..<max(wiring.outputCount, 1) {
      Kernels.add(matrix + k * count, times: errors[k], to: signal.base, count: count)
    }
  }

  /// G_j ← κ G_j + Σ_k B_jk^t err_k^t; without errors the decay alone.
  private func accumulate(_ step: Int, _ errors: UnsafePointer<Double>?) {
    let count = wiring.neuronCount
    Kernels.scale(signal.base, by: wiring.readoutDecay, count: count)
    guard let errors else { return }
    let matrix = feedback.matrix(at: step).base
    for k in 0..<wiring.outputCount {
      Kernels.add(matrix + k * count, times: errors[k], to: signal.base, count: count)
    }
  }

  private func stepPlain(
    _ group: Wiring.Group, _ surrogates: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>, rateScale: Double
  ) {
    let (g, s, rate) = (signal.base, membrane.base, rateTerm.base)
    let (alpha, scale) = (group.membraneDecay, wiring.traceScale)
    var j = group.first
    while j &+ 4 <= group.end {
      let drive = scale * Kernels.lanes(g, j) + rateScale * Kernels.lanes(rate, j)
      let value = Kernels.lanes(alpha, j) * Kernels.lanes(s, j) + Kernels.lanes(surrogates, j) * drive
      Kernels.store(value, s, j)
      Kernels.store(value, out, j)
      j &+= 4
    }
    while j < group.end {
      s[j] = alpha[j] * s[j] + surrogates[j] * (scale * g[j] + rateScale * rate[j])
      out[j] = s[j]
      j &+= 1
    }
  }

  private func stepAdaptive(
    _ group: Wiring.Group, _ surrogates: UnsafePointer<Double>, _ slopes: UnsafePointer<Double>,
    _ out: UnsafeMutablePointer<Double>, rateScale: Double
  ) {
    let (g, s, r, rate) = (signal.base, membrane.base, adaptation.base, rateTerm.base)
    let (alpha, scale) = (group.membraneDecay, wiring.traceScale)
    let (beta, rho, drive) = (group.adaptationStrength, group.adaptationDecay, group.adaptationScale)
    for j in group.first..<group.end {
      let d = scale * g[j] + rateScale * rate[j] + drive * r[j]
      s[j] = alpha[j] * s[j] + surrogates[j] * d
      r[j] = rho[j] * r[j] - beta * slopes[j] * d
      out[j] = s[j]
    }
  }

  private func stepTruncated(
    _ group: Wiring.Group, _ surrogates: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>, rateScale: Double
  ) {
    let (g, rate) = (signal.base, rateTerm.base)
    let scale = wiring.traceScale
    for j in group.first..<group.end {
      let factor = eligibility == .truncated ? surrogates[j] : 1
      out[j] = factor * (scale * g[j] + rateScale * rate[j])
    }
  }
}
