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

extension Bench {
  /// `epropc bench targets`
  struct Targets: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Tabulate what built-in tasks cost on targets, and whether they have the right bits there.",
      discussion: """
        Each task's untrained network, as its device would get it, is built for each target: flash, RAM and stack from the \
        objects; instructions of one trial and its update, counted by the emulator; and learning trials, every digest of \
        which is compared with the integer model.
        """)

    @Option(parsing: .upToNextOption, help: "Built-in tasks, as `epropc tasks` lists them.")
    var task = ["blink", "store-recall-small", "store-recall", "steady-load"]

    @OptionGroup var targets: TargetOptions

    @OptionGroup var options: PlanOptionGroup

    @Option(help: "Learning trials that are compared.")
    var trials = 20

    @Option(help: "Optimisation level, as O2 or Os.")
    var optimisation = "O2"

    @Flag(help: "As Markdown.")
    var markdown = false

    @Flag(help: "As JSON.")
    var json = false

    func validate() throws {
      if trials < 1 { throw ValidationError("--trials must be at least 1") }
      for name in task where BuiltInTasks.named(name) == nil {
        throw ValidationError("there is no task \(Quoted.text(name)); `epropc tasks` lists them")
      }
    }

    func run() async throws {
      let folder = NSTemporaryDirectory() + "/epropc-bench-targets-\(ProcessInfo.processInfo.processIdentifier)"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let chosen = try targets.names.isEmpty ? Target.all(in: TargetOptions.folder()) : targets.load(default: [])
      let progress = Console.standard.progress()
      defer { progress.finish() }
      var table = TargetTable(rows: [], trials: trials, optimisation: "-" + optimisation)
      for task in task.compactMap(BuiltInTasks.named) {
        var network = task.network(seed: 1)
        network.optimiser = task.deviceOptimiser
        let bench = TargetBench(
          network: network, plan: try FixedPlan(network, options: options.planOptions), kernels: options.fixedKernels,
          trials: task.trials(seed: 1, count: trials),
          options: BuildOptions(optimisation: "-" + optimisation), directory: "\(folder)/\(task.name)")
        for target in chosen {
          progress.update("\(task.name) on \(target.name)")
          table.rows.append(try await bench.row(task.name, target))
        }
      }
      progress.finish()
      if json {
        try Console.standard.write(table.json, to: "-")
      } else {
        try Console.standard.say(markdown ? table.markdown : table.text)
      }
      if table.rows.contains(where: { $0.bitExact == false }) { throw ExitStatus.finding }
    }
  }
}

/// One network, to be measured on target after target.
private struct TargetBench {
  let network: SpikingNetwork
  let plan: FixedPlan
  /// nil: the fastest of each target.
  let kernels: Layout.Kernels?
  let trials: TrialSet
  let options: BuildOptions
  let directory: String

  func row(_ name: String, _ target: Target) async throws(Findings) -> TargetTable.Row {
    var row = TargetTable.Row(network: name, target: target, clock: target.clock)
    if let obstacle = await obstacle(target) {
      row.obstacle = obstacle
      return row
    }
    let folder = "\(directory)/\(target.name)"
    var plan = plan
    plan.layout.kernels = kernels ?? Layout.Kernels(of: target)
    let profile = try await measure(plan, on: target, options: options, in: "\(folder)/measured")
    if let failure = profile.linkFailure {
      row.obstacle = "cannot be linked: \(failure)"
      return row
    }
    row.profile = profile
    row.execution = try await execution(
      of: Workload(plan, trials: trials), on: target, options: options, in: "\(folder)/counted")
    row.bitExact = try await Verification(
      network: network, plan: plan, trials: trials, targets: [target], optimisations: [options.optimisation],
      kernels: kernels, directory: "\(folder)/verified"
    ).run().bitExact
    return row
  }

  /// Why a target cannot be measured.
  private func obstacle(_ target: Target) async -> String? {
    if let excess = target.excess(of: plan.memory.structBytes) { return "\(excess) bytes of RAM too few" }
    if target.tooLarge(plan.memory.objects) != nil { return "more than it can address" }
    guard let missing = await target.missingCallCounters() else { return "SKIPPED: it has no counter" }
    return missing.first.map { "SKIPPED: \($0.command) is not installed (Debian package \($0.package))" }
  }
}
