import Conformance
import Diagnostics
import Foundation
import Networks
import Planning
import Tasks
import Testing
import Toolchains
import Trials

/// Synaptic currents and projections without a delay through plan, integer model and C.
struct CurrentConformanceTests {
  /// What is asked of both populations of the task.
  enum Feature: String, CaseIterable, Sendable {
    /// Currents of one time constant for all, and of two.
    case shortCurrents, longCurrents, twoCurrents
    /// Spikes of the first population arrive at the second in their own step.
    case immediate
    case everything
  }

  /// Store-recall has adaptive neurons in its second population; with `plain` they are not.
  static func network(_ feature: Feature, plain: Bool = false) -> SpikingNetwork {
    var network = deviceNetwork(StoreRecall(), seed: 41)
    let times: [Double?] =
      switch feature {
      case .shortCurrents: [2, 2]
      case .longCurrents: [30, 30]
      case .twoCurrents, .everything: [nil, 8]
      case .immediate: [nil, nil]
      }
    for index in network.populations.indices {
      network.populations[index].synapticTimeConstant = times[index].map { .common($0) }
      if plain { network.populations[index].adaptation = nil }
      // A current makes of every arrival what 1 / (1 − α_s) of them would be.
      guard let time = times[index] else { continue }
      let scale = 1 - exp(-network.timeStep / time)
      for p in network.projections.indices where network.projections[p].target == .population(index) {
        network.projections[p].weights = network.projections[p].weights.map { $0 * 1.5 * scale }
      }
      network.populations[index].bias = (0..<network.populations[index].count).map {
        network.populations[index].threshold * (Double($0 % 5) - 1.5) / 150 * scale
      }
    }
    guard feature == .immediate || feature == .everything else { return network }
    for p in network.projections.indices
    where network.projections[p].source == .population(0) && network.projections[p].target == .population(1) {
      network.projections[p].delaySteps = 0
    }
    return network
  }

  private static let shapes = [
    PlanShape(history: .replay, tile: 4), PlanShape(block: .steps(50)), PlanShape(block: .steps(50), history: .replay),
    PlanShape(block: .steps(20), isStream: true),
  ]

  @Test(arguments: Feature.allCases, shapes)
  func machinesAgreeWithTheModel(_ feature: Feature, _ shape: PlanShape) async throws {
    let network = Self.network(feature)
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

  /// Driven by the same spikes, the integers stay near the real numbers: the same decisions, and the same gradients.
  @Test(
    arguments: Feature.allCases,
    [
      PlanShape(), PlanShape(bits: 16), PlanShape(block: .steps(50)), PlanShape(block: .steps(1), bits: 16),
      PlanShape(block: .steps(50), isStream: true),
    ])
  func integersAgreeWithDoublePrecision(_ feature: Feature, _ shape: PlanShape) throws {
    for plain in [false, true] {
      var network = Self.network(feature, plain: plain)
      // Blocks have the rates of the last trial, of which there is none.
      if case .steps = shape.block { network.rateRegularisation = nil }
      let plan = try FixedPlan(network, options: shape.options)
      let drift = FloatDrift(network, plan: plan, trial: StoreRecall().trials(seed: 41, count: 1).trials[0])
      #expect(drift.integerRate > 1, "the neurons fire at \(drift.integerRate) Hz")
      #expect(
        Double(drift.decisionsDiffering) < 0.003 * Double(drift.decisions),
        "plain \(plain): \(drift.decisionsDiffering) of \(drift.decisions)")
      for gradient in drift.gradients {
        #expect(gradient.cosine >= shape.leastCosine, "plain \(plain), \(gradient.name)")
        #expect(
          abs(gradient.normRatio - 1) < shape.lengthTolerance, "plain \(plain), \(gradient.name): \(gradient.normRatio)"
        )
      }
    }
  }

  /// A window over a network with a current leaves out what three filters in a row have still to give.
  @Test func aWindowOfAPlainNetworkWithCurrents() throws {
    let network = Self.network(.twoCurrents, plain: true)
    let shape = PlanShape(block: .steps(128), isStream: true, window: 256, leastCosine: 0.999, lengthTolerance: 0.05)
    let plan = try FixedPlan(network, options: shape.options)
    #expect(plan.notes.filter { $0.contains("windowed credit") }.count == 2)
    let drift = FloatDrift(network, plan: plan, trial: StoreRecall().trials(seed: 41, count: 1).trials[0])
    for gradient in drift.gradients { #expect(gradient.cosine >= shape.leastCosine, "\(gradient.name)") }
    let lags = (0..<4000).map { lag in (0...lag).reduce(0.0) { $0 + pow(0.9, Double($1)) * pow(0.8, Double(lag - $1)) }
    }
    let response = lags.indices.map { n in (0...n).reduce(0.0) { $0 + lags[$1] * pow(0.5, Double(n - $1)) } }
    let share = response.dropFirst(21).reduce(0, +) / response.reduce(0, +)
    #expect(abs(creditBeyond(keeps: [0.9, 0.8, 0.5], window: 20, block: 3).largest - share) < 1e-9)
  }

  /// What does not fit is a finding, and nothing else.
  @Test func aCurrentOutOfRangeIsRefused() {
    var network = Self.network(.longCurrents)
    for index in network.populations.indices { network.populations[index].synapticTimeConstant = 1e7 }
    network.maximumSteps = 60000
    for index in network.projections.indices { network.projections[index].weights[0] = 1e4 }
    do {
      _ = try FixedPlan(network)
      Issue.record("a plan was made")
    } catch {
      #expect(Set(error.all.map(\.id)).contains("plan.current.range"), "\(error.all.map(\.id))")
    }
  }
}
