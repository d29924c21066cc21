import Conformance
public import Diagnostics
import IntegerModel
public import Networks
public import Planning
public import Tasks
public import Toolchains
public import Trials

extension SpokenDigits {
  /// What a device learns a new speaker with: the steps of the one-byte rule, falling to 0 over the recordings that it is
  /// given. The learning rates were chosen in a prototype, on a seed that no figure is reported of: with larger ones more is
  /// forgotten, with smaller ones less is learnt.
  public static func deviceOptimiser(recordings: Int, readoutOnly: Bool = false) -> SpikingNetwork.Optimiser {
    .init(
      kind: .factored(clip: 10), learningRate: readoutOnly ? 0.004 : 0.0002,
      schedule: .linearToZero(trials: recordings))
  }

  /// The plan of a digit network: 8-bit weights, the history replayed, so that it fits a microcontroller.
  public static func plan(_ network: SpikingNetwork) throws(Findings) -> FixedPlan {
    var options = PlanOptions()
    options.history = .replay
    options.recordedRate = 60
    return try FixedPlan(network, options: options)
  }
}

/// A digit network in integers, run as C on this machine and compared bit for bit with the integer model.
public struct IntegerDigits: Sendable {
  public let plan: FixedPlan
  public let target: Target
  /// Where the C is written and built.
  public let directory: String

  public init(_ network: SpikingNetwork, target: Target, directory: String) throws(Findings) {
    plan = try SpokenDigits.plan(network)
    self.target = target
    self.directory = directory
  }

  /// One recording of a run.
  public struct Recording: Sendable, Hashable {
    /// The digit of the largest mean readout.
    public var digit: Int
    /// Whether the network did not learn from it, because its record was too small.
    public var isSpoilt: Bool
  }

  /// Runs recordings one after the other; from those at the places `learnt` the network learns, one at a time.
  ///
  /// The C and the model run the same stimulus; both give a digest of all state after every step, and a difference is an
  /// error, so that what is returned was computed by the C.
  ///
  /// - Throws: `digits.bits` where the C differs from the model; what keeps the C from being built or run.
  public func run(
    _ set: TrialSet, order: [Int], learnt: Range<Int>, progress: (Int, Int) -> Void = { _, _ in }
  ) async throws(Findings) -> [Recording] {
    var stimulus = Stimulus(set, plan: plan, order: order, updates: true)
    stimulus.withoutUpdate = Set(order.indices).subtracting(learnt)
    let rhythm = DigestRhythm()
    let outputs = plan.readout.count
    var recordings: [Recording] = []
    let model = ModelRun(plan, stimulus, rhythm: rhythm) { position, result in
      let sums = (0..<outputs).map { k in
        stride(from: k, to: result.outputs.count, by: outputs).reduce(0) { $0 + Int(result.outputs[$1]) }
      }
      recordings.append(
        Recording(digit: sums.indices.max { sums[$0] < sums[$1] } ?? 0, isSpoilt: result.update == .spoilt))
      progress(position + 1, order.count)
    }
    let machine = try await Machine(plan, target: target, options: BuildOptions(), in: directory)
    let limits = RunLimits(seconds: 900, outputBytes: 4 << 30)
    let (output, _) = try await machine.run(stimulus.bytes(rhythm: rhythm), limits: limits)
    let comparison = compare(output, with: model, plan: plan, stimulus: stimulus, rhythm: rhythm)
    guard comparison.bitExact else {
      throw Findings(
        Finding(
          "digits.bits", at: Finding.Location(path: target.name), "the C differs from the integer model",
          help: "epropc verify finds out where"))
    }
    return recordings
  }
}

extension IntegerDigits {
  /// The share of recordings whose digit is recognised, without learning.
  public func accuracy(
    on set: TrialSet, progress: (Int, Int) -> Void = { _, _ in }
  ) async throws(Findings) -> Double {
    let recordings = try await run(set, order: Array(set.trials.indices), learnt: 0..<0, progress: progress)
    let right = recordings.indices.count { recordings[$0].digit == set.label($0) }
    return Double(right) / Double(max(recordings.count, 1))
  }
}

extension TrialSet {
  /// The class of a trial.
  func label(_ trial: Int) -> Int { trials[trial].targets.prefix(outputCount).firstIndex(of: 1) ?? 0 }
}
