public import Diagnostics

/// What a program or an object takes, from the ELF file itself.
public struct ProgramSizes: Sendable, Hashable {
  /// A section, as `size -A` lists it.
  public struct Section: Sendable, Hashable {
    public let name: String
    public let size: Int
    public let address: UInt64
  }

  /// A function or an object, as `nm` lists it.
  public struct Symbol: Sendable, Hashable {
    public let name: String
    /// The letter of `nm`: t and T are code, r and R constants, d and D data, b and B zeroed data.
    public let kind: Character
    public let address: UInt64
    public let size: UInt64
    public var isCode: Bool { kind == "t" || kind == "T" || kind == "w" || kind == "W" }
  }

  /// Bytes of code and constants, and of the initial values of data.
  public let flash: Int
  /// Bytes of data, initialised and zeroed. The stack is not among them.
  public let ram: Int
  public let sections: [Section]
  public let symbols: [Symbol]
}

extension Program {
  /// The sizes of the linked program.
  public func sizes() async throws(Findings) -> ProgramSizes { try await sizes(of: path) }

  /// The sizes of one source's object, as it is before the linker drops what is not used.
  public func sizes(of object: Object) async throws(Findings) -> ProgramSizes { try await sizes(of: object.path) }

  private func sizes(of file: String) async throws(Findings) -> ProgramSizes {
    let totals = try await measure(target.binutils.size, ["-B", "-d", file])
    let numbers = totals.split(separator: "\n").last.map { $0.split(whereSeparator: \.isWhitespace).prefix(3) } ?? []
    let parts = numbers.compactMap { Int($0) }
    guard parts.count == 3 else {
      throw Findings(Finding("sizes.format", at: .init(file: file), "\(target.binutils.size) printed: \(totals)"))
    }
    return ProgramSizes(
      flash: parts[0] + parts[1], ram: parts[1] + parts[2],
      sections: parseSections(try await measure(target.binutils.size, ["-A", "-d", file])),
      symbols: try await symbols(of: file))
  }

  func symbols(of file: String? = nil) async throws(Findings) -> [ProgramSizes.Symbol] {
    parseSymbols(try await measure(target.binutils.nm, ["-P", "-t", "x", "--defined-only", file ?? path]))
  }

  private func measure(_ command: String, _ arguments: [String]) async throws(Findings) -> String {
    let call = Command(command, arguments)
    let result = try await call.run()
    guard result.status == .exited(0) else {
      throw Findings(
        Finding("sizes.tool", at: .init(file: command), "\(result.status): \(result.error)", help: call.line))
    }
    return result.text
  }
}

/// Lines `name size address` under a heading.
func parseSections(_ text: String) -> [ProgramSizes.Section] {
  text.split(separator: "\n").compactMap { line in
    let words = line.split(whereSeparator: \.isWhitespace)
    guard words.count == 3, let size = Int(words[1]), let address = UInt64(words[2]) else { return nil }
    return .init(name: String(words[0]), size: size, address: address)
  }
}

/// Lines `name letter value [size]`, in hexadecimal.
func parseSymbols(_ text: String) -> [ProgramSizes.Symbol] {
  text.split(separator: "\n").compactMap { line in
    let words = line.split(separator: " ")
    guard words.count >= 3, let kind = words[1].first, let address = UInt64(words[2], radix: 16) else { return nil }
    let size = words.count > 3 ? UInt64(words[3], radix: 16) ?? 0 : 0
    return .init(name: String(words[0]), kind: kind, address: address, size: size)
  }
}
