import Descriptions
import Diagnostics

/// How many of everything there may be. The limits are those of the generated code's index types.
let countRules = [
  Rule("network.count", positiveCounts),
  Rule("network.limit.neurons", neuronLimit),
  Rule("network.limit.sources", sourceLimit),
  Rule("network.limit.outputs", outputLimit),
  Rule("network.limit.steps", stepLimit),
  Rule("network.inputs.hold", holdLimit),
]

/// Neurons are numbered in 16 bits with a sign.
private let maximumNeurons = 32_767
/// Events name inputs and neurons in 16 bits.
private let maximumSources = 65_535
/// Bounds the matrix B, which a short document can ask for.
private let maximumFeedback = 1 << 24
/// Steps are counted in 16 bits with room for one past the end.
private let maximumSteps = 65_534
/// What is summed over a held input fits 32 bits.
private let maximumHold = 255

@Sendable private func positiveCounts(_ description: NetworkDescription) -> [Problem] {
  let counts = [description.inputs?.count] + description.populationList.map(\.count) + [description.readout?.count]
  return counts.compactMap { count in
    guard let count, count.value < 1 else { return nil }
    return Problem(count.location, "expected at least 1, but found \(count.value)")
  }
}

/// Reported at the population that goes beyond the limit.
@Sendable private func neuronLimit(_ description: NetworkDescription) -> [Problem] {
  var sum = 0
  for count in description.populationList.compactMap(\.count) where count.value > 0 {
    sum += min(count.value, maximumNeurons + 1)
    if sum > maximumNeurons {
      return [Problem(count.location, "a network has at most \(maximumNeurons) neurons over all populations")]
    }
  }
  return []
}

@Sendable private func sourceLimit(_ description: NetworkDescription) -> [Problem] {
  guard let inputs = description.inputs?.count, let neurons = description.neuronCount, neurons <= maximumNeurons,
    inputs.value > maximumSources - neurons
  else { return [] }
  let message =
    "expected at most \(maximumSources) inputs and neurons together, but found \(inputs.value) and \(neurons)"
  return [Problem(inputs.location, message)]
}

@Sendable private func outputLimit(_ description: NetworkDescription) -> [Problem] {
  guard let count = description.readout?.count else { return [] }
  if count.value > maximumNeurons {
    return [Problem(count.location, "expected at most \(maximumNeurons) readouts, but found \(count.value)")]
  }
  guard let neurons = description.neuronCount, neurons <= maximumNeurons, count.value * neurons > maximumFeedback else {
    return []
  }
  let message =
    "expected at most \(maximumFeedback) pairs of a neuron and a readout, but found \(count.value * neurons)"
  return [Problem(count.location, message)]
}

@Sendable private func holdLimit(_ description: NetworkDescription) -> [Problem] {
  guard let hold = description.inputs?.holdSteps, !(1...maximumHold).contains(hold.value) else { return [] }
  return [Problem(hold.location, "expected 1 to \(maximumHold) steps, but found \(hold.value)")]
}

@Sendable private func stepLimit(_ description: NetworkDescription) -> [Problem] {
  guard let steps = description.maximumSteps, !(1...maximumSteps).contains(steps.value) else { return [] }
  return [Problem(steps.location, "expected 1 to \(maximumSteps) steps, but found \(steps.value)")]
}
