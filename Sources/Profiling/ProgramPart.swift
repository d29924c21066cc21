import CBackend
import Diagnostics
import Planning
import Toolchains

/// What a function of the generated C is for, when it is asked what a step or an update costs.
public enum ProgramPart: Int, Sendable, Hashable, CaseIterable {
  /// The step and what is recorded of it, with the error of the readouts.
  case step = 1
  /// The error filter, the replay of a block and the sweeps back through it.
  case backward
  /// Gradients, and the update of the weights.
  case update
  /// Beginning, saving, loading.
  case other
}

/// Which part the lines of a generated source belong to, by its headings.
struct SourceParts {
  /// The first line of each section, and what it belongs to.
  private var sections: [(line: Int, title: String)] = []
  let file: String

  init(_ network: GeneratedNetwork) {
    file = "\(network.name).c"
    for (index, line) in network.source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      // By its line, not its name: the debug information of old compilers has no name for what was inlined.
      if line.hasPrefix("static EPROP_APART void filter_") { sections.append((index + 1, "The error filter")) }
      guard line.hasPrefix("/* ---- ") else { continue }
      let title = line.dropFirst("/* ---- ".count).prefix { $0 != "-" }
      sections.append((index + 1, String(title.dropLast())))
    }
  }

  /// The part of a place in the source; nil for a section that is not known.
  func part(of place: SourcePlace) -> ProgramPart? {
    switch sections.last(where: { $0.line <= place.line })?.title {
    case "Tables", "The record of a block", "Forward", "Errors": .step
    case "The error filter", "Backward sweeps": .backward
    case "Gradients", "The update", "The pieces of an update", "What learns": .update
    case "A new trial", "Saving and loading", "Beginning": .other
    default: nil
    }
  }
}

extension Program {
  /// The pieces of the program: those of the generated C by their part, and the driver and the platform as callers.
  func pieces(of network: GeneratedNetwork) async throws(Findings) -> [CodePiece] {
    var library: Set<String> = []
    var callers: Set<String> = []
    for object in objects {
      let names = try await sizes(of: object).symbols.filter(\.isCode).map(\.name)
      if object.group == .freestanding { library.formUnion(names) } else { callers.formUnion(names) }
    }
    let symbols = try await sizes().symbols.filter { $0.isCode && $0.size > 0 }
    let functions = symbols.filter { library.contains($0.name) }
    // Instructions of most processors are whole words of 16 bits.
    let stride: UInt64 = functions.contains { ($0.address | $0.size) & 1 != 0 } ? 1 : 2
    let addresses = functions.flatMap {
      Array(Swift.stride(from: $0.address, to: $0.address + $0.size, by: Int(stride)))
    }
    let places = try await sourcePlaces(of: addresses)
    let parts = SourceParts(network)
    var pieces: [CodePiece] = []
    for symbol in symbols where callers.contains(symbol.name) && !library.contains(symbol.name) {
      pieces.append(CodePiece(address: symbol.address, size: symbol.size, part: 0))
    }
    for function in functions {
      pieces += try cut(function, stride: stride, places: places, parts: parts)
    }
    return pieces
  }

  /// One function, cut where the part changes. A place without a line belongs to what stands before it.
  private func cut(
    _ function: ProgramSizes.Symbol, stride: UInt64, places: [UInt64: [SourcePlace]], parts: SourceParts
  ) throws(Findings) -> [CodePiece] {
    var known: [(address: UInt64, part: ProgramPart)] = []
    for address in Swift.stride(from: function.address, to: function.address + function.size, by: Int(stride)) {
      let frames = places[address] ?? []
      guard
        let place = frames.first(where: {
          $0.line > 0 && ($0.file.hasSuffix("/" + parts.file) || $0.file == parts.file)
        })
      else { continue }
      guard let part = parts.part(of: place) else {
        throw Findings(
          Finding(
            "profile.section", at: .init(file: place.file, line: place.line),
            "the function '\(place.function)' is in a section of the generated C whose part is not known",
            help: "this is a fault of epropc; please report it"))
      }
      if known.last?.part != part { known.append((address, part)) }
    }
    guard !known.isEmpty else {
      return [CodePiece(address: function.address, size: function.size, part: ProgramPart.other.rawValue)]
    }
    known[0].address = function.address
    return known.indices.map { index in
      let end = index + 1 < known.count ? known[index + 1].address : function.address + function.size
      return CodePiece(
        address: known[index].address, size: end - known[index].address, part: known[index].part.rawValue)
    }
  }
}
