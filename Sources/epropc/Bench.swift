import ArgumentParser
import Conformance
import Diagnostics
import Foundation
import Reports
import Toolchains

/// `epropc bench`
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure what epropc's products cost.", subcommands: [Kernels.self], defaultSubcommand: Kernels.self)

  /// `epropc bench kernels`
  struct Kernels: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Count the instructions of the generated C per step, per event and synapse, and per update.",
      discussion: """
        100 inputs of 20 Hz, 100 LIF neurons of about 10 Hz, two readouts, all plastic int8, two trials of 1,000 steps with \
        an update after each. Counted by the emulators (callgrind on hosts): instructions, not cycles.
        """)

    @OptionGroup var targets: TargetOptions

    @Option(help: "Neurons per pass of the update.")
    var tile = 8

    @Option(help: "Optimisation level, as O2 or Os.")
    var optimisation = "O2"

    @Option(help: ArgumentHelp("Keep the C and the programs in this folder.", valueName: "dir"))
    var keep: String?

    @Flag(help: "List the functions too.")
    var functions = false

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
      let place = keep ?? NSTemporaryDirectory() + "/epropc-bench-\(ProcessInfo.processInfo.processIdentifier)"
      defer { if keep == nil { try? FileManager.default.removeItem(atPath: place) } }
      var benchmark = KernelBenchmark(tile: tile, directory: place)
      benchmark.optimisation = "-" + optimisation
      var all: [KernelCounts] = []
      for target in try targets.load(default: ["host-gcc", "cortex-m4", "cortex-m0", "rv32imc"]) {
        all.append(try await benchmark.run(on: target))
      }
      let host = await HostInformation.current()
      if json {
        try Console.standard.write(KernelText.document(all, tile: tile, host: host), to: "-")
      } else {
        try Console.standard.say(KernelText.text(all, tile: tile, host: host, functions: functions))
      }
    }
  }
}
