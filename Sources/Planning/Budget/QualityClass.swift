/// How well a plan is expected to learn, beside others of the same network. Block length, history and tile are not in it:
/// they change no gradient but by rounding.
public enum QualityClass: Int, Sendable, Hashable, Comparable, CaseIterable {
  /// 16-bit weights, steps normalised by second moments.
  case fine
  /// 8-bit weights, steps normalised by second moments.
  case standard
  /// Adam's moments in 8 bits, or second moments per postsynaptic neuron alone.
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
    let isCoarse = learnt.contains { projection in
      switch projection.step {
      case .adam(let adam)?: adam.momentBits == 8
      case .postsynaptic?: true
      case .factored?, .sgd?, nil: false
      }
    }
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
    case .coarse: "second moments per postsynaptic neuron alone, or Adam with moments of 8 bits"
    case .plain: "steps proportional to the gradient (sgd)"
    case .inference: "no learning"
    }
  }
}
