import Conformance
import Foundation
import Networks
import Planning
import Tasks
import Testing
import Toolchains
import Trials

/// The small built-in tasks in every shape of plan. (Sanitizers run in `RandomPlanTests` and in the generated suites.)
struct ConformanceTests {
  static let tasks: [any BuiltInTask & Sendable] = [Blink(), StoreRecall(), PatternGeneration(neurons: 40)]

  @Test(arguments: PlanShape.all)
  func machinesAgreeWithTheModel(_ shape: PlanShape) async throws {
    let targets = try ["host-gcc", "host-clang"].map { try Target.named($0, in: root + "/targets") }
    for task in Self.tasks {
      let network = deviceNetwork(task, seed: 3)
      let plan = try FixedPlan(network, options: shape.options)
      try await inTemporaryFolder { folder in
        let report = try await Verification(
          network: network, plan: plan, trials: task.trials(seed: 3, count: 2), order: [0, 1], targets: targets,
          directory: folder
        ).run()
        for machine in report.machines {
          #expect(
            machine.comparison.bitExact,
            "\(task.name) on \(machine.target) \(machine.variant ?? ""): \(String(describing: machine.comparison.divergence))")
        }
        #expect(report.machines.count == 2)
      }
    }
  }

  /// Both driven by the same spikes and the same quantised weights. Seeds 31 and 32 were used for nothing else.
  @Test(arguments: PlanShape.all)
  func gradientsAgreeWithDoublePrecision(_ shape: PlanShape) throws {
    for task in [StoreRecall(), PatternGeneration(neurons: 100)] as [any BuiltInTask] {
      for seed in [31, 32] as [UInt64] {
        var network = deviceNetwork(task, seed: seed)
        // Blocks shorter than a trial regularise by the rates of the trial before, which the first has not.
        if case .steps = shape.block { network.rateRegularisation = nil }
        let plan = try FixedPlan(network, options: shape.options)
        let drift = FloatDrift(network, plan: plan, trial: task.trials(seed: seed, count: 1).trials[0])
        for gradient in drift.gradients {
          #expect(gradient.cosine >= 0.999, "\(task.name), seed \(seed), \(gradient.name)")
          #expect(abs(gradient.normRatio - 1) < 0.02, "\(task.name), seed \(seed), \(gradient.name)")
        }
        #expect(drift.gradients.count == network.projections.count + 1)
      }
    }
  }
}
