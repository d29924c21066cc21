/// Only the readout learns: the lower bound of every comparison.
///
///     ∂L/∂W = 0
///
/// Nobody writes to the gradient, which starts as 0. Source: Marschall, Cho and Savin 2020, section 5 ("fixed W"). Cost O(1), no memory.
final class FixedW: OnlineLearner {
  func begin(trial: Int, _ cell: OnlineCell) {}

  func learn(_ cell: OnlineCell, isLast: Bool, into gradient: Buffer) {}
}
