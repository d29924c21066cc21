import Randomness

/// Kronecker-factored RTRL: the influence matrix as a random vector times a matrix, M_{k,ij} ≈ A_j B_ki.
///
///     A^t_j = ν₀ p₀ A^{t−1}_j + ν₁ p₁ â_j                     p₀ = √(‖J B‖ / ‖A‖)
///     B^t = ν₀ J^t B^{t−1} / p₀ + ν₁ diag(α tanh′(h)) / p₁    p₁ = √(‖diag(α tanh′(h))‖ / ‖â‖)
///     ∂L^t/∂W_ij ≈ (Σ_k q_k B_ki) A_j
///
/// with new signs ν₀, ν₁ ∈ {−1, 1} at every step; the mean over them is the gradient of RTRL.
///
/// Source: Mujika, Meier and Steger, "Approximating real-time recurrent learning with random Kronecker factors", NeurIPS
/// 2018; Marschall, Cho and Savin 2020, section 4.1.4. Cost O(n³), memory O(n²).
///
/// Choices: A and B start as standard normal draws; norms are Euclidean. B stands as [i × k].
final class KFRTRL: RateLearner {
  private let draws: Draws
  private let a: Buffer
  private let b: Buffer
  private let nu = Buffer(2)
  private let scratch: Buffer
  private var step = 0

  init(_ cell: RateCell, draws: Draws) {
    let n = cell.units
    self.draws = draws
    (a, b, scratch) = (Buffer(cell.columns), Buffer(n * n), Buffer(4 * n))
  }

  func begin(trial: Int, _ cell: RateCell) {
    step = 0
    draws.initial("a", trial, to: a) { $0.normal() }
    draws.initial("b", trial, to: b, transposing: (cell.units, cell.units)) { $0.normal() }
  }

  func learn(_ cell: RateCell, isLast: Bool, into gradient: Buffer) {
    let (n, m) = (cell.units, cell.columns)
    draws.step("nu", step, to: nu) { $0.sign() }
    step += 1
    Kernels.multiplyRows(b.base, count: n, by: cell.transposedJacobian, n: n, scratch: scratch.base)
    let p0 = (Kernels.norm(b.base, count: n * n) / Kernels.norm(a.base, count: m)).squareRoot()
    let p1 = (Kernels.norm(cell.slope.base, count: n) / Kernels.norm(cell.hat.base, count: m)).squareRoot()
    Kernels.blend(a.base, by: nu.base[0] * p0, cell.hat.base, times: nu.base[1] * p1, count: m)
    Kernels.scale(b.base, by: nu.base[0] / p0, count: n * n)
    for i in 0..<n {
      b.base[i * n + i] += nu.base[1] / p1 * cell.slope.base[i]
      let signal = Kernels.dot(cell.signal.base, b.base + i * n, count: n)
      Kernels.assign(a.base, times: signal, to: gradient.base + i * m, count: m)
    }
  }
}
