import Networks

extension Planner {
  /// Whether means of squares are kept per postsynaptic neuron alone: described, or chosen.
  var secondMoments: PlanOptions.SecondMoments {
    if case .postsynaptic = network.optimiser.kind { .postsynaptic } else { options.secondMoments }
  }
}
