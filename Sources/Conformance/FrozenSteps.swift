import Planning

extension FixedPlan {
  /// The same with steps of size 0: gradients are formed, and no weight or bias changes.
  var withoutSteps: FixedPlan {
    var plan = self
    for index in plan.projections.indices { plan.projections[index].step = plan.projections[index].step?.frozen }
    plan.readout.biasStep = plan.readout.biasStep?.frozen
    return plan
  }
}

extension StepPlan {
  fileprivate var frozen: StepPlan {
    switch self {
    case .factored(let unit, let limit): return .factored(unit: unit.map { _ in 0 }, limit: limit.map { _ in 0 })
    case .postsynaptic(let unit, let limit):
      return .postsynaptic(unit: unit.map { _ in 0 }, limit: limit.map { _ in 0 })
    case .adam(var adam):
      adam.unit = adam.unit.map { _ in 0 }
      return .adam(adam)
    case .sgd(let multiplier, let exponent): return .sgd(multiplier: multiplier.map { _ in 0 }, exponent: exponent)
    }
  }
}
