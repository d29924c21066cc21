import Foundation
import Networks
import Trials

/// The approximate rules written a second time from their equations, on plain arrays and full tensors M_{k,ij}, with
/// everything that they draw given. Their losses' errors come from the same forward equations.
struct LiteralRun {
  /// One step as the rules see it.
  struct Step {
    var previous: [Double]
    var hat: [Double]
    var drive: [Double]
    var activity: [Double]
    var signal: [Double]
    var target: [Double]
    /// α tanh′(h).
    var slope: [Double]
    /// J[k][l] = ∂a_k/∂a^{t−1}_l.
    var jacobian: [[Double]]
    var input: [Double]
  }

  let network: RateNetwork
  var n: Int { network.population.count }
  var m: Int { n + network.inputs.count + 1 }

  /// W[i] = [W_rec | W_in | b] of unit i.
  var rows: [[Double]] {
    (0..<n).map { i in
      let inputs = network.inputs.count
      return Array(network.projections[1].weights[i * n..<(i + 1) * n])
        + Array(network.projections[0].weights[i * inputs..<(i + 1) * inputs]) + [network.population.bias[i]]
    }
  }

  func next(_ a: [Double], _ x: [Double]) -> (h: [Double], a: [Double]) {
    let hat = a + x + [1]
    let h = rows.map { row in zip(row, hat).reduce(0) { $0 + $1.0 * $1.1 } }
    let alpha = network.population.alpha
    return (h, zip(a, h).map { (1 - alpha) * $0 + alpha * tanh($1) })
  }

  func steps(_ trial: Trial) -> [Step] {
    guard case .analog(let values) = trial.inputs else { return [] }
    let (inputs, outputs, alpha) = (network.inputs.count, network.readout.count, network.population.alpha)
    var a = [Double](repeating: 0, count: n)
    return (0..<trial.steps).map { t in
      let x = Array(values[t * inputs..<(t + 1) * inputs])
      let target = Array(trial.targets[t * outputs..<(t + 1) * outputs])
      let (h, new) = next(a, x)
      let out = network.projections[2].weights
      let y = (0..<outputs).map { k in (0..<n).reduce(network.readout.bias[k]) { $0 + out[k * n + $1] * new[$1] } }
      let sum = y.reduce(0) { $0 + exp($1) }
      let error = (0..<outputs).map {
        network.loss == .crossEntropy ? exp(y[$0]) / sum - target[$0] : y[$0] - target[$0]
      }
      let slope = h.map { alpha / (cosh($0) * cosh($0)) }
      let jacobian = (0..<n).map { k in (0..<n).map { l in slope[k] * rows[k][l] + (k == l ? 1 - alpha : 0) } }
      defer { a = new }
      return Step(
        previous: a, hat: a + x + [1], drive: h, activity: new,
        signal: (0..<n).map { j in (0..<outputs).reduce(0) { $0 + out[$1 * n + j] * error[$1] } }, target: target,
        slope: slope, jacobian: jacobian, input: x)
    }
  }

  /// q M for M[k][i][j].
  func project(_ signal: [Double], _ influence: (Int, Int, Int) -> Double) -> [[Double]] {
    (0..<n).map { i in (0..<m).map { j in (0..<n).reduce(0) { $0 + signal[$1] * influence($1, i, j) } } }
  }

  func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// J x.
  func apply(_ matrix: [[Double]], _ x: [Double]) -> [Double] {
    matrix.map { row in zip(row, x).reduce(0) { $0 + $1.0 * $1.1 } }
  }
}
