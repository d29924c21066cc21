import Descriptions
import Diagnostics

/// The populations as a whole.
let populationRules = [
  Rule("network.populations.empty", noPopulations),
  Rule("network.population.undriven", severity: .warning, undrivenPopulations),
]

@Sendable private func noPopulations(_ description: NetworkDescription) -> [Problem] {
  guard let populations = description.populations, populations.value.isEmpty else { return [] }
  return [Problem(populations.location, "expected at least one population")]
}

/// Its neurons can never fire.
@Sendable private func undrivenPopulations(_ description: NetworkDescription) -> [Problem] {
  let driven = Set(description.projectionList.compactMap { $0.to?.value })
  return description.populationList.compactMap { population in
    guard let name = population.name, !driven.contains(name.value) else { return nil }
    return Problem(name.location, "no projection drives the population \(Quoted.text(name.value)): it stays silent")
  }
}
