import Diagnostics
import Foundation
import Testing
import Toolchains

/// Building and running on this machine: what goes wrong becomes a finding.
struct BuildTests {
  @Test(arguments: ["host-gcc", "host-clang"])
  func compilersFirstMessage(name: String) async throws {
    let target = try Target.named(name, in: targetsFolder)
    guard await isUsable(target) else { return }
    try await withTemporaryFolder { folder in
      try write("int f(int x)\n{\n    return x + y;\n}\n", to: "\(folder)/bad.c")
      let sources = ProgramSources(freestanding: ["\(folder)/bad.c"], driver: [])
      let found = await findings { _ = try await target.build(sources, into: "\(folder)/out") }
      #expect(found.map(\.id) == ["build.compile"])
      #expect(found.first?.location?.file?.hasSuffix("bad.c") == true)
      #expect(found.first?.location?.line == 3)
      #expect(found.first?.message.contains("undeclared") == true, "\(found)")
      #expect(found.first?.help?.contains("-std=c99") == true)
    }
  }

  /// A warning of the strict list stops a build, unless that was not wanted.
  @Test func warningsAreErrors() async throws {
    let target = try Target.named("host-gcc", in: targetsFolder)
    guard await isUsable(target) else { return }
    try await withTemporaryFolder { folder in
      try write("signed char f(int x);\nsigned char f(int x) { return x; }\n", to: "\(folder)/narrow.c")
      let sources = ProgramSources(
        freestanding: ["\(folder)/narrow.c", "\(smokeFolder)/smoke_library.c"],
        driver: [
          "\(smokeFolder)/smoke_driver.c"
        ], includes: [smokeFolder])
      let found = await findings { _ = try await target.build(sources, into: "\(folder)/out") }
      #expect(found.first?.message.contains("conversion") == true, "\(found)")
      let lenient = BuildOptions(warningsAsErrors: false)
      let program = try await target.build(sources, options: lenient, into: "\(folder)/out")
      #expect(program.warnings.contains("conversion"))
      #expect(program.compilerVersion.contains("gcc"))
    }
  }

  @Test func linkError() async throws {
    let target = try Target.named("host-gcc", in: targetsFolder)
    guard await isUsable(target) else { return }
    try await withTemporaryFolder { folder in
      let sources = ProgramSources(
        freestanding: ["\(smokeFolder)/smoke_library.c"], driver: [], includes: [smokeFolder])
      let found = await findings { _ = try await target.build(sources, into: folder) }
      #expect(found.map(\.id) == ["build.link"])
      #expect(found.first?.help?.contains("driver_main") == true, "\(found)")
    }
  }

  @Test func unknownVariant() async throws {
    let target = try Target.named("host-gcc", in: targetsFolder)
    try await withTemporaryFolder { folder in
      let found = await findings {
        _ = try await target.build(smokeSources, options: BuildOptions(variant: "sanitised"), into: folder)
      }
      #expect(found.map(\.id) == ["target.variant"])
      #expect(found.first?.help == "it has: sanitized")
    }
  }

  /// The sanitizers are really there: a program with an overflow fails.
  @Test(arguments: ["host-gcc", "host-clang"])
  func sanitizersCatch(name: String) async throws {
    let target = try Target.named(name, in: targetsFolder)
    guard await isUsable(target) else { return }
    let text = """
      #include <stdlib.h>
      int main(int c, char **v) {
          volatile int big = 2147483000;
          volatile int sum = 1;
          if (c > 1) { sum = big + atoi(v[1]); }
          return sum == 1 ? 3 : 4;
      }
      """
    try await withTemporaryFolder { folder in
      try write(text, to: "\(folder)/main.c")
      let sources = ProgramSources(freestanding: [], driver: ["\(folder)/main.c"])
      let options = BuildOptions(variant: "sanitized", ownMain: true)
      let program = try await target.build(sources, options: options, into: folder)
      let bad = try await program.run(arguments: ["2147483000"])
      #expect(!bad.succeeded && bad.standardError.contains("signed integer overflow"), "\(bad.standardError)")
      let good = try await program.run(arguments: [])
      #expect(good.status == .exited(3))
    }
  }

  /// A program that does not end is stopped, and soon.
  @Test func timeOut() async throws {
    try await withHostProgram("int main(void) { for (;;) {} }") { program, _ in
      let start = ContinuousClock.now
      let found = await findings { _ = try await program.run(arguments: [], limits: .init(seconds: 0.3)) }
      #expect(found.map(\.id) == ["run.timeout"])
      #expect(ContinuousClock.now - start < .seconds(60))
    }
  }

  /// 30 MB go into a file; in memory they are more than the limit.
  @Test func bigOutput() async throws {
    let text = """
      #include <stdio.h>
      int main(void) {
          for (long i = 0; i < 30L * 1000 * 1000 / 4; i++) { unsigned v = (unsigned)i; fwrite(&v, 4, 1, stdout); }
          return 0;
      }
      """
    try await withHostProgram(text) { program, folder in
      let result = try await program.run(arguments: [], outputTo: "\(folder)/big")
      #expect(result.succeeded && result.standardOutput.isEmpty)
      let data = try #require(FileManager.default.contents(atPath: "\(folder)/big"))
      #expect(data.count == 30_000_000)
      #expect([UInt8](data.suffix(4)) == [0xdf, 0x70, 0x72, 0x00])
      let found = await findings { _ = try await program.run(arguments: [], limits: .init(outputBytes: 1 << 20)) }
      #expect(found.map(\.id) == ["run.output"])
    }
  }

  @Test func signalIsAStatus() async throws {
    try await withHostProgram("#include <stdlib.h>\nint main(void) { abort(); }") { program, _ in
      let result = try await program.run(arguments: [])
      #expect(result.status == .signalled(6))
    }
  }

  @Test func missingTools() async throws {
    try await withTemporaryFolder { folder in
      let text = try String(contentsOfFile: "\(targetsFolder)/host-gcc/target.json", encoding: .utf8)
        .replacing("\"command\": \"gcc\"", with: "\"command\": \"gcc-for-nothing\"")
        .replacing("\"name\": \"gcc\"", with: "\"name\": \"gcc-for-nothing\"")
        .replacing("\"name\": \"host-gcc\"", with: "\"name\": \"odd\"")
        .replacing("../common", with: "\(".." + String(repeating: "/..", count: 12))\(targetsFolder)/common")
      try FileManager.default.createDirectory(atPath: "\(folder)/odd", withIntermediateDirectories: true)
      try write(text, to: "\(folder)/odd/target.json")
      let target = try Target.named("odd", in: folder)
      #expect(await target.missingTools() == [MissingTool(command: "gcc-for-nothing", package: "gcc")])
      #expect(await target.missingToolFindings().map(\.id) == ["target.tool.missing"])
      let found = await findings { _ = try await target.build(smokeSources, into: "\(folder)/out") }
      #expect(found.map(\.id) == ["target.tool.missing"])
    }
  }

  @Test func hostInformation() async {
    let host = await HostInformation.current()
    #expect(host.cores > 0 && !host.processor.isEmpty && !host.system.isEmpty)
    #expect(host.compilers["swift"]?.contains("Swift") == true)
  }

  private func withHostProgram(_ text: String, _ body: (Program, String) async throws -> Void) async throws {
    let target = try Target.named("host-gcc", in: targetsFolder)
    guard await isUsable(target) else { return }
    try await withTemporaryFolder { folder in
      try write(text, to: "\(folder)/main.c")
      let sources = ProgramSources(freestanding: [], driver: ["\(folder)/main.c"])
      let program = try await target.build(sources, options: BuildOptions(ownMain: true), into: folder)
      try await body(program, folder)
    }
  }
}
