import Conformance
import Foundation
import Networks
import Planning
import Tasks
import Testing
import Toolchains
import Trials

/// The top of the package.
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

/// A folder of its own for a test, removed when `body` is done.
func inTemporaryFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let folder = NSTemporaryDirectory() + "/epropc-test-" + UUID().uuidString
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}

/// A built-in task's untrained network, as a device would get it.
func deviceNetwork(_ task: any BuiltInTask, seed: UInt64) -> SpikingNetwork {
  var network = task.network(seed: seed)
  network.optimiser = task.deviceOptimiser
  return network
}

/// The ways of compiling that the tests go through.
struct PlanShape: Sendable, CustomTestStringConvertible {
  var block = PlanOptions.Block.trial
  var bits = 8
  var history = Layout.History.storedSurrogate
  var tile = 8
  /// Bits of a stored ψ.
  var psi = 8
  var isStream = false
  var window: Int?
  /// Bits of Adam's moments; nil: the task's own optimiser, with `second`.
  var adam: Int?
  var second = PlanOptions.SecondMoments.described
  /// What the gradient's cosine to double precision must be, and by how much its length may differ. ψ in fewer bits and
  /// windows are approximations.
  var leastCosine = 0.999
  var lengthTolerance = 0.02

  var testDescription: String {
    "W \(block), int\(bits), \(history), tile \(tile), psi \(psi)\(isStream ? ", stream" : "")\(window.map { ", W' \($0)" } ?? "")"
      + (adam.map { ", adam \($0)" } ?? "") + (second == .described ? "" : ", postsynaptic")
  }

  /// The network with the shape's optimiser.
  func applied(_ network: SpikingNetwork) -> SpikingNetwork {
    guard adam != nil else { return network }
    var network = network
    network.optimiser.kind = .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
    network.optimiser.learningRate = 0.003
    return network
  }

  /// Windows are for plain neurons.
  func suits(_ network: SpikingNetwork) -> Bool {
    window == nil || network.populations.allSatisfy { $0.adaptation == nil }
  }

  var options: PlanOptions {
    var options = PlanOptions()
    options.block = block
    options.weightBits = bits
    options.history = history
    options.tile = tile
    options.surrogateBits = psi
    options.isStream = isStream
    options.window = window
    options.momentBits = adam ?? 16
    options.secondMoments = second
    return options
  }

  static let all = [
    PlanShape(), PlanShape(bits: 16), PlanShape(history: .replay), PlanShape(history: .replay, tile: 1),
    PlanShape(history: .replay, tile: 2), PlanShape(tile: 1), PlanShape(block: .steps(50)),
    PlanShape(block: .steps(50), bits: 16), PlanShape(block: .steps(1)), PlanShape(block: .steps(1), bits: 16),
    PlanShape(block: .steps(50), history: .replay), PlanShape(block: .steps(1), history: .replay),
    PlanShape(block: .steps(50), isStream: true), PlanShape(block: .steps(50), history: .replay, isStream: true),
    PlanShape(block: .steps(1), isStream: true),
    PlanShape(block: .steps(128), isStream: true, window: 64, leastCosine: 0.9997, lengthTolerance: 0.05),
    PlanShape(psi: 4), PlanShape(psi: 1, leastCosine: 0.85, lengthTolerance: 0.4),
    PlanShape(block: .steps(50), psi: 4, isStream: true), PlanShape(bits: 6), PlanShape(bits: 4, history: .replay),
    PlanShape(block: .steps(50), bits: 6),
    PlanShape(second: .postsynaptic), PlanShape(history: .replay, tile: 1, second: .postsynaptic),
    PlanShape(block: .steps(50), bits: 16, second: .postsynaptic),
    PlanShape(adam: 16), PlanShape(adam: 8), PlanShape(bits: 16, history: .replay, tile: 2, adam: 16),
    PlanShape(history: .replay, tile: 1, adam: 8), PlanShape(block: .steps(50), adam: 8),
    PlanShape(block: .steps(1), adam: 16), PlanShape(block: .steps(50), history: .replay, isStream: true, adam: 8),
  ]
}
