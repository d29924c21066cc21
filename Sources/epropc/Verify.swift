import ArgumentParser
import Conformance
import Diagnostics
import Foundation
import Networks
import Planning
import Reports
import Toolchains
import Trials

/// `epropc verify`
struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build the C for targets and compare every state with the integer model, bit for bit.",
    discussion: """
      Runs whole learning runs: the trials in their order, weights changing. Without --trials the network is driven by \
      drawn spikes (or values) and targets. The exit code is 1 if any target differs in any bit, or if none could be tried.
      """)

  @Argument(help: "The network: network.json, the folder it is in, or a .nir file.")
  var network: String

  @Option(help: "The trials to run.")
  var trials: String?

  @Option(help: ArgumentHelp("Run all trials so many times over.", valueName: "times"))
  var repeats = 1

  @Option(help: ArgumentHelp("How many trials to draw without --trials.", valueName: "count"))
  var draw = 5

  @Option(
    help: ArgumentHelp(
      "Compare digests at every n-th step and at the last. (default: what each target asks for)", valueName: "n"))
  var every: Int?

  @OptionGroup var targets: TargetOptions

  @OptionGroup var plan: PlanOptionGroup

  @OptionGroup(title: "Of a .nir file") var imports: ImportOptionGroup

  @Option(name: .long, parsing: .upToNextOption, help: "Optimisation levels to build with, as O0, O2, Os.")
  var optimisation = ["O2"]

  @Flag(help: "Build host targets with address and undefined-behaviour sanitizers too.")
  var sanitized = false

  @Option(help: ArgumentHelp("Keep the C and the programs in this folder.", valueName: "dir"))
  var keep: String?

  @Flag(help: "As JSON.")
  var json = false

  func validate() throws {
    try imports.check(for: network)
    if draw < 1 { throw ValidationError("--draw must be at least 1") }
    if let every, !(1...1_000_000).contains(every) { throw ValidationError("--every must be from 1 to 1000000") }
    if repeats < 1 { throw ValidationError("--repeats must be at least 1") }
    for level in optimisation where !["O0", "O1", "O2", "O3", "Os"].contains(level) {
      throw ValidationError("--optimisation knows O0, O1, O2, O3 and Os, not \(Quoted.text(level))")
    }
  }

  func run() async throws {
    let (network, trials) = try load()
    let folder = keep ?? NSTemporaryDirectory() + "/epropc-verify-\(ProcessInfo.processInfo.processIdentifier)"
    defer { if keep == nil { try? FileManager.default.removeItem(atPath: folder) } }
    let count = trials.trials.count
    var verification = Verification(
      network: network, plan: try FixedPlan(network, options: plan.planOptions), trials: trials,
      order: (0..<count * repeats).map { $0 % count },
      targets: try targets.load(default: ["host-gcc", "host-clang"]), variants: sanitized ? [nil, "sanitized"] : [nil],
      optimisations: optimisation.map { "-" + $0 }, kernels: plan.fixedKernels, directory: folder)
    verification.every = every
    let progress = Console.standard.progress()
    defer { progress.finish() }
    let report = try await verification.run { progress.update($0) }
    progress.finish()
    if json {
      try Console.standard.write(VerificationJSON.document(report), to: "-")
    } else {
      try Console.standard.say(VerificationText.text(report))
    }
    if !report.bitExact { throw ExitStatus.finding }
  }

  private func load() throws(Findings) -> (SpikingNetwork, TrialSet) {
    if let trials {
      let loaded = try Loading.network(network, imports, withTrials: trials)
      return (loaded.network, loaded.trials)
    }
    let network = try Loading.network(network, imports)
    return (network, TrialSet.drawn(for: network, count: draw, seed: 1))
  }
}
