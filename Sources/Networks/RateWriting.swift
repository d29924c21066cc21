public import Descriptions
import Diagnostics

/// From a rate network to the description that means it, and to the files that hold it.
extension NetworkDescription {
  /// The description of a rate network, all its arrays inline; its locations are JSON paths alone.
  public init(_ network: RateNetwork) {
    // A spiking network of the same shape has every part but the population's and what rates do not need.
    self.init(network.withoutItsModel)
    (timeStep, convention, surrogate) = (nil, nil, nil)
    readout?.timeConstant = nil
    let location = Finding.Location(path: "populations[0]")
    var units = Population(location: location)
    units.name = Located(network.population.name, at: location.member("name"))
    units.count = Located(network.population.count, at: location.member("count"))
    units.model = Located(Self.rateModel, at: location.member("model"))
    units.alpha = Located(network.population.alpha, at: location.member("alpha"))
    let bias = Numbers(shape: [network.population.bias.count], values: network.population.bias)
    units.bias = Located(.inline(bias), at: location.member("bias"))
    units.biasIsPlastic = Located(network.population.biasIsPlastic, at: location.member("plastic_bias"))
    populations?.value = [units]
  }
}

extension RateNetwork {
  /// What the description of a rate network has in common with that of a spiking one.
  fileprivate var withoutItsModel: SpikingNetwork {
    SpikingNetwork(
      unchecked: name, timeStep: 1, convention: .paper2019, inputs: inputs,
      populations: [
        .init(
          name: population.name, count: population.count, timeConstant: 1, threshold: 1, reset: .subtract,
          refractorySteps: 0, adaptation: nil)
      ], projections: projections,
      readout: .init(
        name: readout.name, count: readout.count, timeConstant: 1, bias: readout.bias,
        biasIsPlastic: readout.biasIsPlastic),
      loss: loss, feedback: feedback, surrogate: .piecewiseLinear(dampening: 1), rateRegularisation: nil,
      optimiser: optimiser, maximumSteps: maximumSteps)
  }

  /// The files that hold this network, as `SpikingNetwork.files()` gives them; the population's bias is the tensor
  /// `<population>.bias` where it is long.
  ///
  /// - Precondition: the network has passed the rules.
  public func files() -> [(name: String, bytes: [UInt8])] {
    var description = NetworkDescription(self)
    let biases = [population.name + ".bias", readout.name + ".bias"]
    return description.files(tensorNames: projections.map { $0.name + ".weights" } + biases + ["feedback.matrix"])
  }
}
