import Diagnostics
import Foundation

/// What a program executed, by function. Deterministic: the same program and input give the same counts.
public struct ExecutionCounts: Sendable, Hashable {
  public let unit: Target.Counter.Unit
  public let total: UInt64
  /// By function, callees not included; what belongs to no known function is under `?`.
  public let byFunction: [String: UInt64]
}

extension Program {
  func executionCounts(at file: String) async throws(Findings) -> ExecutionCounts? {
    guard let counter = target.counter else { return nil }
    guard let data = FileManager.default.contents(atPath: file) else {
      throw Findings(Finding("run.counts", at: .init(file: file), "the counter wrote no file"))
    }
    let text = String(decoding: data, as: UTF8.self)
    let byFunction =
      switch counter.format {
      case .callgrind: callgrindCounts(text)
      case .pcHistogram: histogramCounts(text, functions: try await symbols().filter(\.isCode))
      }
    return ExecutionCounts(
      unit: counter.unit, total: byFunction.values.reduce(0, +), byFunction: byFunction)
  }
}

/// Gives each address of the histogram to the function that holds it.
func histogramCounts(_ text: String, functions: [ProgramSizes.Symbol]) -> [String: UInt64] {
  let sorted = functions.sorted { ($0.address, $0.size) < ($1.address, $1.size) }
  var counts: [String: UInt64] = [:]
  for line in text.split(separator: "\n") {
    let words = line.split(separator: " ")
    guard words.count >= 2, let address = UInt64(words[0], radix: 16), let count = UInt64(words[1]) else { continue }
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    let candidate = low > 0 ? sorted[low - 1] : nil
    let name = candidate.flatMap { address < $0.address + max($0.size, 1) ? $0.name : nil } ?? "?"
    counts[name, default: 0] += count
  }
  return counts
}

/// Sums callgrind's cost lines by function. Lines after `calls=` hold a callee's cost and belong to that callee.
func callgrindCounts(_ text: String) -> [String: UInt64] {
  var names: [Substring: String] = [:]
  var counts: [String: UInt64] = [:]
  var current = "?"
  var skipNext = false
  for line in text.split(separator: "\n") {
    if line.hasPrefix("fn=") || line.hasPrefix("cfn=") {
      let name = callgrindName(line.drop { $0 != "=" }.dropFirst(), &names)
      if line.hasPrefix("fn=") { current = name }
    } else if line.hasPrefix("calls=") {
      skipNext = true
    } else if let first = line.first, first.isNumber || first == "+" || first == "-" || first == "*" {
      if !skipNext, let cost = line.split(separator: " ").last.flatMap({ UInt64($0) }) {
        counts[current, default: 0] += cost
      }
      skipNext = false
    }
  }
  return counts
}

/// Callgrind writes a name once, `(7) snn_step`, and then only `(7)`.
private func callgrindName(_ text: Substring, _ names: inout [Substring: String]) -> String {
  guard let close = text.firstIndex(of: ")") else { return String(text) }
  let key = text[...close]
  let rest = text[text.index(after: close)...].drop { $0 == " " }
  if !rest.isEmpty { names[key] = String(rest) }
  return names[key] ?? "?"
}
