import Descriptions
import Diagnostics

/// What may be connected with what.
let projectionRules = [
  Rule("network.projection.from", unknownSources),
  Rule("network.projection.to", unknownTargets),
  Rule("network.projection.from-readout", fromReadout),
  Rule("network.projection.inputs-to-readout", inputsToReadout),
  Rule("network.projection.parallel", parallelProjections),
  Rule("network.projection.autapses", misplacedAutapses),
]

@Sendable private func unknownSources(_ description: NetworkDescription) -> [Problem] {
  let known = description.sourceNames
  return description.projectionList.compactMap { projection in
    guard let from = projection.from, !known.contains(from.value), from.value != description.readout?.name?.value
    else { return nil }
    let message = "expected \"inputs\" or the name of a population, but found \(Quoted.text(from.value))"
    return Problem(from.location, message, help: Nearest.help(for: from.value, among: known))
  }
}

@Sendable private func unknownTargets(_ description: NetworkDescription) -> [Problem] {
  let known = description.targetNames
  return description.projectionList.compactMap { projection in
    guard let to = projection.to, !known.contains(to.value) else { return nil }
    let message = "expected the name of a population or of the readout, but found \(Quoted.text(to.value))"
    return Problem(to.location, message, help: Nearest.help(for: to.value, among: known))
  }
}

@Sendable private func fromReadout(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let from = projection.from, from.value == description.readout?.name?.value,
      !description.sourceNames.contains(from.value)
    else { return nil }
    return Problem(from.location, "the readout drives nothing: expected \"inputs\" or the name of a population")
  }
}

@Sendable private func inputsToReadout(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let to = projection.to, projection.from?.value == "inputs", description.drivesReadout(projection) else {
      return nil
    }
    return Problem(to.location, "inputs drive populations, never the readout itself")
  }
}

/// Two matrices between the same two would make W_out and its transpose ambiguous.
@Sendable private func parallelProjections(_ description: NetworkDescription) -> [Problem] {
  var seen: Set<[String]> = []
  return description.projectionList.compactMap { projection in
    guard let from = projection.from?.value, let to = projection.to?.value,
      !seen.insert([from, to]).inserted
    else { return nil }
    let message = "there is a projection from \(Quoted.text(from)) to \(Quoted.text(to)) already"
    return Problem(projection.location, message, help: "add the two matrices")
  }
}

@Sendable private func misplacedAutapses(_ description: NetworkDescription) -> [Problem] {
  description.projectionList.compactMap { projection in
    guard let autapses = projection.autapses, autapses.value, let from = projection.from?.value,
      let to = projection.to?.value, from != to
    else { return nil }
    return Problem(autapses.location, "only a projection of a population onto itself has autapses")
  }
}
