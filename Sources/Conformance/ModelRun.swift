import CBackend
import FixedPoint
public import IntegerModel
public import Planning

/// The integer model on a stimulus: the digests that every machine must reproduce, and what became of each trial.
public struct ModelRun: Sendable {
  /// One trial of the run.
  public struct TrialResult: Sendable {
    /// y of every step, [steps × outputs].
    public var outputs: [Int32]
    public var spikes: Int
    public var update: UpdateResult?
  }
  /// In the driver's order.
  public var digests: [UInt32]
  public var saturations: Saturations
  public var seconds: Double

  /// Runs the whole stimulus, the first step being numbered `firstNumber`; `onTrial` sees each trial as it ends.
  public init(
    _ plan: FixedPlan, _ stimulus: Stimulus, rhythm: DigestRhythm, countsSaturations: Bool = false,
    firstNumber: UInt32 = 0, onTrial: (Int, TrialResult) -> Void = { _, _ in }
  ) {
    let clock = ContinuousClock()
    let start = clock.now
    var runner = ModelRunner(plan, stimulus: stimulus, rhythm: rhythm)
    runner.network.countsSaturations = countsSaturations
    runner.network.firstNumber = firstNumber
    for position in stimulus.order.indices { onTrial(position, runner.runTrial(position)) }
    digests = runner.digests
    saturations = runner.network.saturations
    seconds = (clock.now - start) / .seconds(1)
  }

  /// All arrays, by name, as they stand after step `step` of the run (counted over all trials).
  static func state(
    _ plan: FixedPlan, _ stimulus: Stimulus, at step: Int
  ) -> [(name: String, bytes: [UInt8])] {
    var runner = ModelRunner(plan, stimulus: stimulus, rhythm: DigestRhythm(every: 1 << 30))
    runner.stopAt = step
    for position in stimulus.order.indices {
      _ = runner.runTrial(position)
      if runner.total > step { break }
    }
    return runner.network.allArrays
  }
}

/// Feeds the model as the driver feeds the C.
struct ModelRunner {
  let network: IntegerNetwork
  let stimulus: Stimulus
  let rhythm: DigestRhythm
  var digests: [UInt32] = []
  /// Steps so far, over all trials.
  var total = 0
  /// Stops inside a trial after this step.
  var stopAt: Int?
  private let stepArrays: [StateArray]
  private let learntArrays: [StateArray]

  init(_ plan: FixedPlan, stimulus: Stimulus, rhythm: DigestRhythm) {
    network = IntegerNetwork(plan)
    self.stimulus = stimulus
    self.rhythm = rhythm
    let names = DriverArrays(plan)
    let all = network.stateArrays
    func find(_ name: String) -> StateArray {
      guard let array = all.first(where: { $0.name == name }) else {
        preconditionFailure("the integer model has no array '\(name)'")
      }
      return array
    }
    stepArrays = names.step.map(find)
    learntArrays = names.learnt.map(find)
  }

  mutating func runTrial(_ position: Int) -> ModelRun.TrialResult {
    run(stimulus.trials[stimulus.order[position]], learns: stimulus.learns(at: position))
  }

  /// One trial, and an update after it if the network `learns` from it.
  mutating func run(_ trial: Stimulus.QuantisedTrial, learns: Bool) -> ModelRun.TrialResult {
    var result = ModelRun.TrialResult(outputs: [], spikes: 0, update: nil)
    result.outputs.reserveCapacity(trial.steps * network.plan.readout.count)
    if stimulus.resets || total == 0 { network.reset() }
    for step in 0..<trial.steps {
      if trial.values.isEmpty {
        network.step(spikes: trial.spikes[step])
      } else {
        network.step(analog: trial.values[step])
      }
      if let target = trial.targets[step] { network.learn(target: target) }
      result.outputs += network.outputs
      result.spikes += network.spikes.count
      if rhythm.isDue(step, of: trial.steps) { digestStep() }
      if rhythm.learntIsDue(step) { digestLearnt() }
      total += 1
      if let stopAt, total > stopAt { return result }
    }
    if learns {
      let update = network.update()
      result.update = update
      digests.append(UInt32(bitPattern: update == .learnt ? 0 : update == .spoilt ? -2 : -1))
      digestLearnt()
    }
    return result
  }

  private mutating func digestStep() {
    for array in stepArrays {
      // A spoilt trial is no longer recorded: the C has nowhere to keep these.
      let absent = network.isSpoilt && (array.name == "psi" || array.name == "error")
      digests.append(absent ? 0 : network.digest(of: array))
    }
  }

  private mutating func digestLearnt() {
    for array in learntArrays { digests.append(network.digest(of: array)) }
  }
}
