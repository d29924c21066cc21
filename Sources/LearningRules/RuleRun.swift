/// What one rule makes of a network and a batch of trials.
///
/// The gradient is cut by the step whose error it belongs to: the contribution of step t is what the error of t alone (and
/// the regulariser at t) says about all weights, so the exact rules give ∂E^t/∂W, which is what an online rule
/// approximates at t. The contributions of all steps add up to the total.
public protocol RuleRun: AnyObject {
  /// The rule as `RuleChoice.text` writes it.
  var rule: String { get }
  /// What the gradient is of; the same for every rule on one network.
  var parameters: [RuleParameter] { get }
  /// The steps of the longest trial.
  var steps: Int { get }
  /// The gradient, the mean over the trials: per parameter, its elements in row-major order.
  func total() -> [[Double]]
  /// What a step adds to it. Called for steps 0, 1, 2, … in that order, each once.
  func contribution(of step: Int) -> [[Double]]
}

/// One array of weights or biases that a gradient has a part for.
public struct RuleParameter: Sendable, Hashable {
  /// The projection, or the readout for its bias.
  public var name: String
  /// What the paper calls it, as `W_rec`.
  public var symbol: String
  public var shape: [Int]

  public init(name: String, symbol: String, shape: [Int]) {
    self.name = name
    self.symbol = symbol
    self.shape = shape
  }
}
