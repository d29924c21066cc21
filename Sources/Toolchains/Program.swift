public import Diagnostics
import Foundation

/// A program that was built for a target.
public struct Program: Sendable {
  /// One compiled source.
  public struct Object: Sendable, Hashable {
    public enum Group: Sendable, Hashable { case freestanding, driver, platform }

    public let group: Group
    public let source: String
    public let path: String
  }

  public let target: Target
  public let options: BuildOptions
  public let directory: String
  /// The linked program.
  public let path: String
  public let objects: [Object]
  /// As the compiler gives it.
  public let compilerVersion: String
  /// What the compiler said without failing; empty in a clean build.
  public let warnings: String
  /// What the linker said without failing. Some linkers talk about their own libraries, so it proves nothing.
  public let linkerMessages: String

  /// Runs the program: it reads `input` and writes `output` through `platform.h`. With `counting`, by the target's
  /// counter, which is slower and gives the same output.
  public func run(
    input: String, output: String, limits: RunLimits = RunLimits(), counting: Bool = false
  ) async throws(Findings) -> RunResult {
    let counts = "\(directory)/counts.txt"
    if counting, target.counter == nil {
      throw Findings(
        Finding("run.counter", at: .init(path: target.name), "the target '\(target.name)' has no counter"))
    }
    try? FileManager.default.removeItem(atPath: counts)
    var result = try await run(
      input: input, output: output, counter: counting ? target.counter?.arguments ?? [] : [], counts: counts, map: "",
      limits: limits)
    if counting { result.counts = try await executionCounts(at: counts) }
    return result
  }

  /// Runs the program under a counter, whose words may be none.
  func run(
    input: String, output: String, counter: [String], counts: String, map: String, limits: RunLimits
  ) async throws(Findings) -> RunResult {
    let template = target.command.flatMap { $0 == "{counter}" ? counter : [$0] }
    let values = [
      "program": path, "input": absolutePath(input), "output": absolutePath(output), "counts": counts, "map": map,
      "tools": target.toolsDirectory, "target": target.directory,
    ]
    let words = try template.map { word throws(Findings) in try fill(word, values) }
    let result = try await start(words, limits: limits)
    return RunResult(
      status: result.status, standardOutput: result.output, standardError: result.error, seconds: result.seconds,
      counts: nil)
  }

  /// Runs a program that has a `main` of its own (`BuildOptions.ownMain`) on this machine, with arguments; what it
  /// prints goes into memory or, where that may be much, into a file.
  public func run(
    arguments: [String], outputTo file: String? = nil, limits: RunLimits = RunLimits()
  ) async throws(Findings) -> RunResult {
    let result = try await start([path] + arguments, limits: limits, outputTo: file)
    return RunResult(
      status: result.status, standardOutput: result.output, standardError: result.error, seconds: result.seconds,
      counts: nil)
  }

  private func start(
    _ words: [String], limits: RunLimits, outputTo file: String? = nil
  ) async throws(Findings) -> Command.Result {
    guard findCommand(words[0]) != nil else {
      throw Findings(
        Finding(
          "target.tool.missing", at: .init(path: target.name), "the command \(words[0]) is not installed",
          help: "make setup installs what the targets need"))
    }
    var command = Command(words[0], Array(words.dropFirst()))
    command.seconds = limits.seconds
    command.outputBytes = limits.outputBytes
    return try await command.run(outputTo: file)
  }

  /// Puts values into a word of a command. A path inside a longer word is part of an emulator's option, which would be
  /// split at a comma, or of a semihosting command line, which would be split at a space.
  private func fill(_ word: String, _ values: [String: String]) throws(Findings) -> String {
    var filled = word
    for (name, value) in values where word.contains("{\(name)}") {
      if word != "{\(name)}", value.contains(where: { $0 == "," || $0 == " " }) {
        throw Findings(
          Finding(
            "run.path", at: .init(file: value), "the path has a space or a comma, which \(target.name) cannot take",
            help: "work in a folder with a simpler path"))
      }
      filled = filled.replacing("{\(name)}", with: value)
    }
    return filled
  }
}
