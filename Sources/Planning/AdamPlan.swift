/// Adam in integers.
public struct AdamPlan: Sendable, Hashable {
  /// η in 2^-16 LSB, at most 2^27, per postsynaptic neuron (or one for all).
  public var unit: [UInt32]
  /// Bits of each of a synapse's two moments: 16 or 8. Those of the bias have 16.
  public var momentBits: Int
  /// β₁ and β₂ in 2^-32.
  public var firstKept: UInt32
  public var secondKept: UInt32
  /// ε in 2^-8 LSB of g.
  public var epsilon: UInt32
  /// The largest ratio of the first moment to the root of the second, in 2^-12: that which exact moments can have, and less
  /// than 8.
  public var ratioLimit: Int32

  package init(
    unit: [UInt32], momentBits: Int, firstKept: UInt32, secondKept: UInt32, epsilon: UInt32, ratioLimit: Int32
  ) {
    self.unit = unit
    self.momentBits = momentBits
    self.firstKept = firstKept
    self.secondKept = secondKept
    self.epsilon = epsilon
    self.ratioLimit = ratioLimit
  }
}

extension AdamPlan {
  /// The largest ratio of m to √v that gradients can bring about, in 2^-12: with weights a_k of the gradients in m and b_k in v, √(Σ a² / b)
  /// by Cauchy and Schwarz, which rises with the number of gradients to (1 − β₁) / √((1 − β₂) (1 − β₁² / β₂)).
  public static func ratioLimit(beta1: Double, beta2: Double) -> Int32 {
    let largest = Int32(Int16.max)
    guard beta1 * beta1 < beta2 else { return beta1 == 0 && beta2 == 0 ? 4096 : largest }
    let bound = (1 - beta1) / ((1 - beta2) * (1 - beta1 * beta1 / beta2)).squareRoot()
    return bound < 7.99 ? Int32((bound * 4096).rounded(.up)) : largest
  }
}

extension StepPlan {
  /// The plan of Adam, if it is that.
  public var adam: AdamPlan? { if case .adam(let adam) = self { adam } else { nil } }
}

extension FixedPlan {
  /// The plan of the first projection or bias that learns by Adam. All have its `momentBits`, `firstKept`, `secondKept` and
  /// `ratioLimit`; `unit` and `epsilon` are each step's own.
  public var adam: AdamPlan? { (projections.map(\.step) + [readout.biasStep]).lazy.compactMap { $0?.adam }.first }

  /// Whether anything learns by Adam.
  public var learnsByAdam: Bool { adam != nil }
}
