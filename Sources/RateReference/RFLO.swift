import OnlineRules

/// Random-feedback local online learning: of the Jacobian only the leak is kept.
///
///     B^t_ij = (1 − α) B^{t−1}_ij + α tanh′(h_i) â_j
///     ∂L^t/∂W_ij ≈ q_i B_ij
///
/// Source: Murray, "Local online learning in recurrent networks with random feedback", eLife 8, 2019; Marschall, Cho and
/// Savin 2020, section 4.1.7. Cost O(n²), memory O(n²).
///
/// The random feedback of the name is a property of the network here: its `feedback`. It is what e-prop 1 is for this
/// unit, whose only memory of its own is the leak.
final class RFLO: OnlineLearner {
  private let cell: RateCell
  private let draws: Draws
  private let trace: Buffer

  init(_ cell: RateCell, draws: Draws) {
    self.cell = cell
    self.draws = draws
    trace = Buffer(cell.units * cell.columns)
  }

  func begin(trial: Int, _: OnlineCell) { draws.initial("b", trial, to: trace) { _ in 0 } }

  func learn(_: OnlineCell, isLast: Bool, into gradient: Buffer) {
    let m = cell.columns
    for i in 0..<cell.units {
      let row = trace.base + i * m
      Kernels.blend(row, by: 1 - cell.alpha, cell.hat.base, times: cell.slope.base[i], count: m)
      Kernels.assign(row, times: cell.signal.base[i], to: gradient.base + i * m, count: m)
    }
  }
}
