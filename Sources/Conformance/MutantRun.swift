public import Diagnostics
public import Toolchains

/// What the suite of a network said about one version of its C.
public struct SuiteResult: Sendable, Hashable {
  public var passed: Bool
  /// The tests that failed.
  public var failed: [String]
  public var seconds: Double
}

/// Builds and runs the suite of a network's folder, which need not be on disk, in `directory`.
///
/// A program that does not come to an end has failed like any other.
public func runSuite(
  of name: String, files: [(path: String, bytes: [UInt8])], target: Target, options: BuildOptions = BuildOptions(),
  in directory: String
) async throws(Findings) -> SuiteResult {
  for file in files where !file.path.hasSuffix(".safetensors") {
    try write(file.bytes, to: "\(directory)/\(file.path)")
  }
  let sources = ProgramSources(
    freestanding: ["\(directory)/\(name).c"], driver: ["\(directory)/test/test_\(name).c"],
    includes: [directory, "\(directory)/include"])
  var options = options
  options.ownMain = true
  options.libraries = ["-lcmocka"]
  let program = try await target.build(sources, options: options, into: "\(directory)/build")
  let result: RunResult
  do {
    result = try await program.run(arguments: [], limits: RunLimits(seconds: 60))
  } catch {
    guard error.all.contains(where: { $0.id == "run.timeout" }) else { throw error }
    return SuiteResult(passed: false, failed: ["(did not end)"], seconds: 60)
  }
  let text = result.standardError + String(decoding: result.standardOutput, as: UTF8.self)
  let failed = text.split(separator: "\n").compactMap { line -> String? in
    guard let match = line.wholeMatch(of: /\[  FAILED  \] ([a-z_0-9]+)/) else { return nil }
    return String(match.1)
  }
  var names: [String] = []
  for test in failed where !names.contains(test) { names.append(test) }
  return SuiteResult(passed: result.succeeded, failed: names, seconds: result.seconds)
}
