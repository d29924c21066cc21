/// The second moment of one projection's gradient, factored into a mean of g² per presynaptic and per postsynaptic
/// neuron: O(neurons) numbers in place of one per synapse. The statistics lag by one trial, so that one pass over the
/// gradient both uses the old and collects the new; the first trial only collects.
///
///     r_i ← r_i + (mean_j g_ji² − r_i) / min(n, 1000)
///     c_j ← c_j + (mean_i g_ji² − c_j) / min(n, 1000)          mean square of synapse ji ≈ r_i c_j / mean_i r
///     w_ji ← w_ji − η · clamp(g_ji / √(r_i c_j / mean r), ±clip)
///
/// Means are over the synapses that exist, and mean r over the sources that have any. A presynaptic neuron without any
/// gradient so far leaves its weights alone. Without rows the mean square of synapse ji is c_j alone.
final class FactoredMoment {
  private let pre: Int
  private let post: Int
  private let clip: Double
  private let usesRows: Bool
  /// How many synapses each presynaptic and each postsynaptic neuron has, at least 1.
  private let rowSizes: [Double]
  private let columnSizes: [Double]
  /// Sources with a synapse.
  private let sources: Int
  /// r and c.
  private var rows: [Double]
  private var columns: [Double]

  /// `mask` says which synapses exist, [post × pre]; nil: all.
  init(pre: Int, post: Int, clip: Double, usesRows: Bool = true, mask: [Bool]? = nil) {
    var (rows, columns) = (Array(repeating: post, count: pre), Array(repeating: pre, count: post))
    if let mask {
      for pair in mask.indices where !mask[pair] {
        rows[pair % pre] -= 1
        columns[pair / pre] -= 1
      }
    }
    sources = rows.count { $0 > 0 }
    rowSizes = rows.map { Double(max(1, $0)) }
    columnSizes = columns.map { Double(max(1, $0)) }
    self.pre = pre
    self.post = post
    self.clip = clip
    self.usesRows = usesRows
    self.rows = Array(repeating: 0, count: pre)
    self.columns = Array(repeating: 0, count: post)
  }

  /// `gradient` and `weights` stand as [pre × post].
  func apply(
    _ gradient: UnsafeMutablePointer<Double>, to weights: UnsafeMutablePointer<Double>, rate: Double, trial: Int
  ) {
    if trial > 1 { step(gradient, weights, rate) }
    collect(gradient, share: 1 / Double(min(trial, 1000)))
  }

  private func step(_ gradient: UnsafeMutablePointer<Double>, _ weights: UnsafeMutablePointer<Double>, _ rate: Double) {
    let mean = rows.reduce(0, +) / Double(max(sources, 1))
    let inverse = columns.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    for i in 0..<pre where rows[i] > 0 {
      let row = usesRows ? (mean / rows[i]).squareRoot() : 1
      for j in 0..<post {
        let ratio = gradient[i * post + j] * inverse[j] * row
        weights[i * post + j] -= rate * min(max(ratio, -clip), clip)
      }
    }
  }

  private func collect(_ gradient: UnsafeMutablePointer<Double>, share: Double) {
    var squares = [Double](repeating: 0, count: post)
    for i in 0..<pre {
      var sum = 0.0
      for j in 0..<post {
        let square = gradient[i * post + j] * gradient[i * post + j]
        sum += square
        squares[j] += square
      }
      rows[i] += (sum / rowSizes[i] - rows[i]) * share
    }
    for j in 0..<post { columns[j] += (squares[j] / columnSizes[j] - columns[j]) * share }
  }
}
