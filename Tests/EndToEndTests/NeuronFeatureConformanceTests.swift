import Conformance
import Foundation
import Networks
import Planning
import Tasks
import Testing
import Toolchains
import Trials

/// Every reset, and bias currents, through plan, integer model and C.
struct NeuronFeatureConformanceTests {
  static let resets = SpikingNetwork.Population.Reset.allCases

  /// Two populations, one of them adaptive, or a narrow one alone.
  private func network(_ task: any BuiltInTask, _ reset: SpikingNetwork.Population.Reset) -> SpikingNetwork {
    var network = deviceNetwork(task, seed: 41)
    for index in network.populations.indices {
      let threshold = network.populations[index].threshold
      network.populations[index].reset = reset
      network.populations[index].resetPotential = .common(reset == .value ? -0.4 * threshold : 0)
      // The first population has none where there are two.
      guard index == network.populations.count - 1 else { continue }
      network.populations[index].bias = (0..<network.populations[index].count).map {
        threshold * (Double($0 % 5) - 1.5) / 150
      }
    }
    return network
  }

  @Test(arguments: resets)
  func machinesAgreeWithTheModel(_ reset: SpikingNetwork.Population.Reset) async throws {
    let targets = [try Target.named("host-gcc", in: root + "/targets")]
    let cases: [(any BuiltInTask, PlanShape)] = [
      (StoreRecall(), PlanShape(history: .replay)), (PatternGeneration(neurons: 24), PlanShape()),
    ]
    for (task, shape) in cases {
      let network = network(task, reset)
      let plan = try FixedPlan(network, options: shape.options)
      try await inTemporaryFolder { folder in
        let report = try await Verification(
          network: network, plan: plan, trials: task.trials(seed: 3, count: 2), order: [0, 1], targets: targets,
          directory: folder
        ).run()
        #expect(report.machines.count == 1)
        for machine in report.machines {
          #expect(
            machine.comparison.bitExact,
            "\(task.name), \(shape.testDescription): \(String(describing: machine.comparison.divergence))")
        }
      }
    }
  }

  /// Driven by the same spikes, the integers stay near the real numbers: the same decisions, and the same gradients.
  @Test(arguments: resets)
  func integersAgreeWithDoublePrecision(_ reset: SpikingNetwork.Population.Reset) throws {
    for task in [StoreRecall(), PatternGeneration(neurons: 100)] as [any BuiltInTask] {
      let network = network(task, reset)
      let plan = try FixedPlan(network, options: PlanShape(bits: 16).options)
      let drift = FloatDrift(network, plan: plan, trial: task.trials(seed: 41, count: 1).trials[0])
      #expect(
        Double(drift.decisionsDiffering) < 0.002 * Double(drift.decisions),
        "\(task.name): \(drift.decisionsDiffering) of \(drift.decisions)")
      for gradient in drift.gradients { #expect(gradient.cosine >= 0.999, "\(task.name), \(gradient.name)") }
    }
  }
}
