import OnlineRules

/// Backpropagation through time over windows of T steps that do not overlap ("efficient BPTT").
///
///     c^t = q^t + c^{t+1} J^{t+1}             c = q at the window's last step
///     ∂L/∂W_ij = Σ_t c^t_i α tanh′(h^t_i) â^t_j
///
/// Source: Werbos, "Backpropagation through time: what it does and how to do it", Proc. IEEE 78, 1990; Marschall, Cho and
/// Savin 2020, section 4.1.2. Cost O(n²) per step, memory O(n T).
///
/// The gradient of a window is given at its last step, and 0 at the others. Errors do not reach into the window before.
/// A trial's end ends the window. J is formed with the weights of the moment of backpropagation, as in the published
/// program; it matters only where weights change within a window. `splitsByError` takes every step's learning signal back
/// through the T steps behind it instead, for comparisons step by step.
final class Backpropagation: OnlineLearner {
  private let cell: RateCell
  private let horizon: Int?
  private let splitsByError: Bool
  private let history: History
  private let credit: Buffer
  private let scratch: Buffer

  init(_ cell: RateCell, horizon: Int?, splitsByError: Bool) {
    self.cell = cell
    self.horizon = horizon
    self.splitsByError = splitsByError
    history = History(cell, capacity: horizon ?? 256)
    (credit, scratch) = (Buffer(cell.units), Buffer(cell.units))
  }

  func begin(trial: Int, _: OnlineCell) { history.clear() }

  func learn(_: OnlineCell, isLast: Bool, into gradient: Buffer) {
    gradient.fill(0)
    history.append(cell)
    guard !splitsByError else {
      credit.copy(cell.signal)
      for age in (0..<history.count).reversed() {
        history.addGradient(age, credit: credit.base, to: gradient)
        cell.propagateBack(credit, slope: history.slope(age), scratch: scratch)
      }
      if history.count == horizon { history.dropFirst() }
      return
    }
    guard isLast || history.count == horizon else { return }
    credit.fill(0)
    for age in (0..<history.count).reversed() {
      Kernels.add(history.credit(age), times: 1, to: credit.base, count: cell.units)
      history.addGradient(age, credit: credit.base, to: gradient)
      cell.propagateBack(credit, slope: history.slope(age), scratch: scratch)
    }
    history.clear()
  }
}
