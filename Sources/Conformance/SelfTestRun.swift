public import Diagnostics
import Foundation
public import Toolchains

/// What a network's self-test said on a target.
public struct SelfTestResult: Sendable, Hashable {
  public var passed: Bool
  /// The line that it sent.
  public var text: String
}

/// Builds and runs the self-test of a network's folder (`test/selftest.c`), which need not be on disk, in `directory`.
///
/// - Parameter defines: further macros, such as `SELFTEST_NOW`.
public func runSelfTest(
  of name: String, files: [(path: String, bytes: [UInt8])], target: Target, options: BuildOptions = BuildOptions(),
  defines: [String] = [], in directory: String
) async throws(Findings) -> SelfTestResult {
  for file in files where !file.path.hasSuffix(".safetensors") {
    try write(file.bytes, to: "\(directory)/\(file.path)")
  }
  let sources = ProgramSources(
    freestanding: ["\(directory)/\(name).c"],
    driver: ["\(directory)/test/selftest.c", "\(target.directory)/../common/selftest_main.c"],
    includes: [directory, "\(directory)/include"], defines: ["SELFTEST=\(name)_selftest"] + defines)
  let program = try await target.build(sources, options: options, into: "\(directory)/build")
  let input = "\(directory)/nothing.bin"
  try write([UInt8](), to: input)
  let result = try await program.run(
    input: input, output: "\(directory)/output.bin", limits: RunLimits(seconds: 120))
  let text = String(decoding: result.standardOutput, as: UTF8.self)
  switch result.status {
  case .exited(0): return SelfTestResult(passed: true, text: text)
  case .exited(1): return SelfTestResult(passed: false, text: text)
  default:
    throw Findings(
      Finding("selftest.run", at: .init(path: target.name), "the program ended with \(result.status): \(text)"))
  }
}
