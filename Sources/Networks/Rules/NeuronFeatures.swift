import Descriptions
import Diagnostics

/// Features of the dynamics that not every network has: where a reset leads, quantities that differ from unit to unit, and
/// projections without a delay.
let neuronFeatureRules = [
  Rule("network.reset-potential", resetPotentials),
  Rule("network.per-unit.shape", perUnitShapes),
  Rule("network.per-unit.scaling", perUnitScalings),
  Rule("network.projection.delay", delays),
]

/// A neuron that started at its threshold would fire for ever.
@Sendable private func resetPotentials(_ description: NetworkDescription) -> [Problem] {
  description.populationList.compactMap { population in
    guard let potential = population.resetPotential else { return nil }
    let limit = population.threshold?.value ?? .infinity
    guard let found = description.numbers(of: potential)?.first(where: { !$0.isFinite || $0 >= limit }) else {
      return nil
    }
    return Problem(
      potential.location, "expected a finite number below the threshold \(limit), but found \(found)")
  }
}

/// An array has a number for every unit.
@Sendable private func perUnitShapes(_ description: NetworkDescription) -> [Problem] {
  description.perUnitArrays.compactMap { array, count in
    guard let count, count > 0 else { return nil }
    return shapeProblem(array, [count], "one per unit", in: description)
  }
}

/// Conventions scale by one decay of a population or of the readout.
@Sendable private func perUnitScalings(_ description: NetworkDescription) -> [Problem] {
  guard let convention = description.convention.flatMap({ Convention(checked: $0) }) else { return [] }
  func isScaled(_ scalings: Convention.Scaling...) -> Bool { scalings.contains(.oneMinusDecay) }
  var quantities: [(Located<NetworkDescription.Values>?, Bool)] = []
  for population in description.populationList {
    quantities.append((population.timeConstant, isScaled(convention.inputScaling, convention.recurrentScaling)))
    quantities.append((population.adaptationTimeConstant, isScaled(convention.adaptationScaling)))
  }
  quantities.append(
    (description.readout?.timeConstant, isScaled(convention.readoutScaling, convention.traceScaling)))
  return quantities.compactMap { values, isScaled in
    guard let values, isScaled, case .each = values.value else { return nil }
    return Problem(
      values.location, "the convention multiplies by 1 less a decay, and here the decays differ from unit to unit",
      help:
        "multiply the weights of each unit by 1 less its decay, and choose \"one\" for the scalings of the convention")
  }
}

/// Without a delay the sources must have fired before their targets are driven: populations fire in their order.
@Sendable private func delays(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let delay = projection.delaySteps, let from = projection.from?.value, let to = projection.to?.value else {
      return nil
    }
    guard let source = description.populationIndex(named: from), let target = description.populationIndex(named: to)
    else {
      return Problem(
        delay.location, "only a projection from population to population has a delay",
        help: "leave it out: inputs drive in their own step, and the readout sees the spikes of its own step")
    }
    guard (0...1).contains(delay.value) else {
      return Problem(delay.location, "expected 0 or 1 steps, but found \(delay.value)")
    }
    guard delay.value == 1 || source < target else {
      return Problem(
        delay.location, "without a delay a projection leads from an earlier population to a later one",
        help: "order the populations so, or use a delay of 1 step")
    }
    return nil
  }
}
