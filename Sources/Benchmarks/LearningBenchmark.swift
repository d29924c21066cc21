import Conformance
import Diagnostics
import Networks
import Planning
import Synchronization
import Tasks
public import Toolchains
import Training
import Trials

/// What one seed of one case came to.
public struct LearningResult: Sendable, Hashable {
  public var seed: UInt64
  /// NMSE, or the share of wrong decisions.
  public var value: Double
  /// Whether the C ended every trial with the bits of the integer model; nil in double precision.
  public var isBitExact: Bool?
  /// Trials that the record had no room for.
  public var spoilt: Int
  /// RAM that grows with the synapses that learn, per such synapse; nil in double precision.
  public var bytesPerSynapse: Double?
  public var steps: Int
  /// What built the C.
  public var compiler: String?
}

/// One line of the benchmark: a case, and its results in the order of the seeds.
public struct LearningFigures: Sendable {
  public var learningCase: LearningCase
  public var results: [LearningResult]

  /// The mean over the seeds.
  public var mean: Double { results.reduce(0) { $0 + $1.value } / Double(max(1, results.count)) }
  public var isBitExact: Bool { results.allSatisfy { $0.isBitExact ?? true } }
}

/// Learning on the generated C beside Adam in double precision, on seeds that no setting was chosen on.
public struct LearningBenchmark: Sendable {
  /// The seeds that count: nothing was tried on them.
  public static let seeds: [UInt64] = [11, 12, 13, 14, 15]

  public var cases: [LearningCase]
  public var seeds: [UInt64]
  /// A few trials of small networks, to see that everything runs; the figures mean nothing.
  public var isQuick: Bool
  public var target: Target
  /// Where the C is written and built.
  public var directory: String
  /// Runs at a time.
  public var parallel: Int

  public init(
    cases: [LearningCase]? = nil, seeds: [UInt64] = seeds, isQuick: Bool = false, target: Target, directory: String,
    parallel: Int
  ) {
    self.cases = cases ?? LearningCase.all(isQuick: isQuick)
    self.seeds = seeds
    self.isQuick = isQuick
    self.target = target
    self.directory = directory
    self.parallel = max(1, parallel)
  }

  /// Every case on every seed; `progress` is told what has been done, from any thread.
  public func run(progress: @escaping @Sendable (String) -> Void = { _ in }) async throws -> [LearningFigures] {
    let trained = TrainedNetworks(isQuick: isQuick)
    let jobs = cases.indices.flatMap { index in seeds.map { (index, $0) } }
    let board = ProgressBoard(jobs: jobs.count, progress)
    let results = try await withThrowingTaskGroup(of: (Int, LearningResult).self) { group in
      var results: [(Int, LearningResult)] = []
      for (number, (index, seed)) in jobs.enumerated() {
        if number >= parallel, let result = try await group.next() { results.append(result) }
        group.addTask {
          let result = try await run(cases[index], seed, number: number, trained) { board.report(number, $0) }
          board.finish(number)
          return (index, result)
        }
      }
      for try await result in group { results.append(result) }
      return results
    }
    return cases.indices.map { index in
      let own = results.filter { $0.0 == index }.map(\.1)
      return LearningFigures(
        learningCase: cases[index], results: seeds.compactMap { seed in own.first { $0.seed == seed } })
    }
  }

  private func run(
    _ learningCase: LearningCase, _ seed: UInt64, number: Int, _ trained: TrainedNetworks,
    progress: (Double) -> Void
  ) async throws -> LearningResult {
    let subject = trained.subject(of: learningCase.work, seed: seed)
    var network = subject.network
    network.optimiser = learningCase.optimiser
    let count = learningCase.work.trials(isQuick: isQuick)
    guard case .integer(let bits) = learningCase.learner else {
      return runFloat(network, subject, count, seed, progress)
    }
    var options = PlanOptions()
    options.weightBits = bits
    let plan = try FixedPlan(network, options: options)
    let run = LearningRun(plan, score: subject.score, target: target, directory: "\(directory)/\(number)")
    let all = count.learning + count.validation
    let outcome = try await run.run(
      learning: count.learning, validation: count.validation, trials: subject.trial,
      progress: { progress(Double($0 + 1) / Double(all)) })
    return LearningResult(
      seed: seed, value: outcome.validation ?? mean(outcome.scores.suffix(count.counted)),
      isBitExact: outcome.isBitExact, spoilt: outcome.spoilt,
      bytesPerSynapse: SynapseBytes(plan, plan.memory).perPlastic, steps: outcome.steps, compiler: outcome.compiler)
  }

  private func runFloat(
    _ network: SpikingNetwork, _ subject: Subject, _ count: (learning: Int, counted: Int, validation: Int),
    _ seed: UInt64, _ progress: (Double) -> Void
  ) -> LearningResult {
    let run = TrainingRun(network, score: subject.score.evaluate)
    var scores: [Double] = []
    var steps = 0
    let batch = { (number: Int) in
      let trial = subject.trial(number - 1)
      steps += trial.steps
      return [trial]
    }
    run.run(iterations: count.learning, batch: batch) { iteration in
      scores.append(iteration.score ?? .nan)
      progress(Double(iteration.iteration) / Double(count.learning))
      return true
    }
    let later = (0..<count.validation).map { subject.trial(count.learning + $0) }
    return LearningResult(
      seed: seed, value: later.isEmpty ? mean(scores.suffix(count.counted)) : run.validate(later), isBitExact: nil,
      spoilt: 0, bytesPerSynapse: nil, steps: steps, compiler: nil)
  }

  private func mean(_ values: some Collection<Double>) -> Double {
    values.reduce(0, +) / Double(max(1, values.count))
  }
}

/// Puts the progress of jobs that run side by side into one line, with the time that is left if the rest goes on as before.
private final class ProgressBoard: Sendable {
  private let shares: Mutex<[Double]>
  private let show: @Sendable (String) -> Void
  private let start = ContinuousClock.now

  init(jobs: Int, _ show: @escaping @Sendable (String) -> Void) {
    shares = Mutex(Array(repeating: 0, count: jobs))
    self.show = show
  }

  func report(_ job: Int, _ share: Double) {
    let (done, all) = shares.withLock { shares in
      shares[job] = min(share, 0.999)
      return (shares.reduce(0, +), shares.count)
    }
    let minutes = (ContinuousClock.now - start) / .seconds(60) * (Double(all) / max(done, 1e-6) - 1)
    let left = minutes < 1 ? "" : ", about \(Int(min(minutes, 1e6).rounded(.up))) min left"
    show("learning: \(Int(100 * done / Double(max(1, all)))) % of \(all) runs\(left)")
  }

  func finish(_ job: Int) { shares.withLock { $0[job] = 1 } }
}
