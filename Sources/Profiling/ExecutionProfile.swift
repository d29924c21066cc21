import CBackend
import Conformance
public import Diagnostics
import Foundation
import Planning
public import Toolchains

/// What a plan's C executes on one target: one trial, counted by the target's emulator, split by purpose. Instructions,
/// or cycles where the emulator knows them (`unit`).
public struct ExecutionProfile: Sendable, Hashable {
  public let unit: Target.Counter.Unit
  /// Of the trial.
  public let steps: Int
  public let inputEvents: Int
  public let spikes: Int
  public let synapticEvents: Double
  public let plasticSynapses: Int
  /// All steps of the same network without learning, on the same trial.
  public let forward: UInt64
  /// What the steps of the learning network take more, with `learn`.
  public let recording: UInt64
  /// Error filter, replay and backward sweeps.
  public let backward: UInt64
  /// Gradients and the update of the weights.
  public let update: UInt64
  /// The largest call of `step` without learning, and with it (with its call of `learn`, which has a figure of its own).
  public let largestForward: UInt64
  public let largestStep: UInt64
  public let largestLearn: UInt64
  /// The call of `update`.
  public let largestUpdate: UInt64
  /// The largest call of any function where updates are made by `update_slice`, a piece at a time: what the network holds
  /// the processor for at most. 0 without learning.
  public let largestInSlices: UInt64
  /// Bytes of the library's code without and with learning, as optimised.
  public let inferenceCode: Int
  public let learningCode: Int

  public var learns: Bool { plasticSynapses > 0 || largestUpdate > 0 }
  /// All that learning adds.
  public var learning: UInt64 { recording + backward + update }
  public var total: UInt64 { forward + learning }

  /// `count` per step.
  public func perStep(_ count: UInt64) -> Double { Double(count) / Double(max(1, steps)) }
  /// The forward pass per arrival at a synapse; nil where nothing arrived.
  public var forwardPerEvent: Double? { synapticEvents > 0 ? Double(forward) / synapticEvents : nil }
  /// Learning per plastic synapse and step.
  public var learningPerSynapse: Double? {
    plasticSynapses > 0 ? perStep(learning) / Double(plasticSynapses) : nil
  }
  /// Learning per arrival at a synapse.
  public var learningPerEvent: Double? { synapticEvents > 0 && learns ? Double(learning) / synapticEvents : nil }
  /// The largest single call.
  public var largestCall: (name: String, count: UInt64) {
    let calls = [("step", max(largestStep, largestForward)), ("learn", largestLearn), ("update", largestUpdate)]
    return calls.max { $0.1 < $1.1 } ?? ("step", 0)
  }
}

extension ExecutionProfile {
  /// Steps per second at `clock` Hz on average, updates included, if an instruction takes one cycle: an estimate, but for
  /// counts that are cycles.
  public func rate(at clock: Double, learning: Bool) -> Double {
    let count = perStep(learning ? total : forward)
    return count > 0 ? clock / count : 0
  }
}

/// Builds the C of a workload's plan for `target` in `directory`, with learning and without, runs one trial and its
/// update, and counts. The program's digests are compared with the integer model: what is counted is right.
public func execution(
  of workload: Workload, on target: Target, options: BuildOptions = BuildOptions(), in directory: String,
  limits: RunLimits = RunLimits(seconds: 900)
) async throws(Findings) -> ExecutionProfile {
  let plan = workload.plan
  // The debug information of functions that a linker drops stays, at the address 0, where other functions may be.
  var options = options
  options.libraries.append("-Wl,--no-gc-sections")
  let inference = try await Counted(plan.withoutLearning, workload, target, options, "\(directory)/inference", limits)
  let whole =
    plan.learning == nil ? nil : try await Counted(plan, workload, target, options, "\(directory)/learning", limits)
  let sliced =
    plan.learning == nil
    ? nil : try await Counted(plan, workload, target, options, "\(directory)/slices", limits, inSlices: true)
  let steps = (whole ?? inference).parts(.step)
  let forward = inference.calls("step").total
  return ExecutionProfile(
    unit: inference.unit, steps: workload.steps, inputEvents: workload.inputEvents, spikes: workload.spikes,
    synapticEvents: workload.synapticEvents, plasticSynapses: workload.plasticSynapses, forward: forward,
    recording: steps > forward ? steps - forward : 0, backward: whole?.parts(.backward) ?? 0,
    update: whole?.parts(.update) ?? 0, largestForward: inference.calls("step").largest,
    largestStep: whole?.calls("step").largest ?? inference.calls("step").largest,
    largestLearn: whole?.calls("learn").largest ?? 0, largestUpdate: whole?.calls("update").largest ?? 0,
    largestInSlices: ["step", "learn", "update_begin", "update_slice"].compactMap { sliced?.calls($0).largest }.max()
      ?? 0,
    inferenceCode: inference.codeBytes, learningCode: whole?.codeBytes ?? 0)
}

/// One program's counts.
private struct Counted {
  let name: String
  let counts: CallCounts
  let codeBytes: Int

  init(
    _ plan: FixedPlan, _ workload: Workload, _ target: Target, _ options: BuildOptions, _ directory: String,
    _ limits: RunLimits, inSlices: Bool = false
  ) async throws(Findings) {
    name = plan.name
    let machine = try await Machine(plan, target: target, options: options, in: directory)
    var stimulus = workload.stimulus
    stimulus.updates = plan.learning != nil
    stimulus.slices = inSlices ? 1 : 0
    let rhythm = DigestRhythm(every: 1 << 30)
    let input = "\(directory)/stimulus.bin"
    do {
      try Data(stimulus.bytes(rhythm: rhythm)).write(to: URL(fileURLWithPath: input))
    } catch {
      throw Findings(Finding("output.write", at: .init(file: input), "cannot write: \(error.localizedDescription)"))
    }
    let output = "\(directory)/digests.bin"
    counts = try await machine.program.countCalls(
      input: input, output: output, pieces: try await machine.program.pieces(of: GeneratedNetwork(plan)),
      limits: limits
    ).counts
    let model = ModelRun(plan, stimulus, rhythm: rhythm)
    let words = [UInt8](FileManager.default.contents(atPath: output) ?? Data())
    let comparison = compare(words, with: model, plan: plan, stimulus: stimulus, rhythm: rhythm)
    guard comparison.bitExact else {
      throw Findings(
        Finding(
          "profile.bits", at: .init(path: target.name), "the program differs from the integer model",
          help: "epropc verify finds out where"))
    }
    var bytes: UInt64 = 0
    for object in machine.program.objects where object.group == .freestanding {
      bytes += try await machine.program.sizes(of: object).symbols.filter(\.isCode).reduce(0) { $0 + $1.size }
    }
    codeBytes = Int(bytes)
    guard parts(.other) == 0 else {
      throw Findings(
        Finding(
          "profile.parts", at: .init(path: target.name), "\(parts(.other)) \(counts.unit.rawValue) belong to no part",
          help: "this is a fault of epropc; please report it"))
    }
  }

  var unit: Target.Counter.Unit { counts.unit }

  func calls(_ function: String) -> CallCounts.Calls {
    counts.byFunction["\(name)_\(function)"] ?? CallCounts.Calls()
  }

  /// What a part took in all calls of a trial.
  func parts(_ part: ProgramPart) -> UInt64 {
    ["step", "learn", "update", "update_begin", "update_slice"].map(calls).reduce(0) { sum, calls in
      sum + (calls.parts.indices.contains(part.rawValue - 1) ? calls.parts[part.rawValue - 1] : 0)
    }
  }
}
