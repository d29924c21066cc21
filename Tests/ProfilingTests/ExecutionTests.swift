import Conformance
import Foundation
import Networks
import Planning
import Profiling
import Tasks
import Testing
import Toolchains
import Trials

/// Instructions: the same in every run, and adding up.
@Suite(.serialized) struct ExecutionTests {
  private func workload(_ task: any BuiltInTask, _ change: (inout PlanOptions) -> Void = { _ in }) throws -> Workload {
    var network = task.network(seed: 1)
    network.optimiser = task.deviceOptimiser
    var options = PlanOptions()
    change(&options)
    return Workload(
      try FixedPlan(network, options: options), trials: TrialSet.drawn(for: network, count: 1, seed: 1))
  }

  /// The target, or nil with a visible note where what counts calls is not installed.
  private func counting(_ name: String) async throws -> Target? {
    let target = try Target.named(name, in: Targets.directory)
    let missing = try #require(await target.missingCallCounters())
    for tool in missing { print("SKIPPED: \(name) needs \(tool.command) (package \(tool.package))") }
    return missing.isEmpty ? target : nil
  }

  @Test(arguments: ["cortex-m0", "rv32imc", "avr", "big-endian", "host-gcc", "host-clang"])
  func threeRunsCountTheSame(_ name: String) async throws {
    guard let target = try await counting(name) else { return }
    let workload = try workload(Blink())
    var runs: [ExecutionProfile] = []
    for _ in 0..<3 {
      runs.append(try await withFolder { try await execution(of: workload, on: target, in: $0) })
    }
    #expect(runs[0] == runs[1] && runs[1] == runs[2])
    let run = runs[0]
    // One block per trial: all of the update is one call.
    #expect(run.largestUpdate == run.backward + run.update)
    #expect(run.backward > 0 && run.update > run.backward / 10)
    #expect(run.recording > 0 && run.forward > run.recording / 10)
    #expect(run.largestStep >= (run.forward + run.recording) / UInt64(run.steps + 1) - run.largestLearn)
    #expect(run.unit == (name == "avr" ? .cycles : .instructions))
  }

  /// The counter of calls against the histogram of addresses, which knows nothing of calls: what stands in the library's
  /// functions, and at most the compiler's helpers besides.
  @Test(arguments: ["cortex-m0", "cortex-m4", "avr"])
  func callsAreWhatTheHistogramHas(_ name: String) async throws {
    guard let target = try await counting(name) else { return }
    let workload = try workload(StoreRecall(size: .small)) { $0.history = .replay }
    try await withFolder { folder in
      let run = try await execution(of: workload, on: target, in: folder)
      let machine = try await Machine(workload.plan, target: target, in: "\(folder)/histogram")
      let bytes = workload.stimulus.bytes(rhythm: DigestRhythm(every: 1 << 30))
      let counts = try #require(try await machine.run(bytes, counting: true).result.counts)
      var own: Set<String> = []
      var callers: Set<String> = []
      for object in machine.program.objects {
        let names = try await machine.program.sizes(of: object).symbols.filter(\.isCode).map(\.name)
        if object.group == .freestanding { own.formUnion(names) } else { callers.formUnion(names) }
      }
      let beginning = ["init", "reset", "readout"].map { "\(workload.plan.name)_\($0)" }
      let library = counts.byFunction.filter { own.contains($0.key) && !beginning.contains($0.key) }
      let helpers = counts.byFunction.filter { !own.contains($0.key) && !callers.contains($0.key) }
      let inLibrary = library.values.reduce(0, +)
      let sweeps = library.filter { $0.key.hasPrefix("sweep_") || $0.key.hasPrefix("replay_") }.values.reduce(0, +)
      #expect(sweeps > 0 && run.backward >= sweeps)
      let learnt = library.filter { $0.key.hasPrefix("learn_") || $0.key.hasPrefix("gradient_") }.values.reduce(0, +)
      #expect(learnt > 0 && run.update >= learnt)
      #expect(run.total >= inLibrary)
      #expect(run.total <= inLibrary + helpers.values.reduce(0, +))
    }
  }

  /// With short blocks the sweeps and updates are in the steps, and are told apart all the same.
  @Test func blocksAreToldApart() async throws {
    guard let target = try await counting("cortex-m4") else { return }
    let whole = try workload(Blink())
    let blocks = try workload(Blink()) { $0.block = .steps(6) }
    let (one, four) = try await withFolder { folder in
      (
        try await execution(of: whole, on: target, in: folder + "/whole"),
        try await execution(of: blocks, on: target, in: folder + "/blocks")
      )
    }
    #expect(four.forward == one.forward)
    #expect(four.backward > 0 && four.update > one.update)
    #expect(four.largestStep > one.largestStep && four.largestUpdate < one.largestUpdate + four.update)
  }

  /// Task 1.2 on the smallest core, at its usual clock and a step per millisecond.
  @Test func storeRecallLearnsInRealTimeOnCortexM0() async throws {
    guard let target = try await counting("cortex-m0") else { return }
    let workload = try workload(StoreRecall())
    let run = try await withFolder { try await execution(of: workload, on: target, in: $0) }
    let clock = 48e6
    #expect(target.clock == clock)
    let rate = run.rate(at: clock, learning: true)
    let worst = run.largestCall
    print(
      "store_recall with learning on Cortex-M0 at 48 MHz: \(Int(rate)) steps/s by the instruction count, 1000 are real "
        + "time; the longest single call is \(worst.name), \(worst.count) instructions, "
        + "\(Int(Double(worst.count) / clock * 1e6)) µs; the longest step \(run.largestStep)")
    #expect(rate > 1000)
    // Even the slowest step is over before the next one is due; the update falls between two trials.
    #expect(Double(run.largestStep + run.largestLearn) / clock < 1e-3)
    #expect(worst.count >= run.largestStep && worst.count == max(run.largestStep, run.largestUpdate))
    // In slices the processor is held for no longer than a piece takes: at most eight of twenty neurons are swept in one.
    #expect(run.largestInSlices >= run.largestStep && run.largestInSlices < run.largestUpdate / 2)
    print("in slices the longest call is \(run.largestInSlices), \(Int(Double(run.largestInSlices) / clock * 1e6)) µs")
  }

  @Test func eventsAreCounted() throws {
    let workload = try workload(Blink())
    // Poisson input: every event reaches both neurons.
    #expect(workload.steps == 24 && workload.plasticSynapses == 8)
    #expect(workload.synapticEvents == Double(2 * workload.inputEvents + 2 * workload.spikes))
  }
}
