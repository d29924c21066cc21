/// How well a plan is expected to learn, beside others of the same network. Block length, history and tile are not in it:
/// they change no gradient but by rounding.
public enum QualityClass: Int, Sendable, Hashable, Comparable, CaseIterable {
  /// 16-bit weights, steps normalised by second moments.
  case fine
  /// 8-bit weights, steps normalised by second moments.
  case standard
  /// Second moments per postsynaptic neuron alone.
  case coarse
  /// Steps proportional to the gradient: learning rates have to be found for each network, and learning is slower.
  case plain
  /// No learning.
  case inference

  public init(_ plan: FixedPlan) {
    guard plan.learning != nil else {
      self = .inference
      return
    }
    let learnt = plan.projections.filter(\.isPlastic)
    guard plan.isNormalised else {
      self = .plain
      return
    }
    let isCoarse = learnt.contains { if case .postsynaptic? = $0.step { true } else { false } }
    self = isCoarse ? .coarse : learnt.allSatisfy { $0.weightBits == 16 } ? .fine : .standard
  }

  public static func < (a: QualityClass, b: QualityClass) -> Bool { a.rawValue < b.rawValue }

  public var name: String {
    switch self {
    case .fine: "A"
    case .standard: "B"
    case .coarse: "C"
    case .plain: "D"
    case .inference: "–"
    }
  }

  public var meaning: String {
    switch self {
    case .fine: "16-bit weights, steps normalised by second moments"
    case .standard: "8-bit weights, steps normalised by second moments"
    case .coarse: "second moments per postsynaptic neuron alone"
    case .plain: "steps proportional to the gradient (sgd)"
    case .inference: "no learning"
    }
  }
}
