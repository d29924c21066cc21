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

  /// Sweeps the errors of a block backward through the readouts' decay. 0 after the block.
  func filterErrors(_ tape: TrialTape, _ block: Range<Int>, decay: Double) {
    let count = outputCount
    var step = block.upperBound - 1
    while step >= block.lowerBound {
      let row = outputs.base + (step - block.lowerBound) * count
      let errors = tape.errors.base + step * count
      let isLast = step == block.upperBound - 1
      for k in 0..<count { row[k] = errors[k] + (isLast ? 0 : decay * row[count + k]) }
      step -= 1
    }
  }
}

/// The backward sweep of e-prop 1 over one block (LEARNING.md of the project): with everything 0 after the block,
///
///     G ← κ G + L^t                          L_j = Σ_k B_jk err_k
///     C = ψ^t (s_e G + rate term)
///     S ← α S + C + s_a ψ^t R                (the old R; stored as S_j^t)
///     R ← −β C + (ρ − s_a ψ^t β) R
///
/// where s_e scales the filtered trace and s_a the adaptation. G of the neurons is B times the G of the readouts.
///
/// The coefficient α of ẑ does not know of the reset: ẑ_i^t = α ẑ_i^{t−1} + p_i^t, also where a spike resets v to zero.
final class GradientSweep {
  /// What the swept functional is.
  enum Functional {
    /// The loss.
    case loss
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
  /// B, [outputs × neurons].
  let feedback: Buffer<Double>
  /// What is added to s_e G at every step for the rate of a neuron.
  let rateTerm: Buffer<Double>
  let eligibility: EProp1.Eligibility

  init(_ wiring: Wiring, eligibility: EProp1.Eligibility) {
    self.wiring = wiring
    self.eligibility = eligibility
    signal = Buffer(wiring.neuronCount, filledWith: 0)
    membrane = Buffer(wiring.neuronCount, filledWith: 0)
    adaptation = Buffer(wiring.neuronCount, filledWith: 0)
    feedback = Buffer(wiring.neuronCount * wiring.outputCount, filledWith: 0)
    rateTerm = Buffer(wiring.neuronCount, filledWith: 0)
  }

  /// Fills `coefficients.neurons` for the block; `coefficients.outputs` must be filled for `.loss`.
  func run(_ functional: Functional, _ tape: TrialTape, _ block: Range<Int>, into coefficients: Coefficients) {
    membrane.fill(0)
    adaptation.fill(functional == .adaptationTrace ? 1 : 0)
    signal.fill(functional == .filteredTrace ? 1 : 0)
    let count = wiring.neuronCount
    var step = block.upperBound
    while step > block.lowerBound {
      step -= 1
      let row = step - block.lowerBound
      switch functional {
      case .loss: broadcast(coefficients.outputs.base + row * wiring.outputCount)
      case .filteredTrace:
        if step + 1 < block.upperBound { Kernels.scale(signal.base, by: wiring.readoutDecay, count: count) }
      case .adaptationTrace: break
      }
      let surrogates = tape.surrogates.base + step * count
      let out = coefficients.neurons.base + row * count
      for group in wiring.groups {
        if eligibility != .full {
          stepTruncated(group, surrogates, out, hasRateTerm: functional == .loss)
        } else if group.isAdaptive {
          stepAdaptive(group, surrogates, out, hasRateTerm: functional == .loss)
        } else {
          stepPlain(group, surrogates, out, hasRateTerm: functional == .loss)
        }
      }
    }
    guard eligibility != .full else { return }
    membrane.fill(0)
    adaptation.fill(0)
  }

  /// G_j = Σ_k B_jk G_k.
  private func broadcast(_ errors: UnsafePointer<Double>) {
    let count = wiring.neuronCount
    Kernels.assign(feedback.base, times: errors[0], to: signal.base, count: count)
    for k in 1..<max(wiring.outputCount, 1) {
      Kernels.add(feedback.base + k * count, times: errors[k], to: signal.base, count: count)
    }
  }

  private func stepPlain(
    _ group: Wiring.Group, _ surrogates: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>, hasRateTerm: Bool
  ) {
    let (g, s, rate) = (signal.base, membrane.base, rateTerm.base)
    let (alpha, scale, rateScale) = (group.membraneDecay, wiring.traceScale, hasRateTerm ? 1.0 : 0)
    var j = group.first
    while j &+ 4 <= group.end {
      let drive = scale * Kernels.lanes(g, j) + rateScale * Kernels.lanes(rate, j)
      let value = alpha * Kernels.lanes(s, j) + Kernels.lanes(surrogates, j) * drive
      Kernels.store(value, s, j)
      Kernels.store(value, out, j)
      j &+= 4
    }
    while j < group.end {
      s[j] = alpha * s[j] + surrogates[j] * (scale * g[j] + rateScale * rate[j])
      out[j] = s[j]
      j &+= 1
    }
  }

  private func stepAdaptive(
    _ group: Wiring.Group, _ surrogates: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>, hasRateTerm: Bool
  ) {
    let (g, s, r, rate) = (signal.base, membrane.base, adaptation.base, rateTerm.base)
    let (alpha, scale, rateScale) = (group.membraneDecay, wiring.traceScale, hasRateTerm ? 1.0 : 0)
    let (beta, rho, drive) = (group.adaptationStrength, group.adaptationDecay, group.adaptationScale)
    for j in group.first..<group.end {
      let psi = surrogates[j]
      let c = psi * (scale * g[j] + rateScale * rate[j])
      s[j] = alpha * s[j] + c + drive * psi * r[j]
      r[j] = -beta * c + (rho - drive * psi * beta) * r[j]
      out[j] = s[j]
    }
  }

  private func stepTruncated(
    _ group: Wiring.Group, _ surrogates: UnsafePointer<Double>, _ out: UnsafeMutablePointer<Double>, hasRateTerm: Bool
  ) {
    let (g, rate) = (signal.base, rateTerm.base)
    let (scale, rateScale) = (wiring.traceScale, hasRateTerm ? 1.0 : 0)
    for j in group.first..<group.end {
      let factor = eligibility == .truncated ? surrogates[j] : 1
      out[j] = factor * (scale * g[j] + rateScale * rate[j])
    }
  }
}
