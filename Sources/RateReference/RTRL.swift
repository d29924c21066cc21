/// Real-time recurrent learning: the exact gradient, forwards in time.
///
///     M^t = J^t M^{t−1} + M̄^t           M_{k,ij} = ∂a_k/∂W_ij,  M̄^t_{k,ij} = δ_ki α tanh′(h_i) â_j
///     ∂L^t/∂W_ij = Σ_k q_k M_{k,ij}
///
/// Source: Williams and Zipser, "A learning algorithm for continually running fully recurrent neural networks", Neural
/// Computation 1, 1989; Marschall, Cho and Savin 2020, eqs 5 and 6. Cost O(n⁴), memory O(n³).
///
/// M stands as [ij × k], so that JM is one product of a tall matrix with Jᵀ.
final class RTRL: RateLearner {
  private let influence: Buffer
  private let scratch: Buffer

  init(_ cell: RateCell) {
    influence = Buffer(cell.units * cell.columns * cell.units)
    scratch = Buffer(4 * cell.units)
  }

  func begin(trial: Int, _ cell: RateCell) { influence.fill(0) }

  func learn(_ cell: RateCell, isLast: Bool, into gradient: Buffer) {
    let (n, m, influence) = (cell.units, cell.columns, influence.base)
    Kernels.multiplyRows(influence, count: n * m, by: cell.transposedJacobian, n: n, scratch: scratch.base)
    for i in 0..<n {
      for j in 0..<m { influence[(i * m + j) * n + i] += cell.slope.base[i] * cell.hat.base[j] }
    }
    for ij in 0..<n * m { gradient.base[ij] = Kernels.dot(cell.signal.base, influence + ij * n, count: n) }
  }
}
