import Trials

/// e-prop 1 as it is printed: a trace per synapse, moved at every step (paper eqs 22, 27, 28, 45; LEARNING.md of the
/// project). Slow on purpose; the block form is tested against it.
///
/// In the order of a step t, for the synapse from i to neuron j, with p = x^t or z^{t−1}:
///
///     ẑ_i^t      = α ẑ_i^{t−1} + p_i^t        (with a synaptic current α ẑ_i^{t−1} + ε_i^t, ε_i^t = α_s ε_i^{t−1} + p_i^t)
///     e_ji^t     = ψ_j^t ẑ_i^t − χ_j^t β_j ε_ji^t              (χ = −∂z/∂A: ψ in most conventions)
///     ε_ji^{t+1} = s_a ψ_j^t ẑ_i^t + (ρ_j − s_a χ_j^t β_j) ε_ji^t
///     ē_ji^t     = κ ē_ji^{t−1} + s_e e_ji^t
///     g_ji       = s Σ_t (L_j^t ē_ji^t + r_j e_ji^t)          L_j = Σ_k B_jk err_k, r_j the rate term
///
/// and to readout k, with p = x^t or z^t:
///
///     ẑ_i^t = κ ẑ_i^{t−1} + p_i^t,   g_ki = s_out Σ_t err_k^t ẑ_i^t,   g_k = Σ_t err_k^t Σ_{τ≤t} κ^{t−τ}  for the bias
///
/// Truncated: e_ji^t = ψ_j^t p_i^t. Presynaptic: e_ji^t = p_i^t. With another postsynaptic factor, that stands for ψ.
final class TraceForm: GradientMethod {
  private let wiring: Wiring
  private let feedback: Feedback
  private let clopath: ClopathFactor?
  private let eligibility: EProp1.Eligibility
  let rateTerm: Buffer<Double>
  let needsStates = true
  /// ψ and χ or what stands for them, of the trial that is followed.
  private var factors = PostsynapticFactors(Buffer(0, filledWith: 0.0))
  private var part = TrialPart.whole

  init(_ wiring: Wiring, _ options: EProp1, feedback: Feedback, timeStep: Double) {
    self.wiring = wiring
    self.feedback = feedback
    eligibility = options.eligibility
    clopath = options.factor == .clopath ? ClopathFactor(wiring, timeStep: timeStep) : nil
    rateTerm = Buffer(wiring.neuronCount, filledWith: 0)
  }

  func prepare() { feedback.prepare() }

  func add(_ tape: TrialTape, _ trial: Trial, _ part: TrialPart, factor: Double, to gradient: ParameterBuffers) {
    self.part = part
    factors = clopath?.follow(tape) ?? PostsynapticFactors(tape)
    let recording = Recording(tape)
    let inputs = trial.denseInputs(wiring.inputCount)
    let spikes = recording.spikeRaster
    for (index, link) in wiring.links.enumerated() {
      let rows =
        if let target = link.targetGroup {
          neuronGradient(link, wiring.groups[target], recording, inputs: inputs, spikes: spikes)
        } else {
          readoutGradient(link, recording, inputs: inputs, spikes: spikes)
        }
      let (pre, post) = gradient.shapes[index]
      for j in 0..<post { for i in 0..<pre { gradient.projections[index][i * post + j] += factor * rows[j * pre + i] } }
    }
    for (k, value) in biasGradient(recording).enumerated() { gradient.bias[k] += factor * value }
  }

  private func neuronGradient(
    _ link: Wiring.Link, _ group: Wiring.Group, _ recording: Recording, inputs: [Double], spikes: [Double]
  ) -> [Double] {
    let synapses = link.preCount * link.postCount
    // Readouts with decays of their own have traces of their own.
    let filters = wiring.readsAlike ? 1 : wiring.outputCount
    var trace = [Double](repeating: 0, count: synapses)
    var current = trace
    var epsilon = [Double](repeating: 0, count: synapses)
    var filtered = [Double](repeating: 0, count: synapses * filters)
    var gradient = [Double](repeating: 0, count: synapses)
    for t in 0..<recording.steps {
      let share = part.counts(t) ? link.scale : 0
      let p = (0..<link.preCount).map { i in
        if link.sourceGroup == nil { return inputs[t * wiring.inputCount + i] }
        return t < link.delay ? 0 : spikes[(t - link.delay) * wiring.neuronCount + link.preFirst + i]
      }
      for j in 0..<link.postCount {
        let neuron = link.postFirst + j
        let psi = factors.surrogates.base[t * wiring.neuronCount + neuron]
        let chi = factors.thresholdSlopes.base[t * wiring.neuronCount + neuron]
        let signals = learningSignals(neuron, t, recording, filters)
        let synaptic = group.synapticDecay?[neuron] ?? 0
        for i in 0..<link.preCount {
          if link.lacksDiagonal && i == j { continue }
          let s = j * link.preCount + i
          current[s] = synaptic * current[s] + p[i]
          trace[s] = group.membraneDecay[neuron] * trace[s] + current[s]
          let e =
            switch eligibility {
            case .full: psi * trace[s] - chi * group.adaptationStrength * epsilon[s]
            case .leak: psi * trace[s]
            case .truncated: psi * p[i]
            case .presynaptic: p[i]
            }
          epsilon[s] =
            group.adaptationScale * psi * trace[s]
            + (group.adaptationDecay[neuron] - group.adaptationScale * chi * group.adaptationStrength) * epsilon[s]
          var credit = rateTerm.base[neuron] * e
          for f in 0..<filters {
            let place = s * filters + f
            filtered[place] = wiring.readoutDecays.base[f] * filtered[place] + wiring.traceScale * e
            credit += signals[f] * filtered[place]
          }
          gradient[s] += share * credit
        }
      }
    }
    return gradient
  }

  private func readoutGradient(
    _ link: Wiring.Link, _ recording: Recording, inputs: [Double], spikes: [Double]
  ) -> [Double] {
    var trace = [Double](repeating: 0, count: link.preCount * link.postCount)
    var gradient = trace
    for t in 0..<recording.steps {
      for k in 0..<link.postCount {
        let error = part.counts(t) ? recording.errors[t * wiring.outputCount + k] : 0
        for i in 0..<link.preCount {
          let p =
            link.sourceGroup == nil
            ? inputs[t * wiring.inputCount + i] : spikes[t * wiring.neuronCount + link.preFirst + i]
          let s = k * link.preCount + i
          trace[s] = wiring.readoutDecays.base[k] * trace[s] + p
          gradient[s] += link.scale * error * trace[s]
        }
      }
    }
    return gradient
  }

  private func biasGradient(_ recording: Recording) -> [Double] {
    var trace = [Double](repeating: 0, count: wiring.outputCount)
    var gradient = trace
    for t in 0..<recording.steps {
      for k in 0..<wiring.outputCount {
        trace[k] = wiring.readoutDecays.base[k] * trace[k] + 1
        if part.counts(t) { gradient[k] += recording.errors[t * wiring.outputCount + k] * trace[k] }
      }
    }
    return gradient
  }

  /// L_j^t, or the part of it that each readout sends.
  private func learningSignals(_ neuron: Int, _ t: Int, _ recording: Recording, _ count: Int) -> [Double] {
    let matrix = feedback.matrix(at: t).base
    let parts = (0..<wiring.outputCount).map { k in
      matrix[k * wiring.neuronCount + neuron] * recording.errors[t * wiring.outputCount + k]
    }
    return count == 1 ? [parts.reduce(0, +)] : parts
  }
}
