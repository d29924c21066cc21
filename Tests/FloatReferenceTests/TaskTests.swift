import FloatReference
import Foundation
import Networks
import Tasks
import Testing
import Training
import Trials

@Suite("The built-in tasks")
struct TaskTests {
  @Test func namesAreKnown() {
    #expect(
      BuiltInTasks.all.map(\.name) == [
        "pattern-generation", "store-recall", "store-recall-small", "evidence-accumulation", "blink", "steady-load",
      ])
    #expect(BuiltInTasks.named("store-recall")?.score == .misclassification)
    #expect(BuiltInTasks.named("stor-recall") == nil)
  }

  @Test func aSeedIsASeed() {
    for task in BuiltInTasks.all where task.name != "blink" {
      #expect(task.network(seed: 3) == task.network(seed: 3))
      #expect(task.network(seed: 3) != task.network(seed: 4))
      #expect(task.trials(seed: 3, count: 2) != task.trials(seed: 4, count: 2))
      var stream = task.stream(seed: 3)
      #expect(stream.next(1) + stream.next(2) == task.trials(seed: 3, count: 3).trials)
    }
  }

  @Test func networksAndTrialsPassTheRules() throws {
    for task in BuiltInTasks.all {
      let network = task.network(seed: 3)
      #expect(try network.validated() == network)
      let expectation = TrialSet.Expectation(
        inputCount: network.inputs.count, analogRange: nil, outputCount: network.readout.count,
        maximumSteps: network.maximumSteps, classTargets: network.loss == .crossEntropy)
      #expect(task.trials(seed: 3, count: 3).findings(for: expectation).isEmpty)
    }
  }

  @Test func clockInput() throws {
    let trial = PatternGeneration().trials(seed: 1, count: 1).trials[0]
    guard case .spikes(let train) = trial.inputs else { throw Failure() }
    #expect(train.sources.count == 5 * 4 * 20)
    for input in 0..<20 {
      let times = (0..<1000).filter { t in
        train.sources[train.offsets[t]..<train.offsets[t + 1]].contains(UInt16(input))
      }
      #expect(times.count == 20)
      #expect(times[0] == input / 4 * 200 + [0, 2, 5, 7][input % 4])
      #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 == 10 })
    }
  }

  /// The target is the side on which the larger number of cue intervals was active; nothing but the background fires in the
  /// delay, and the rates are those of the tutorial.
  @Test func accumulatesEvidence() throws {
    let trials = EvidenceAccumulation().trials(seed: 5, count: 60).trials
    var (cueSpikes, background, rights) = (0, 0, 0)
    for trial in trials {
      guard case .spikes(let train) = trial.inputs else { throw Failure() }
      func count(_ group: Int, _ steps: Range<Int>) -> Int {
        steps.reduce(0) { sum, t in
          sum + train.sources[train.offsets[t]..<train.offsets[t + 1]].count { Int($0) / 10 == group }
        }
      }
      let sides = (0..<7).map { cue in (0..<2).map { count($0, cue * 150 + 50..<(cue + 1) * 150) } }
      for (cue, side) in sides.enumerated() {
        #expect((side[0] == 0) != (side[1] == 0), "a cue is on one side")
        #expect(count(0, cue * 150..<cue * 150 + 50) + count(1, cue * 150..<cue * 150 + 50) == 0)
        cueSpikes += side[0] + side[1]
      }
      #expect((0..<3).reduce(0) { $0 + count($1, 1050..<2100) } == 0, "the delay is silent")
      background += count(3, 0..<2250)
      let winner = sides.count { $0[1] > 0 } > 3 ? 1 : 0
      rights += winner
      #expect(
        (2100..<2250).allSatisfy { trial.targets[$0 * 2 + winner] == 1 && trial.targets[$0 * 2 + 1 - winner] == 0 })
      #expect(trial.mask == (0..<2250).map { $0 >= 2100 })
    }
    #expect(abs(Double(cueSpikes) / (60 * 7 * 100 * 10) - 0.04) < 0.002)
    #expect(abs(Double(background) / (60 * 2250 * 10) - 0.01) < 0.0005)
    #expect((15...45).contains(rights))
  }

  @Test func storesAndRecalls() {
    for trial in StoreRecall().trials(seed: 5, count: 40).trials {
      var (stored, recalls) = (Int?.none, 0)
      for period in 0..<12 {
        let counts = groupCounts(trial, period)
        let isRecall = counts[3] > 0
        #expect(isRecall == (trial.mask?[period * 200] ?? false))
        if isRecall {
          #expect(counts[0] == 0 && counts[1] == 0 && counts[2] == 0)
          #expect(trial.targets[period * 400 + (stored ?? 0)] == 1)
          #expect(stored != nil)
          stored = nil
          recalls += 1
        } else {
          #expect((counts[0] == 0) != (counts[1] == 0))
          #expect(abs(counts[0] + counts[1] - 250) < 80)
          if counts[2] > 0 {
            #expect(stored == nil)
            stored = counts[0] > 0 ? 0 : 1
          }
        }
      }
      #expect(recalls > 0 && stored == nil)
    }
  }

  private func groupCounts(_ trial: Trial, _ period: Int) -> [Int] {
    guard case .spikes(let train) = trial.inputs else { return [] }
    let events = train.sources[train.offsets[period * 200]..<train.offsets[period * 200 + 200]]
    return (0..<4).map { group in events.count { Int($0) / 25 == group } }
  }

  private struct Failure: Error {}

  @Test func scores() {
    let trial = Trial(
      steps: 4, inputs: .analog([]), targets: [0, 1, 0, 1, 0, 0, 1, 0], mask: [true, true, false, true])
    let misclassified = TaskScore.misclassification
    #expect(misclassified.evaluate([trial], readouts: [[0, 1, 3, 1, 9, 9, 1, 0]]) == 0.5)
    #expect(misclassified.evaluate([trial], readouts: [[0, 3, 3, 1, 9, 9, 0, 1]]) == 0.5)
    #expect(misclassified.evaluate([trial], readouts: [[0, 3, 2, 1, 9, 9, 1, 0]]) == 0)
    let sequence = Trial(steps: 4, inputs: .analog([]), targets: [1, -1, 1, -1], mask: nil)
    #expect(TaskScore.normalisedMeanSquaredError.evaluate([sequence], readouts: [[1, -1, 1, 1]]) == 1)
    #expect(TaskScore.normalisedMeanSquaredError.evaluate([sequence], readouts: [[0, 0, 0, 0]]) == 1)
  }

  /// The first steps of `blink` by hand: α = κ = e^(−1/10).
  @Test func blinkByHand() {
    let task = Blink()
    let run = Reference.run(task.network(seed: 0), task.trials(seed: 0, count: 1).trials[0])
    let alpha = exp(-0.1)
    let plain = (0..<24).map { run.voltages[2 * $0] }
    let adaptive = (0..<24).map { run.voltages[2 * $0 + 1] }
    // Step 0: both inputs. The plain neuron gets 32/64 = v_th and fires; the adaptive one 40/64.
    #expect(plain[0] == 0.5 && adaptive[0] == 0.625)
    #expect(run.spikes.sources.prefix(2) == [0, 1] && run.spikes.offsets[1] == 2)
    #expect(abs(run.surrogates[0] - 0.3) < 1e-15 && abs(run.surrogates[1] - 0.3 * 0.75) < 1e-15)
    #expect(abs(run.readouts[0] - 8 / 64.0) < 1e-15)
    // Step 1: no input; each resets by 1/2 and hears the other.
    #expect(abs(plain[1] - (alpha * 0.5 - 0.5 - 0.125)) < 1e-15)
    #expect(abs(adaptive[1] - (alpha * 0.625 - 0.5 + 0.25)) < 1e-15)
    #expect(run.adaptations[3] == 1)
    #expect(run.surrogates[2] == 0 && run.surrogates[3] == 0)
    #expect(abs(run.readouts[1] - alpha / 8) < 1e-15)
    // Step 2 is silent too: two refractory steps.
    #expect(abs(plain[2] - alpha * plain[1]) < 1e-15)
    #expect(run.spikes.offsets[3] == 2)
  }

  @Test func blinkLearns() {
    let task = Blink()
    let run = TrainingRun(task.network(seed: 0), score: task.score.evaluate)
    var stream = task.stream(seed: 0)
    var scores: [Double] = []
    run.run(
      iterations: task.iterations, batch: { _ in stream.next(1) },
      report: { iteration in
        scores.append(iteration.score ?? .nan)
        return true
      })
    print("blink: score \(scores[0]) before, \(scores[scores.count - 1]) after \(scores.count) trials")
    #expect(scores[scores.count - 1] < scores[0] / 2)
  }
}
