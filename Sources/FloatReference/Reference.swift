public import Networks
public import Trials

/// Single runs of a network in double precision.
///
/// Everything here is a plain function of its arguments; `ReferenceEngine` does the same work in memory that is reused.
public enum Reference {
  /// What a batch of trials came to.
  public struct Evaluation: Sendable, Hashable {
    /// One per trial.
    public var recordings: [Recording]
    /// The mean over the trials.
    public var gradients: Gradients
    /// E, the mean over the trials, without the rate regulariser.
    public var loss: Double
  }

  /// Runs one trial. With `spikes`, the neurons fire exactly when it says, whatever their membrane potentials: the
  /// recording then shows v, a, ψ, y and the errors of a network whose spikes are given.
  public static func run(_ network: SpikingNetwork, _ trial: Trial, forcing spikes: EventTrain? = nil) -> Recording {
    let engine = ReferenceEngine(network, rule: .eProp1(EProp1()))
    return engine.record([trial], forcing: spikes.map { [$0] }, formingGradient: false)[0]
  }

  /// Runs a batch of trials and forms the gradient of every projection, frozen ones too. With `spikes`, one raster per
  /// trial, the neurons fire exactly when it says.
  public static func evaluate(
    _ network: SpikingNetwork, _ trials: [Trial], rule: LearningRule = .eProp1(EProp1()),
    forcing spikes: [EventTrain]? = nil
  ) -> Evaluation {
    let engine = ReferenceEngine(network, rule: rule, includingFrozen: true)
    let recordings = engine.record(trials, forcing: spikes, formingGradient: true)
    return Evaluation(
      recordings: recordings, gradients: Gradients(engine.gradient),
      loss: recordings.reduce(0) { $0 + $1.loss } / Double(trials.count))
  }
}
