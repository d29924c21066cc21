import ArgumentParser
import Conformance
import Diagnostics
import Foundation
import Networks
import Planning
import Profiling
import Reports
import Tasks
import Toolchains
import Trials

/// `epropc demo`
struct Demo: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The main job, shown: compile the pattern-generation network, let its C learn here, check every bit.",
    discussion: """
      First the trained network learns a new target; then, from untrained weights of three seeds, the task itself. Both run \
      on this machine as C, and every state array of every step is compared with the integer model.
      """)

  @Option(help: "Seeds of the runs from untrained weights.")
  var seeds: [UInt64] = [11, 12, 13]

  @Option(help: ArgumentHelp("Where the C is written and built.", valueName: "dir"))
  var output = "out/demo"

  @OptionGroup var targets: TargetOptions

  /// Trials of the paper's task, over which the learning rate falls to zero.
  private static let trials = 1000
  private static let adaptationTrials = 300

  func run() async throws {
    let machines = try targets.load(default: ["host-gcc", "host-clang"])
    let adapted = try await adapt(on: machines)
    var lines: [String] = []
    var exact = adapted
    var means: [Double] = []
    for seed in seeds {
      let report = try await learn(seed: seed, on: machines.first.map { [$0] } ?? [])
      let mean = report.model.scores.suffix(50).reduce(0, +) / 50
      means.append(mean)
      exact = exact && report.bitExact
      lines.append(
        "seed \(seed): NMSE \(Figure.short(report.model.scores[0])) in trial 1, \(Figure.short(mean)) in the last 50 of "
          + "\(report.trials); \(report.steps) steps "
          + (report.bitExact ? "bit-identical to the integer model" : "NOT bit-identical"))
      if seed == seeds.first {
        lines.append(LearningCurve.text(report.model.scores, name: "NMSE") + "\n")
      }
      try Console.standard.say(lines.joined(separator: "\n"))
      lines = []
    }
    let mean = means.reduce(0, +) / Double(max(1, means.count))
    try Console.standard.say(
      "\nmean NMSE of the last 50 trials over \(means.count) seeds: \(Figure.short(mean)), with one byte per plastic synapse")
    if !exact { throw ExitStatus.finding }
  }

  /// The trained network of Generated/ on a target that it has not seen.
  private func adapt(on machines: [Target]) async throws -> Bool {
    let folder = try TargetOptions.folder() + "/../Generated/pattern_generation"
    var network = try Loading.network(folder)
    network.optimiser = .init(
      kind: .factored(clip: 3), learningRate: 0.006, schedule: .linearToZero(trials: Self.adaptationTrials))
    let plan = try FixedPlan(network)
    try Console.standard.say(
      "1. The trained pattern-generation network learns a new target: \(Self.adaptationTrials) trials of "
        + "\(plan.maximumSteps) steps\n")
    let trials = PatternGeneration().trials(seed: 101, count: 1)
    let report = try await verify(
      network, plan, trials, repeats: Self.adaptationTrials, machines, folder: "\(output)/adapted")
    try Console.standard.say(VerificationText.text(report))
    try Console.standard.say("\n" + LearningCurve.text(report.model.scores, name: "NMSE", lines: 6))
    try Console.standard.say("\n2. Its memory\n")
    try await showMemory(plan, machines)
    try Console.standard.say("\n3. The task itself, from untrained weights: int8 weights, one block per trial, factored optimiser\n")
    return report.bitExact
  }

  private func learn(seed: UInt64, on machines: [Target]) async throws -> VerificationReport {
    let task = PatternGeneration()
    var network = task.network(seed: seed)
    network.optimiser = task.deviceOptimiser
    return try await verify(
      network, try FixedPlan(network), task.trials(seed: seed, count: 1), repeats: Self.trials, machines,
      folder: "\(output)/seed-\(seed)")
  }

  private func verify(
    _ network: SpikingNetwork, _ plan: FixedPlan, _ trials: TrialSet, repeats: Int, _ machines: [Target], folder: String
  ) async throws -> VerificationReport {
    let progress = Console.standard.progress()
    defer { progress.finish() }
    let verification = Verification(
      network: network, plan: plan, trials: trials, order: Array(repeating: 0, count: repeats), targets: machines,
      directory: folder)
    let report = try await verification.run { progress.update($0) }
    // Stimuli and digests of a thousand trials are tens of megabytes each.
    for target in machines {
      for file in ["stimulus.bin", "digests.bin"] {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(target.name)-O2/\(file)")
      }
    }
    return report
  }

  private func showMemory(_ plan: FixedPlan, _ machines: [Target]) async throws {
    let profile = Profile(plan)
    var measured: [TargetProfile] = []
    for target in machines {
      measured.append(try await measure(plan, on: target, options: BuildOptions(), in: "\(output)/profile/\(target.name)"))
    }
    try Console.standard.say(ProfileText.text(profile) + "\n\n" + ProfileText.text(measured, of: profile))
    let differences = measured.flatMap { $0.differences(from: profile.memory) }
    if !differences.isEmpty { throw Findings(differences) }
  }
}
