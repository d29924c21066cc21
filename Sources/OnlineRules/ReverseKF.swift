import Randomness

/// Reverse KF-RTRL: the influence matrix with the factors' roles exchanged, M_{k,ij} ≈ A_i B_kj.
///
///     A^t_i = p₀ A^{t−1}_i + p₁ ν_i                               p₀ = √(‖J B‖ / ‖A‖)
///     B^t_kj = (J^t B^{t−1})_kj / p₀ + ν_u(k) d_k â_j / p₁         p₁ = √(‖ν M̄‖ / √n)
///     ∂L^t/∂W_ij ≈ A_i Σ_k q_k B_kj
///
/// where u(k) is the unit that k belongs to, with a new ν ∈ {−1, 1}ⁿ at every step; the mean over ν is the gradient of
/// RTRL. Where M̄ = 0 (no spike arrives), only p₀ acts.
///
/// Source: Marschall, Cho and Savin 2020, section 4.1.5. Cost O(n³), memory O(n²).
///
/// Choices: A and B start as standard normal draws; norms are Euclidean. B stands as [j × k].
final class ReverseKF: OnlineLearner {
  private let draws: Draws
  private let a: Buffer
  private let b: Buffer
  private let nu: Buffer
  private let projected: Buffer
  private let signal: Buffer
  private let scratch: Buffer
  private var step = 0

  init(_ sizes: OnlineSizes, draws: Draws) {
    let (n, m, states) = (sizes.units, sizes.columns, sizes.states)
    self.draws = draws
    (a, b, nu) = (Buffer(n), Buffer(m * states), Buffer(n))
    (projected, signal, scratch) = (Buffer(states), Buffer(m), Buffer(4 * states))
  }

  func begin(trial: Int, _ cell: OnlineCell) {
    step = 0
    draws.initial("a", trial, to: a) { $0.normal() }
    draws.initial("b", trial, to: b, transposing: (cell.states, cell.columns)) { $0.normal() }
  }

  func learn(_ cell: OnlineCell, isLast: Bool, into gradient: Buffer) {
    let (n, m, states) = (cell.units, cell.columns, cell.states)
    draws.step("nu", step, to: nu) { $0.sign() }
    step += 1
    Kernels.multiplyRows(b.base, count: m, by: cell.transposedJacobian, n: states, scratch: scratch.base)
    for k in 0..<states { projected.base[k] = nu.base[k % n] * cell.immediate.base[k] }
    let norm = Kernels.norm(projected.base, count: states) * Kernels.norm(cell.hat.base, count: m)
    let p0 = (Kernels.norm(b.base, count: m * states) / Kernels.norm(a.base, count: n)).squareRoot()
    let p1 = (norm / Double(n).squareRoot()).squareRoot()
    Kernels.blend(a.base, by: p0, nu.base, times: p1, count: n)
    for j in 0..<m {
      let row = b.base + j * states
      let share = p1 > 0 ? cell.hat.base[j] / p1 : 0
      Kernels.blend(row, by: 1 / p0, projected.base, times: share, count: states)
      signal.base[j] = Kernels.dot(cell.signal.base, row, count: states)
    }
    for i in 0..<n { Kernels.assign(signal.base, times: a.base[i], to: gradient.base + i * m, count: m) }
  }
}
