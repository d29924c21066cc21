/// A kind of work of the generated C, each done a number of times that follows from the plan and the activity.
///
/// The sum of counts times coefficients is the estimate of instructions; the coefficients are those of `Core`.
public enum WorkItem: String, Sendable, Hashable, CaseIterable {
  // Every step.
  /// A step, whatever happens in it.
  case step
  /// An input event or spike that is looked at.
  case event
  /// A weight that is added in the lanes of a word, or by itself.
  case laneAdd, plainAdd
  /// A neuron's potential: summed in lanes, plain, and what adaptation adds.
  case laneNeuron, plainNeuron, adaptation
  /// ψ of a neuron, kept.
  case surrogate
  /// A readout.
  case readout
  /// An event that is recorded.
  case recordedEvent

  // Every block.
  /// An error that is filtered.
  case error
  /// An event that is sorted, and a source that the sort goes through.
  case sortedEvent, sortedSource
  /// A neuron and step of the replay, by the two forms of the forward pass, and their adds.
  case replayLaneNeuron, replayPlainNeuron, replayLaneAdd, replayPlainAdd
  /// A neuron and step of the sweep; what adaptation adds; a product of B and F of a neuron and step.
  case sweepNeuron, sweepAdaptation, sweepOutput
  /// An arrival at a synapse whose worth is added to its gradient; a source whose arrivals are begun with, per tile; an
  /// analog value times a worth.
  case gatherAdd, gatherSource, gatherAnalog
  /// An error of a spike that is added to the gradient of a readout's synapse.
  case gatherReadout

  // Every update.
  /// A synapse that takes its step, by optimiser.
  case synapseFactored, synapsePostsynaptic, synapseAdam, synapseMultiplied
  /// A row or column whose moment is used and moved.
  case moment

  // Every block of a trial that has several.
  /// A neuron and step of the sweep of ē, and of ε.
  case traceSweep, adaptationSweep
  /// An arrival at a synapse that is added to ē or ε, and the analog form of it.
  case sigmaAdd, sigmaAnalog
  /// A synapse's traces: used for g and brought forward; what ε adds.
  case carriedSynapse, carriedAdaptation
  /// A source and step of its presynaptic trace.
  case carriedSource
  /// A synapse whose gradient is added up over the trial.
  case collectedSynapse
}
