import CBackend
public import Diagnostics
import Foundation
public import Planning
public import Toolchains

/// A network built for a target, ready to run on stimuli.
public struct Machine: Sendable {
  public let program: Program
  let directory: String

  /// Writes the C of `plan` with its driver into `directory` and builds it.
  ///
  /// - Parameter editing: changes the text of `<net>.c`, for tests of the comparison itself.
  public init(
    _ plan: FixedPlan, target: Target, options: BuildOptions = BuildOptions(), in directory: String,
    editing: (String) -> String = { $0 }
  ) async throws(Findings) {
    let network = GeneratedNetwork(plan)
    for file in network.files {
      let text = file.path == "\(plan.name).c" ? editing(file.text) : file.text
      try write(text, to: "\(directory)/\(file.path)")
    }
    try write(GeneratedNetwork.driver(plan), to: "\(directory)/driver.c")
    let sources = ProgramSources(
      freestanding: ["\(directory)/\(plan.name).c"], driver: ["\(directory)/driver.c"],
      includes: [directory, "\(directory)/include"])
    program = try await target.build(sources, options: options, into: "\(directory)/build")
    self.directory = directory
  }

  /// Runs the stimulus and returns the words that the driver wrote.
  public func run(
    _ stimulus: [UInt8], limits: RunLimits = RunLimits(), counting: Bool = false
  ) async throws(Findings) -> (output: [UInt8], result: RunResult) {
    let input = "\(directory)/stimulus.bin"
    let output = "\(directory)/digests.bin"
    try write(stimulus, to: input)
    let result = try await program.run(input: input, output: output, limits: limits, counting: counting)
    guard result.succeeded else {
      throw Findings(
        Finding(
          "verify.run", at: .init(path: program.target.name),
          "the program ended with \(result.status): \(result.standardError) "
            + String(decoding: result.standardOutput, as: UTF8.self)))
    }
    return (try contents(of: output), result)
  }
}

/// What a program wrote.
func contents(of path: String) throws(Findings) -> [UInt8] {
  guard let data = FileManager.default.contents(atPath: path) else {
    throw Findings(Finding("verify.run", at: .init(file: path), "the program wrote no output"))
  }
  return [UInt8](data)
}

func write(_ text: String, to path: String) throws(Findings) { try write(Array(text.utf8), to: path) }

func write(_ bytes: [UInt8], to path: String) throws(Findings) {
  do {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  } catch {
    throw Findings(Finding("output.write", at: .init(file: path), "cannot write: \(error.localizedDescription)"))
  }
}
