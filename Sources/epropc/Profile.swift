import ArgumentParser
import Conformance
import Diagnostics
import Foundation
import Networks
import Planning
import Profiling
import Reports
import Toolchains
import Trials

/// `epropc profile`
struct ShowProfile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract:
      "Count bytes and instructions per synapse and per step, and compare the plan with what compilers make of it.",
    discussion: """
      Builds the generated C for each target and reads the object: the size of the network's struct and of every table, \
      code, and the compiler's own report of stack. Where plan and object differ in a byte, that is an error. Then one \
      trial and its update are run on each target whose emulator is installed, and the instructions are counted: of the \
      same program, always the same number.
      """)

  @Argument(help: "The network: network.json, or the folder it is in.")
  var network: String

  @OptionGroup var targets: TargetOptions

  @OptionGroup var options: PlanOptionGroup

  @Option(help: "The compiler's level: O0, O1, O2, O3 or Os.")
  var optimisation = Optimisation.two

  @Option(help: "The trials of which the first is run and counted. (default: drawn ones)")
  var trials: String?

  @Option(
    help: ArgumentHelp("The clock that rates are given at, as 48MHz. (default: the target's)", valueName: "clock"))
  var clock: Frequency?

  @Flag(help: "Run nothing: bytes only, without any emulator.")
  var noRun = false

  @Flag(help: "List code and stack of every function.")
  var functions = false

  @Flag(help: "As JSON.")
  var json = false

  enum Optimisation: String, ExpressibleByArgument, CaseIterable {
    case none = "O0"
    case one = "O1"
    case two = "O2"
    case three = "O3"
    case size = "Os"
  }

  func run() async throws {
    let (network, trials) = try load()
    let plan = try FixedPlan(network, options: options.planOptions)
    let profile = Profile(plan)
    let (measured, counted, findings) = try await measure(network, plan, Workload(plan, trials: trials))
    if json {
      try Console.standard.write(ProfileJSON.document(profile, measured, counted), to: "-")
    } else {
      try Console.standard.say(ProfileText.text(profile))
      if !measured.isEmpty { try Console.standard.say("\n" + ProfileText.text(measured, of: profile)) }
      if !counted.isEmpty { try Console.standard.say("\n" + ExecutionText.text(counted, timeStep: plan.timeStep)) }
      if functions { for target in measured { try Console.standard.say("\n" + ProfileText.functions(target)) } }
    }
    let all = findings + measured.flatMap { $0.differences(from: profile.memory) }
    if all.contains(where: { $0.severity == .error }) { throw Findings(all) }
    Console.standard.report(all)
  }

  private func load() throws(Findings) -> (SpikingNetwork, TrialSet) {
    if let trials {
      let loaded = try Loading.network(network, withTrials: trials)
      return (loaded.network, loaded.trials)
    }
    let network = try Loading.network(network)
    return (network, TrialSet.drawn(for: network, count: 1, seed: 1))
  }

  /// One target after the other, whatever becomes of the others.
  private func measure(
    _ network: SpikingNetwork, _ plan: FixedPlan, _ workload: Workload
  ) async throws -> ([TargetProfile], [ExecutionText.Row], [Finding]) {
    let chosen = try targets.load(default: ["host-gcc"])
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("epropc-profile-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let progress = Console.standard.progress()
    defer { progress.finish() }
    var build = BuildOptions()
    build.optimisation = "-\(optimisation.rawValue)"
    var measured: [TargetProfile] = []
    var counted: [ExecutionText.Row] = []
    var findings: [Finding] = []
    for (index, target) in chosen.enumerated() {
      progress.update("building for \(target.name), \(index + 1) of \(chosen.count)")
      let obstacles = await obstacles(to: plan, of: network, on: target)
      findings += obstacles
      guard obstacles.isEmpty else { continue }
      do throws(Findings) {
        var plan = plan
        plan.layout.kernels = self.options.fixedKernels ?? Layout.Kernels(of: target)
        let one = try await Profiling.measure(plan, on: target, options: build, in: "\(folder.path)/\(target.name)")
        measured.append(one)
        if let warning = one.linkWarning {
          findings.append(warning)
          continue
        }
        guard !noRun else { continue }
        let missing = await uncountable(target)
        findings += missing
        guard missing.isEmpty else { continue }
        progress.update("counting on \(target.name), \(index + 1) of \(chosen.count)")
        var workload = workload
        workload.plan = plan
        let execution = try await execution(
          of: workload, on: target, options: build, in: "\(folder.path)/\(target.name)-counted")
        counted.append(.init(target: target, execution: execution, clock: clock?.hertz ?? target.clock))
      } catch {
        findings += error.all
      }
    }
    return (measured, counted, findings)
  }

  /// What keeps instructions from being counted. The bytes are there all the same, so that these are warnings.
  private func uncountable(_ target: Target) async -> [Finding] {
    guard let missing = await target.missingCallCounters() else {
      return [
        Finding(
          "profile.counter", .warning, at: Finding.Location(path: target.name),
          "SKIPPED: no counter is known for the target, so that no instructions are counted")
      ]
    }
    return missing.map { tool in
      Finding(
        "profile.counter", .warning, at: Finding.Location(path: target.name),
        "SKIPPED: instructions are not counted, because \(tool.command) is not installed",
        help: tool.help)
    }
  }

  /// Targets that are named must be there and large enough; of all targets, others are left out with a warning.
  private func obstacles(to plan: FixedPlan, of network: SpikingNetwork, on target: Target) async -> [Finding] {
    let severity: Finding.Severity = targets.wantsAll ? .warning : .error
    if let limit = target.ramBytes, target.excess(of: plan.memory.structBytes) != nil {
      return [
        Slimming.finding(
          network, options: options.planOptions, bytes: plan.memory.structBytes, limit: limit, target: target.name,
          severity: severity)
      ]
    }
    let place = Finding.Location(path: target.name)
    if let largest = target.tooLarge(plan.memory.objects) {
      return [
        Finding(
          "profile.too-large", severity, at: place,
          "\(largest.bytes) bytes of \(largest.what) are more than \(target.model.pointerBits)-bit addresses allow")
      ]
    }
    return await target.missingCompilers().map { tool in
      Finding(
        "target.tool.missing", severity, at: place,
        "the target '\(target.name)' needs \(tool.command), which is not installed",
        help: tool.help)
    }
  }
}

extension TargetProfile {
  fileprivate var linkWarning: Finding? {
    linkFailure.map {
      Finding(
        "profile.link", .warning, at: Finding.Location(path: target),
        "a program with this network cannot be linked: \($0)", help: "the network may be too large for the machine")
    }
  }
}
