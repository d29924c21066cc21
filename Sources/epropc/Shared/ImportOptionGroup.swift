import ArgumentParser
import Descriptions
import Diagnostics
import Foundation
import NIR

/// What a `.nir` file does not say, the same for every verb that takes one.
struct ImportOptionGroup: ParsableArguments {
  static let fileEnding = ".nir"

  @Option(help: ArgumentHelp("The time step: a number with s, ms or us.", valueName: "time"))
  var dt: Span?

  @Option(help: "Who wrote the file: snntorch or norse, if either.")
  var from: ImportOptions.Exporter?

  @Option(
    name: .long, parsing: .upToNextOption,
    help: ArgumentHelp(
      "What a spike does to the potential: value, zero, subtract, subtract-at-once, hold or none; of one node as NODE=zero.",
      valueName: "reset"))
  var reset: [NodeReset] = []

  @Option(help: "How the equations become steps: euler or exponential. With --from as the exporter does.")
  var discretisation = ImportOptions.Discretisation.euler

  @Option(
    help: ArgumentHelp("Steps that a spike takes from layer to layer: 0, as in the file, or 1.", valueName: "steps"))
  var layerDelay = 0

  @Option(
    help: ArgumentHelp("Analog inputs between these two, as -1,1. (default: inputs that spike)", valueName: "low,high"))
  var analog: ValueRange?

  @Option(help: ArgumentHelp("The name of the network. (default: the file's)", valueName: "name"))
  var networkName: String?

  @Option(help: ArgumentHelp("How it learns (Format.md, Learning files). (default: not at all)", valueName: "json"))
  var learning: String?

  /// That a time step is there where the network is a `.nir` file.
  func check(for path: String) throws { if path.hasSuffix(Self.fileEnding) { try requireTimeStep() } }

  func requireTimeStep() throws {
    if dt == nil { throw ValidationError("a .nir file has no time step: --dt is needed, as --dt 1ms") }
    if ![0, 1].contains(layerDelay) { throw ValidationError("--layer-delay is 0 or 1") }
  }

  /// Reads a file and lowers it.
  ///
  /// - Throws: what is wrong with the file itself, or with the learning file.
  func lowering(of path: String) throws(Findings) -> Lowering {
    let stem = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    var options = ImportOptions(timeStep: dt?.milliseconds ?? 1)
    options.exporter = from
    for entry in reset {
      if let node = entry.node { options.resets[node] = entry.reset } else { options.reset = entry.reset }
    }
    options.discretisation = discretisation
    options.layerDelay = layerDelay
    if let analog { options.inputs = .analog(low: analog.low, high: analog.high) }
    options.name = networkName ?? NIRNames.identifier(stem)
    let learning = try learning.map { (file) throws(Findings) in try LearningDescription.read(path: file) }
    return Lowering(try NIRGraph.read(path: path), options: options, file: path, learning: learning)
  }
}

/// A time: a number with s, ms or us.
struct Span: ExpressibleByArgument, Sendable {
  var milliseconds: Double

  init?(argument: String) {
    guard let match = argument.lowercased().wholeMatch(of: /([0-9]*\.?[0-9]+(?:e-?[0-9]+)?) *(s|ms|us|µs)/),
      let number = Double(match.1)
    else { return nil }
    let scales: [String: Double] = ["s": 1000, "ms": 1, "us": 1e-3, "µs": 1e-3]
    milliseconds = number * (scales[String(match.2)] ?? 1)
    guard milliseconds > 0, milliseconds.isFinite else { return nil }
  }
}

/// A reset, of all nodes or of one: `zero`, `hidden.lif=zero`.
struct NodeReset: ExpressibleByArgument, Sendable {
  var node: String?
  var reset: ImportOptions.Reset

  init?(argument: String) {
    let name = argument.lastIndex(of: "=").map { argument[argument.index(after: $0)...] } ?? argument[...]
    guard let reset = ImportOptions.Reset(rawValue: String(name)) else { return nil }
    self.reset = reset
    node = argument.lastIndex(of: "=").map { String(argument[..<$0]) }
  }
}

/// Two numbers, the lower first.
struct ValueRange: ExpressibleByArgument, Sendable {
  var low: Double
  var high: Double

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard numbers.count == 2, let low = numbers[0], let high = numbers[1], low.isFinite, high.isFinite, low < high
    else {
      return nil
    }
    (self.low, self.high) = (low, high)
  }
}
