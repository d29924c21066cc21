import Foundation
import Networks

/// A rate network that runs on its own, for tasks whose targets are one's outputs.
struct RateModel {
  private let network: RateNetwork
  private let input: [Double]
  private let recurrent: [Double]
  private let output: [Double]
  private var activity: [Double]

  init(_ network: RateNetwork) {
    self.network = network
    func weights(_ role: RateNetwork.Role) -> [Double] { network.projection(role)?.weights ?? [] }
    (input, recurrent, output) = (weights(.input), weights(.recurrent), weights(.output))
    activity = [Double](repeating: 0, count: network.population.count)
  }

  /// y^t for the inputs that are 1.
  mutating func step(_ fired: [Int]) -> [Double] {
    let (n, inputs, alpha) = (activity.count, network.inputs.count, network.population.alpha)
    let before = activity
    for i in 0..<n {
      var h = network.population.bias[i]
      for j in 0..<n { h += recurrent[i * n + j] * before[j] }
      for j in fired { h += input[i * inputs + j] }
      activity[i] = (1 - alpha) * before[i] + alpha * tanh(h)
    }
    return (0..<network.readout.count).map { k in
      (0..<n).reduce(network.readout.bias[k]) { $0 + output[k * n + $1] * activity[$1] }
    }
  }
}
