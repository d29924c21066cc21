import Networks
import OnlineRules

/// Turns a gradient into a change of the weights, after every step (g the gradient, η the scheduled learning rate of update
/// n = 1, 2, …):
///
///     SGD        w ← w − η g
///     momentum   m ← μ m + g,                w ← w − η m
///     Adam       m ← β₁ m + (1 − β₁) g,      u ← β₂ u + (1 − β₂) g²
///                w ← w − η (m / (1 − β₁ⁿ)) / (√(u / (1 − β₂ⁿ)) + ε)
///
/// Weights that are not plastic stay as they are.
final class RateUpdate {
  private let optimiser: SpikingNetwork.Optimiser
  private let mask: RateMask
  private let first: RateParameters?
  private let second: RateParameters?
  private let scratch: RateParameters
  private var count = 0
  private var power1 = 1.0
  private var power2 = 1.0

  /// - Precondition: the rules have let the optimiser pass: it is not factored.
  init(_ network: RateNetwork) {
    optimiser = network.optimiser
    mask = RateMask(plasticOf: network)
    scratch = RateParameters(shapedLike: network)
    switch network.optimiser.kind {
    case .sgd, .factored, .postsynaptic: (first, second) = (nil, nil)
    case .momentum: (first, second) = (RateParameters(shapedLike: network), nil)
    case .adam: (first, second) = (RateParameters(shapedLike: network), RateParameters(shapedLike: network))
    }
  }

  func apply(_ gradient: RateParameters, to weights: RateParameters) {
    count += 1
    let rate = optimiser.learningRate(trial: count)
    scratch.recurrent.copy(gradient.recurrent)
    scratch.output.copy(gradient.output)
    mask.apply(to: scratch)
    if case .adam(let beta1, let beta2, _) = optimiser.kind { (power1, power2) = (power1 * beta1, power2 * beta2) }
    move(weights.recurrent, scratch.recurrent, first?.recurrent, second?.recurrent, rate)
    move(weights.output, scratch.output, first?.output, second?.output, rate)
  }

  private func move(_ weights: Buffer, _ gradient: Buffer, _ first: Buffer?, _ second: Buffer?, _ rate: Double) {
    let (w, g, count) = (weights.base, gradient.base, weights.count)
    switch optimiser.kind {
    case .sgd, .factored, .postsynaptic: Kernels.add(g, times: -rate, to: w, count: count)
    case .momentum(let decay):
      guard let m = first?.base else { return }
      Kernels.blend(m, by: decay, g, times: 1, count: count)
      Kernels.add(m, times: -rate, to: w, count: count)
    case .adam(let beta1, let beta2, let epsilon):
      guard let m = first?.base, let u = second?.base else { return }
      for j in 0..<count {
        m[j] = beta1 * m[j] + (1 - beta1) * g[j]
        u[j] = beta2 * u[j] + (1 - beta2) * g[j] * g[j]
        w[j] -= rate * (m[j] / (1 - power1)) / ((u[j] / (1 - power2)).squareRoot() + epsilon)
      }
    }
  }
}

/// Which entries of W and [W_out | b_out] there are, or are plastic.
final class RateMask {
  private let zeros: (recurrent: [Int], output: [Int])

  /// 0 where no projection is, and on a diagonal without autapses.
  init(existingOf network: RateNetwork) { zeros = Self.zeros(network) { _ in true } }

  /// 0 there, and where learning changes nothing.
  init(plasticOf network: RateNetwork) {
    var zeros = Self.zeros(network) { $0.isPlastic }
    let (n, m) = (network.population.count, network.population.count + network.inputs.count + 1)
    if !network.population.biasIsPlastic { zeros.recurrent += (0..<n).map { $0 * m + m - 1 } }
    if !network.readout.biasIsPlastic { zeros.output += (0..<network.readout.count).map { $0 * (n + 1) + n } }
    self.zeros = zeros
  }

  func apply(to parameters: RateParameters) {
    for index in zeros.recurrent { parameters.recurrent.base[index] = 0 }
    for index in zeros.output { parameters.output.base[index] = 0 }
  }

  private static func zeros(
    _ network: RateNetwork, keeping: (RateNetwork.Projection) -> Bool
  ) -> (recurrent: [Int], output: [Int]) {
    let (n, inputs) = (network.population.count, network.inputs.count)
    let m = n + inputs + 1
    func isKept(_ role: RateNetwork.Role) -> Bool { network.projection(role).map(keeping) ?? false }
    var recurrent: [Int] = []
    let autapses = network.projection(.recurrent)?.autapses ?? false
    for i in 0..<n {
      if !isKept(.recurrent) {
        recurrent += (0..<n).map { i * m + $0 }
      } else if !autapses {
        recurrent.append(i * m + i)
      }
      if !isKept(.input) { recurrent += (0..<inputs).map { i * m + n + $0 } }
    }
    let rows = isKept(.output) ? [] : (0..<network.readout.count).flatMap { k in (0..<n).map { k * (n + 1) + $0 } }
    return (recurrent, rows)
  }
}
