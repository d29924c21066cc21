/// Input, targets and mask over time for a number of trials, checked and ready to run.
public struct TrialSet: Sendable, Hashable {
  public var inputCount: Int
  public var outputCount: Int
  public var trials: [Trial]
  /// By which trials can be told apart, as `speaker`: a number for each trial.
  public var attributes: [String: [Int]]

  public init(inputCount: Int, outputCount: Int, trials: [Trial], attributes: [String: [Int]] = [:]) {
    self.inputCount = inputCount
    self.outputCount = outputCount
    self.trials = trials
    self.attributes = attributes
  }

  /// The trials of which the condition holds, with their attributes.
  public func filtered(_ isIncluded: (Int) -> Bool) -> TrialSet {
    let kept = trials.indices.filter(isIncluded)
    return TrialSet(
      inputCount: inputCount, outputCount: outputCount, trials: kept.map { trials[$0] },
      attributes: attributes.mapValues { values in kept.map { values[$0] } })
  }
}

/// One trial of `steps` time steps.
public struct Trial: Sendable, Hashable {
  public enum Inputs: Sendable, Hashable {
    case spikes(EventTrain)
    /// [rows × inputs], row major; a row lasts `holdSteps` steps, the last one perhaps less.
    case analog([Double])
  }

  public var steps: Int
  public var inputs: Inputs
  /// y*, [steps × outputs], row major; class targets are one-hot.
  public var targets: [Double]
  /// Where the loss counts, one per step; nil: everywhere.
  public var mask: [Bool]?
  /// For how many steps a row of analog inputs lasts.
  public var holdSteps: Int

  public init(steps: Int, inputs: Inputs, targets: [Double], mask: [Bool]?, holdSteps: Int = 1) {
    self.steps = steps
    self.holdSteps = holdSteps
    self.inputs = inputs
    self.targets = targets
    self.mask = mask
  }
}

extension Trial {
  /// How many rows analog inputs have.
  public var rows: Int { (steps + holdSteps - 1) / holdSteps }

  /// Which row of analog inputs drives a step.
  public func row(of step: Int) -> Int { step / holdSteps }

  /// x of every step, [steps × inputs].
  public func denseInputs(_ inputCount: Int) -> [Double] {
    switch inputs {
    case .analog(let values):
      if holdSteps == 1 { return values }
      return (0..<steps).flatMap { values[row(of: $0) * inputCount..<(row(of: $0) + 1) * inputCount] }
    case .spikes(let train):
      var dense = [Double](repeating: 0, count: steps * inputCount)
      for step in 0..<steps {
        for event in train.offsets[step]..<train.offsets[step + 1] {
          dense[step * inputCount + Int(train.sources[event])] = 1
        }
      }
      return dense
    }
  }
}

/// Spikes in compressed rows: at step t (counted from 0) the sources `sources[offsets[t]..<offsets[t + 1]]` fired, in
/// ascending order.
public struct EventTrain: Sendable, Hashable {
  public var offsets: [Int]
  public var sources: [UInt16]

  public init(offsets: [Int], sources: [UInt16]) {
    self.offsets = offsets
    self.sources = sources
  }
}
