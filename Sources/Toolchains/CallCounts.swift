public import Diagnostics
import Foundation

/// What each call of a program's functions cost, in which parts of the program. Deterministic.
public struct CallCounts: Sendable, Hashable {
  /// All calls of one function from outside the parts that are counted, with what they called in turn.
  public struct Calls: Sendable, Hashable {
    public let calls: UInt64
    public let total: UInt64
    /// The most that one call took.
    public let largest: UInt64
    /// What of the total each part took, from part 1 on.
    public let parts: [UInt64]

    public init(calls: UInt64 = 0, total: UInt64 = 0, largest: UInt64 = 0, parts: [UInt64] = []) {
      self.calls = calls
      self.total = total
      self.largest = largest
      self.parts = parts
    }
  }

  public let unit: Target.Counter.Unit
  public let byFunction: [String: Calls]
}

/// A piece of a program and the part it belongs to: 0 is the caller, whose own work is not counted.
public struct CodePiece: Sendable, Hashable {
  public let address: UInt64
  public let size: UInt64
  public let part: Int

  public init(address: UInt64, size: UInt64, part: Int) {
    self.address = address
    self.size = size
    self.part = part
  }
}

/// A place in a source, of code that was inlined or not.
public struct SourcePlace: Sendable, Hashable {
  public let function: String
  public let file: String
  public let line: Int
}

extension Program {
  /// Runs the program and counts what calls cost. What is in none of the pieces, as the compiler's own library, counts
  /// for the part from which it was reached.
  public func countCalls(
    input: String, output: String, pieces: [CodePiece], limits: RunLimits = RunLimits()
  ) async throws(Findings) -> (counts: CallCounts, result: RunResult) {
    guard let counter = target.counter, let calls = counter.calls else {
      throw Findings(
        Finding("run.counter", at: .init(path: target.name), "the target '\(target.name)' cannot count calls"))
    }
    let map = "\(directory)/map.txt"
    let lines = pieces.sorted { ($0.address, $0.size) < ($1.address, $1.size) }.map {
      "\(String($0.address, radix: 16)) \(String($0.size, radix: 16)) \($0.part)\n"
    }
    let file = "\(directory)/calls.txt"
    do {
      try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: map))
      try? FileManager.default.removeItem(atPath: file)
    } catch {
      throw Findings(Finding("run.map", at: .init(file: map), "the file cannot be written: \(error)"))
    }
    let result = try await run(
      input: input, output: output, counter: calls.arguments, counts: file, map: map, limits: limits)
    guard result.succeeded else {
      throw Findings(
        Finding(
          "run.counter", at: .init(path: target.name),
          "the program ended with \(result.status): \(result.standardError) "
            + String(decoding: result.standardOutput, as: UTF8.self)))
    }
    guard let data = FileManager.default.contents(atPath: file) else {
      throw Findings(Finding("run.counts", at: .init(file: file), "the counter wrote no file"))
    }
    let names = Dictionary(try await symbols().filter(\.isCode).map { ($0.address, $0.name) }) { first, _ in first }
    let counts = parseCalls(String(decoding: data, as: UTF8.self), names: names)
    return (CallCounts(unit: counter.unit, byFunction: counts), result)
  }

  /// The places in the source of each address, the innermost function first.
  public func sourcePlaces(of addresses: [UInt64]) async throws(Findings) -> [UInt64: [SourcePlace]] {
    let list = "\(directory)/addresses.txt"
    do {
      try Data(addresses.map { "0x\(String($0, radix: 16))\n" }.joined().utf8).write(to: URL(fileURLWithPath: list))
    } catch {
      throw Findings(Finding("run.map", at: .init(file: list), "the file cannot be written: \(error)"))
    }
    let call = Command(target.binutils.addr2line, ["-e", path, "-a", "-i", "-f", "@\(list)"])
    let result = try await call.run()
    guard result.status == .exited(0) else {
      throw Findings(
        Finding("sizes.tool", at: .init(file: target.binutils.addr2line), "\(result.status): \(result.error)"))
    }
    return parseSourcePlaces(result.text)
  }
}

/// Lines `address calls total largest part1 part2 …`, the address in hexadecimal.
func parseCalls(_ text: String, names: [UInt64: String]) -> [String: CallCounts.Calls] {
  var calls: [String: CallCounts.Calls] = [:]
  for line in text.split(separator: "\n") {
    let words = line.split(separator: " ")
    guard words.count >= 4, let address = UInt64(words[0], radix: 16) else { continue }
    let numbers = words.dropFirst().compactMap { UInt64($0) }
    guard numbers.count + 1 == words.count else { continue }
    calls[names[address] ?? "?"] = CallCounts.Calls(
      calls: numbers[0], total: numbers[1], largest: numbers[2], parts: Array(numbers[3...]))
  }
  return calls
}

/// A line `0xaddress`, then for each function, the innermost first, a line with its name and one `file:line`.
func parseSourcePlaces(_ text: String) -> [UInt64: [SourcePlace]] {
  var places: [UInt64: [SourcePlace]] = [:]
  var address: UInt64 = 0
  var function: String?
  for line in text.split(separator: "\n") {
    if function == nil, line.hasPrefix("0x"), let value = UInt64(line.dropFirst(2), radix: 16) {
      address = value
      places[address] = []
    } else if let name = function {
      let words = line.split(separator: " ").first ?? ""
      let colon = words.lastIndex(of: ":") ?? words.endIndex
      let number = colon < words.endIndex ? Int(words[words.index(after: colon)...]) ?? 0 : 0
      places[address, default: []].append(
        SourcePlace(function: name, file: String(words[..<colon]), line: number))
      function = nil
    } else {
      function = String(line)
    }
  }
  return places
}
