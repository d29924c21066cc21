import Networks
import Synchronization
import Tasks
import Training
import Trials

/// A network, the trials it learns from by their numbers, and how it is judged.
struct Subject: Sendable {
  var network: SpikingNetwork
  var trial: @Sendable (Int) -> Trial
  var score: TaskScore
}

/// The networks that the cases begin with; those that are trained beforehand are trained once for each seed.
final class TrainedNetworks: Sendable {
  private let isQuick: Bool
  private let trained = Mutex<[UInt64: SpikingNetwork]>([:])

  init(isQuick: Bool) { self.isQuick = isQuick }

  private var patternTask: PatternGeneration { isQuick ? PatternGeneration(neurons: 40) : PatternGeneration() }

  func subject(of work: LearningCase.Work, seed: UInt64) -> Subject {
    switch work {
    case .pattern:
      let task = patternTask
      return Subject(network: task.network(seed: seed), trial: Self.repeated(task, seed), score: task.score)
    case .adaptation:
      let task = patternTask
      // Another seed's target for this seed's network; 100 apart, so that no target is both old and new.
      return Subject(network: pretrained(seed), trial: Self.repeated(task, seed + 100), score: task.score)
    case .recall:
      let task = StoreRecall()
      let stream = task.stream(seed: seed)
      return Subject(network: task.network(seed: seed), trial: { stream[$0] }, score: task.score)
    }
  }

  /// The only trial of a seed of pattern generation.
  private static func repeated(_ task: PatternGeneration, _ seed: UInt64) -> @Sendable (Int) -> Trial {
    let trial = task.trials(seed: seed, count: 1).trials[0]
    return { _ in trial }
  }

  /// A network of pattern generation after a training as the paper has it: Adam, 1,000 iterations.
  private func pretrained(_ seed: UInt64) -> SpikingNetwork {
    if let known = trained.withLock({ $0[seed] }) { return known }
    let task = patternTask
    let trial = Self.repeated(task, seed)(0)
    let run = TrainingRun(task.network(seed: seed))
    run.run(iterations: isQuick ? 40 : task.iterations, batch: { _ in [trial] })
    trained.withLock { $0[seed] = run.network }
    return run.network
  }
}
