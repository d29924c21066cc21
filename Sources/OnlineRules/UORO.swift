import Randomness

/// Unbiased online recurrent optimisation: the influence matrix as one random outer product, M_{k,ij} ≈ A_k B_ij.
///
///     A^t = p₀ J^t A^{t−1} + p₁ ν                              p₀ = √(‖B‖ / ‖J A‖)
///     B^t_ij = B^{t−1}_ij / p₀ + Σ_k ν_k M̄_{k,ij} / p₁         p₁ = √(‖ν M̄‖ / √D)
///     ∂L^t/∂W_ij ≈ (Σ_k q_k A_k) B_ij
///
/// with a new ν ∈ {−1, 1}ᴰ at every step: E[ν ν′] = 1 makes the mean over ν the gradient of RTRL. Where M̄ = 0 (no spike
/// arrives), only p₀ acts.
///
/// Source: Tallec and Ollivier, "Unbiased online recurrent optimization", 2017; Marschall, Cho and Savin 2020, section
/// 4.1.3. Cost O(n²), memory O(n²).
///
/// Choices: JA exactly rather than by a finite difference; A and B start as standard normal draws, whose product has the
/// mean 0 of M^{−1}; norms are Euclidean over all elements. M̄ has its factor α, which a version of Marschall's program left out.
final class UORO: OnlineLearner {
  private let draws: Draws
  private let a: Buffer
  private let b: Buffer
  private let forward: Buffer
  private let nu: Buffer
  private let projected: Buffer
  private var step = 0

  init(_ sizes: OnlineSizes, draws: Draws) {
    let (n, states) = (sizes.units, sizes.states)
    self.draws = draws
    (a, b) = (Buffer(states), Buffer(n * sizes.columns))
    (forward, nu, projected) = (Buffer(states), Buffer(states), Buffer(n))
  }

  func begin(trial: Int, _ cell: OnlineCell) {
    step = 0
    draws.initial("a", trial, to: a) { $0.normal() }
    draws.initial("b", trial, to: b) { $0.normal() }
  }

  func learn(_ cell: OnlineCell, isLast: Bool, into gradient: Buffer) {
    let (n, m, states) = (cell.units, cell.columns, cell.states)
    draws.step("nu", step, to: nu) { $0.sign() }
    step += 1
    Kernels.multiply(a.base, cell.transposedJacobian, rows: states, columns: states, to: forward.base)
    let p0 = (Kernels.norm(b.base, count: n * m) / Kernels.norm(forward.base, count: states)).squareRoot()
    for i in 0..<n {
      projected.base[i] = nu.base[i] * cell.immediate.base[i]
      for k in stride(from: i + n, to: states, by: n) { projected.base[i] += nu.base[k] * cell.immediate.base[k] }
    }
    let norm = Kernels.norm(projected.base, count: n) * Kernels.norm(cell.hat.base, count: m)
    let p1 = (norm / Double(states).squareRoot()).squareRoot()
    for k in 0..<states { a.base[k] = p0 * forward.base[k] + p1 * nu.base[k] }
    let signal = Kernels.dot(cell.signal.base, a.base, count: states)
    for i in 0..<n {
      let row = b.base + i * m
      let share = p1 > 0 ? projected.base[i] / p1 : 0
      Kernels.blend(row, by: 1 / p0, cell.hat.base, times: share, count: m)
      Kernels.assign(row, times: signal, to: gradient.base + i * m, count: m)
    }
  }
}
