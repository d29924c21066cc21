import Planning
import Profiling
import Testing
import Toolchains

/// The plan's account of memory against what compilers make of the generated C.
/// One build after the other: all at once would be dozens of compilers.
@Suite(.serialized) struct ObjectTests {
  /// Networks that are large or have large histories are for machines with memory.
  static let small = Case.all.filter { $0.task == "blink" || ($0.task == "store-recall" && $0.weightBits == 8) }

  @Test(arguments: Case.all, ["host-gcc", "host-clang"])
  func planAndObjectAgreeOnHosts(_ network: Case, target: String) async throws {
    try await expectAgreement(network, target)
  }

  @Test(arguments: small, ["cortex-m0", "rv32imc"])
  func planAndObjectAgreeOn32Bits(_ network: Case, target: String) async throws {
    try await expectAgreement(network, target)
  }

  @Test(arguments: Case.all.filter { $0.task == "blink" })
  func planAndObjectAgreeOn16Bits(_ network: Case) async throws { try await expectAgreement(network, "avr") }

  private func expectAgreement(_ network: Case, _ name: String) async throws {
    guard let target = try await Targets.ready(name) else { return }
    let plan = try network.plan()
    let found = try await withFolder { try await measure(plan, on: target, in: $0) }
    #expect(found.differences(from: plan.memory) == [])
    #expect(found.structBytes == plan.memory.structBytes)
    #expect(found.tables.values.reduce(0, +) == plan.memory.flashBytes)
    #expect(found.codeBytes > 200 && found.functions.contains { $0.name == "\(plan.name)_step" && $0.stack != nil })
    #expect(found.linkFailure == nil)
  }
}
