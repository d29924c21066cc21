import Diagnostics
import Foundation
import HDF5Files
import NIR
import Networks
import Testing

@Suite("Files that are no sound .nir files")
struct HostileFileTests {
  static let folder = ExportedNetwork.fixtures + "/invalid"
  static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()

  @Test func fixturesAreThere() { #expect(Self.names.count >= 55) }

  /// `ID~WHAT.nir` (Tests/Extras/nir_hostile.py).
  @Test(arguments: names)
  func isFound(_ name: String) throws {
    let id = String(name.prefix { $0 != "~" })
    let found = Self.findings(Self.folder + "/" + name)
    #expect(found.contains { $0.id == id }, "found \(found.map(\.id))")
    #expect(found.allSatisfy { $0.location?.file != nil || $0.location?.path != nil })
    #expect(Set(found).count == found.count, "a finding is there twice")
  }

  /// Every finding about a node of a file refuses the node too.
  @Test func refusalsAreVerdicts() throws {
    for name in ["nir.node.unsupported~convolution.nir", "nir.time-step~tau.nir", "nir.threshold~leak.nir"] {
      let graph = try NIRGraph.read(path: Self.folder + "/" + name)
      let lowering = Lowering(graph, options: ImportOptions(timeStep: 1))
      #expect(lowering.description == nil)
      #expect(lowering.verdicts.count { $0.kind == .refused && !$0.remarks.isEmpty } == 1)
    }
  }

  @Test func whatIsNoFileIsFound() {
    #expect(Self.findings(Self.folder).map(\.id) == ["file.not-regular"])
    #expect(Self.findings(Self.folder + "/none.nir").map(\.id) == ["file.missing"])
  }

  /// A file that is cut short is found to be, wherever it is cut.
  @Test func everyCutIsFound() throws {
    let bytes = try Self.bytes("snntorch_leaky_1.nir")
    try Self.withFile { path in
      for length in stride(from: 0, to: bytes.count - 1, by: 1531) {
        try Data(bytes[..<length]).write(to: URL(fileURLWithPath: path))
        #expect(!Self.findings(path).isEmpty, "\(length) of \(bytes.count) bytes")
      }
    }
  }

  /// Whatever a file holds, the answer is findings or a network.
  @Test func noDamageIsACrash() throws {
    let bytes = try Self.bytes("snntorch_recurrent_1.nir")
    var state: UInt64 = 11
    func next() -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33)
    }
    var refused = 0
    try Self.withFile { path in
      for _ in 0..<100 {
        var damaged = bytes
        for _ in 0..<1 + next() % 8 { damaged[next() % damaged.count] = UInt8(next() & 255) }
        try Data(damaged).write(to: URL(fileURLWithPath: path))
        if !Self.findings(path).isEmpty { refused += 1 }
      }
    }
    #expect(refused > 10)
  }

  private static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: ExportedNetwork.fixtures + "/" + name)))
  }

  private static func withFile(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).nir").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  /// The errors of an import.
  static func findings(_ path: String) -> [Finding] {
    do throws(Findings) {
      var warnings: [Finding] = []
      let lowering = Lowering(try NIRGraph.read(path: path), options: ImportOptions(timeStep: 1), file: path)
      _ = try lowering.network(warnings: &warnings)
      return []
    } catch { return error.all.filter { $0.severity == .error } }
  }
}
