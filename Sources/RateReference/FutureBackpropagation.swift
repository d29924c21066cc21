import OnlineRules

/// Backpropagation of every step's learning signal into the T − 1 steps before it ("future-facing BPTT").
///
///     c^{t−s} += q^t J^t J^{t−1} … J^{t−s+1}          s = 0 … T − 1
///     the gradient of step t − T + 1, Σ c_i α tanh′(h_i) â_j, is given at step t
///
/// Source: Marschall, Cho and Savin 2020, section 4.1.1. Cost O(n² T) per step, memory O(n T).
///
/// The first T − 1 steps of a trial give 0. At its end the published program forgets the steps that have not had their
/// turn; here the last step gives what is left of them, so that the sum over a trial is the whole gradient where T
/// is not shorter than the trial.
final class FutureBackpropagation: OnlineLearner {
  private let cell: RateCell
  private let horizon: Int?
  private let history: History
  private let signal: Buffer
  private let scratch: Buffer

  init(_ cell: RateCell, horizon: Int?) {
    self.cell = cell
    self.horizon = horizon
    history = History(cell, capacity: horizon ?? 256)
    (signal, scratch) = (Buffer(cell.units), Buffer(cell.units))
  }

  func begin(trial: Int, _: OnlineCell) { history.clear() }

  func learn(_: OnlineCell, isLast: Bool, into gradient: Buffer) {
    gradient.fill(0)
    history.append(cell)
    signal.copy(cell.signal)
    for age in (0..<history.count - 1).reversed() {
      cell.propagateBack(signal, slope: history.slope(age + 1), scratch: scratch)
      Kernels.add(signal.base, times: 1, to: history.credit(age), count: cell.units)
    }
    if history.count == horizon { giveOldest(to: gradient) }
    while isLast, history.count > 0 { giveOldest(to: gradient) }
  }

  private func giveOldest(to gradient: Buffer) {
    history.addGradient(0, credit: history.credit(0), to: gradient)
    history.dropFirst()
  }
}
