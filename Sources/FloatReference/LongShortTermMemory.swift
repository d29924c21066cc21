import Foundation

/// A network of long short-term memory units with leaky readouts, for the reference alone: no description has one.
///
/// With p^t = concat(x^t, h^{t−1}, 1) and a weight matrix for each of the four gates:
///
///     c̃^t = tanh(W_c p^t),  i^t = σ(W_i p^t),  f^t = σ(W_f p^t),  o^t = σ(W_o p^t)
///     c^t = f^t c^{t−1} + i^t c̃^t,   h^t = o^t φ(c^t)
///     y^t = κ y^{t−1} + W_out h^t,    E = ½ Σ_t Σ_k (y − y*)²
///
/// e-prop 1 keeps, of the derivative of c, what passes within the unit: ∂c^t/∂c^{t−1} = f^t. Then
///
///     ε_c^t = f^t ε_c^{t−1} + i^t (1 − c̃²) p^t          e_c = o^t φ'(c^t) ε_c
///     ε_i^t = f^t ε_i^{t−1} + c̃^t i^t (1 − i^t) p^t      e_i = o^t φ'(c^t) ε_i
///     ε_f^t = f^t ε_f^{t−1} + c^{t−1} f^t (1 − f^t) p^t   e_f = o^t φ'(c^t) ε_f
///                                                          e_o = φ(c^t) o^t (1 − o^t) p^t
///     ē^t = κ ē^{t−1} + e^t,   g_ji = Σ_t (Σ_k B_jk err_k^t) ē_ji^t
///
/// Source: Hochreiter and Schmidhuber, "Long short-term memory" (1997), with the forget gate of Gers et al. (2000); the
/// traces after Bellec, Scherr et al., arXiv 1901.09049 (2019), eqs 31–40. Cost: O(n²) per step. Memory: O(n²) for traces;
/// backpropagation O(n² + n T). φ(c) = c is the paper's unit; two public implementations of the rule (after Hoyer, Eivazi and
/// Otte, "Efficient LSTM Training with Eligibility Traces", 2022) have the same traces.
public struct LongShortTermMemory: Sendable, Hashable {
  /// In the order of `weights`.
  public enum Gate: Int, Sendable, Hashable, CaseIterable { case candidate, input, forget, output }

  /// φ.
  public enum CellOutput: Sendable, Hashable {
    /// φ(c) = c.
    case identity
    /// φ(c) = tanh c.
    case tanh
  }

  public var inputCount: Int
  public var unitCount: Int
  public var outputCount: Int
  public var cellOutput: CellOutput
  /// κ, from 0 (no leak: each step's readout stands alone) to below 1.
  public var readoutDecay: Double
  /// One matrix per gate, [units × (inputs + units + 1)], row major: from inputs, from units, the bias.
  public var weights: [[Double]]
  /// W_out, [outputs × units], row major.
  public var readout: [Double]

  public init(
    inputCount: Int, unitCount: Int, outputCount: Int, cellOutput: CellOutput, readoutDecay: Double,
    weights: [[Double]], readout: [Double]
  ) {
    self.inputCount = inputCount
    self.unitCount = unitCount
    self.outputCount = outputCount
    self.cellOutput = cellOutput
    self.readoutDecay = readoutDecay
    self.weights = weights
    self.readout = readout
  }

  /// The number of columns of a gate's weights.
  public var sourceCount: Int { inputCount + unitCount + 1 }

  /// The derivative of E by every weight, shaped like the weights.
  public struct Gradients: Sendable, Hashable {
    public var weights: [[Double]]
    public var readout: [Double]
  }

  /// E of a sequence: x is [steps × inputs], y* [steps × outputs], row major.
  public func loss(_ inputs: [Double], targets: [Double]) -> Double {
    run(inputs, targets: targets).reduce(0) { sum, step in sum + step.errors.reduce(0) { $0 + $1 * $1 / 2 } }
  }

  /// e-prop 1.
  ///
  /// - Parameter feedback: B, [units × outputs], row major; nil: W_outᵀ.
  public func ePropGradients(_ inputs: [Double], targets: [Double], feedback: [Double]? = nil) -> Gradients {
    var gradients = zeros
    var vectors = zeros.weights
    var filtered = zeros.weights
    var hidden = [Double](repeating: 0, count: unitCount)
    for step in run(inputs, targets: targets) {
      addReadout(step, &hidden, &gradients)
      for j in 0..<unitCount {
        let signal = (0..<outputCount).reduce(0) { sum, k in
          sum + (feedback?[j * outputCount + k] ?? readout[k * unitCount + j]) * step.errors[k]
        }
        let slopes = step.slopes(j)
        let passed = step.gate(.output, j) * derivative(step.cell[j])
        for gate in Gate.allCases {
          for source in 0..<sourceCount {
            let (index, p) = (j * sourceCount + source, step.sources[source])
            let decay = gate == .output ? 0 : step.gate(.forget, j)
            vectors[gate.rawValue][index] = decay * vectors[gate.rawValue][index] + slopes[gate.rawValue] * p
            let e = (gate == .output ? value(step.cell[j]) : passed) * vectors[gate.rawValue][index]
            filtered[gate.rawValue][index] = readoutDecay * filtered[gate.rawValue][index] + e
            gradients.weights[gate.rawValue][index] += signal * filtered[gate.rawValue][index]
          }
        }
      }
    }
    return gradients
  }

  /// Backpropagation through time: the gradient of E.
  public func gradients(_ inputs: [Double], targets: [Double]) -> Gradients {
    var gradients = zeros
    var hidden = [Double](repeating: 0, count: unitCount)
    let steps = run(inputs, targets: targets)
    for step in steps { addReadout(step, &hidden, &gradients) }
    var errors = [Double](repeating: 0, count: outputCount)
    var behindHidden = hidden.map { _ in 0.0 }
    var behindCell = behindHidden
    for step in steps.reversed() {
      for k in 0..<outputCount { errors[k] = readoutDecay * errors[k] + step.errors[k] }
      var earlier = [Double](repeating: 0, count: unitCount)
      for j in 0..<unitCount {
        let slope = behindHidden[j] + (0..<outputCount).reduce(0) { $0 + readout[$1 * unitCount + j] * errors[$1] }
        let cell = behindCell[j] + slope * step.gate(.output, j) * derivative(step.cell[j])
        behindCell[j] = cell * step.gate(.forget, j)
        let slopes = step.slopes(j)
        for gate in Gate.allCases {
          let drive = (gate == .output ? slope * value(step.cell[j]) : cell) * slopes[gate.rawValue]
          for source in 0..<sourceCount {
            gradients.weights[gate.rawValue][j * sourceCount + source] += drive * step.sources[source]
          }
          for i in 0..<unitCount { earlier[i] += drive * weights[gate.rawValue][j * sourceCount + inputCount + i] }
        }
      }
      behindHidden = earlier
    }
    return gradients
  }

  /// One step as it ran.
  private struct Step {
    /// p.
    var sources: [Double]
    /// c̃, i, f and o.
    var gates: [[Double]]
    var cell: [Double]
    var previousCell: [Double]
    var hidden: [Double]
    var errors: [Double]

    func gate(_ gate: Gate, _ unit: Int) -> Double { gates[gate.rawValue][unit] }

    /// ∂c/∂(W p) for the first three gates, and ∂o/∂(W p).
    func slopes(_ j: Int) -> [Double] {
      let (candidate, input, forget, output) = (gates[0][j], gates[1][j], gates[2][j], gates[3][j])
      return [
        input * (1 - candidate * candidate), candidate * input * (1 - input), previousCell[j] * forget * (1 - forget),
        output * (1 - output),
      ]
    }
  }

  private func run(_ inputs: [Double], targets: [Double]) -> [Step] {
    var (cell, hidden) = ([Double](repeating: 0, count: unitCount), [Double](repeating: 0, count: unitCount))
    var y = [Double](repeating: 0, count: outputCount)
    return (0..<targets.count / outputCount).map { t in
      let sources = inputs[t * inputCount..<(t + 1) * inputCount] + hidden + [1]
      let p = Array(sources)
      let gates = Gate.allCases.map { gate in
        (0..<unitCount).map { j -> Double in
          let drive = p.indices.reduce(0) { $0 + weights[gate.rawValue][j * sourceCount + $1] * p[$1] }
          return gate == .candidate ? Foundation.tanh(drive) : 1 / (1 + exp(-drive))
        }
      }
      let previous = cell
      for j in 0..<unitCount {
        cell[j] = gates[2][j] * previous[j] + gates[1][j] * gates[0][j]
        hidden[j] = gates[3][j] * value(cell[j])
      }
      for k in 0..<outputCount {
        y[k] = readoutDecay * y[k] + (0..<unitCount).reduce(0) { $0 + readout[k * unitCount + $1] * hidden[$1] }
      }
      let errors = (0..<outputCount).map { y[$0] - targets[t * outputCount + $0] }
      return Step(sources: p, gates: gates, cell: cell, previousCell: previous, hidden: hidden, errors: errors)
    }
  }

  /// err_k times the κ-filtered h.
  private func addReadout(_ step: Step, _ filtered: inout [Double], _ gradients: inout Gradients) {
    for j in 0..<unitCount {
      filtered[j] = readoutDecay * filtered[j] + step.hidden[j]
      for k in 0..<outputCount { gradients.readout[k * unitCount + j] += step.errors[k] * filtered[j] }
    }
  }

  private var zeros: Gradients {
    Gradients(weights: weights.map { $0.map { _ in 0 } }, readout: readout.map { _ in 0 })
  }

  private func value(_ cell: Double) -> Double { cellOutput == .identity ? cell : Foundation.tanh(cell) }

  private func derivative(_ cell: Double) -> Double {
    guard cellOutput == .tanh else { return 1 }
    let output = Foundation.tanh(cell)
    return 1 - output * output
  }
}
