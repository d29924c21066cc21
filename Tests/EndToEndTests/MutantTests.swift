import Conformance
import Foundation
import Networks
import Planning
import Testing
import Toolchains

/// A suite that cannot fail proves nothing: each of many small mistakes in the generated C must make it fail.
@Suite(.serialized) struct MutantTests {
  @Test(arguments: [["blink", "store_recall"]]) func everyMistakeIsCaught(networks: [String]) async throws {
    let target = try Target.named("host-gcc", in: root + "/targets")
    let folder = FileManager.default.temporaryDirectory.appending(path: "epropc-mutants-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var planted: Set<String> = []
    for network in networks {
      let description = try SpikingNetwork.read(path: "\(root)/Generated/\(network)/network.json")
      let plan = try FixedPlan(description)
      let files = try generatedFiles(network: description, plan: plan)
      var options = BuildOptions(optimisation: "-O1")
      let sound = try await runSuite(of: network, files: files, target: target, options: options, in: "\(folder)/sound")
      try #require(sound.passed, "\(network) fails without any mistake: \(sound.failed)")

      // A mistake may leave something unused, which a strict build would refuse before any test has seen it.
      options.warningsAsErrors = false
      let mutants = Mutant.all(plan).filter { planted.insert($0.name).inserted }
      #expect(mutants.count >= 12)
      let survivors = try await Self.survivors(mutants, network, files, target, options, folder)
      #expect(survivors.isEmpty, "\(network) passes its tests with these mistakes: \(survivors)")
    }
  }

  /// The mistakes that the suite does not notice; two at a time.
  private static func survivors(
    _ mutants: [Mutant], _ network: String, _ files: [(path: String, bytes: [UInt8])], _ target: Target,
    _ options: BuildOptions, _ folder: String
  ) async throws -> [String] {
    try await withThrowingTaskGroup(of: [String].self) { group in
      for lane in 0..<2 {
        group.addTask {
          var survivors: [String] = []
          for index in stride(from: lane, to: mutants.count, by: 2) {
            let result = try await runSuite(
              of: network, files: try mutants[index].planted(in: files), target: target, options: options,
              in: "\(folder)/\(network)-\(lane)")
            if ProcessInfo.processInfo.environment["EPROPC_VERBOSE"] != nil {
              print("\(network): \(mutants[index].name): \(result.failed.joined(separator: ", "))")
            }
            if result.passed { survivors.append(mutants[index].name) }
          }
          return survivors
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
  }
}
