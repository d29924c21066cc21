import Diagnostics
import Planning
import Profiling
import Testing

/// The comparison of plan and object can fail.
@Suite struct DetectionTests {
  private static let network = Case(task: "blink", block: .steps(1), weightBits: 16)

  @Test func plantedErrorsAreFound() async throws {
    guard let target = try await Targets.ready("host-gcc") else { return }
    let plan = try Self.network.plan()
    let found = try await withFolder { try await measure(plan, on: target, in: $0) }
    func ids(_ change: (inout Memory) -> Void) -> [String] {
      var memory = plan.memory
      change(&memory)
      return found.differences(from: memory).map(\.id)
    }
    let one = ["profile.plan-differs"]
    #expect(ids { _ in } == [])
    for field in plan.memory.ram.indices {
      #expect(ids { $0.ram[field].count = max(1, $0.ram[field].count) + 1 } == one)
      #expect(ids { $0.ram.remove(at: field) } == one)
    }
    for table in plan.memory.flash.indices {
      #expect(ids { $0.flash[table].count += 1 } == one)
      #expect(ids { $0.flash[table].bits *= 2 } == one)
      #expect(ids { $0.flash.remove(at: table) } == one)
      #expect(ids { $0.flash[table].name += "_x" } == one + one)
    }
    #expect(ids { $0.padding += 8 } == one)
  }

  @Test func aTableThatThePlanDoesNotHaveIsFound() async throws {
    guard let target = try await Targets.ready("host-gcc") else { return }
    let plan = try Self.network.plan()
    var other = plan
    other.learning = nil
    let found = try await withFolder { try await measure(plan, on: target, in: $0) }
    #expect(found.differences(from: other.memory).contains { $0.message.contains("feedback") })
  }
}
