import Descriptions
import Diagnostics
import Foundation
import Networks
import Safetensors
import Testing

/// Where the fixtures are, whatever folder the tests are started from.
enum Fixtures {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures").path

  static func valid(_ name: String) -> String { root + "/valid/" + name }
  static func invalid(_ name: String) -> String { root + "/invalid/" + name }

  /// The names of a folder's files with the given ending, without it.
  static func names(in folder: String, ending: String) throws -> Set<String> {
    let files = try FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)
    return Set(files.filter { $0.hasSuffix(ending) }.map { String($0.dropLast(ending.count)) })
  }
}

/// What a call throws; nothing if it returns.
func findings(_ body: () throws(Findings) -> Void) -> [Finding] {
  do throws(Findings) {
    try body()
    return []
  } catch { return error.all }
}

/// Runs the body with a new empty folder, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("input-tests-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// A mixed network that uses most of what a description can say; its recurrent matrix is long enough for a tensor.
func exampleNetwork(convention: Convention = .paper2019) -> SpikingNetwork {
  typealias Network = SpikingNetwork
  let recurrent = (0..<25).map { $0 % 6 == 0 ? 0 : Double($0) / 3 - 4 }
  return Network(
    unchecked: "example", timeStep: 0.1, convention: convention,
    inputs: Network.Inputs(count: 2, kind: .analog(low: -1, high: 0.3), holdSteps: 7),
    populations: [
      Network.Population(
        name: "plain", count: 5, timeConstant: 20, threshold: 0.61, reset: .subtract, refractorySteps: 3,
        adaptation: nil),
      Network.Population(
        name: "slow", count: 2, timeConstant: 17.3, threshold: 0.5, reset: .zero, refractorySteps: 0,
        adaptation: Network.Population.Adaptation(strength: 0.03, timeConstant: 1200)),
    ],
    projections: [
      Network.Projection(
        name: "in_plain", source: .inputs, target: .population(0), weights: (0..<10).map { 1 / Double($0 + 3) },
        isPlastic: true, autapses: false),
      Network.Projection(
        name: "plain_plain", source: .population(0), target: .population(0), weights: recurrent, isPlastic: true,
        autapses: false),
      Network.Projection(
        name: "plain_slow", source: .population(0), target: .population(1),
        weights: (0..<10).map { Double($0) - 4.5 }, isPlastic: false, autapses: false),
      Network.Projection(
        name: "slow_slow", source: .population(1), target: .population(1), weights: [1, 2, 3, -0.0], isPlastic: false,
        autapses: true),
      Network.Projection(
        name: "slow_out", source: .population(1), target: .readout, weights: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
        isPlastic: true, autapses: false),
    ],
    readout: Network.Readout(name: "out", count: 3, timeConstant: 20, bias: [0, -1.5, 1e-300], biasIsPlastic: true),
    loss: .crossEntropy,
    feedback: .fixed((0..<21).map { Double($0) * 0.5 }, origin: "random, seed 3"),
    surrogate: .piecewiseLinear(dampening: 0.3),
    rateRegularisation: Network.RateRegularisation(coefficient: 0.02, target: 10),
    optimiser: Network.Optimiser(
      kind: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), learningRate: 0.003,
      schedule: .stepwise(factor: 0.7, every: 100)),
    maximumSteps: 1000)
}
