import FloatReference
import Networks
import Tasks
import Testing
import Training
import Trials

#if DEBUG
  private let isReleaseBuild = false
#else
  private let isReleaseBuild = true
#endif

/// The figures that the float reference must show, on seeds that nothing was chosen on.
@Suite(
  "Learning, seeds 11 to 15", .serialized,
  .enabled(
    if: isReleaseBuild,
    """
    SKIPPED: THE LEARNING TESTS RUN IN RELEASE BUILDS ONLY. NOTHING OF WHAT THEY SHOW HAS BEEN SHOWN. \
    Run: swift test -c release --filter LearningTests
    """))
struct LearningTests {
  static let seeds: [UInt64] = [11, 12, 13, 14, 15]

  /// Runs `body` for every seed, two at a time, in the order of the seeds.
  private func overSeeds<Value: Sendable>(_ body: @escaping @Sendable (UInt64) -> Value) async -> [Value] {
    await withTaskGroup(of: (Int, Value).self) { group in
      var results: [Int: Value] = [:]
      for (index, seed) in Self.seeds.enumerated() {
        if index >= 2, let (done, value) = await group.next() { results[done] = value }
        group.addTask { (index, body(seed)) }
      }
      for await (done, value) in group { results[done] = value }
      return Self.seeds.indices.compactMap { results[$0] }
    }
  }

  /// Pattern generation: the mean NMSE over the last 50 of 1,000 iterations, the mean over the seeds.
  private func patternError(
    _ label: String, rule: EProp1 = EProp1(), _ change: @escaping @Sendable (SpikingNetwork) -> SpikingNetwork = { $0 }
  ) async -> Double {
    let errors = await overSeeds { seed in
      let task = PatternGeneration()
      let run = TrainingRun(change(task.network(seed: seed)), rule: .eProp1(rule), score: task.score.evaluate)
      var (stream, scores) = (task.stream(seed: seed), [Double]())
      run.run(
        iterations: task.iterations, batch: { _ in stream.next(task.batch) },
        report: { iteration in
          scores.append(iteration.score ?? .nan)
          return true
        })
      return scores.suffix(50).reduce(0, +) / 50
    }
    let mean = errors.reduce(0, +) / Double(errors.count)
    print("pattern generation, \(label): NMSE \(errors.map(rounded)), mean \(rounded(mean))")
    return mean
  }

  private func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }

  @Test func patternGeneration() async {
    let full = await patternError("e-prop 1, random feedback")
    #expect(full <= 0.0115)
    let isolated = await patternError("no recurrence") { $0.withoutRecurrence }
    #expect(isolated >= 5 * full)
    let global = await patternError("global signal", rule: EProp1(feedback: .global))
    #expect(global >= 5 * full)
    let presynaptic = await patternError(
      "z_i in place of the eligibility trace", rule: EProp1(eligibility: .presynaptic))
    #expect(presynaptic >= 5 * full)
    // The 2019 paper has 0.026 against 0.011 for its truncated traces; a factor of five is not there to be had as long
    // as the postsynaptic factor is kept.
    let truncated = await patternError(
      "ψ_j z_i in place of the eligibility trace", rule: EProp1(eligibility: .truncated))
    #expect(truncated >= 1.5 * full)
  }

  private struct Recall: Sendable {
    /// The first iteration whose batch, fresh trials all, had less than 5 % wrong.
    var solvedAt: Int?
    /// The share of wrong decisions of the best batch.
    var best: Double
    /// That over 256 other trials at the end.
    var atEnd: Double
  }

  private func recall(
    _ label: String, rule: EProp1 = EProp1(), _ change: @escaping @Sendable (SpikingNetwork) -> SpikingNetwork = { $0 }
  ) async -> [Recall] {
    let recalls = await overSeeds { seed in
      let task = StoreRecall()
      let run = TrainingRun(change(task.network(seed: seed)), rule: .eProp1(rule), score: task.score.evaluate)
      var (stream, solvedAt, best) = (task.stream(seed: seed), Int?.none, 1.0)
      run.run(
        iterations: task.iterations, batch: { _ in stream.next(task.batch) },
        report: { iteration in
          best = min(best, iteration.score ?? 1)
          if best < 0.05, solvedAt == nil { solvedAt = iteration.iteration }
          return true
        })
      var fresh = task.stream(seed: seed + 1_000_000)
      return Recall(solvedAt: solvedAt, best: best, atEnd: run.validate(fresh.next(256)))
    }
    print(
      """
      store-recall, \(label): first batch under 5 % at \(recalls.map { $0.solvedAt.map(String.init) ?? "never" }), \
      best batch \(recalls.map { rounded($0.best) }), at the end \(recalls.map { rounded($0.atEnd) })
      """)
    return recalls
  }

  @Test func storeRecall() async {
    let full = await recall("e-prop 1, feedback fixed to the initial readout")
    #expect(full.map { $0.solvedAt ?? .max }.sorted()[2] <= 100)
    #expect(full.map(\.atEnd).sorted()[2] < 0.05)
    let plain = await recall("20 LIF neurons") { $0.withoutAdaptation }
    #expect(plain.allSatisfy { $0.best > 0.15 && $0.atEnd > 0.15 })
    let truncated = await recall("truncated traces", rule: EProp1(eligibility: .truncated))
    #expect(truncated.allSatisfy { $0.best > 0.15 && $0.atEnd > 0.15 })
  }
}
