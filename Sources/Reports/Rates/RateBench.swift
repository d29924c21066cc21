public import Diagnostics
import Foundation
public import OnlineRules
public import RateReference
public import Toolchains

/// The report of `epropc bench rates`.
public struct RateBench: Sendable {
  /// The curves of one rule.
  public struct Row: Sendable {
    public var rule: OnlineRule
    public var learningRate: Double
    /// Test loss in nats per step, by seed and by stretch of the stream from before the first.
    public var curves: [[Double]]

    public init(rule: OnlineRule, learningRate: Double, curves: [[Double]]) {
      (self.rule, self.learningRate, self.curves) = (rule, learningRate, curves)
    }

    /// The mean of the last tenth of a curve, at least one point.
    public static func final(_ curve: [Double]) -> Double {
      let last = curve.suffix(max(1, curve.count / 10))
      return last.reduce(0, +) / Double(last.count)
    }

    public var finals: [Double] { curves.map(Self.final) }
    public var mean: Double { finals.reduce(0, +) / Double(max(finals.count, 1)) }
    /// The mean curve over the seeds.
    public var meanCurve: [Double] {
      guard let first = curves.first else { return [] }
      return first.indices.map { index in curves.reduce(0) { $0 + $1[index] } / Double(curves.count) }
    }
  }

  public var alpha: Double
  public var units: Int
  public var steps: Int
  public var stretch: Int
  public var seeds: [UInt64]
  public var rows: [Row]
  public var costs: [RateCost]
  /// The entropy of the label given both coins.
  public var floor: Double

  public init(
    alpha: Double, units: Int, steps: Int, stretch: Int, seeds: [UInt64], rows: [Row], costs: [RateCost], floor: Double
  ) {
    (self.alpha, self.units, self.steps, self.stretch) = (alpha, units, steps, stretch)
    (self.seeds, self.rows, self.costs, self.floor) = (seeds, rows, costs, floor)
  }

  /// Tables and a plot.
  public func text(host: HostInformation) -> String {
    var parts: [String] = []
    if !rows.isEmpty {
      parts.append(
        "Add, \(units) leaky-tanh units, alpha \(Figure.short(alpha)), a stream of \(steps) steps, SGD after every step; "
          + "test loss in nats per step; the best possible is \(String(format: "%.4f", floor))")
      parts += [finals, "means over the seeds, by steps learnt from", plot]
    }
    if !costs.isEmpty {
      parts += ["CPU time per step beyond the forward pass, and how it grows with the number n of units", costTable]
    }
    return (parts + ["on \(host.processor), \(host.system)"]).joined(separator: "\n\n")
  }

  private var finals: String {
    var table = Table(
      [.text("rule"), .number("learning rate")] + seeds.map { .number("seed \($0)") }
        + [.number("mean"), .number("above the best")])
    for row in rows {
      table.add(
        [row.rule.rawValue, Figure.short(row.learningRate)] + row.finals.map(Self.loss)
          + [Self.loss(row.mean), Self.loss(row.mean - floor)])
    }
    return table.text
  }

  private static func loss(_ value: Double) -> String { String(format: "%.4f", value) }

  /// A column of losses per rule, and a bar for how far each is above the best.
  private var plot: String {
    let points = 10
    let count = rows.first?.meanCurve.count ?? 0
    guard count > 1 else { return "" }
    let chosen = (0...points).map { $0 * (count - 1) / points }
    var table = Table([.number("steps")] + rows.map { .number($0.rule.rawValue) })
    for index in chosen { table.add(["\(index * stretch)"] + rows.map { Self.loss($0.meanCurve[index]) }) }
    var bars = Table([.text("rule"), .text("at the end, above the best")])
    let most = rows.map { $0.mean - floor }.filter(\.isFinite).max() ?? 1
    for row in rows where row.mean.isFinite {
      let length = Int((max(row.mean - floor, 0) / max(most, 1e-9) * 60).rounded())
      bars.add([row.rule.rawValue, String(repeating: "█", count: max(length, 1))])
    }
    return table.text + "\n\n" + bars.text
  }

  private var costTable: String {
    let sizes = Set(costs.flatMap(\.units)).sorted()
    var table = Table(
      [.text("rule"), .text("time"), .text("memory")] + sizes.map { .number("n = \($0), µs") }
        + [.number("exponent"), .number("expected")])
    for cost in costs {
      table.add(
        [cost.rule.rawValue, "O(\(cost.rule.cost.order))", "O(\(cost.rule.memory.order))"]
          + sizes.map { size in cost.units.firstIndex(of: size).map { Figure.short(cost.microseconds[$0]) } ?? "" }
          + [Figure.hundredths(cost.exponent), Figure.short(cost.rule.cost.exponent)])
    }
    return table.text
  }

  /// The document that Format.md describes.
  public func json(host: HostInformation) -> JSONText {
    .object([
      .init("format", .string("epropc-bench-rates")), .init("version", .integer(1)),
      .init("processor", .string(host.processor)), .init("system", .string(host.system)),
      .init("alpha", .number(alpha)), .init("units", .integer(units)), .init("steps", .integer(steps)),
      .init("stretch", .integer(stretch)), .init("floor", .number(floor)),
      .init("seeds", .array(seeds.map { .integer(Int(truncatingIfNeeded: $0)) })),
      .init("rules", .array(rows.map(Self.json))), .init("costs", .array(costs.map(Self.json))),
    ])
  }

  private static func json(_ row: Row) -> JSONText {
    func number(_ value: Double) -> JSONText { .number(value.isFinite ? value : 1e300) }
    return .object([
      .init("rule", .string(row.rule.rawValue)), .init("learning_rate", .number(row.learningRate)),
      .init("final", .array(row.finals.map(number))), .init("mean", number(row.mean)),
      .init("curves", .array(row.curves.map { .array($0.map(number)) })),
    ])
  }

  private static func json(_ cost: RateCost) -> JSONText {
    .object([
      .init("rule", .string(cost.rule.rawValue)), .init("units", .array(cost.units.map { .integer($0) })),
      .init("microseconds_per_step", .array(cost.microseconds.map { .number($0) })),
      .init("exponent", .number(cost.exponent)), .init("expected_exponent", .number(cost.rule.cost.exponent)),
    ])
  }
}
