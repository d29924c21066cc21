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
      let network = shape.applied(deviceNetwork(task, seed: 3))
      guard shape.suits(network) else { continue }
      let plan = try FixedPlan(network, options: shape.options)
      try await inTemporaryFolder { folder in
        let report = try await Verification(
          network: network, plan: plan, trials: task.trials(seed: 3, count: 2), order: [0, 1], targets: targets,
          directory: folder
        ).run()
        for machine in report.machines {
          #expect(
            machine.comparison.bitExact,
            "\(task.name) on \(machine.target) \(machine.variant ?? ""): \(String(describing: machine.comparison.divergence))"
          )
        }
        #expect(report.machines.count == 2)
      }
    }
  }

  /// A stream of twenty trials' length, which nothing interrupts, and its gradient over five.
  @Test func streamsGoOnForEver() async throws {
    let task = PatternGeneration(neurons: 60)
    var network = deviceNetwork(task, seed: 5)
    var options = PlanOptions()
    (options.block, options.isStream) = (.steps(40), true)
    let plan = try FixedPlan(network, options: options)
    var stimulus = Stimulus(
      task.trials(seed: 5, count: 2), plan: plan, order: (0..<20).map { $0 % 2 }, updates: true)
    (stimulus.resets, stimulus.slices) = (false, 7)
    let rhythm = DigestRhythm.fitting(plan, interval: 50)
    let model = ModelRun(plan, stimulus, rhythm: rhythm)
    try await inTemporaryFolder { folder in
      let machine = try await Machine(plan, target: try Target.named("host-gcc", in: root + "/targets"), in: folder)
      let (output, _) = try await machine.run(stimulus.bytes(rhythm: rhythm))
      let outcome = compare(output, with: model, plan: plan, stimulus: stimulus, rhythm: rhythm)
      #expect(outcome.bitExact, "\(String(describing: outcome.divergence))")
    }
    network.rateRegularisation = nil
    let still = try FixedPlan(network, options: options)
    let drift = FloatDrift(network, plan: still, trial: joined(task.trials(seed: 6, count: 5).trials))
    for gradient in drift.gradients {
      #expect(gradient.cosine >= 0.999 && abs(gradient.normRatio - 1) < 0.02, "\(gradient)")
    }
  }

  /// Steps are numbered modulo 2³².
  @Test(arguments: [Layout.History.storedSurrogate, .replay])
  func streamsGoThroughTheEndOfTheirNumbers(_ history: Layout.History) async throws {
    let task = StoreRecall()
    var options = PlanOptions()
    (options.block, options.isStream, options.history) = (.steps(30), true, history)
    let plan = try FixedPlan(deviceNetwork(task, seed: 5), options: options)
    var stimulus = Stimulus(task.trials(seed: 5, count: 1), plan: plan, updates: true)
    stimulus.resets = false
    let rhythm = DigestRhythm.fitting(plan)
    let first = UInt32.max - 1000
    let model = ModelRun(plan, stimulus, rhythm: rhythm, firstNumber: first)
    try await inTemporaryFolder { folder in
      let machine = try await Machine(plan, target: try Target.named("host-gcc", in: root + "/targets"), in: folder) {
        $0.replacing("net->origin = 0;", with: "net->origin = UINT32_C(\(first));")
          .replacing("net->first = 0;", with: "net->first = UINT32_C(\(first));")
      }
      let (output, _) = try await machine.run(stimulus.bytes(rhythm: rhythm))
      let outcome = compare(output, with: model, plan: plan, stimulus: stimulus, rhythm: rhythm)
      #expect(outcome.bitExact, "\(String(describing: outcome.divergence))")
    }
  }

  /// Trials with spiking inputs, one after the other as one.
  private func joined(_ trials: [Trial]) -> Trial {
    var (steps, targets, train) = (0, [Double](), EventTrain(offsets: [0], sources: []))
    for trial in trials {
      guard case .spikes(let events) = trial.inputs else { continue }
      train.offsets += events.offsets.dropFirst().map { $0 + train.sources.count }
      train.sources += events.sources
      targets += trial.targets
      steps += trial.steps
    }
    return Trial(steps: steps, inputs: .spikes(train), targets: targets, mask: nil)
  }

  /// Both driven by the same spikes and the same quantised weights. Seeds 31 and 32 were used for nothing else.
  @Test(arguments: PlanShape.all)
  func gradientsAgreeWithDoublePrecision(_ shape: PlanShape) throws {
    for task in [StoreRecall(), PatternGeneration(neurons: 100)] as [any BuiltInTask] {
      for seed in [31, 32] as [UInt64] {
        var network = shape.applied(deviceNetwork(task, seed: seed))
        // Blocks shorter than a trial regularise by the rates of the trial before, which the first has not.
        if case .steps = shape.block { network.rateRegularisation = nil }
        guard shape.suits(network) else { continue }
        let plan = try FixedPlan(network, options: shape.options)
        let drift = FloatDrift(network, plan: plan, trial: task.trials(seed: seed, count: 1).trials[0])
        for gradient in drift.gradients {
          let place = "\(task.name), seed \(seed), \(gradient.name): \(gradient.cosine), \(gradient.normRatio)"
          #expect(gradient.cosine >= shape.leastCosine, "\(place)")
          #expect(abs(gradient.normRatio - 1) < shape.lengthTolerance, "\(place)")
        }
        #expect(drift.gradients.count == network.projections.count + 1)
      }
    }
  }
}
