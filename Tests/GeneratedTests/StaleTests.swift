import Conformance
import Foundation
import Networks
import Planning
import Testing

/// The networks that are checked in.
enum Generated {
  static let names = ["blink", "pattern_generation", "store_recall"]
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Generated").path

  /// The checked-in description of a network.
  static func network(_ name: String) throws -> SpikingNetwork {
    try SpikingNetwork.read(path: "\(folder)/\(name)/network.json")
  }
}

@Suite struct StaleTests {
  /// What the compiler makes of each description is what is checked in, to the byte.
  @Test(arguments: Generated.names) func generatedFilesAreUpToDate(name: String) throws {
    let network = try Generated.network(name)
    let files = try generatedFiles(network: network, plan: try FixedPlan(network))
    var stale: [String] = []
    for file in files {
      let path = "\(Generated.folder)/\(name)/\(file.path)"
      if FileManager.default.contents(atPath: path) != Data(file.bytes) { stale.append(file.path) }
    }
    #expect(stale.isEmpty, "Generated/\(name) is stale; rewrite it with: make generate")
  }

  /// Nothing lies in the folders that the compiler does not write.
  @Test(arguments: Generated.names) func nothingElseIsThere(name: String) throws {
    let network = try Generated.network(name)
    let expected = Set(try generatedFiles(network: network, plan: try FixedPlan(network)).map(\.path))
    let paths =
      FileManager.default.enumerator(atPath: "\(Generated.folder)/\(name)")?.compactMap { $0 as? String } ?? []
    let extra = paths.filter { path in
      let folders = ["include", "test", "test/build"]
      return !folders.contains(path) && !path.hasPrefix("test/build/") && !expected.contains(path)
    }
    #expect(extra.isEmpty)
  }
}
