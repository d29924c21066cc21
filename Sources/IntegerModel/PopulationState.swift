import Planning

/// A population's place in the network's arrays.
struct PopulationState {
  let index: Int
  let plan: PopulationPlan
  /// Number of the first neuron.
  let first: Int
  let count: Int
  /// Index of its first neuron among the adaptive ones.
  let firstAdaptive: Int
  /// Index of its first neuron among those with a synaptic current.
  let firstCurrent: Int
  /// Whether drives need 64 bits on their way to v.
  let isWide: Bool
  /// Whether spikes of earlier populations arrive in their own step.
  let hearsImmediately: Bool
  let learning: LearningPlan.PopulationLearning?

  init(
    _ index: Int, _ plan: PopulationPlan, firstAdaptive: Int, firstCurrent: Int, hearsImmediately: Bool,
    learning: LearningPlan.PopulationLearning?
  ) {
    self.index = index
    self.plan = plan
    self.firstAdaptive = firstAdaptive
    self.firstCurrent = firstCurrent
    self.learning = learning
    self.hearsImmediately = hearsImmediately
    first = plan.first
    count = plan.count
    let room = Int64(1) << Int64(max(0, 30 - max(0, plan.driveShift)))
    isWide = plan.accumulatorBound >= room
  }

  var range: Range<Int> { first..<first + count }
}
