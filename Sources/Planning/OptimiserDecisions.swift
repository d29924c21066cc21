import Networks

extension Planner {
  /// Whether means of squares are kept per postsynaptic neuron alone: described, or chosen.
  var secondMoments: PlanOptions.SecondMoments {
    if case .postsynaptic = network.optimiser.kind { .postsynaptic } else { options.secondMoments }
  }

  /// Adam's integers.
  ///
  /// - Parameters:
  ///   - epsilon: ε in LSB of the gradient.
  ///   - units: η in the units of steps, one or one per postsynaptic neuron.
  mutating func planAdam(_ beta1: Double, _ beta2: Double, epsilon: Double, units: [Double]) -> AdamPlan {
    func kept(_ beta: Double) -> UInt32 { UInt32(min(0x1p32 - 1, (beta * 0x1p32).rounded())) }
    if units.contains(where: { $0 >= 0x1p27 }) { notes.append("Adam's learning rate is clipped to 2^27 / 2^16 LSB") }
    return AdamPlan(
      unit: units.map { UInt32(max(0, min(0x1p27 - 1, $0.rounded()))) }, momentBits: options.momentBits,
      firstKept: kept(beta1), secondKept: kept(beta2), epsilon: UInt32(max(0, min(0x1p30, (epsilon * 256).rounded()))),
      ratioLimit: AdamPlan.ratioLimit(beta1: beta1, beta2: beta2))
  }

  /// What the plan knows of the products of Adam's moments.
  mutating func proveAdam() {
    let mean: Int64 = 1 << 42 + 1 << 31
    bounds += [
      Bound(
        quantity: "|(T 2^(12 + z) − q R) D₁|", largest: mean << 20, limit: Int64.max,
        reason: "|T| < 2^15, z ≤ 15, |q| ≤ 2^15, R < 2^16, D₁ ≤ 2^20"),
      Bound(
        quantity: "|A ρ| + 2^45", largest: mean << 15 + 1 << 45, limit: Int64.max, reason: "|A| ≤ 2^42 + 2^31, ρ < 2^15"
      ),
      Bound(
        quantity: "|(T² − v) D₂|", largest: 1 << 62, limit: Int64.max, reason: "T² < 2^30, v < 2^32, D₂ ≤ 2^30"),
      Bound(quantity: "|q F|", largest: 32767 << 15, limit: Int64(Int32.max), reason: "|q| < 2^15, F < 2^15"),
    ]
  }
}
