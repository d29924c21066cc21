import Conformance
import Foundation
import Networks
import Planning
import Testing
import Toolchains

/// A suite that cannot fail proves nothing: each of many small mistakes in the generated C must make it fail.
@Suite(.serialized) struct MutantTests {
  @Test(arguments: [["blink", "store_recall"]]) func everyMistakeIsCaught(networks: [String]) async throws {
    try await expectCaught(networks) { _, _ in }
  }

  /// The mistakes that only Adam has.
  @Test func everyMistakeOfAdamIsCaught() async throws {
    let common = Set(try Self.mutants("store_recall") { _, _ in }.map(\.name))
    try await expectCaught(["store_recall"], besides: common) { network, options in
      network.optimiser.kind = .adam(beta1: 0.9, beta2: 0.99, epsilon: 1e-8)
      network.optimiser.schedule = .constant
      options.momentBits = 8
    }
  }

  private typealias Change = (inout SpikingNetwork, inout PlanOptions) -> Void

  private static func mutants(_ network: String, _ change: Change) throws -> [Mutant] {
    var description = try SpikingNetwork.read(path: "\(root)/Generated/\(network)/network.json")
    var options = PlanOptions()
    change(&description, &options)
    return Mutant.all(try FixedPlan(description, options: options))
  }

  private func expectCaught(_ networks: [String], besides: Set<String> = [], _ change: Change) async throws {
    let target = try Target.named("host-gcc", in: root + "/targets")
    let folder = FileManager.default.temporaryDirectory.appending(path: "epropc-mutants-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var planted = besides
    for network in networks {
      var planOptions = PlanOptions()
      var description = try SpikingNetwork.read(path: "\(root)/Generated/\(network)/network.json")
      change(&description, &planOptions)
      let plan = try FixedPlan(description, options: planOptions)
      let files = try generatedFiles(network: description, plan: plan)
      var options = BuildOptions(optimisation: "-O1")
      let sound = try await runSuite(of: network, files: files, target: target, options: options, in: "\(folder)/sound")
      try #require(sound.passed, "\(network) fails without any mistake: \(sound.failed)")

      // A mistake may leave something unused, which a strict build would refuse before any test has seen it.
      options.warningsAsErrors = false
      let mutants = Mutant.all(plan).filter { planted.insert($0.name).inserted }
      #expect(mutants.count >= (besides.isEmpty ? 12 : 5))
      let survivors = try await Self.survivors(mutants, network, files, target, options, folder)
      #expect(survivors.isEmpty, "\(network) passes its tests with these mistakes: \(survivors)")
    }
  }

  /// Those of currents and of projections without a delay, which no network that is checked in has.
  @Test func mistakesInCurrentsAreCaught() async throws {
    var network = CurrentConformanceTests.network(.everything)
    (network.name, network.maximumSteps) = ("shape", 300)
    let plan = try FixedPlan(network)
    let target = try Target.named("host-gcc", in: root + "/targets")
    let folder = FileManager.default.temporaryDirectory.appending(path: "epropc-mutants-\(UUID())").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try generatedFiles(network: network, plan: plan)
    var options = BuildOptions(optimisation: "-O1")
    let sound = try await runSuite(of: "shape", files: files, target: target, options: options, in: "\(folder)/sound")
    try #require(sound.passed, "it fails without any mistake: \(sound.failed)")
    options.warningsAsErrors = false
    let mutants = Mutant.all(plan).filter { $0.name.contains("current") || $0.name.contains("immediate") }
    #expect(mutants.count == 8)
    let survivors = try await Self.survivors(mutants, "shape", files, target, options, folder)
    #expect(survivors.isEmpty, "the suite passes with these mistakes: \(survivors)")
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
