public import LearningRules

extension SpikingRules {
  private static let paper2019 = "Bellec, Scherr et al., arXiv 1901.09049 (2019)"
  private static let noSpikes =
    "its traces are of membrane potentials and spikes; rflo is e-prop 1 for leaky tanh units, with their own feedback"
  private static let noReset = "leaky tanh units have no reset"
  private static let taxonomy = "Martín-Sánchez, Bohté and Otte, A Taxonomy of Recurrent Learning Rules (2022)"
  private static let linear = RuleEntry.Growth("n²", exponent: 2)
  private static let record = RuleEntry.Growth("n T", exponent: 1)

  /// In the order in which they are listed.
  public static let entries: [RuleEntry] =
    feedbackEntries + eligibilityEntries + [
      RuleEntry(
        name: "m-order", summary: "at most m − 1 recurrences behind a neuron: 1 is e-prop 1, T is bptt",
        equation: "δ_j(h) = ψ_j (Σ_k W_kj G_k + Σ_l W_lj δ_l(h−1)) + α δ_j(h), h = m − 1", source: taxonomy,
        cost: .init("m n²", exponent: 2), memory: .init("n T + m n", exponent: 1), networks: [.spiking],
        elsewhere: "it counts recurrences of spikes; rflo is what m = 1 would be there, and rtrl m = T",
        parameter: .init("order m", least: 1, byDefault: 2)),
      RuleEntry(
        name: "m-order-no-reset-path", summary: "the same without derivatives through the reset",
        equation: "as m-order, without − v_th δ_j(h−1)", source: taxonomy, cost: .init("m n²", exponent: 2),
        memory: .init("n T + m n", exponent: 1), networks: [.spiking],
        elsewhere: noReset, parameter: .init("order m", least: 1, byDefault: 2)),
      RuleEntry(
        name: "deep-e-prop", summary: "e-prop 1 within a population, exact from each population to later ones",
        equation: "ds_j/dθ ← ∂s_j/∂s_j ds_j/dθ + Σ_{i in earlier populations} ∂s_j/∂z_i dz_i/dθ + ∂s_j/∂θ",
        source: "Millidge, Generalising E-prop to Deep Networks, arXiv 2512.24506 (2025)", cost: linear, memory: record,
        networks: [.spiking], elsewhere: "a rate network has one population, where it would be rflo"),
    ] + exactEntries

  private static let feedbackEntries = [
    RuleEntry(
      name: "e-prop-1", summary: "e-prop 1 with the network's own feedback",
      equation: "g_ji = Σ_t (Σ_k B_jk err_k) ē_ji,  ē = κ ē + e,  e_ji = ψ_j (ẑ_i − β_j ε_ji)",
      source: "\(paper2019), eqs 22, 27, 28, 45", cost: linear, memory: record, networks: [.spiking],
      elsewhere: noSpikes),
    RuleEntry(
      name: "e-prop-1-symmetric", summary: "B = W_outᵀ at every moment", equation: "B_jk = W_kj",
      source: "\(paper2019), e-prop 1s", cost: linear, memory: record, networks: [.spiking],
      elsewhere: noSpikes),
    RuleEntry(
      name: "e-prop-1-random", summary: "a fixed B of the seed", equation: "B_jk ~ N(0, 1/n)", source: paper2019,
      cost: linear, memory: record, networks: [.spiking],
      elsewhere: noSpikes,
      draws: [.init(tensor: "feedback", shape: "[neurons, outputs]", meaning: "B")]),
    RuleEntry(
      name: "e-prop-1-global", summary: "one learning signal for all", equation: "B_jk = 1/√n", source: paper2019,
      cost: linear, memory: record, networks: [.spiking],
      elsewhere: noSpikes),
    RuleEntry(
      name: "e-prop-1-adaptive", summary: "B learns what W_out learns, and both decay",
      equation: "B ← B + ΔW_outᵀ − η c B,  W_out ← W_out + ΔW_out − η c W_out",
      source: "Bellec, Scherr et al., Nature Communications 11 (2020), Supplementary Note 2", cost: linear,
      memory: record, networks: [.spiking],
      elsewhere: noSpikes),
    RuleEntry(
      name: "e-prop-1-windows", summary: "another random B every few steps, the same sequence in every trial",
      equation: "L_j^t = Σ_k B_jk^w err_k^t,  w = ⌊t / n_w⌋,  B_jk^w ~ N(0, 1/n)", source: paper2019, cost: linear,
      memory: record, networks: [.spiking], elsewhere: noSpikes,
      parameter: .init("steps per window", least: 1, byDefault: 20),
      draws: [.init(tensor: "feedback", shape: "[windows, neurons, outputs]", meaning: "B of each window")]),
  ]

  private static let eligibilityEntries = [
    RuleEntry(
      name: "e-prop-1-truncated", summary: "of the eligibility vector only its last increment",
      equation: "e_ji = ψ_j p_i", source: paper2019, cost: linear, memory: record, networks: [.spiking],
      elsewhere: noSpikes),
    RuleEntry(
      name: "e-prop-1-presynaptic", summary: "presynaptic spikes for traces", equation: "e_ji = p_i",
      source: paper2019, cost: linear, memory: record, networks: [.spiking],
      elsewhere: noSpikes),
    RuleEntry(
      name: "e-prop-1-clopath", summary: "a voltage-based plasticity rule in place of ψ",
      equation: "ψ_j → [v_j − v_th⁺]⁺ [v̂_j − v_th⁻]⁺,  v_th⁺ = 0,  v_th⁻ = v_th/4,  τ of v̂ 10 ms",
      source: "Clopath, Büsing, Vasilaki and Gerstner (2010), in \(paper2019)", cost: linear, memory: record,
      networks: [.spiking],
      elsewhere: noSpikes),
  ]

  private static let exactEntries = [
    RuleEntry(
      name: "bptt", summary: "backpropagation through time, the reference", equation: "g_ji = Σ_t δ_j^t p_i^t",
      source: "Werbos (1990), with the surrogate derivative of \(paper2019)", cost: linear, memory: record,
      networks: [.spiking]),
    RuleEntry(
      name: "bptt-no-reset-path", summary: "the same without derivatives through the reset",
      equation: "as bptt, without − v_th δ_j", source: "as bptt", cost: linear, memory: record, networks: [.spiking],
      elsewhere: noReset),
    RuleEntry(
      name: "rtrl", summary: "real-time recurrent learning: the gradient of bptt, formed forward",
      equation: "ds/dθ ← ∂s/∂s ds/dθ + ∂s/∂θ,  g_θ = Σ_t Σ_k err_k dy_k/dθ",
      source: "Williams and Zipser, Neural Computation 1 (1989)", cost: .init("n⁴", exponent: 4),
      memory: .init("n³", exponent: 3), networks: [.spiking]),
    RuleEntry(
      name: "rtrl-no-reset-path", summary: "the same without derivatives through the reset", equation: "as rtrl",
      source: "as rtrl", cost: .init("n⁴", exponent: 4), memory: .init("n³", exponent: 3), networks: [.spiking],
      elsewhere: noReset),
  ]
}

extension LongShortTermMemory {
  /// What the tools list of it: no description has such a network.
  public static let entries = [
    RuleEntry(
      name: "lstm-e-prop-1", summary: "e-prop 1 for long short-term memory units, a type of the library FloatReference",
      equation: "ε_c = f ε_c + i (1 − c̃²) p,  e_c = o φ'(c) ε_c,  and likewise for the other gates",
      source: "Bellec, Scherr et al., arXiv 1901.09049 (2019), eqs 31–40", cost: .init("n²", exponent: 2),
      memory: .init("n²", exponent: 2), networks: [.lstm], elsewhere: "no description has long short-term memory units",
      trains: false)
  ]
}
