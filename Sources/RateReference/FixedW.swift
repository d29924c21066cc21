/// Only the readout learns: the lower bound of every comparison.
///
///     ∂L/∂W = 0
///
/// Nobody writes to the gradient, which starts as 0. Source: Marschall, Cho and Savin 2020, section 5 ("fixed W"). Cost O(1), no memory.
final class FixedW: RateLearner {
  func begin(trial: Int, _ cell: RateCell) {}

  func learn(_ cell: RateCell, isLast: Bool, into gradient: Buffer) {}
}
