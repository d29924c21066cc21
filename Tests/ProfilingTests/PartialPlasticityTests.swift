import Networks
import Planning
import Profiling
import Tasks
import Testing
import Toolchains

/// Frozen projections cost flash and no RAM; where the readout alone learns, nothing is kept for sweeps.
@Suite(.serialized) struct PartialPlasticityTests {
  private func network(plastic: (SpikingNetwork.Projection) -> Bool) throws -> SpikingNetwork {
    var network = try AlternativesTests.network()
    for index in network.projections.indices {
      network.projections[index].isPlastic = plastic(network.projections[index])
    }
    return network
  }

  private func plan(
    block: PlanOptions.Block = .trial, history: Layout.History = .storedSurrogate,
    plastic: (SpikingNetwork.Projection) -> Bool
  ) throws -> FixedPlan {
    var options = PlanOptions()
    (options.block, options.history) = (block, history)
    return try FixedPlan(try network(plastic: plastic), options: options)
  }

  private func names(_ plan: FixedPlan) -> Set<String> { Set(plan.memory.ram.map(\.name)) }

  /// Freezing one projection takes exactly its weights, moments and scratch out of RAM, and leaves its flash.
  @Test func aFrozenProjectionCostsNoRAM() throws {
    let whole = try plan { _ in true }
    for frozen in whole.projections {
      let part = try plan { $0.name != frozen.name }
      let left = part.memory.ram.filter { $0.name.hasSuffix("_\(frozen.name)") }
      #expect(left.isEmpty, "\(left.map(\.name))")
      let saved = whole.memory.ram.reduce(0) { $0 + $1.bytes } - part.memory.ram.reduce(0) { $0 + $1.bytes }
      let own = whole.memory.ram.filter { $0.name.hasSuffix("_\(frozen.name)") }.reduce(0) { $0 + $1.bytes }
      #expect(saved >= own)
      #expect(SynapseBytes(part, part.memory).frozenCount == whole.synapseCount(frozen))
      #expect(part.memory.flash.contains { $0.name == "initial_\(frozen.name)" && $0.bytes == frozen.weights.count })
    }
  }

  @Test(arguments: [PlanOptions.Block.trial, .steps(50)])
  func theReadoutAlone(_ block: PlanOptions.Block) throws {
    let plan = try plan(block: block) { $0.target == .readout }
    let ram = names(plan)
    #expect(ram.isDisjoint(with: ["psi", "sigma", "input_events", "input_end", "input_start", "input_times"]))
    #expect(ram.isSuperset(of: ["record", "error"]))
    #expect(!plan.memory.flash.contains { $0.name == "feedback" })
    let whole = try self.plan(block: block) { _ in true }
    #expect(plan.memory.structBytes * 2 < whole.memory.structBytes)
  }

  /// Frozen input weights need no record of the inputs, unless the neurons that they drive are replayed.
  @Test func frozenInputs() throws {
    let stored = names(try plan { $0.source != .inputs })
    #expect(stored.isDisjoint(with: ["input_events", "input_end", "input_start", "input_times"]))
    #expect(stored.isSuperset(of: ["psi", "delta", "record"]))
    let replayed = names(try plan(history: .replay) { $0.source != .inputs })
    #expect(replayed.isSuperset(of: ["input_events", "input_end"]))
  }

  @Test(arguments: [PlanOptions.Block.trial, .steps(50)], [true, false])
  func objectsAgree(_ block: PlanOptions.Block, readoutAlone: Bool) async throws {
    let plan = readoutAlone ? try readoutPlan(block) : try plan(block: block) { $0.source != .inputs }
    try await expectAgreement(plan)
  }

  private func readoutPlan(_ block: PlanOptions.Block) throws -> FixedPlan {
    try plan(block: block) { $0.target == .readout }
  }

  private func expectAgreement(_ plan: FixedPlan) async throws {
    guard let target = try await Targets.ready("host-gcc") else { return }
    let found = try await withFolder { try await measure(plan, on: target, in: $0) }
    #expect(found.differences(from: plan.memory) == [])
  }
}
