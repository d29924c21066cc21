import Descriptions
import Randomness

extension RateNetwork {
  /// From a description that broke no rule; nil if the rules overlooked something.
  init?(checked description: NetworkDescription) {
    guard let name = description.name?.value,
      let inputs = description.inputs.flatMap({ SpikingNetwork.Inputs(checked: $0) }),
      let population = description.populationList.first.flatMap({ Population(checked: $0, in: description) }),
      let readout = description.readout.flatMap({ Readout(checked: $0, in: description) }),
      let loss: LossKind = description.loss?.choice(),
      let optimiser = description.optimiser.flatMap({ SpikingNetwork.Optimiser(checked: $0) }),
      let maximumSteps = description.maximumSteps?.value
    else { return nil }
    let projections = description.projectionList.compactMap { Projection(checked: $0, in: description) }
    guard projections.count == description.projectionList.count else { return nil }
    self.init(
      unchecked: name, inputs: inputs, population: population, projections: projections, readout: readout,
      loss: loss == .squaredError ? .squaredError : .crossEntropy, feedback: .symmetric, optimiser: optimiser,
      maximumSteps: maximumSteps)
    guard let feedback = description.feedback.flatMap({ self.feedback(checked: $0, in: description) }) else {
      return nil
    }
    self.feedback = feedback
  }

  private func feedback(
    checked feedback: NetworkDescription.Feedback, in description: NetworkDescription
  ) -> SpikingNetwork.Feedback? {
    let (n, outputs) = (population.count, readout.count)
    switch feedback.kind?.choice(FeedbackKind.self) {
    case .symmetric: return .symmetric
    case .initialReadout:
      let weights = projection(.output)?.weights ?? [Double](repeating: 0, count: n * outputs)
      return .fixed((0..<n * outputs).map { weights[$0 % outputs * n + $0 / outputs] }, origin: "initial readout")
    case .given:
      guard let matrix = feedback.matrix.flatMap({ description.values(of: $0) }) else { return nil }
      return .fixed(matrix, origin: feedback.origin?.value ?? "given")
    case .random:
      guard let seed = feedback.seed?.value, let deviation = feedback.standardDeviation?.value else { return nil }
      var generator = SplitMix64(seed: UInt64(seed), stream: "feedback")
      return .fixed((0..<n * outputs).map { _ in deviation * generator.normal() }, origin: "random, seed \(seed)")
    case nil: return nil
    }
  }
}

extension RateNetwork.Population {
  init?(checked description: NetworkDescription.Population, in network: NetworkDescription) {
    guard let name = description.name?.value, let count = description.count?.value,
      let alpha = description.alpha?.value, let bias = description.bias.flatMap({ network.values(of: $0) }),
      let biasIsPlastic = description.biasIsPlastic?.value
    else { return nil }
    self.init(name: name, count: count, alpha: alpha, bias: bias, biasIsPlastic: biasIsPlastic)
  }
}

extension RateNetwork.Readout {
  init?(checked description: NetworkDescription.Readout, in network: NetworkDescription) {
    guard let name = description.name?.value, let count = description.count?.value,
      let biasIsPlastic = description.biasIsPlastic?.value,
      let bias = description.bias.flatMap({ network.values(of: $0) })
    else { return nil }
    self.init(name: name, count: count, bias: bias, biasIsPlastic: biasIsPlastic)
  }
}
