import Benchmarks
import Conformance
import Foundation
import Networks
import Planning
import Tasks
import Testing
import Toolchains
import Trials

/// The learning benchmark on a few trials: that every line runs, and that its C is the model's.
@Suite struct LearningBenchmarkTests {
  @Test func everyLineRunsAndIsExact() async throws {
    let target = try Target.named("host-gcc", in: root + "/targets")
    try await inTemporaryFolder { folder in
      let benchmark = LearningBenchmark(seeds: [31, 32], isQuick: true, target: target, directory: folder, parallel: 2)
      let figures = try await benchmark.run()
      #expect(figures.count == LearningCase.all().count)
      for line in figures {
        #expect(line.results.map(\.seed) == [31, 32])
        #expect(line.results.allSatisfy { $0.value.isFinite && $0.spoilt == 0 && $0.steps > 0 })
        if case .integer(let bits) = line.learningCase.learner {
          #expect(line.results.allSatisfy { $0.isBitExact == true })
          let bytes = try #require(line.results[0].bytesPerSynapse)
          #expect(bytes >= Double(bits) / 8 && bytes < Double(bits) / 8 * 1.04)
        } else {
          #expect(line.results.allSatisfy { $0.isBitExact == nil && $0.bytesPerSynapse == nil })
        }
      }
      let linear = try #require(figures.first { $0.learningCase.learner == .float })
      #expect(linear.ratio(to: .linear, in: figures) == nil)
      let device = try #require(figures.first { $0.learningCase.learner == .integer(weightBits: 8) })
      #expect(device.ratio(to: .linear, in: figures) == device.mean / linear.mean)
    }
  }

  /// Task 1.2 with a byte per synapse and the default setting, on seeds on which nothing was chosen.
  @Test func storeAndRecallIsLearntWithOneByte() async throws {
    let target = try Target.named("host-gcc", in: root + "/targets")
    let cases = LearningCase.all().filter { $0.work == .recall && $0.setting == "default" }
    try await inTemporaryFolder { folder in
      let benchmark = LearningBenchmark(
        cases: cases, seeds: [21, 22, 23], target: target, directory: folder, parallel: 3)
      let line = try #require(try await benchmark.run().first)
      #expect(line.learningCase.learner == .integer(weightBits: 8) && line.isBitExact)
      let bar = try #require(line.learningCase.barOfEach)
      for result in line.results { #expect(result.value < bar, "seed \(result.seed)") }
    }
  }

  /// A wrong C is noticed, at the first trial that it spoils.
  @Test func aDifferenceIsNoticed() async throws {
    let task = Blink()
    let plan = try FixedPlan(deviceNetwork(task, seed: 1))
    let trial = task.trials(seed: 1, count: 1).trials[0]
    try await inTemporaryFolder { folder in
      var run = LearningRun(
        plan, score: task.score, target: try Target.named("host-gcc", in: root + "/targets"), directory: folder)
      let sound = try await run.run(learning: 3, validation: 1, trials: { _ in trial })
      #expect(sound.isBitExact && sound.identicalTrials == 4 && sound.scores.count == 3)
      #expect(sound.validation != nil)
      // The second update is wrong: trials 1 and 2 still end as they should before it shows.
      run.editing = {
        $0.replacingOccurrences(
          of: "net->updates++;", with: "net->updates++;\n    if (net->updates == 2U) { net->bias[0]++; }")
      }
      let broken = try await run.run(learning: 3, trials: { _ in trial })
      #expect(!broken.isBitExact && broken.identicalTrials == 1)
    }
  }
}
