import Diagnostics
import Foundation
import Testing
import Toolchains

/// target.json: ours can be read, and a wrong one is explained.
struct TargetFileTests {
  @Test func allOfOursCanBeRead() throws {
    let names = try Target.all(in: targetsFolder).map(\.name)
    #expect(names.contains("host-gcc"))
    #expect(names == names.sorted())
  }

  @Test func unknownNameHasAHint() async {
    let found = await findings { _ = try Target.named("host-gc", in: targetsFolder) }
    #expect(found.map(\.id) == ["target.unknown"])
    #expect(found.first?.help?.contains("did you mean 'host-gcc'?") == true)
  }

  @Test func unreadableFolder() async {
    #expect(await findings { _ = try Target.all(in: "/nowhere") }.map(\.id) == ["target.directory"])
  }

  /// Each mistake, made in a copy of a good file, gives its finding at its place.
  @Test(
    arguments: [
      ("\"name\": \"host-gcc\"", "\"name\": \"other\"", "target.name", "name"),
      ("\"core\"", "\"cora\"", "target.field.unknown", "cora"),
      ("\"core\"", "\"cora\"", "target.field.missing", "core"),
      ("\"int_bits\": 32", "\"int_bits\": \"32\"", "target.field.type", "model.int_bits"),
      ("\"int_bits\": 32", "\"int_bits\": 8", "target.field.type", "model.int_bits"),
      ("\"little\"", "\"litle\"", "target.field.value", "model.byte_order"),
      ("\"kind\": \"command\"", "\"kind\": \"comand\"", "target.field.value", "needs[0].kind"),
      ("\"flags\": [\"-g\"]", "\"flags\": \"-g\"", "target.field.type", "compiler.flags"),
      ("\"flags\": [\"-g\"]", "\"flags\": [1]", "target.field.type", "compiler.flags"),
      ("\"size\": \"size\",", "", "target.field.missing", "binutils.size"),
      ("platform_host.c", "platform_hots.c", "target.file.missing", "compiler.sources"),
      ("\"{program}\", \"{input}\", \"{output}\"],", "\"{program}\"],", "target.command", "run"),
      ("\"{counter}\", ", "", "target.command", "run"),
      ("--callgrind-out-file={counts}", "", "target.command", "counter.arguments"),
    ])
  func mistake(good: String, bad: String, id: String, path: String) async throws {
    try await withCopyOfHostTarget(replacing: good, with: bad) { folder in
      let found = await findings { _ = try Target.all(in: folder) }
      #expect(found.contains { $0.id == id && $0.location?.path == path }, "\(found)")
      #expect(found.allSatisfy { $0.location?.file?.hasSuffix("host-gcc/target.json") == true })
    }
  }

  @Test func brokenText() async throws {
    try await withCopyOfHostTarget(replacing: "{\n", with: "{{\n") { folder in
      #expect(await findings { _ = try Target.all(in: folder) }.map(\.id) == ["target.syntax"])
    }
  }

  /// All the mistakes of a file at once.
  @Test func everyMistakeIsReported() async throws {
    try await withCopyOfHostTarget(replacing: "\"little\"", with: "7, \"more\": 1") { folder in
      #expect(await findings { _ = try Target.all(in: folder) }.count == 2)
    }
  }

  private func withCopyOfHostTarget(
    replacing good: String, with bad: String, _ body: (String) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let text = try String(contentsOfFile: "\(targetsFolder)/host-gcc/target.json", encoding: .utf8)
      try #require(text.contains(good))
      for name in ["host-gcc", "common"] {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
      }
      try write("", to: "\(folder)/common/platform_host.c")
      try write(text.replacing(good, with: bad), to: "\(folder)/host-gcc/target.json")
      try await body(folder)
    }
  }
}
