public import Randomness

/// Where one rule gets what it would draw: from a recorded run where that has it, and from a seeded generator elsewhere.
public final class Draws {
  private let rule: OnlineRule
  private let recorded: RecordedDraws?
  private var generator: SplitMix64
  private var trial = 0

  /// The generator's stream is named after the rule, so that rules do not disturb each other.
  public init(_ rule: OnlineRule, recorded: RecordedDraws?, seed: UInt64) {
    self.rule = rule
    self.recorded = recorded
    generator = SplitMix64(seed: seed, stream: "rule " + rule.rawValue)
  }

  /// What a trial starts with. `transposing`: the rule keeps it as [columns × rows]. `keepingOwn`: what the buffer holds
  /// stays unless a recording has it.
  public func initial(
    _ name: String, _ trial: Int, to buffer: Buffer, transposing shape: (rows: Int, columns: Int)? = nil,
    keepingOwn: Bool = false, _ draw: (inout SplitMix64) -> Double = { _ in 0 }
  ) {
    self.trial = trial
    var values: [Double]
    if let row = recorded?.row(key(name), trial: trial) {
      values = row
    } else {
      guard !keepingOwn else { return }
      values = (0..<buffer.count).map { _ in draw(&generator) }
    }
    if let shape {
      values = values.indices.map { values[$0 % shape.rows * shape.columns + $0 / shape.rows] }
    }
    buffer.copy(values)
  }

  /// What a rule that learns about the network starts with, once. Without `draw` the buffer keeps what it holds.
  public func learnt(_ name: String, to buffer: Buffer, _ draw: ((inout SplitMix64) -> Double)? = nil) {
    if let values = recorded?.values(key(name)) {
      buffer.copy(values)
    } else if let draw {
      for index in 0..<buffer.count { buffer.base[index] = draw(&generator) }
    }
  }

  /// What a step of the trial draws.
  public func step(_ name: String, _ step: Int, to buffer: Buffer, _ draw: (inout SplitMix64) -> Double) {
    if recorded?.copy(key(name), trial: trial, step: step, to: buffer) == true { return }
    for index in 0..<buffer.count { buffer.base[index] = draw(&generator) }
  }

  private func key(_ name: String) -> String { rule.rawValue + "." + name }
}

extension SplitMix64 {
  /// −1 or 1.
  mutating func sign() -> Double { next() >> 63 == 0 ? -1 : 1 }
}
