/// Real-time recurrent learning: the exact gradient, forwards in time.
///
///     M^t = J^t M^{t−1} + M̄^t           M_{k,ij} = ∂s_k/∂W_ij
///     ∂L^t/∂W_ij = Σ_k q_k M_{k,ij}
///
/// Source: Williams and Zipser, "A learning algorithm for continually running fully recurrent neural networks", Neural
/// Computation 1, 1989; Marschall, Cho and Savin 2020, eqs 5 and 6. Cost O(n⁴), memory O(n³).
///
/// M stands as [ij × k], so that JM is one product of a tall matrix with Jᵀ.
final class RTRL: OnlineLearner {
  private let influence: Buffer
  private let scratch: Buffer

  init(_ sizes: OnlineSizes) {
    influence = Buffer(sizes.units * sizes.columns * sizes.states)
    scratch = Buffer(4 * sizes.states)
  }

  func begin(trial: Int, _ cell: OnlineCell) { influence.fill(0) }

  func learn(_ cell: OnlineCell, isLast: Bool, into gradient: Buffer) {
    let (n, m, states, influence) = (cell.units, cell.columns, cell.states, influence.base)
    Kernels.multiplyRows(influence, count: n * m, by: cell.transposedJacobian, n: states, scratch: scratch.base)
    for i in 0..<n {
      for k in stride(from: i, to: states, by: n) {
        for j in 0..<m { influence[(i * m + j) * states + k] += cell.immediate.base[k] * cell.hat.base[j] }
      }
    }
    for ij in 0..<n * m { gradient.base[ij] = Kernels.dot(cell.signal.base, influence + ij * states, count: states) }
  }
}
