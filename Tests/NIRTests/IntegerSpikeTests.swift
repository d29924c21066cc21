import Conformance
import FloatReference
import Foundation
import NIR
import Networks
import Planning
import Testing
import Trials

/// What the integers make of the files of snnTorch and Norse: with 16-bit weights nearly every decision is the exporter's own.
@Suite struct IntegerSpikeTests {
  private static let fixtures = (try? ExportedNetwork.all(in: ExportedNetwork.fixtures)) ?? []

  @Test(arguments: fixtures) func decisionsAgree(_ export: ExportedNetwork) throws {
    let folder = ExportedNetwork.fixtures
    let network = try export.network(in: folder)
    var options = PlanOptions()
    (options.inferenceOnly, options.weightBits) = (true, 16)
    let plan = try FixedPlan(network, options: options)
    let (trial, _, _) = try export.trial(in: folder, outputs: network.readout.count)
    let drift = FloatDrift(network, plan: plan, trial: trial)
    #expect(drift.integerRate > 0)
    #expect(
      Double(drift.decisionsDiffering) <= 0.01 * Double(drift.decisions),
      "\(drift.decisionsDiffering) of \(drift.decisions) decisions differ")
  }
}
