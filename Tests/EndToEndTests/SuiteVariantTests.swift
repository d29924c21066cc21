import Conformance
import Foundation
import Networks
import Planning
import Testing
import Toolchains

/// Suites of networks and plans of every shape compile as strictly as those that are checked in, and pass.
@Suite struct SuiteVariantTests {
  enum Shape: String, CaseIterable, Sendable {
    case inferenceOnly, stepByStep, blocks, blocksOfTheirOwn, wide, replayed, analog, analogInference, held, symmetric
    case stream, window, replayedStream, replayedBlocks, narrow, narrowest, small, readoutAlone, postsynaptic, adam,
      adamByBlocks
    case synaptic, synapticBlocks, immediate, ownTimes, ownTimesBlocks
    case sixBits, fourBits, sparse, sparseReplayed, sparseSmall, sparseBlocks, sparseSixBits, sparsePostsynaptic
    case sparseHeldSixBits, sparseAdamSixBits
  }

  @Test(arguments: Shape.allCases) func passes(shape: Shape) async throws {
    var network = try SpikingNetwork.read(path: "\(root)/Generated/store_recall/network.json")
    network.name = "shape"
    network.maximumSteps = 300
    var options = PlanOptions()
    switch shape {
    case .inferenceOnly: options.inferenceOnly = true
    case .stepByStep: options.block = .steps(1)
    case .blocks: options.block = .steps(50)
    case .blocksOfTheirOwn:
      options.block = .steps(64)
      options.updateTime = .block
    case .wide: options.weightBits = 16
    case .replayed: options.history = .replay
    case .analog: network.inputs.kind = .analog(low: -1, high: 1)
    case .analogInference:
      network.inputs.kind = .analog(low: -1, high: 1)
      options.inferenceOnly = true
    case .held:
      network.inputs.kind = .analog(low: -1, high: 1)
      network.inputs.holdSteps = 5
      options.history = .replay
    case .symmetric: network.feedback = .symmetric
    case .sixBits: options.weightBits = 6
    case .fourBits: (options.weightBits, options.block) = (4, .steps(50))
    case .sparse: network.prune(to: 0.2, seed: 1)
    case .sparseReplayed:
      network.prune(to: 0.2, seed: 2)
      network.projections[0].isPlastic = false
      options.history = .replay
    case .sparseSmall:
      network.prune(to: 0.3, seed: 3)
      options.tile = 2
    case .sparseBlocks:
      network.prune(to: 0.3, seed: 4)
      options.block = .steps(40)
    case .sparsePostsynaptic:
      network.prune(to: 0.3, seed: 6)
      (options.secondMoments, options.history) = (.postsynaptic, .replay)
    case .sparseAdamSixBits:
      network.prune(to: 0.4, seed: 8)
      network.optimiser.kind = .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
      (options.weightBits, options.momentBits) = (6, 8)
    case .sparseHeldSixBits:
      network.prune(to: 0.6, seed: 7)
      network.inputs.kind = .analog(low: -1, high: 1)
      network.inputs.holdSteps = 5
      (options.weightBits, options.history) = (6, .replay)
    case .sparseSixBits:
      network.prune(to: 0.5, seed: 5)
      options.weightBits = 6
    case .small:
      (options.history, options.tile) = (.replay, 1)
    case .postsynaptic: options.secondMoments = .postsynaptic
    case .adam:
      network.optimiser.kind = .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
      options.momentBits = 8
    case .adamByBlocks:
      network.optimiser.kind = .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
      (options.block, options.updateSteps) = (.steps(20), 100)
    case .synaptic, .synapticBlocks:
      for index in network.populations.indices { network.populations[index].synapticTimeConstant = 5 }
      network.populations[0].bias = [Double](repeating: 0.001, count: network.populations[0].count)
      (options.history, options.block) = shape == .synaptic ? (.replay, .trial) : (.storedSurrogate, .steps(50))
    case .ownTimes, .ownTimesBlocks:
      for index in network.populations.indices {
        let count = network.populations[index].count
        network.populations[index].timeConstant = .each((0..<count).map { 10 + 30 * Double($0) / Double(count) })
        network.populations[index].adaptation?.timeConstant = .each((0..<count).map { 60 + Double($0) })
      }
      network.populations[0].synapticTimeConstant = .each((0..<network.populations[0].count).map { 2 + Double($0 % 7) })
      (options.history, options.block) = shape == .ownTimes ? (.replay, .trial) : (.storedSurrogate, .steps(50))
    case .immediate:
      for index in network.projections.indices {
        if case (.population(let from), .population(let to)) = (
          network.projections[index].source, network.projections[index].target
        ),
          from < to
        {
          network.projections[index].delaySteps = 0
        }
      }
    case .readoutAlone:
      for index in network.projections.indices {
        network.projections[index].isPlastic = network.projections[index].target == .readout
      }
    case .stream: (options.block, options.isStream) = (.steps(40), true)
    case .replayedStream: (options.block, options.isStream, options.history) = (.steps(40), true, .replay)
    case .replayedBlocks: (options.block, options.history) = (.steps(40), .replay)
    case .narrow: options.surrogateBits = 4
    case .narrowest: (options.surrogateBits, options.block) = (1, .steps(40))
    case .window:
      (options.block, options.isStream, options.window) = (.steps(40), true, 30)
      for index in network.populations.indices { network.populations[index].adaptation = nil }
    }
    let plan = try FixedPlan(network, options: options)
    let files = try generatedFiles(network: network, plan: plan)
    let folder = FileManager.default.temporaryDirectory.appending(path: "epropc-shape-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let result = try await runSuite(
      of: "shape", files: files, target: try Target.named("host-gcc", in: root + "/targets"),
      options: BuildOptions(optimisation: "-O1", variant: "sanitized"), in: folder)
    #expect(result.passed, "\(result.failed)")
  }
}
