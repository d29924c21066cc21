import ArgumentParser
import Conformance
import Diagnostics
import Foundation
import Networks
import Planning
import Reports
import Toolchains

/// `epropc compile`
struct Compile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compile a network to C99, with its plan and a test suite.",
    discussion: """
      Writes <dir>/include/<net>.h, <net>.c, eprop_fixed.h, the plan as text, the description and its weights, and a cmocka \
      suite with golden vectors that `make -C <dir> test` builds and runs alone, and test/selftest.c, which tests the network \
      on a board without a C library (targets/Boards.md). With --target the C is built for each of \
      these machines before anything is written, and uses the fastest kernels that all of them have: for the Cortex-M4 the DSP \
      instructions of Armv7E-M, by eprop_armv7em.h, which defines each in C as well. With --ram, --flash or --latency-steps \
      the planner chooses block length, history, tile, weight width, as far as they are not given, and shows what it weighed.
      """)

  @Argument(help: "The network: network.json, the folder it is in, or a .nir file.")
  var network: String

  @Option(name: .shortAndLong, help: ArgumentHelp("Where the C goes. (default: the network's name)", valueName: "dir"))
  var output: String?

  @Option(help: "Trials for the golden vectors of the tests. (default: drawn ones)")
  var trials: String?

  @OptionGroup var targets: TargetOptions

  @OptionGroup var plan: PlanOptionGroup

  @OptionGroup var budget: BudgetOptionGroup

  @OptionGroup(title: "Of a .nir file") var imports: ImportOptionGroup

  func validate() throws { try imports.check(for: network) }

  func run() async throws {
    let network = try Loading.network(network, imports)
    let targets = try targets.load(default: [])
    var options = try chosenOptions(network)
    options.kernels = self.plan.kernels(for: targets)
    let plan = try FixedPlan(network, options: options)
    let folder = output ?? plan.name
    try OutputFolder.check(folder)
    try await build(network, plan, targets)
    let golden = try trials.map { (path) throws(Findings) in try Loading.trials(path, for: network) }
    let files = try generatedFiles(network: network, plan: plan, trials: golden)
    try OutputFolder.write(files.map { ($0.path, $0.bytes) }, to: folder)
    try Console.standard.say(CompilationText.text(plan, files: files.map { ($0.path, $0.bytes.count) }, folder: folder))
  }

  /// What the user asked for, or what the planner chooses within the budget.
  private func chosenOptions(_ network: SpikingNetwork) throws -> PlanOptions {
    guard !budget.budget.isEmpty else { return plan.planOptions }
    let alternatives = try budget.alternatives(network, plan)
    try Console.standard.say(AlternativesReport.text(alternatives) + "\n")
    return try alternatives.options()
  }

  /// Builds for the targets that were named, in a folder of its own.
  private func build(_ network: SpikingNetwork, _ plan: FixedPlan, _ targets: [Target]) async throws {
    let folder = NSTemporaryDirectory() + "/epropc-compile-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for target in targets {
      let missing = await target.missingToolFindings()
      if !missing.isEmpty { throw Findings(missing) }
      if let limit = target.ramBytes, target.excess(of: plan.memory.structBytes) != nil {
        throw Findings(
          Slimming.finding(
            network, options: self.plan.planOptions, bytes: plan.memory.structBytes, limit: limit, target: target.name))
      }
      _ = try await Machine(plan, target: target, in: "\(folder)/\(target.name)")
    }
  }
}
