import Conformance
import Planning
import Tasks
import Testing
import Toolchains

/// A wrong constant in the C is found, and the first element that it spoils is named.
struct DivergenceTests {
  @Test(arguments: [
    (find: "eprop_leak(v[j], 29650,", replace: "eprop_leak(v[j], 29750,", array: "v"),
    (find: "UINT32_C(16777216), UINT32_C", replace: "UINT32_C(99999999), UINT32_C", array: "weights.input_to_plain"),
    (find: "- wanted, 10U)", replace: "- wanted, 9U)", array: "error"),
  ])
  func wrongConstantIsLocated(_ bug: (find: String, replace: String, array: String)) async throws {
    let task = Blink()
    let plan = try FixedPlan(deviceNetwork(task, seed: 1))
    let stimulus = Stimulus(
      task.trials(seed: 1, count: 1), plan: plan, order: Array(repeating: 0, count: 60), updates: true)
    let rhythm = DigestRhythm.fitting(plan)
    let model = ModelRun(plan, stimulus, rhythm: rhythm)
    let target = try Target.named("host-gcc", in: root + "/targets")
    try await inTemporaryFolder { folder in
      let machine = try await Machine(plan, target: target, in: folder) { text in
        #expect(text.contains(bug.find))
        return text.replacing(bug.find, with: bug.replace)
      }
      let (output, _) = try await machine.run(stimulus.bytes(rhythm: rhythm))
      let comparison = compare(output, with: model, plan: plan, stimulus: stimulus, rhythm: rhythm)
      #expect(!comparison.bitExact)
      let first = try #require(comparison.divergence)
      let found = try await machine.locate(first, plan: plan, stimulus: stimulus, limits: RunLimits())
      #expect(found.array == bug.array)
      #expect(found.index != nil && found.expected != found.got)
    }
  }
}
