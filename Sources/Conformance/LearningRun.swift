public import Diagnostics
import Foundation
public import IntegerModel
public import Planning
public import Tasks
public import Toolchains
public import Trials

/// A long run of learning on the integer model and on the C of one machine, trial by trial, so that no more than one
/// trial is held as numbers at a time.
///
/// The two are compared at the end of every trial: the state arrays after its last step, and everything learnt after its
/// update.
public struct LearningRun: Sendable {
  /// What came of a run.
  public struct Outcome: Sendable {
    /// The score of every trial that was learnt from, before its update.
    public var scores: [Double]
    /// The score over all trials that followed without learning; nil where there were none.
    public var validation: Double?
    /// Whether the machine wrote the model's digests, all of them and no more.
    public var isBitExact: Bool
    /// Trials up to the first that ended differently.
    public var identicalTrials: Int
    public var steps: Int
    public var saturations: Saturations
    /// Trials that were too busy to learn from.
    public var spoilt: Int
    public var compiler: String
  }

  public var plan: FixedPlan
  public var score: TaskScore
  public var target: Target
  /// Where the C is written and built.
  public var directory: String
  public var limits = RunLimits(seconds: 3600, outputBytes: 1 << 30)
  /// Changes the text of the C, for tests of the comparison itself.
  public var editing: @Sendable (String) -> String = { $0 }

  public init(_ plan: FixedPlan, score: TaskScore, target: Target, directory: String) {
    self.plan = plan
    self.score = score
    self.target = target
    self.directory = directory
  }

  /// Learns from trials 0 ..< `learning` of `trials`, then runs `validation` more with the weights as they are.
  /// `progress` is told the number of each trial that the model has done.
  public func run(
    learning: Int, validation: Int = 0, trials: (Int) -> Trial, progress: (Int) -> Void = { _ in }
  ) async throws(Findings) -> Outcome {
    let rhythm = DigestRhythm(every: 1 << 30)
    let stimulus = Stimulus(quantised: [], order: [], updates: plan.learning != nil)
    var runner = ModelRunner(plan, stimulus: stimulus, rhythm: rhythm)
    runner.network.countsSaturations = true
    var bytes = Stimulus.header(trials: learning + validation, rhythm: rhythm)
    var outcome = Outcome(
      scores: [], validation: nil, isBitExact: false, identicalTrials: 0, steps: 0, saturations: Saturations(),
      spoilt: 0,
      compiler: "")
    var (ends, later, readouts) = ([Int](), [Trial](), [[Double]]())
    let unit = Double(sign: .plus, exponent: -plan.readout.fractionBits, significand: 1)
    for number in 0..<learning + validation {
      let trial = trials(number)
      let learns = number < learning
      let quantised = Stimulus.quantise(trial, plan: plan, outputs: plan.readout.count)
      let result = runner.run(quantised, learns: learns)
      bytes += quantised.bytes(learns: learns)
      ends.append(runner.digests.count)
      let outputs = result.outputs.map { Double($0) * unit }
      if result.update == .spoilt { outcome.spoilt += 1 }
      if learns {
        outcome.scores.append(score.evaluate([trial], readouts: [outputs]))
      } else {
        later.append(trial)
        readouts.append(outputs)
      }
      progress(number)
    }
    if validation > 0 { outcome.validation = score.evaluate(later, readouts: readouts) }
    outcome.saturations = runner.network.saturations
    let machine = try await Machine(plan, target: target, in: directory, editing: editing)
    // Both are tens of megabytes for a thousand trials.
    defer {
      for file in ["stimulus.bin", "digests.bin"] {
        try? FileManager.default.removeItem(atPath: "\(directory)/\(file)")
      }
    }
    let words = try await machine.run(bytes, limits: limits).output.words
    let same = zip(words, runner.digests).prefix { $0 == $1 }.count
    outcome.isBitExact = words == runner.digests
    outcome.identicalTrials = ends.count { $0 <= same }
    outcome.steps = runner.total
    outcome.compiler = machine.program.compilerVersion
    return outcome
  }
}

extension [UInt8] {
  /// Little-endian words of four bytes.
  fileprivate var words: [UInt32] {
    (0..<count / 4).map { n in
      (0..<4).reduce(UInt32(0)) { $0 | UInt32(self[4 * n + $1]) << UInt32(8 * $1) }
    }
  }
}
