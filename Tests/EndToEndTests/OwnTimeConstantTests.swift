import Conformance
import Diagnostics
import Foundation
import Networks
import Planning
import Tasks
import TestSupport
import Testing
import Toolchains
import Trials

/// Time constants of each neuron and readout through plan, integer model and C.
struct OwnTimeConstantTests {
  enum Feature: String, CaseIterable, Sendable {
    /// τ_m of plain neurons, which all differ; with synaptic currents; with adaptation.
    case plain, currents, adaptive
    /// Four τ_m only.
    case few
    /// Readouts, which cannot be carried from block to block.
    case readouts
  }

  static func network(_ feature: Feature) -> SpikingNetwork {
    var network = deviceNetwork(StoreRecall(), seed: 41)
    for index in network.populations.indices {
      let count = network.populations[index].count
      func spread(_ from: Double, _ to: Double, of kinds: Int) -> PerUnit {
        .each((0..<count).map { from * pow(to / from, Double($0 % kinds) / Double(kinds - 1)) })
      }
      network.populations[index].timeConstant = spread(8, 50, of: feature == .few ? 4 : count)
      if feature == .adaptive {
        network.populations[index].adaptation?.timeConstant = spread(50, 200, of: count)
      } else {
        network.populations[index].adaptation = nil
      }
      guard feature == .currents else { continue }
      network.populations[index].synapticTimeConstant = spread(1.5, 6, of: count)
      for p in network.projections.indices where network.projections[p].target == .population(index) {
        network.projections[p].weights = network.projections[p].weights.map { $0 * 0.4 }
      }
    }
    if feature == .readouts {
      network.readout.timeConstant = .each((0..<network.readout.count).map { 10 + 15 * Double($0) })
    }
    return network
  }

  private static let shapes = [
    PlanShape(), PlanShape(history: .replay, tile: 4), PlanShape(block: .steps(50)), PlanShape(block: .steps(1)),
    PlanShape(block: .steps(20), isStream: true),
    PlanShape(block: .steps(128), isStream: true, window: 256, leastCosine: 0.999, lengthTolerance: 0.05),
  ]

  private static func carries(_ shape: PlanShape) -> Bool { shape.block != .trial && shape.window == nil }

  @Test(arguments: Feature.allCases, shapes)
  func machinesAgreeWithTheModel(_ feature: Feature, _ shape: PlanShape) async throws {
    let network = Self.network(feature)
    guard shape.suits(network), feature != .readouts || !Self.carries(shape) else { return }
    let plan = try FixedPlan(network, options: shape.options)
    let targets = [try Target.named("host-gcc", in: root + "/targets")]
    try await inTemporaryFolder { folder in
      let report = try await Verification(
        network: network, plan: plan, trials: StoreRecall().trials(seed: 3, count: 2), order: [0, 1], targets: targets,
        directory: folder
      ).run()
      #expect(report.machines.count == 1)
      for machine in report.machines {
        #expect(machine.comparison.bitExact, "\(String(describing: machine.comparison.divergence))")
      }
    }
  }

  @Test(arguments: Feature.allCases, shapes)
  func integersAgreeWithDoublePrecision(_ feature: Feature, _ shape: PlanShape) throws {
    var network = Self.network(feature)
    guard shape.suits(network), feature != .readouts || !Self.carries(shape) else { return }
    // Blocks have the rates of the last trial, of which there is none.
    if case .steps = shape.block { network.rateRegularisation = nil }
    let plan = try FixedPlan(network, options: shape.options)
    let drift = FloatDrift(network, plan: plan, trial: StoreRecall().trials(seed: 41, count: 1).trials[0])
    #expect(drift.integerRate > 1, "the neurons fire at \(drift.integerRate) Hz")
    #expect(Double(drift.decisionsDiffering) < 0.003 * Double(drift.decisions))
    for gradient in drift.gradients {
      #expect(gradient.cosine >= shape.leastCosine, "\(gradient.name)")
      #expect(abs(gradient.normRatio - 1) < shape.lengthTolerance, "\(gradient.name): \(gradient.normRatio)")
    }
  }

  /// What a time constant of each neuron costs: two bytes of flash for α, three for a filter, and four of RAM for each way in which
  /// the targets of a source filter, where traces are carried.
  @Test func thePlanSaysWhatItCosts() throws {
    func field(_ name: String, _ fields: [Memory.Field]) -> Int { fields.first { $0.name == name }?.bytes ?? 0 }
    let network = Self.network(.currents)
    let count = network.populations[0].count
    let plan = try FixedPlan(network)
    #expect(field("leak_lif", plan.memory.flash) == 2 * count)
    #expect(field("synaptic_rate_lif", plan.memory.flash) == 2 * count)
    #expect(field("synaptic_shift_lif", plan.memory.flash) == count)
    #expect(field("trace_kind_lif", plan.memory.flash) == 0)
    var options = PlanOptions()
    options.block = .steps(20)
    for (feature, kinds) in [(Feature.currents, count), (.few, 4)] {
      let network = Self.network(feature)
      let carried = try FixedPlan(network, options: options)
      let projection = try #require(carried.projections.first { $0.target == .population(0) && $0.isPlastic })
      #expect(field("trace_\(projection.name)", carried.memory.ram) == 4 * kinds * projection.preCount)
      #expect(field("trace_kind_lif", carried.memory.flash) == count)
    }
  }

  @Test(arguments: [PlanOptions.Block.steps(20), .steps(1)])
  func readoutsOfTheirOwnAreNotCarried(_ block: PlanOptions.Block) throws {
    var options = PlanOptions()
    options.block = block
    for isStream in [false, true] {
      options.isStream = isStream
      do {
        _ = try FixedPlan(Self.network(.readouts), options: options)
        Issue.record("a plan was made")
      } catch {
        #expect(error.all.map(\.id) == ["plan.readout.carry"])
        #expect(error.all[0].help?.contains("--block trial") ?? false)
      }
    }
    options.inferenceOnly = true
    _ = try FixedPlan(Self.network(.readouts), options: options)
  }
}

extension RandomPlanCase {
  /// Decays of each unit, in every form of learning.
  static let ownDecays: [RandomPlanCase] = [
    RandomPlanCase(name: "own decays", seeds: 1...4) { $0.ownDecays = true },
    RandomPlanCase(name: "own decays, inference, currents") {
      ($0.ownDecays, $0.learning, $0.currents) = (true, false, true)
    },
    RandomPlanCase(name: "own decays, currents, replay", seeds: 1...3, history: .replay, tile: 8) {
      ($0.ownDecays, $0.currents) = (true, true)
    },
    RandomPlanCase(name: "own decays, W 1", seeds: 1...3) { ($0.ownDecays, $0.block) = (true, 1) },
    RandomPlanCase(name: "own decays, W 7, currents", seeds: 1...4, tile: 3) {
      ($0.ownDecays, $0.currents, $0.block) = (true, true, 7)
    },
    RandomPlanCase(name: "own decays, W 5, replay, analog, extreme", history: .replay) {
      ($0.ownDecays, $0.block, $0.analog, $0.extreme) = (true, 5, true, true)
    },
    RandomPlanCase(name: "own decays, stream, crowded", seeds: 1...3) {
      ($0.ownDecays, $0.stream, $0.block, $0.roomForEvents) = (true, true, 6, false)
    },
    RandomPlanCase(name: "own decays, stream, replay, currents, immediate", history: .replay) {
      ($0.ownDecays, $0.stream, $0.block, $0.currents, $0.immediate) = (true, true, 6, true, true)
    },
    RandomPlanCase(name: "own decays, window, psi 4", seeds: 1...3) {
      ($0.ownDecays, $0.stream, $0.block, $0.window, $0.surrogateBits) = (true, true, 5, 7, 4)
    },
    RandomPlanCase(name: "own decays, lanes, replay", seeds: 1...3, history: .replay, tile: 8) {
      ($0.ownDecays, $0.lanes, $0.largestCount) = (true, true, 22)
    },
    RandomPlanCase(name: "own decays, armv7e-m", seeds: 1...4, tile: 8, kernels: .armv7em) {
      ($0.ownDecays, $0.lanes) = (true, true)
    },
    RandomPlanCase(name: "own decays, sparse, packed, symmetric", seeds: 1...3, tile: 5) {
      ($0.ownDecays, $0.sparse, $0.packed, $0.symmetric) = (true, true, true, true)
    },
    RandomPlanCase(name: "own decays, many kinds, W 3", tile: 4) {
      ($0.ownDecays, $0.block, $0.populations) = (true, 3, 1)
      ($0.smallestCount, $0.largestCount) = (300, 310)
    },
  ]
}
