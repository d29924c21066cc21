import Descriptions
import Diagnostics

/// The readout and the loss on it.
let readoutRules = [
  Rule("network.readout.unreached", unreachedReadout),
  Rule("network.bias.shape", biasShape),
  Rule("network.loss.outputs", lossOutputs),
]

@Sendable private func unreachedReadout(_ description: NetworkDescription) -> [Problem] {
  guard description.projections != nil, let readout = description.readout, let name = readout.name,
    !description.projectionList.contains(where: { $0.to?.value == name.value })
  else { return [] }
  return [Problem(name.location, "no projection drives the readout \(Quoted.text(name.value))")]
}

@Sendable private func biasShape(_ description: NetworkDescription) -> [Problem] {
  let units = description.populationList.map { ($0.bias, $0.count?.value, "one per unit") }
  let all = units + [(description.readout?.bias, description.readout?.count?.value, "one per readout")]
  return all.compactMap { bias, count, meaning in
    guard let bias, let count, count > 0 else { return nil }
    return shapeProblem(bias, [count], meaning, in: description)
  }
}

/// The softmax of a single number is 1 whatever the number.
@Sendable private func lossOutputs(_ description: NetworkDescription) -> [Problem] {
  guard let loss = description.loss, loss.choice(LossKind.self) == .crossEntropy,
    let count = description.readout?.count?.value, count == 1
  else { return [] }
  return [Problem(loss.location, "\"cross-entropy\" needs at least two readouts, but there is one")]
}
