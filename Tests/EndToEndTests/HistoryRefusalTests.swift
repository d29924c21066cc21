import Diagnostics
import Foundation
import Networks
import Planning
import Tasks
import Testing

/// What is said of streams, windows and forms of history that are not compiled, and of what a window leaves out.
@Suite struct HistoryRefusalTests {
  private func findings(_ task: any BuiltInTask, _ change: (inout PlanOptions) -> Void) -> Set<String> {
    var options = PlanOptions()
    change(&options)
    do throws(Findings) {
      _ = try FixedPlan(deviceNetwork(task, seed: 1), options: options)
      return []
    } catch {
      return Set(error.all.map(\.id))
    }
  }

  @Test func everyRefusalHasItsReason() {
    let plain = PatternGeneration(neurons: 10)
    #expect(findings(plain) { $0.isStream = true } == ["plan.stream"])
    #expect(findings(plain) { $0.window = 5 } == ["plan.window.trial"])
    #expect(
      findings(plain) { ($0.window, $0.isStream, $0.block, $0.history) = (5, true, .steps(10), .replay) }
        == ["plan.window.replay"])
    #expect(
      findings(plain) { ($0.window, $0.isStream, $0.block) = (0, true, .steps(10)) } == ["plan.window.length"])
    #expect(
      findings(StoreRecall()) { ($0.window, $0.isStream, $0.block) = (5, true, .steps(10)) }
        == ["plan.window.adaptive"])
    #expect(findings(plain) { $0.surrogateBits = 2 } == ["plan.psi"])
    #expect(findings(plain) { ($0.surrogateBits, $0.history) = (4, .replay) } == ["plan.psi.replay"])
    #expect(findings(plain) { ($0.window, $0.isStream, $0.block) = (5, true, .steps(10)) } == [])
    #expect(findings(StoreRecall()) { ($0.history, $0.block) = (.replay, .steps(10)) } == [])
  }

  /// Against the sum of the impulse response over every lag, written out.
  @Test(arguments: [(0.95, 0.95), (0.9, 0.97), (0.5, 0.2)]) func whatAWindowLeavesOut(keep: Double, readout: Double) {
    let response = (0..<3000).map { lag in
      (0...lag).reduce(0.0) { $0 + pow(readout, Double($1)) * pow(keep, Double(lag - $1)) }
    }
    let total = response.reduce(0, +)
    let shares = (0..<7).map { step in response.dropFirst(12 + step + 1).reduce(0, +) / total }
    let bound = creditBeyond(keeps: [keep, readout], window: 12, block: 7)
    #expect(abs(bound.largest - shares[0]) < 1e-9)
    #expect(abs(bound.mean - shares.reduce(0, +) / 7) < 1e-9)
  }

  /// Bytes of the history are what the bits of ψ promise.
  @Test func narrowHistoriesAreSmaller() throws {
    func psiBytes(_ bits: Int) throws -> Int {
      var options = PlanOptions()
      options.surrogateBits = bits
      let plan = try FixedPlan(deviceNetwork(PatternGeneration(neurons: 80), seed: 1), options: options)
      return plan.memory.ram.first { $0.name == "psi" }?.bytes ?? 0
    }
    #expect(try psiBytes(8) == 80 * 1001)
    #expect(try psiBytes(4) == 40 * 1000)
    #expect(try psiBytes(1) == 10 * 1000)
  }
}
