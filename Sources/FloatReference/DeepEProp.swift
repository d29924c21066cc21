/// Deep e-prop: eligibility carried across depth as well as time.
///
/// The populations are layers in the order of the description. Derivatives pass within a neuron through time, as in
/// e-prop 1, and from a layer to later ones, as in backpropagation; what they do not pass is a connection within a layer
/// or to an earlier one, and the reset. For the state s_j (v and a) of a neuron of layer l and a weight θ of an earlier or
/// the same layer, the trace moves forward with the network:
///
///     ds_j^t/dθ = ∂s_j^t/∂s_j^{t−1} ds_j^{t−1}/dθ + Σ_{i in layers before l} ∂s_j^t/∂z_i^{t−1} dz_i^{t−1}/dθ + ∂s_j^t/∂θ
///     g_θ = Σ_t Σ_k err_k^t dy_k^t/dθ
///
/// With one layer the sum over i is empty: e-prop 1 with symmetric feedback. The same sums are formed here by one backward
/// sweep over the same dependences, which does not need a trace for every pair of a neuron and a weight.
///
/// Source: Millidge, "Generalising E-prop to Deep Networks" (2025). Cost: O(n²) per step (as traces: O(n³) for two
/// layers of n). Memory: O(n T) (as traces: O(n³)).
enum DeepEProp {
  static func paths(_ wiring: Wiring) -> DerivativePaths {
    let carried = wiring.links.map { link in
      guard let source = link.sourceGroup else { return false }
      return link.targetGroup.map { $0 > source } ?? true
    }
    return DerivativePaths(followsReset: false, carried: carried)
  }
}
