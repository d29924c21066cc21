import ArgumentParser
import Conformance
import Diagnostics
import Foundation
import Planning
import Reports
import Tasks
import Toolchains
import Training
import Trials

/// `epropc bench`
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure what epropc's products cost.",
    subcommands: [
      Kernels.self, Learning.self, Targets.self, Estimate.self, Growth.self, FloatReference.self, BenchRates.self,
      BenchDigits.self,
    ],
    defaultSubcommand: Kernels.self)

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

    @Option(help: "Share of the synapses into the neurons that exist.")
    var density = 1.0

    @Option(help: "Bits of a weight: int4, int6, int8 or int16.")
    var weights = PlanOptionGroup.Weights.int8

    @Option(help: "Optimisation level, as O2 or Os.")
    var optimisation = "O2"

    @Option(help: ArgumentHelp("Keep the C and the programs in this folder.", valueName: "dir"))
    var keep: String?

    @Flag(help: "List the functions too.")
    var functions = false

    @Flag(help: "As JSON.")
    var json = false

    func validate() throws {
      if !(density >= 0.01 && density <= 1) { throw ValidationError("--density must be from 0.01 to 1") }
    }

    func run() async throws {
      let place = keep ?? NSTemporaryDirectory() + "/epropc-bench-\(ProcessInfo.processInfo.processIdentifier)"
      defer { if keep == nil { try? FileManager.default.removeItem(atPath: place) } }
      var benchmark = KernelBenchmark(tile: tile, directory: place)
      benchmark.optimisation = "-" + optimisation
      (benchmark.density, benchmark.weightBits) = (density, weights.bits)
      var all: [KernelCounts] = []
      for target in try targets.load(default: ["host-gcc", "cortex-m4", "cortex-m0", "rv32imc"]) {
        for kernels in Set([.portable, Layout.Kernels(of: target)]).sorted(by: { $0.rawValue > $1.rawValue }) {
          all.append(try await benchmark.run(on: target, kernels: kernels))
        }
      }
      let host = await HostInformation.current()
      if json {
        try Console.standard.write(KernelText.document(all, of: benchmark, host: host), to: "-")
      } else {
        try Console.standard.say(KernelText.text(all, of: benchmark, host: host, functions: functions))
      }
    }
  }

  /// `epropc bench reference`
  struct FloatReference: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "reference",
      abstract: "Time iterations of task 1.1 in double precision: forward, gradient and Adam, on one core.",
      discussion: """
        Where a Python here can import torch (`make extras` sees to that), the same network and trial run there too, with \
        e-prop 1 by automatic differentiation, and the gradients are compared.
        """)

    @Option(help: "Iterations to time; of PyTorch's at most 20.")
    var iterations = 200

    func validate() throws {
      if iterations < 1 { throw ValidationError("--iterations must be at least 1") }
    }

    func run() async throws {
      let task = PatternGeneration()
      let trials = task.trials(seed: 1, count: 1).trials
      let figures = TrainingBenchmark.measure(task.network(seed: 1), trials, iterations: iterations)
      let host = await HostInformation.current()
      try Console.standard.say(
        """
        \(task.neurons) LIF neurons, \(trials[0].steps) steps, one trial per iteration, seed 1; CPU time of one thread
        per iteration: median \(Figure.short(figures.median)) ms, fastest \(Figure.short(figures.fastest)) ms, \
        slowest \(Figure.short(figures.slowest)) ms (\(figures.iterations) iterations)
        of the median: forward and gradient \(Figure.short(figures.gradient)) ms, Adam \(Figure.short(figures.update)) ms
        on \(host.processor), \(host.system)
        """)
      guard let torch = try await TorchComparison.run(iterations: min(iterations, 20)) else {
        try Console.standard.say("PyTorch: skipped, no Python here can import torch; `make extras` installs it")
        return
      }
      try Console.standard.say(torch.text(besides: figures.median))
      guard torch.difference < 1e-9 else {
        throw Findings(Finding("extras.gradient", at: nil, "the gradients of PyTorch and of the reference differ"))
      }
    }
  }
}
