import CBackend
import Conformance
import Foundation
import IntegerModel
import Networks
import Planning
import Tasks
import Testing
import Toolchains
import Trials

@Test func learns() async throws {
  let env = ProcessInfo.processInfo.environment
  let seeds = (env["SEEDS"] ?? "21").split(separator: ",").map { UInt64($0)! }
  let task = PatternGeneration()
  for seed in seeds {
    var network = task.network(seed: seed)
    network.optimiser = .init(kind: .factored(clip: Double(env["CLIP"] ?? "1")!), learningRate: Double(env["LR"] ?? "0.01")!, schedule: .linearToZero(trials: 1000))
    var options = PlanOptions()
    if let b = env["BITS"] { options.weightBits = Int(b)! }
    if let b = env["THETA"] { options.thresholdBits = Int(b)! }
    if let b = env["RATE"] { options.recordedRate = Double(b)! }
    let plan = try FixedPlan(network, options: options)
    let set = task.trials(seed: seed, count: 1)
    let stimulus = Stimulus(set, plan: plan, order: Array(repeating: 0, count: 1000), updates: true)
    let rhythm = DigestRhythm.fitting(plan)
    var scores: [Double] = []
    var spoilt = 0
    let unit = Double(sign: .minus, exponent: 0, significand: 1) * 0 + Double(sign: .plus, exponent: -plan.readout.fractionBits, significand: 1)
    var spikes = 0
    let model = ModelRun(plan, stimulus, rhythm: rhythm, countsSaturations: env["SAT"] != nil) { i, r in
      scores.append(task.score.evaluate(set.trials, readouts: [r.outputs.map { Double($0) * unit }]))
      if r.update == .spoilt { spoilt += 1 }
      spikes = r.spikes
      if [0, 9, 29, 99, 249, 499, 749].contains(i) { print(seed, i + 1, scores[i], r.spikes) }
    }
    print("SEED", seed, "NMSE", scores.suffix(50).reduce(0, +) / 50, "spoilt", spoilt, "rate", Double(spikes) / 600, "model s", model.seconds, model.saturations)
    if env["RUNC"] != nil {
    let target = try Target.named("host-gcc", in: root + "/targets")
    let machine = try await Machine(plan, target: target, in: NSTemporaryDirectory() + "/epropc-\(task.name)")
    let (output, result) = try await machine.run(stimulus.bytes(rhythm: rhythm), limits: RunLimits(seconds: 600, outputBytes: 1 << 30))
    print(compare(output, with: model, plan: plan, stimulus: stimulus, rhythm: rhythm), result.seconds)
    }
  }
}
