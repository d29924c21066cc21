public import Diagnostics
import Foundation
public import Profiling
public import Toolchains

/// What networks cost on targets and whether they have the right bits there: a row for each pair.
public struct TargetTable: Sendable {
  /// One network on one target.
  public struct Row: Sendable {
    public var network: String
    public var target: Target
    public var profile: TargetProfile?
    public var execution: ExecutionProfile?
    public var clock: Double?
    /// Whether every digest of the trials was that of the integer model; nil if they were not run.
    public var bitExact: Bool?
    /// Why there are no figures.
    public var obstacle: String?

    public init(
      network: String, target: Target, profile: TargetProfile? = nil, execution: ExecutionProfile? = nil,
      clock: Double? = nil, bitExact: Bool? = nil, obstacle: String? = nil
    ) {
      self.network = network
      self.target = target
      self.profile = profile
      self.execution = execution
      self.clock = clock
      self.bitExact = bitExact
      self.obstacle = obstacle
    }
  }

  public var rows: [Row]
  /// Trials that were compared.
  public var trials: Int
  public var optimisation: String

  public init(rows: [Row], trials: Int, optimisation: String) {
    self.rows = rows
    self.trials = trials
    self.optimisation = optimisation
  }

  private static let headings = [
    "network", "target", "flash", "RAM", "stack", "forward", "learning", "longest call", "steps/s, learning",
    "bit-exact",
  ]

  private func cells(_ row: Row) -> [String] {
    guard row.obstacle == nil else {
      return [row.network, row.target.name, "", "", "", "", "", "", "", row.obstacle ?? ""]
    }
    let stack = row.profile.map { profile in
      profile.deepestStack.map(String.init) ?? profile.largestFrame.map { "≥ \($0)" } ?? ""
    }
    let execution = row.execution
    let star = execution?.unit == .cycles ? " cycles" : ""
    let longest = execution.map { "\($0.largestCall.name) \($0.largestCall.count)" }
    let rate = execution.flatMap { execution in
      row.clock.map {
        String(format: "%.0f at \(ExecutionText.frequency($0))", execution.rate(at: $0, learning: true))
      }
    }
    return [
      row.network, row.target.name, row.profile.map { "\($0.flashBytes)" } ?? "",
      row.profile.map { "\($0.ramBytes)" } ?? "", stack ?? "",
      execution.map { String(format: "%.0f", $0.perStep($0.forward)) + star } ?? "",
      execution.map { String(format: "%.0f", $0.perStep($0.total)) + star } ?? "", longest ?? "", rate ?? "",
      row.bitExact.map { $0 ? "yes" : "NO" } ?? "not run",
    ]
  }

  private var legend: String {
    "forward, learning: instructions per step (cycles where it says so), without learning and with all of it; "
      + "\(trials) learning trials compared; \(optimisation)"
  }

  /// As a table for a terminal.
  public var text: String {
    var table = Table(
      Self.headings.map { heading in
        ["network", "target", "longest call", "bit-exact"].contains(heading) ? .text(heading) : .number(heading)
      })
    for row in rows { table.add(cells(row)) }
    return table.text + "\n" + legend
  }

  /// As Markdown.
  public var markdown: String {
    let rule = Self.headings.map { ["network", "target", "longest call", "bit-exact"].contains($0) ? "---" : "---:" }
    let lines = [Self.headings, rule] + rows.map(cells)
    return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n") + "\n\n" + legend
  }

  /// As JSON, as `Format.md` describes it.
  public var json: JSONText {
    .object([
      .init("format", .string("epropc-bench-targets")), .init("version", .integer(1)),
      .init("trials", .integer(trials)), .init("optimisation", .string(optimisation)),
      .init("rows", .array(rows.map(Self.row))),
    ])
  }

  private static func row(_ row: Row) -> JSONText {
    var members: [JSONText.Member] = [
      .init("network", .string(row.network)), .init("target", .string(row.target.name)),
    ]
    if let obstacle = row.obstacle { members.append(.init("obstacle", .string(obstacle))) }
    if let profile = row.profile {
      members += [
        .init("flash_bytes", .integer(profile.flashBytes)), .init("ram_bytes", .integer(profile.ramBytes)),
      ]
      if let stack = profile.deepestStack { members.append(.init("deepest_stack_bytes", .integer(stack))) }
      if let frame = profile.largestFrame { members.append(.init("largest_function_stack_bytes", .integer(frame))) }
    }
    if let execution = row.execution {
      members.append(
        .init(
          "execution",
          ExecutionJSON.document(ExecutionText.Row(target: row.target, execution: execution, clock: row.clock))))
    }
    if let exact = row.bitExact { members.append(.init("bit_exact", .bool(exact))) }
    return .object(members)
  }
}
