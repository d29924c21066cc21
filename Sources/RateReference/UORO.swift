import Randomness

/// Unbiased online recurrent optimisation: the influence matrix as one random outer product, M_{k,ij} ≈ A_k B_ij.
///
///     A^t = p₀ J^t A^{t−1} + p₁ ν                              p₀ = √(‖B‖ / ‖J A‖)
///     B^t_ij = B^{t−1}_ij / p₀ + ν_i α tanh′(h_i) â_j / p₁     p₁ = √(‖ν M̄‖ / √n)
///     ∂L^t/∂W_ij ≈ (Σ_k q_k A_k) B_ij
///
/// with a new ν ∈ {−1, 1}ⁿ at every step: E[ν ν′] = 1 makes the mean over ν the gradient of RTRL.
///
/// Source: Tallec and Ollivier, "Unbiased online recurrent optimization", 2017; Marschall, Cho and Savin 2020, section
/// 4.1.3. Cost O(n²), memory O(n²).
///
/// Choices: JA exactly rather than by a finite difference; A and B start as standard normal draws, whose product has the
/// mean 0 of M^{−1}; norms are Euclidean over all elements.
final class UORO: RateLearner {
  private let draws: Draws
  private let a: Buffer
  private let b: Buffer
  private let forward: Buffer
  private let nu: Buffer
  private var step = 0

  init(_ cell: RateCell, draws: Draws) {
    let n = cell.units
    self.draws = draws
    (a, b) = (Buffer(n), Buffer(n * cell.columns))
    (forward, nu) = (Buffer(n), Buffer(n))
  }

  func begin(trial: Int, _ cell: RateCell) {
    step = 0
    draws.initial("a", trial, to: a) { $0.normal() }
    draws.initial("b", trial, to: b) { $0.normal() }
  }

  func learn(_ cell: RateCell, isLast: Bool, into gradient: Buffer) {
    let (n, m) = (cell.units, cell.columns)
    draws.step("nu", step, to: nu) { $0.sign() }
    step += 1
    Kernels.multiply(a.base, cell.transposedJacobian, rows: n, columns: n, to: forward.base)
    var square = 0.0
    for i in 0..<n { square += nu.base[i] * nu.base[i] * cell.slope.base[i] * cell.slope.base[i] }
    let projection = square.squareRoot() * Kernels.norm(cell.hat.base, count: m)
    let p0 = (Kernels.norm(b.base, count: n * m) / Kernels.norm(forward.base, count: n)).squareRoot()
    let p1 = (projection / Double(n).squareRoot()).squareRoot()
    for k in 0..<n { a.base[k] = p0 * forward.base[k] + p1 * nu.base[k] }
    let signal = Kernels.dot(cell.signal.base, a.base, count: n)
    for i in 0..<n {
      let row = b.base + i * m
      Kernels.blend(row, by: 1 / p0, cell.hat.base, times: nu.base[i] * cell.slope.base[i] / p1, count: m)
      Kernels.assign(row, times: signal, to: gradient.base + i * m, count: m)
    }
  }
}
