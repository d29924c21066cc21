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
    /// Instructions per step, averages over a run.
    var forward: Double
    var recording: Double
    /// Per neuron and step.
    var replay: Double
    var sweep: Double
    /// Per event and synapse.
    var add: Double
    var testDescription: String { "\(target), \(kernels.rawValue)" }
  }

  @Test(arguments: [
    Bar(target: "cortex-m4", kernels: .armv7em, forward: 1120, recording: 1250, replay: 18, sweep: 11, add: 2.0),
    Bar(target: "cortex-m4", kernels: .portable, forward: 2100, recording: 2450, replay: 23, sweep: 14, add: 2.9),
    Bar(target: "cortex-m0", kernels: .portable, forward: 2620, recording: 3040, replay: 34, sweep: 22, add: 4.3),
    Bar(target: "rv32imc", kernels: .portable, forward: 2070, recording: 2560, replay: 26, sweep: 16, add: 3.2),
  ])
  func instructionsPerStep(_ bar: Bar) async throws {
    let target = try Target.named(bar.target, in: root + "/targets")
    guard await target.missingTools(counting: true).isEmpty else { return }
    try await inTemporaryFolder { folder in
      let counts = try await KernelBenchmark(directory: folder).run(on: target, kernels: bar.kernels)
      func unit(_ prefix: String) -> Double { counts.units.first { $0.name.hasPrefix(prefix) }?.count ?? .infinity }
      #expect(counts.forward <= bar.forward)
      #expect(counts.recording <= bar.recording)
      #expect(unit("replay") <= bar.replay)
      #expect(unit("sweep") <= bar.sweep)
      #expect(unit("forward add") <= bar.add)
    }
  }
}
