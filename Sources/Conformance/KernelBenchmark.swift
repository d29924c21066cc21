import CBackend
public import Diagnostics
import IntegerModel
import Networks
public import Planning
import Tasks
public import Toolchains
import Trials

/// Instruction counts of the generated C on one network that stands for many: 100 spiking inputs of 20 Hz, 100 LIF neurons
/// that fire at about 10 Hz, two readouts, everything plastic in int8, trials of 1,000 steps that are one block each.
public struct KernelBenchmark: Sendable {
  /// Neurons per pass of the update.
  public var tile: Int
  /// Where programs are built.
  public var directory: String
  public var optimisation = "-O2"
  /// The share of the synapses into the neurons that exist.
  public var density = 1.0
  public var weightBits = 8

  public init(tile: Int = 8, directory: String) {
    self.tile = tile
    self.directory = directory
  }

  /// Trials that are run; counts are averaged over their steps.
  public static let trials = 2
  static let inputs = SteadyLoad.inputs
  static let neurons = SteadyLoad.neurons

  /// The network that is measured where all synapses exist.
  static var network: SpikingNetwork {
    var network = SteadyLoad().network(seed: 1)
    network.name = "bench"
    return network
  }
}

/// What the kernels execute on one target. All figures are instructions (see `unit`), averages over all steps of the run.
public struct KernelCounts: Sendable {
  public var target: String
  public var core: String
  public var kernels: Layout.Kernels
  public var compiler: String
  public var optimisation: String
  public var unit: String
  /// Events per step.
  public var inputEvents: Double
  public var spikes: Double
  /// Per step.
  public var forward: Double
  public var recording: Double
  public var recordingStored: Double
  public var replay: Double
  public var stored: Double
  /// Of a build in which no function is inlined into another: per (event, synapse), (neuron, step) or synapse and update.
  public var units: [(name: String, count: Double)]
  /// The replaying program's functions in that build, per step, the largest first.
  public var functions: [(name: String, count: Double)]
  /// Bytes of the library's code and of its deepest chain of calls, for the replaying program at -Os (code) and as built.
  public var inferenceCode: Int
  public var learningCode: Int
  public var stack: Int?
}

extension KernelBenchmark {
  /// Synapses that learn by way of the sweep.
  var synapses: Double { Double((Self.inputs + Self.neurons) * Self.neurons) * density }

  /// Counts on one target.
  public func run(on target: Target, kernels: Layout.Kernels) async throws(Findings) -> KernelCounts {
    let inference = try plan(kernels) { $0.inferenceOnly = true }
    let replay = try plan(kernels) { $0.history = .replay }
    let stored = try plan(kernels) { $0.history = .storedSurrogate }
    let forward = try await count(inference, target, "forward")
    let replaying = try await count(replay, target, "replay")
    let storing = try await count(stored, target, "stored")
    let apart = try await count(replay, target, "replay-apart", apart: true)
    let apartStored = try await count(stored, target, "stored-apart", apart: true)
    let silent = try await count(replay, target, "silent", apart: true, silent: true)
    let silentStored = try await count(stored, target, "silent-stored", apart: true, silent: true)
    let events = (forward.inputEvents, forward.spikes)
    return KernelCounts(
      target: target.name, core: target.core, kernels: kernels, compiler: forward.compiler, optimisation: optimisation,
      unit: forward.unit,
      inputEvents: events.0, spikes: events.1, forward: forward.step, recording: replaying.step,
      recordingStored: storing.step, replay: replaying.update, stored: storing.update,
      units: units(apart, apartStored, silent, silentStored, arrivals: events.0 + events.1), functions: apart.functions,
      inferenceCode: try await codeSize(inference, target), learningCode: try await codeSize(replay, target),
      stack: replaying.stack)
  }

  private func plan(
    _ kernels: Layout.Kernels, _ change: (inout PlanOptions) -> Void
  ) throws(Findings) -> FixedPlan {
    var options = PlanOptions()
    options.kernels = kernels
    options.tile = tile
    options.scale = .common
    options.weightBits = weightBits
    change(&options)
    return try FixedPlan(network, options: options)
  }

  /// - Parameters:
  ///   - silent: the same programs on trials without any input, in which nothing fires: what neurons cost alone.
  private func units(
    _ replay: Counted, _ stored: Counted, _ silent: Counted, _ silentStored: Counted, arrivals: Double
  ) -> [(name: String, count: Double)] {
    let neurons = Double(Self.neurons)
    let steps = Double(Self.network.maximumSteps)
    /// Without the neurons that fire or are about to, which more arrivals make more of.
    func adding(_ counted: Counted) -> Double { counted.sum("accumulate_", "add_", "move_", "advance_") }
    func forward(_ counted: Counted) -> Double { adding(counted) + counted.sum("settle_") }
    return [
      ("forward add, per event and synapse", (adding(replay) - adding(silent)) / arrivals / neurons),
      ("neuron, per neuron and step", forward(silent) / neurons),
      ("neuron with stored psi, per neuron and step", forward(silentStored) / neurons),
      (
        "replay, per neuron and step",
        replay.sum("replay_", "resettle_", "relive_", "sum_arrivals_", "scatter_") / neurons
      ),
      ("sweep, per neuron and step", replay.sum("sweep_", "signal_lif") / neurons),
      ("gather, per event and synapse", replay.sum("gather", "deltas_") / arrivals / neurons),
      (
        "update with its means, per synapse",
        replay.sum(
          "learn_tile", "learn_columns", "step_one", "unpack_row", "pack_row", "clear_absent", "mean_square", "fan_",
          "step_weights", "squares", "quantise", "clip_packed", "prepare_", "finish_", "moved", "mean_of",
          "exponent_change",
          "packed", "unpacked", "fitted", "damped", "repacked", "followed",
          "rescale",
          "lifted", "normalised", "scheduled", "__aeabi_l", "__muldi3", "__aeabi_u", "__udiv", "__lshrdi3", "__ashldi3",
          "__ashrdi3") * steps / synapses
      ),
    ]
  }

  /// What one program executed.
  struct Counted {
    var step = 0.0
    var update = 0.0
    var functions: [(name: String, count: Double)] = []
    var inputEvents = 0.0
    var spikes = 0.0
    var compiler = ""
    var unit = ""
    var stack: Int?

    func sum(_ prefixes: String...) -> Double {
      functions.filter { function in prefixes.contains { function.name.hasPrefix($0) } }.reduce(0) { $0 + $1.count }
    }
  }

  func count(
    _ plan: FixedPlan, of measured: SpikingNetwork? = nil, _ target: Target, _ name: String, apart: Bool = false,
    silent: Bool = false
  ) async throws(Findings) -> Counted {
    var stimulus = Stimulus(
      .drawn(for: measured ?? network, count: Self.trials, seed: 1), plan: plan, updates: plan.learning != nil)
    if silent {
      for index in stimulus.trials.indices {
        stimulus.trials[index].spikes = stimulus.trials[index].spikes.map { _ in [] }
      }
    }
    let program = try await build(plan, target, name, optimisation: optimisation, apart: apart)
    let folder = "\(directory)/\(target.name)-\(plan.layout.kernels.rawValue)-\(name)"
    let rhythm = DigestRhythm(every: 1 << 30)
    try write(stimulus.bytes(rhythm: rhythm), to: "\(folder)/stimulus.bin")
    let result = try await program.run(
      input: "\(folder)/stimulus.bin", output: "\(folder)/digests.bin", limits: RunLimits(seconds: 900), counting: true)
    guard result.succeeded, let counts = result.counts else {
      throw Findings(Finding("bench.run", at: .init(path: target.name), "the program ended with \(result.status)"))
    }
    var spikes = 0
    var isSpoilt = false
    let model = ModelRun(plan, stimulus, rhythm: rhythm) {
      spikes += $1.spikes
      isSpoilt = isSpoilt || $1.update == .spoilt
    }
    if isSpoilt {
      throw Findings(
        Finding("bench.spoilt", at: .init(path: target.name), "a trial was too busy for the record of its events"))
    }
    let output = try contents(of: "\(folder)/digests.bin")
    let comparison = compare(output, with: model, plan: plan, stimulus: stimulus, rhythm: rhythm)
    guard comparison.bitExact else {
      throw Findings(
        Finding(
          "bench.bits", at: .init(path: target.name),
          "the program differs from the integer model: \(String(describing: comparison.divergence))"))
    }
    return try await split(counts, program, stimulus, spikes)
  }

  private func split(
    _ counts: ExecutionCounts, _ program: Program, _ stimulus: Stimulus, _ spikes: Int
  ) async throws(Findings) -> Counted {
    let steps = Double(stimulus.totalSteps)
    var own: Set<String> = []
    for object in program.objects where object.group == .freestanding {
      own.formUnion(try await program.sizes(of: object).symbols.filter(\.isCode).map { baseName($0.name) })
    }
    var byName: [String: Double] = [:]
    for (name, count) in counts.byFunction { byName[baseName(name), default: 0] += Double(count) / steps }
    var counted = Counted(
      inputEvents: Double(stimulus.trials.reduce(0) { $0 + $1.spikes.reduce(0) { $0 + $1.count } }) / steps,
      spikes: Double(spikes) / steps, compiler: program.compilerVersion, unit: counts.unit.rawValue)
    for (name, count) in byName where own.contains(name) || isRuntime(name) {
      if name.hasSuffix("_reset") || name.hasSuffix("_init") { continue }
      counted.functions.append((name, count))
      if isForward(name) { counted.step += count } else { counted.update += count }
    }
    counted.functions.sort { ($1.count, $0.name) < ($0.count, $1.name) }
    counted.stack = try program.stackUsage().compactMap(\.deepest).max()
    return counted
  }

  /// 64-bit arithmetic of the compiler's own library.
  private func isRuntime(_ name: String) -> Bool {
    name.hasPrefix("__aeabi_") || (name.hasPrefix("__") && name.hasSuffix("di3"))
      || ["__udivsi3", "__udivmoddi4", "__clzsi2", "__clzdi2"].contains(name)
  }

  private func isForward(_ name: String) -> Bool {
    [
      "accumulate_", "add_", "adapt_", "advance_", "move_", "settle_", "silence_",
      "surrogates_", "read_out",
      "begin_record", "end_record", "last_row", "pack_psi", "renumber", "spoil", "bench_step", "bench_learn",
    ].contains { name.hasPrefix($0) && !name.hasPrefix("bench_learn_") }
  }

  /// The name without what a compiler adds to its clones of a function.
  private func baseName(_ name: String) -> String { String(name.prefix { $0 != "." }) }

  private func build(
    _ plan: FixedPlan, _ target: Target, _ name: String, optimisation: String, apart: Bool = false
  ) async throws(Findings) -> Program {
    let folder = "\(directory)/\(target.name)-\(plan.layout.kernels.rawValue)-\(name)"
    let network = GeneratedNetwork(plan)
    for file in network.files {
      try write(apart && file.path.hasSuffix(".c") ? Self.apart(file.text) : file.text, to: "\(folder)/\(file.path)")
    }
    try write(GeneratedNetwork.driver(plan), to: "\(folder)/driver.c")
    let sources = ProgramSources(
      freestanding: ["\(folder)/\(plan.name).c"], driver: ["\(folder)/driver.c"],
      includes: [folder, "\(folder)/include"])
    return try await target.build(
      sources, options: BuildOptions(optimisation: optimisation), into: "\(folder)/build\(optimisation)")
  }

  /// Keeps the compiler from inlining the network's functions into each other.
  static func apart(_ source: String) -> String {
    source.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let isFunction =
        line.hasPrefix("static ") && !line.hasPrefix("static const") && !line.hasPrefix("static inline")
        && !line.hasSuffix(";")
      return isFunction ? "__attribute__((noinline)) \(line)" : String(line)
    }.joined(separator: "\n")
  }

  private func codeSize(_ plan: FixedPlan, _ target: Target) async throws(Findings) -> Int {
    let name = plan.learning == nil ? "forward" : "replay"
    let program = try await build(plan, target, name, optimisation: "-Os")
    var bytes: UInt64 = 0
    for object in program.objects where object.group == .freestanding {
      bytes += try await program.sizes(of: object).symbols.filter(\.isCode).reduce(0) { $0 + $1.size }
    }
    return Int(bytes)
  }
}
