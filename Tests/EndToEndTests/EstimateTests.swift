import Conformance
import Planning
import Testing
import Toolchains

/// The planner's estimate of instructions against counted ones, for networks that its coefficients were not fitted to.
@Suite(.serialized) struct EstimateTests {
  @Test(arguments: EstimateCase.held) func estimateIsCloseToTheCount(_ one: EstimateCase) async throws {
    let target = try Target.named("host-gcc", in: root + "/targets")
    let measured = try await inTemporaryFolder { try await one.measure(on: target, in: $0) }
    let estimate = measured.estimate(Core.host.coefficients)
    let limit = InstructionEstimate.tolerance
    #expect(abs(estimate.step / measured.step - 1) <= limit, "\(one.name): step \(estimate.step) of \(measured.step)")
    #expect(
      abs(estimate.update / measured.update - 1) <= limit,
      "\(one.name): update \(estimate.update) of \(measured.update)")
  }

  /// The fit gives back the coefficients that made the counts.
  @Test func fitFindsWhatIsThere() {
    let truth = Dictionary(
      uniqueKeysWithValues: WorkItem.allCases.enumerated().map { ($1, 3 + Double($0 % 7)) })
    let made = EstimateCase.fitted.compactMap { one -> EstimateMeasurement? in
      guard let plan = try? FixedPlan(one.network.network, options: one.options) else { return nil }
      let work = Work(plan, Activity())
      let counted = InstructionEstimate(work, coefficients: truth)
      return EstimateMeasurement(
        name: one.name, work: work, steps: plan.maximumSteps, step: counted.step, update: counted.update)
    }
    let prior = truth.mapValues { $0 * 1.5 }
    let fitted = fittedCoefficients(made, prior: prior, pull: 1e-6)
    for one in made {
      let estimate = one.estimate(fitted)
      #expect(abs(estimate.step / one.step - 1) < 0.02)
      #expect(one.update == 0 || abs(estimate.update / one.update - 1) < 0.02)
    }
  }
}

/// Growth is measured as the plans and the counters say it is.
@Suite(.serialized) struct GrowthTests {
  @Test func exponents() {
    #expect(abs(fittedExponent([(1, 3), (2, 12), (4, 48)]) - 2) < 1e-12)
  }

  @Test func smallNetworksGrow() async throws {
    let target = try Target.named("host-gcc", in: root + "/targets")
    let points = try await inTemporaryFolder { folder in
      var benchmark = GrowthBenchmark(directory: folder)
      (benchmark.neurons, benchmark.steps) = ([20, 40], [50, 100])
      (benchmark.commonNeurons, benchmark.commonSteps) = (20, 100)
      return try await benchmark.run(on: target)
    }
    #expect(points.count == 9)
    for form in GrowthForm.allCases {
      let own = points.filter { $0.form == form }
      let (small, large) = (own[0], own[1])
      #expect(small.neurons == 20 && large.neurons == 40)
      #expect(large.ram > small.ram && large.learning > small.learning && large.forward > small.forward)
      // Traces keep no record of the trial: its length is nothing to them.
      #expect(form == .traces ? own[2].ram == small.ram : own[2].ram < small.ram)
    }
    let traces = try #require(points.first { $0.form == .traces })
    let stored = try #require(points.first { $0.form == .stored })
    #expect(traces.learning > 5 * stored.learning)
  }
}
