import Foundation
public import Profiling
public import Toolchains

/// What a plan's C executes, for people.
public enum ExecutionText {
  /// A target with its counts and the clock that rates are given at.
  public struct Row: Sendable {
    public var target: Target
    public var execution: ExecutionProfile
    /// Hz; nil where none is known.
    public var clock: Double?

    public init(target: Target, execution: ExecutionProfile, clock: Double?) {
      self.target = target
      self.execution = execution
      self.clock = clock
    }
  }

  /// The headline, what a step costs by purpose, and the rates.
  public static func text(_ rows: [Row], timeStep: Double) -> String {
    guard let first = rows.first?.execution else { return "" }
    return [headline(rows), costs(rows), rates(rows, timeStep: timeStep), remarks(rows, first)]
      .filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private static func headline(_ rows: [Row]) -> String {
    var table = Table([
      .text("executed on"), .text("counted in"), .number("forward per synaptic event"),
      .number("learning per plastic synapse and step"), .number("per synaptic event"),
    ])
    for row in rows {
      let execution = row.execution
      table.add([
        row.target.name, execution.unit.rawValue, figure(execution.forwardPerEvent),
        figure(execution.learningPerSynapse), figure(execution.learningPerEvent),
      ])
    }
    return table.text
  }

  private static func costs(_ rows: [Row]) -> String {
    var table = Table([
      .text("per step"), .number("forward"), .number("recording"), .number("backward"), .number("update"),
      .number("in all"), .number("code, inference"), .number("code, learning"),
    ])
    for row in rows {
      let execution = row.execution
      func each(_ count: UInt64) -> String { String(format: "%.0f", execution.perStep(count)) }
      table.add(
        [row.target.name, each(execution.forward)]
          + (execution.learns
            ? [each(execution.recording), each(execution.backward), each(execution.update), each(execution.total)]
            : ["", "", "", each(execution.forward)])
          + ["\(execution.inferenceCode)", execution.learns ? "\(execution.learningCode)" : ""])
    }
    return table.text
  }

  private static func rates(_ rows: [Row], timeStep: Double) -> String {
    var table = Table([
      .text("at"), .number("clock"), .number("steps/s, inference"), .number("steps/s, learning"),
      .number("× real time"),
      .text("slowest step"), .text("update"), .text("worst single call"), .text("in slices"),
    ])
    var any = false
    for row in rows {
      guard let clock = row.clock else { continue }
      any = true
      let execution = row.execution
      let rate = execution.rate(at: clock, learning: true)
      let worst = execution.largestCall
      table.add([
        row.target.name, frequency(clock), rounded(execution.rate(at: clock, learning: false)),
        execution.learns ? rounded(rate) : "", String(format: "%.1f", rate * timeStep / 1000),
        call(execution.largestStep, clock), execution.learns ? call(execution.largestUpdate, clock) : "",
        "\(worst.name), \(call(worst.count, clock))",
        execution.learns ? call(execution.largestInSlices, clock) : "",
      ])
    }
    return any ? table.text : ""
  }

  private static func remarks(_ rows: [Row], _ first: ExecutionProfile) -> String {
    var lines = [
      String(
        format: "one trial of %d steps and its update: per step %.2f input events, %.2f spikes, %.1f synaptic events",
        first.steps, Double(first.inputEvents) / Double(max(1, first.steps)),
        Double(first.spikes) / Double(max(1, first.steps)), first.synapticEvents / Double(max(1, first.steps))),
      "forward: the step without learning; recording: what it takes more, and `learn`; backward: error filter, replay and",
      "sweeps; update: gradients and weights. The last two are in one call at the end of a block or trial, here per step",
      "in slices: the worst single call where the update is made by update_slice, a piece at a time",
    ]
    if rows.contains(where: { $0.clock != nil && $0.execution.unit == .instructions }) {
      lines.append(
        "rates and times are estimates: instructions are counted, and each is taken for one cycle; an average over a trial"
      )
    }
    return lines.joined(separator: "\n")
  }

  private static func figure(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "" }
  private static func rounded(_ value: Double) -> String { String(format: "%.0f", value) }

  /// A count, and its time at `clock`.
  static func call(_ count: UInt64, _ clock: Double) -> String { "\(count) = \(time(Double(count) / clock))" }

  static func time(_ seconds: Double) -> String {
    if seconds >= 1 { return String(format: "%.2f s", seconds) }
    if seconds >= 1e-3 { return String(format: "%.2f ms", seconds * 1e3) }
    return String(format: "%.1f µs", seconds * 1e6)
  }

  /// 48 MHz.
  public static func frequency(_ hertz: Double) -> String {
    for (unit, size) in [("GHz", 1e9), ("MHz", 1e6), ("kHz", 1e3)] where hertz >= size {
      return String(format: "%g %@", hertz / size, unit)
    }
    return String(format: "%g Hz", hertz)
  }
}
