/// An array of a rule that a recorded run can give: what Format.md lists under *Draws*.
public struct DrawnArray: Sendable, Hashable {
  /// How often the rule needs it.
  public enum Kind: Sendable, Hashable {
    /// Once, shape as `extents`.
    case once
    /// Per trial: [trials, extents…].
    case perTrial
    /// Per step: [trials, T + more, extents…].
    case perStep(more: Int)
    /// One number.
    case setting
  }
  public var name: String
  public var kind: Kind
  public var extents: [Int]
  /// What the extents are.
  public var extentNames: [String]
  /// What it is in the rule's equations.
  public var meaning: String
  /// Whether the rule would draw it, so that a replay without it is none.
  public var isRequired: Bool

  init(
    _ name: String, _ kind: Kind, _ extents: [(String, Int)], _ meaning: String, required: Bool = false
  ) {
    self.name = name
    self.kind = kind
    self.extents = extents.map(\.1)
    extentNames = extents.map(\.0)
    self.meaning = meaning
    isRequired = required
  }

  /// The shape that the tensor must have.
  func shape(trials: Int, steps: Int) -> [Int] {
    switch kind {
    case .once, .setting: extents
    case .perTrial: [trials] + extents
    case .perStep(let more): [trials, steps + more] + extents
    }
  }
}

extension DrawnArray {
  init(_ name: String, _ kind: Kind, _ meaning: String) { self.init(name, kind, [], meaning) }
}

extension OnlineRule {
  /// What a recorded run can give for this rule on a network of these sizes; names without the rule's prefix.
  public func drawnArrays(_ sizes: OnlineSizes) -> [DrawnArray] {
    let (unit, column, state) = (("n", sizes.units), ("m", sizes.columns), ("D", sizes.states))
    let row = ("D + n_out + 1", sizes.states + sizes.outputs + 1)
    switch self {
    case .rtrl, .fixedW: return []
    case .backpropagation, .futureBackpropagation: return [.init("horizon", .setting, "T")]
    case .rflo: return [.init("b", .perTrial, [unit, column], "B before the first step; 0 if left out")]
    case .uoro:
      return [
        .init("a", .perTrial, [state], "A before the first step", required: true),
        .init("b", .perTrial, [unit, column], "B before the first step", required: true),
        .init("nu", .perStep(more: 0), [state], "ν", required: true),
      ]
    case .reverseKF:
      return [
        .init("a", .perTrial, [unit], "A before the first step", required: true),
        .init("b", .perTrial, [state, column], "B before the first step", required: true),
        .init("nu", .perStep(more: 0), [unit], "ν", required: true),
      ]
    case .kfRTRL:
      return [
        .init("a", .perTrial, [column], "A before the first step", required: true),
        .init("b", .perTrial, [state, unit], "B before the first step", required: true),
        .init("nu", .perStep(more: 0), [("2", 2)], "ν₀ and ν₁", required: true),
      ]
    case .kernl: return kernlArrays(unit, column)
    case .dni, .dniB:
      return [
        .init("a", .once, [state, row], "A at the start", required: true),
        .init("fixed_a", .once, [state, row], "A⁻ at the start; A if left out"),
        .init("learning_rate", .setting, "η; 0.001 if left out"),
        .init("interval", .setting, "steps between two renewals of A⁻; 5 if left out"),
      ]
        + (self == .dniB
          ? [
            .init("jacobian", .once, [state, state], "J̃ at the start; W_rec, or the decays, if left out"),
            .init("jacobian_rate", .setting, "η_J; 0.001 if left out"),
          ] : [])
    }
  }

  private func kernlArrays(_ unit: (String, Int), _ column: (String, Int)) -> [DrawnArray] {
    [
      .init("noise", .perStep(more: 1), [unit], "ζ^t, which perturbs step t", required: true),
      .init("a", .once, [unit, unit], "A at the start; the identity if left out"),
      .init("gamma", .once, [unit], "γ at the start; 0.8 if left out"),
      .init("b", .perTrial, [unit, column], "B before the first step; 0 if left out"),
      .init("perturbed", .perTrial, [unit], "ã before the first step; the network's own activity if left out"),
      .init("filtered_noise", .perTrial, [unit], "Ω before the first step; 0 if left out"),
      .init("noise_derivative", .perTrial, [unit], "Γ before the first step; 0 if left out"),
      .init("learning_rate", .setting, "η; 5 if left out"), .init("reset", .setting, "steps between two restarts"),
    ]
  }
}
