import CBackend
import Conformance
import Foundation
import Networks
import Planning
import Tasks
import Testing
import Toolchains
import Trials

let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

@Test func smoke() async throws {
  for task in BuiltInTasks.all {
    var network = task.network(seed: 1)
    network.optimiser = .init(kind: .factored(clip: 1), learningRate: 0.01, schedule: .linearToZero(trials: 1000))
    let plan = try FixedPlan(network)
    let stimulus = Stimulus(task.trials(seed: 1, count: 3), plan: plan, updates: true)
    let rhythm = DigestRhythm.fitting(plan)
    let target = try Target.named("host-gcc", in: root + "/targets")
    let machine = try await Machine(plan, target: target, in: NSTemporaryDirectory() + "/epropc-\(task.name)")
    let (output, _) = try await machine.run(stimulus.bytes(rhythm: rhythm))
    let model = ModelRun(plan, stimulus, rhythm: rhythm)
    let comparison = compare(output, with: model, plan: plan, stimulus: stimulus, rhythm: rhythm)
    print(task.name, comparison, model.seconds)
    #expect(comparison.bitExact)
  }
}
