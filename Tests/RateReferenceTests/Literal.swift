import Foundation
import Networks
import Randomness
import Trials

/// The equations written out on arrays, apart from everything that the module does: a network, its forward run, and the
/// derivative of its loss along a direction.
struct Literal {
  var network: RateNetwork

  /// A small network with everything in it that can go wrong: biases, a leak, all weights different.
  static func network(
    units n: Int = 5, inputs: Int = 2, outputs: Int = 3, alpha: Double = 0.6, loss: SpikingNetwork.Loss = .crossEntropy,
    autapses: Bool = true, seed: UInt64 = 3
  ) -> RateNetwork {
    var generator = SplitMix64(seed: seed, stream: "literal network")
    func normals(_ count: Int, _ scale: Double) -> [Double] { (0..<count).map { _ in scale * generator.normal() } }
    var recurrent = normals(n * n, 1 / Double(n).squareRoot())
    if !autapses { for i in 0..<n { recurrent[i * n + i] = 0 } }
    return RateNetwork(
      unchecked: "literal", inputs: .init(count: inputs, kind: .analog(low: -4, high: 4)),
      population: .init(name: "units", count: n, alpha: alpha, bias: normals(n, 0.3), biasIsPlastic: true),
      projections: [
        .init(
          name: "input", source: .inputs, target: .population(0), weights: normals(n * inputs, 0.8), isPlastic: true,
          autapses: false),
        .init(
          name: "recurrent", source: .population(0), target: .population(0), weights: recurrent, isPlastic: true,
          autapses: autapses),
        .init(
          name: "output", source: .population(0), target: .readout, weights: normals(outputs * n, 0.7),
          isPlastic: true, autapses: false),
      ], readout: .init(name: "y", count: outputs, bias: normals(outputs, 0.2), biasIsPlastic: true), loss: loss,
      feedback: .symmetric, optimiser: .init(kind: .sgd, learningRate: 0.05, schedule: .constant), maximumSteps: 1000)
  }

  /// A trial with targets that are chances, and a mask.
  static func trial(
    steps: Int, for network: RateNetwork, masked: Bool = false, seed: UInt64 = 4
  ) -> Trial {
    var generator = SplitMix64(seed: seed, stream: "literal trial")
    let outputs = network.readout.count
    let inputs = (0..<steps * network.inputs.count).map { _ in max(-4, min(4, generator.normal())) }
    let targets = (0..<steps).flatMap { _ -> [Double] in
      let raw = (0..<outputs).map { _ in generator.uniform() + 0.01 }
      let sum = raw.reduce(0, +)
      return raw.map { $0 / sum }
    }
    return Trial(
      steps: steps, inputs: .analog(inputs), targets: targets,
      mask: masked ? (0..<steps).map { _ in generator.uniform() < 0.6 } : nil)
  }

  /// The parameters in one row: W_in, W_rec, W_out, b, b_out.
  var parameters: [Double] {
    get { network.projections.flatMap(\.weights) + network.population.bias + network.readout.bias }
    set {
      var rest = newValue[...]
      func take(_ count: Int) -> [Double] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
      }
      for index in network.projections.indices {
        network.projections[index].weights = take(network.projections[index].weights.count)
      }
      network.population.bias = take(network.population.bias.count)
      network.readout.bias = take(network.readout.bias.count)
    }
  }

  /// L^t of every step and, for a direction d of the parameters, ∂L^t/∂d: forward-mode differentiation, by carrying
  /// the tangent of every number along.
  func losses(_ trial: Trial, along d: [Double]) -> [(value: Double, tangent: Double)] {
    var moved = self
    moved.parameters = d
    let tangent = moved.network
    let n = network.population.count
    var (a, da) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    guard case .analog(let x) = trial.inputs else { return [] }
    return (0..<trial.steps).map { t in
      let input = Array(x[t * network.inputs.count..<(t + 1) * network.inputs.count])
      (a, da) = step(tangent, a, da, input)
      let outputs = network.readout.count
      var (y, dy) = ([Double](), [Double]())
      for k in 0..<outputs {
        var (sum, slope) = (network.readout.bias[k], tangent.readout.bias[k])
        for j in 0..<n {
          sum += network.projections[2].weights[k * n + j] * a[j]
          slope += network.projections[2].weights[k * n + j] * da[j] + tangent.projections[2].weights[k * n + j] * a[j]
        }
        y.append(sum)
        dy.append(slope)
      }
      guard trial.mask?[t] ?? true else { return (0, 0) }
      return loss(y, dy, Array(trial.targets[t * outputs..<(t + 1) * outputs]))
    }
  }

  private func step(
    _ tangent: RateNetwork, _ a: [Double], _ da: [Double], _ x: [Double]
  ) -> (a: [Double], da: [Double]) {
    let (n, alpha) = (a.count, network.population.alpha)
    var (next, slope) = (a, da)
    for i in 0..<n {
      var (h, dh) = (network.population.bias[i], tangent.population.bias[i])
      for j in x.indices {
        h += network.projections[0].weights[i * x.count + j] * x[j]
        dh += tangent.projections[0].weights[i * x.count + j] * x[j]
      }
      for j in 0..<n {
        h += network.projections[1].weights[i * n + j] * a[j]
        dh += network.projections[1].weights[i * n + j] * da[j] + tangent.projections[1].weights[i * n + j] * a[j]
      }
      next[i] = (1 - alpha) * a[i] + alpha * tanh(h)
      slope[i] = (1 - alpha) * da[i] + alpha * dh / (cosh(h) * cosh(h))
    }
    return (next, slope)
  }

  private func loss(_ y: [Double], _ dy: [Double], _ target: [Double]) -> (value: Double, tangent: Double) {
    var (value, tangent) = (0.0, 0.0)
    switch network.loss {
    case .squaredError:
      for k in y.indices {
        value += (y[k] - target[k]) * (y[k] - target[k]) / 2
        tangent += (y[k] - target[k]) * dy[k]
      }
    case .crossEntropy:
      let sum = y.reduce(0) { $0 + exp($1) }
      for k in y.indices {
        value -= target[k] * (y[k] - log(sum))
        tangent += (exp(y[k]) / sum - target[k]) * dy[k]
      }
    }
    return (value, tangent)
  }
}
