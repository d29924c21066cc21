public import Planning

/// A plan, executed bit for bit as `Semantics.md` of `Planning` says.
///
/// The order of calls is the one of the generated C: `reset`, then `step` (and `learn` after those steps that have a
/// target) for every step of a trial, then `update`. State can be read between any two calls.
public final class IntegerNetwork {
  /// What is executed.
  public let plan: FixedPlan
  /// t, the number of steps since `reset`.
  public internal(set) var time = 0
  /// What d(t) numbers the first step after `reset`: 0, but for tests of what happens after 2³² steps.
  package var firstNumber: UInt32 = 0
  /// Updates so far.
  public internal(set) var updates: UInt32 = 0
  /// Trials that `update` skipped because they were spoilt.
  public internal(set) var skippedTrials: UInt32 = 0
  /// Neurons whose own decision differed from the forced spikes, since `reset`.
  public internal(set) var forcedDifferences = 0
  /// Whether values that are clamped are counted in `saturations`.
  public var countsSaturations = false
  /// What was clamped while `countsSaturations` was set.
  public var saturations = Saturations()
  /// Whether g of every synapse is kept at an update.
  public var keepsGradients = false
  /// Whether gradients that are kept add up over the updates since `reset`: the gradient of a whole stream, if no update
  /// changes a weight.
  public var addsGradients = false

  let populations: [PopulationState]
  let projections: [ProjectionState]
  let constants: NeuronConstants
  let neurons: NeuronState
  let readout: ReadoutState
  let learner: Learner?
  /// The analog inputs that are held.
  let heldInput: Storage<Int8>
  /// The stepwise schedule's factor, Q16.
  var scheduleFactor: UInt32 = 65536
  var hasStepped = false

  /// The network as the plan describes it, ready for its first trial.
  public init(_ plan: FixedPlan) {
    self.plan = plan
    var (adaptive, filtered) = (0, 0)
    var populations: [PopulationState] = []
    for (index, population) in plan.populations.enumerated() {
      let learning = plan.learning?.populations[index]
      populations.append(
        PopulationState(
          index, population, firstAdaptive: adaptive, firstCurrent: filtered,
          hearsImmediately: plan.hearsImmediately(index), learning: learning))
      if population.adaptation != nil { adaptive += population.count }
      if population.current != nil { filtered += population.count }
    }
    self.populations = populations
    let carried = plan.learning?.carries(maximumSteps: plan.maximumSteps) ?? false
    projections = plan.projections.map { projection in
      var target: PopulationPlan?
      if case .population(let index) = projection.target { target = plan.populations[index] }
      return ProjectionState(
        projection, learning: plan.learning, carried: carried, target: target, holdsInputs: plan.holdsInputs)
    }
    constants = NeuronConstants(populations, adaptive: adaptive)
    neurons = NeuronState(plan, populations: populations, adaptive: adaptive, filtered: filtered)
    readout = ReadoutState(plan.readout)
    learner = plan.learning.map { Learner(plan, $0) }
    heldInput = Storage(plan.holdsInputs ? plan.inputs.count : 0, repeating: 0)
  }

  /// Begins a trial: forgets everything but weights, biases, moments and counters.
  public func reset() {
    finishPieces()
    neurons.reset()
    readout.reset()
    for projection in projections { projection.resetTrial() }
    learner?.resetTrial()
    if addsGradients {
      for projection in projections { projection.gradient?.fill(0) }
      learner?.biasGradient = []
    }
    time = 0
    forcedDifferences = 0
    hasStepped = false
  }
}
