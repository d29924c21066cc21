/// Input, targets and mask over time for a number of trials, checked and ready to run.
public struct TrialSet: Sendable, Hashable {
  public var inputCount: Int
  public var outputCount: Int
  public var trials: [Trial]

  public init(inputCount: Int, outputCount: Int, trials: [Trial]) {
    self.inputCount = inputCount
    self.outputCount = outputCount
    self.trials = trials
  }
}

/// One trial of `steps` time steps.
public struct Trial: Sendable, Hashable {
  public enum Inputs: Sendable, Hashable {
    case spikes(EventTrain)
    /// [steps × inputs], row major.
    case analog([Double])
  }

  public var steps: Int
  public var inputs: Inputs
  /// y*, [steps × outputs], row major; class targets are one-hot.
  public var targets: [Double]
  /// Where the loss counts, one per step; nil: everywhere.
  public var mask: [Bool]?

  public init(steps: Int, inputs: Inputs, targets: [Double], mask: [Bool]?) {
    self.steps = steps
    self.inputs = inputs
    self.targets = targets
    self.mask = mask
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
