import Descriptions
import Diagnostics

/// Features of the dynamics that not every network has: where a reset leads, and projections without a delay.
let neuronFeatureRules = [
  Rule("network.reset-potential", resetPotentials),
  Rule("network.projection.delay", delays),
]

/// A neuron that started at its threshold would fire for ever.
@Sendable private func resetPotentials(_ description: NetworkDescription) -> [Problem] {
  description.populationList.compactMap { population in
    guard let potential = population.resetPotential else { return nil }
    let limit = population.threshold?.value ?? .infinity
    guard !potential.value.isFinite || potential.value >= limit else { return nil }
    return Problem(
      potential.location, "expected a finite number below the threshold \(limit), but found \(potential.value)")
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
