import Conformance
import Planning
import Testing
import Toolchains

/// Instructions per step of the benchmark's network (100 inputs of 20 Hz, 100 LIF, 2 readouts), which emulators count exactly:
/// what was reached may not be lost. The programs' bits are compared with the integer model on the way.
struct KernelTests {
  struct Bar: Sendable, CustomTestStringConvertible {
    var target: String
    var kernels: Layout.Kernels
    /// Instructions per step, averages over a run: of the steps alone, with a record of events, and of updates.
    var forward: Double
    var recording: Double
    var replaying: Double
    var stored: Double
    /// Per neuron and step.
    var replay: Double
    var sweep: Double
    /// Per event and synapse.
    var add: Double
    var gather: Double
    /// Bytes of code at -Os, and of the deepest stack.
    var inferenceCode: Int
    var learningCode: Int
    var stack: Int
    var testDescription: String { "\(target), \(kernels.rawValue)" }
  }

  @Test(arguments: [
    Bar(
      target: "cortex-m4", kernels: .armv7em, forward: 1120, recording: 1250, replaying: 3160, stored: 2080,
      replay: 11.5,
      sweep: 6.9, add: 1.5, gather: 1.9, inferenceCode: 2080, learningCode: 10700, stack: 256),
    Bar(
      target: "cortex-m4", kernels: .portable, forward: 1620, recording: 1740, replaying: 4944, stored: 2926,
      replay: 23, sweep: 14, add: 2.9, gather: 2.1, inferenceCode: 904, learningCode: 6500, stack: 192),
    Bar(
      target: "cortex-m0", kernels: .portable, forward: 2620, recording: 3040, replaying: 7400, stored: 4210,
      replay: 34, sweep: 20.6, add: 4.3, gather: 2.9, inferenceCode: 1000, learningCode: 7000, stack: 208),
    Bar(
      target: "rv32imc", kernels: .portable, forward: 2070, recording: 2560, replaying: 5490, stored: 3158, replay: 26,
      sweep: 16, add: 3.2, gather: 2.5, inferenceCode: 1210, learningCode: 8700, stack: 192),
  ])
  func instructionsPerStep(_ bar: Bar) async throws {
    let target = try Target.named(bar.target, in: root + "/targets")
    guard await target.missingTools(counting: true).isEmpty else { return }
    try await inTemporaryFolder { folder in
      let counts = try await KernelBenchmark(directory: folder).run(on: target, kernels: bar.kernels)
      func unit(_ prefix: String) -> Double { counts.units.first { $0.name.hasPrefix(prefix) }?.count ?? .infinity }
      #expect(counts.forward <= bar.forward)
      #expect(counts.recording <= bar.recording)
      #expect(counts.replay <= bar.replaying)
      #expect(counts.stored <= bar.stored)
      #expect(unit("replay") <= bar.replay)
      #expect(unit("sweep") <= bar.sweep)
      #expect(unit("forward add") <= bar.add)
      #expect(unit("gather") <= bar.gather)
      #expect(counts.inferenceCode <= bar.inferenceCode)
      #expect(counts.learningCode <= bar.learningCode)
      #expect((counts.stack ?? 0) <= bar.stack)
    }
  }
}
