public import Conformance
public import Diagnostics
import Foundation
import Planning
public import Toolchains

/// The report of `epropc bench kernels`.
public enum KernelText {
  /// As a table: a line per figure, a column per target.
  public static func text(_ all: [KernelCounts], of benchmark: KernelBenchmark, host: HostInformation, functions: Bool)
    -> String
  {
    guard let first = all.first else { return "" }
    let density = benchmark.density < 1 ? String(format: ", %g %% of the synapses", 100 * benchmark.density) : ""
    var lines = [
      "100 inputs, 100 LIF neurons, 2 readouts, all plastic int\(benchmark.weightBits)\(density); \(KernelBenchmark.trials) trials of 1,000 steps; tile "
        + "\(benchmark.tile)",
      String(
        format: "%.3f input events and %.3f spikes per step; %@ per step", first.inputEvents, first.spikes,
        all.map(\.unit).first ?? ""), "",
    ]
    lines.append(row("", all.map(\.target)))
    lines.append(row("kernels", all.map(\.kernels.rawValue)))
    for (name, value) in figures { lines.append(row(name, all.map { String(format: "%.0f", value($0)) })) }
    lines.append("")
    for index in first.units.indices {
      lines.append(row(first.units[index].name, all.map { String(format: "%.2f", $0.units[index].count) }))
    }
    lines.append("")
    lines.append(row("code at -Os, inference, bytes", all.map { String($0.inferenceCode) }))
    lines.append(row("code at -Os, learning, bytes", all.map { String($0.learningCode) }))
    lines.append(row("deepest stack, bytes", all.map { $0.stack.map(String.init) ?? "?" }))
    lines.append("")
    for counts in all {
      lines.append(
        "\(counts.target), \(counts.kernels.rawValue): \(counts.core); \(counts.compiler), \(counts.optimisation)")
    }
    lines.append("on \(host.processor), \(host.system)")
    if functions { lines += all.flatMap(functionLines) }
    return lines.joined(separator: "\n")
  }

  private static let figures: [(String, @Sendable (KernelCounts) -> Double)] = [
    ("forward only", \.forward), ("forward + recording (replay)", \.recording),
    ("forward + recording (stored psi)", \.recordingStored), ("end of trial, replay", \.replay),
    ("end of trial, stored psi", \.stored),
  ]

  private static func row(_ name: String, _ values: [String]) -> String {
    name.padding(toLength: 46, withPad: " ", startingAt: 0)
      + values.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
  }

  private static func functionLines(_ counts: KernelCounts) -> [String] {
    ["", "\(counts.target), \(counts.kernels.rawValue), replay, functions kept apart:"]
      + counts.functions.map { row("  " + $0.name, [String(format: "%.1f", $0.count)]) }
  }

  /// As JSON.
  public static func document(_ all: [KernelCounts], of benchmark: KernelBenchmark, host: HostInformation) -> JSONText {
    .object([
      .init("processor", .string(host.processor)), .init("system", .string(host.system)),
      .init("tile", .integer(benchmark.tile)), .init("density", .number(benchmark.density)),
      .init("weight_bits", .integer(benchmark.weightBits)), .init("trials", .integer(KernelBenchmark.trials)),
      .init("targets", .array(all.map(target))),
    ])
  }

  private static func target(_ counts: KernelCounts) -> JSONText {
    var members: [JSONText.Member] = [
      .init("target", .string(counts.target)), .init("core", .string(counts.core)),
      .init("kernels", .string(counts.kernels.rawValue)),
      .init("compiler", .string(counts.compiler)), .init("optimisation", .string(counts.optimisation)),
      .init("unit", .string(counts.unit)), .init("input_events_per_step", .number(counts.inputEvents)),
      .init("spikes_per_step", .number(counts.spikes)), .init("forward", .number(counts.forward)),
      .init("recording_replay", .number(counts.recording)),
      .init("recording_stored", .number(counts.recordingStored)), .init("update_replay", .number(counts.replay)),
      .init("update_stored", .number(counts.stored)),
      .init("units", .object(counts.units.map { .init($0.name, .number($0.count)) })),
      .init("inference_code_bytes", .integer(counts.inferenceCode)),
      .init("learning_code_bytes", .integer(counts.learningCode)),
    ]
    if let stack = counts.stack { members.append(.init("stack_bytes", .integer(stack))) }
    return .object(members)
  }
}
