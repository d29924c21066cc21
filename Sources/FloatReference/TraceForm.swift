import Trials

/// e-prop 1 as it is printed: a trace per synapse, moved at every step (paper eqs 22, 27, 28, 45; LEARNING.md of the
/// project). Slow on purpose; the block form is tested against it.
///
/// In the order of a step t, for the synapse from i to neuron j, with p = x^t or z^{t−1}:
///
///     ẑ_i^t      = α ẑ_i^{t−1} + p_i^t
///     e_ji^t     = ψ_j^t (ẑ_i^t − β_j ε_ji^t)
///     ε_ji^{t+1} = s_a ψ_j^t ẑ_i^t + (ρ_j − s_a ψ_j^t β_j) ε_ji^t
///     ē_ji^t     = κ ē_ji^{t−1} + s_e e_ji^t
///     g_ji       = s Σ_t (L_j^t ē_ji^t + r_j e_ji^t)          L_j = Σ_k B_jk err_k, r_j the rate term
///
/// and to readout k, with p = x^t or z^t:
///
///     ẑ_i^t = κ ẑ_i^{t−1} + p_i^t,   g_ki = s_out Σ_t err_k^t ẑ_i^t,   g_k = Σ_t err_k^t Σ_{τ≤t} κ^{t−τ}  for the bias
///
/// Truncated: e_ji^t = ψ_j^t p_i^t. Presynaptic: e_ji^t = p_i^t.
struct TraceForm {
  var wiring: Wiring
  /// B, [neurons × outputs].
  var feedback: [Double]
  /// r, one per neuron.
  var rateTerm: [Double]
  var eligibility: EProp1.Eligibility

  func gradients(_ recording: Recording, _ trial: Trial) -> Gradients {
    let inputs = denseInputs(trial)
    let spikes = recording.spikeRaster
    let projections = wiring.links.map { link in
      if let target = link.targetGroup {
        neuronGradient(link, wiring.groups[target], recording, inputs: inputs, spikes: spikes)
      } else {
        readoutGradient(link, recording, inputs: inputs, spikes: spikes)
      }
    }
    return Gradients(projections: projections, bias: biasGradient(recording))
  }

  private func neuronGradient(
    _ link: Wiring.Link, _ group: Wiring.Group, _ recording: Recording, inputs: [Double], spikes: [Double]
  ) -> [Double] {
    var trace = [Double](repeating: 0, count: link.preCount)
    let synapses = link.preCount * link.postCount
    var epsilon = [Double](repeating: 0, count: synapses)
    var filtered = [Double](repeating: 0, count: synapses)
    var gradient = [Double](repeating: 0, count: synapses)
    for t in 0..<recording.steps {
      let p = (0..<link.preCount).map { i in
        if link.sourceGroup == nil { return inputs[t * wiring.inputCount + i] }
        return t == 0 ? 0 : spikes[(t - 1) * wiring.neuronCount + link.preFirst + i]
      }
      for i in 0..<link.preCount { trace[i] = group.membraneDecay * trace[i] + p[i] }
      for j in 0..<link.postCount {
        let neuron = link.postFirst + j
        let psi = recording.surrogates[t * wiring.neuronCount + neuron]
        let signal = learningSignal(neuron, t, recording)
        for i in 0..<link.preCount {
          if link.lacksDiagonal && i == j { continue }
          let s = j * link.preCount + i
          let e =
            switch eligibility {
            case .full: psi * (trace[i] - group.adaptationStrength * epsilon[s])
            case .truncated: psi * p[i]
            case .presynaptic: p[i]
            }
          epsilon[s] =
            group.adaptationScale * psi * trace[i]
            + (group.adaptationDecay - group.adaptationScale * psi * group.adaptationStrength) * epsilon[s]
          filtered[s] = wiring.readoutDecay * filtered[s] + wiring.traceScale * e
          gradient[s] += link.scale * (signal * filtered[s] + rateTerm[neuron] * e)
        }
      }
    }
    return gradient
  }

  private func readoutGradient(
    _ link: Wiring.Link, _ recording: Recording, inputs: [Double], spikes: [Double]
  ) -> [Double] {
    var trace = [Double](repeating: 0, count: link.preCount)
    var gradient = [Double](repeating: 0, count: link.preCount * link.postCount)
    for t in 0..<recording.steps {
      for i in 0..<link.preCount {
        let p =
          link.sourceGroup == nil
          ? inputs[t * wiring.inputCount + i] : spikes[t * wiring.neuronCount + link.preFirst + i]
        trace[i] = wiring.readoutDecay * trace[i] + p
      }
      for k in 0..<link.postCount {
        let error = recording.errors[t * wiring.outputCount + k]
        for i in 0..<link.preCount { gradient[k * link.preCount + i] += link.scale * error * trace[i] }
      }
    }
    return gradient
  }

  private func biasGradient(_ recording: Recording) -> [Double] {
    var trace = 0.0
    var gradient = [Double](repeating: 0, count: wiring.outputCount)
    for t in 0..<recording.steps {
      trace = wiring.readoutDecay * trace + 1
      for k in 0..<wiring.outputCount { gradient[k] += recording.errors[t * wiring.outputCount + k] * trace }
    }
    return gradient
  }

  /// L_j^t.
  private func learningSignal(_ neuron: Int, _ t: Int, _ recording: Recording) -> Double {
    (0..<wiring.outputCount).reduce(0) { sum, k in
      sum + feedback[neuron * wiring.outputCount + k] * recording.errors[t * wiring.outputCount + k]
    }
  }

  /// x, [steps × inputs].
  private func denseInputs(_ trial: Trial) -> [Double] {
    switch trial.inputs {
    case .analog(let values): return values
    case .spikes(let train):
      var dense = [Double](repeating: 0, count: trial.steps * wiring.inputCount)
      for t in 0..<trial.steps {
        for event in train.offsets[t]..<train.offsets[t + 1] {
          dense[t * wiring.inputCount + Int(train.sources[event])] = 1
        }
      }
      return dense
    }
  }
}
