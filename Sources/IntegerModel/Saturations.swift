/// How often a value did not fit and was clamped, per signal. Counted over the life of a network while
/// `IntegerNetwork.countsSaturations` is set.
public struct Saturations: Sendable, Hashable {
  /// Membrane potentials, before or at a reset.
  public var potential = 0
  /// err of a step.
  public var error = 0
  /// F, the filtered error.
  public var filteredError = 0
  /// S and Q of an adaptive neuron.
  public var sweep = 0
  /// δ.
  public var delta = 0
  /// ē and ε.
  public var eligibility = 0
  /// g of carried blocks and accumulators.
  public var gradient = 0
  /// Weights and biases at the end of their range.
  public var weight = 0

  /// Nothing counted.
  public init() {}
}
