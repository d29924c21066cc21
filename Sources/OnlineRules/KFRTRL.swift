import Randomness

/// Kronecker-factored RTRL: the influence matrix as a random vector times a matrix, M_{k,ij} ≈ A_j B_ki.
///
///     A^t_j = ν₀ p₀ A^{t−1}_j + ν₁ p₁ â_j                     p₀ = √(‖J B‖ / ‖A‖)
///     B^t = ν₀ J^t B^{t−1} / p₀ + ν₁ D̄ / p₁                  p₁ = √(‖D̄‖ / ‖â‖)
///     ∂L^t/∂W_ij ≈ (Σ_k q_k B_ki) A_j
///
/// where D̄_ki = d_k if k belongs to unit i and 0 otherwise (for leaky tanh units diag(α tanh′(h))), so that M̄ = D̄ â;
/// with new signs ν₀, ν₁ ∈ {−1, 1} at every step; the mean over them is the gradient of RTRL. Where M̄ = 0 (no spike arrives),
/// only ν₀ p₀ acts.
///
/// Source: Mujika, Meier and Steger, "Approximating real-time recurrent learning with random Kronecker factors", NeurIPS
/// 2018; Marschall, Cho and Savin 2020, section 4.1.4. Cost O(n³), memory O(n²).
///
/// Choices: A and B start as standard normal draws; norms are Euclidean. B stands as [i × k].
final class KFRTRL: OnlineLearner {
  private let draws: Draws
  private let a: Buffer
  private let b: Buffer
  private let nu = Buffer(2)
  private let scratch: Buffer
  private var step = 0

  init(_ sizes: OnlineSizes, draws: Draws) {
    self.draws = draws
    (a, b, scratch) = (Buffer(sizes.columns), Buffer(sizes.units * sizes.states), Buffer(4 * sizes.states))
  }

  func begin(trial: Int, _ cell: OnlineCell) {
    step = 0
    draws.initial("a", trial, to: a) { $0.normal() }
    draws.initial("b", trial, to: b, transposing: (cell.states, cell.units)) { $0.normal() }
  }

  func learn(_ cell: OnlineCell, isLast: Bool, into gradient: Buffer) {
    let (n, m, states) = (cell.units, cell.columns, cell.states)
    draws.step("nu", step, to: nu) { $0.sign() }
    step += 1
    Kernels.multiplyRows(b.base, count: n, by: cell.transposedJacobian, n: states, scratch: scratch.base)
    let p0 = (Kernels.norm(b.base, count: n * states) / Kernels.norm(a.base, count: m)).squareRoot()
    let isIdle = cell.isWithoutInfluence
    let p1 =
      isIdle
      ? 1 : (Kernels.norm(cell.immediate.base, count: states) / Kernels.norm(cell.hat.base, count: m)).squareRoot()
    Kernels.blend(a.base, by: nu.base[0] * p0, cell.hat.base, times: isIdle ? 0 : nu.base[1] * p1, count: m)
    Kernels.scale(b.base, by: nu.base[0] / p0, count: n * states)
    for i in 0..<n {
      let row = b.base + i * states
      for k in stride(from: i, to: isIdle ? 0 : states, by: n) { row[k] += nu.base[1] / p1 * cell.immediate.base[k] }
      let signal = Kernels.dot(cell.signal.base, row, count: states)
      Kernels.assign(a.base, times: signal, to: gradient.base + i * m, count: m)
    }
  }
}
