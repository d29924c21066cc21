import Foundation
import Testing

/// The suites of Generated/, built and run by their own Makefiles as a firmware engineer would.
@Suite(.serialized) struct SuiteTests {
  static let networks = ["blink", "pattern_generation", "store_recall"]

  @Test(arguments: networks) func passes(network: String) async throws {
    let outcome = try await Self.make(network, "test")
    #expect(outcome.status == 0, "\(outcome.text)")
    #expect(outcome.text.contains("[  PASSED  ]"))
  }

  @Test(arguments: networks) func passesUnderSanitizers(network: String) async throws {
    let outcome = try await Self.make(network, "test-sanitized")
    #expect(outcome.status == 0, "\(outcome.text)")
    #expect(outcome.text.contains("[  PASSED  ]"))
  }

  /// `make <goal>` in the folder of a network, its products in a folder of their own.
  private static func make(_ network: String, _ goal: String) async throws -> (status: Int32, text: String) {
    let build = FileManager.default.temporaryDirectory.appending(path: "epropc-suite-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: build) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["make", "-C", "\(root)/Generated/\(network)", goal, "BUILD=\(build)"]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
