public import Descriptions
import Diagnostics

/// From a network to the description that means it: how networks are written, and how those that code has built go
/// through the rules.
extension NetworkDescription {
  /// The description of a network, all its arrays inline. Any network has one, also one that breaks rules; its locations
  /// are JSON paths alone.
  public init(_ network: SpikingNetwork) {
    self.init()
    name = Located(network.name, at: at("name"))
    timeStep = Located(network.timeStep, at: at("time_step_ms"))
    convention = Convention(network.convention)
    inputs = Inputs(network.inputs)
    populations = Located(
      network.populations.enumerated().map { Population($1, at: at("populations[\($0)]"), timeStep: network.timeStep) },
      at: at("populations"))
    projections = Located(
      network.projections.enumerated().map { Projection($1, at: at("projections[\($0)]"), in: network) },
      at: at("projections"))
    readout = Readout(network.readout)
    let loss: LossKind = network.loss == .squaredError ? .squaredError : .crossEntropy
    self.loss = Located(loss.rawValue, at: at("loss"))
    feedback = Feedback(network)
    surrogate = Surrogate(network.surrogate)
    rateRegularisation = network.rateRegularisation.map { RateRegularisation($0) }
    optimiser = Optimiser(network.optimiser)
    maximumSteps = Located(network.maximumSteps, at: at("maximum_steps"))
  }
}

private func at(_ path: String) -> Finding.Location { Finding.Location(path: path) }

extension NetworkDescription.Convention {
  /// The preset alone if there is one, otherwise every choice.
  init(_ convention: Convention) {
    self.init(location: at("convention"))
    if let preset = Convention.Preset.allCases.first(where: { $0.convention == convention }) {
      self.preset = Located(preset.rawValue, at: location)
      return
    }
    let values = [
      "input_scaling": convention.inputScaling.rawValue, "recurrent_scaling": convention.recurrentScaling.rawValue,
      "readout_scaling": convention.readoutScaling.rawValue, "trace_scaling": convention.traceScaling.rawValue,
      "adaptation_scaling": convention.adaptationScaling.rawValue,
      "surrogate_height": convention.surrogateHeight.rawValue, "surrogate_width": convention.surrogateWidth.rawValue,
      "threshold_derivative": convention.thresholdDerivative.rawValue,
      "spike_condition": convention.spikeCondition.rawValue, "refractory_count": convention.refractoryCount.rawValue,
      "rate_term": convention.rateTerm.rawValue, "rate_average": convention.rateAverage.rawValue,
      "loss_reduction": convention.lossReduction.rawValue,
      "adam_epsilon": convention.adamEpsilon.rawValue,
    ]
    for (field, value) in values { choices[field] = Located(value, at: location.member(field)) }
  }
}

extension NetworkDescription.Inputs {
  init(_ inputs: SpikingNetwork.Inputs) {
    self.init(location: at("inputs"))
    count = Located(inputs.count, at: location.member("count"))
    switch inputs.kind {
    case .spikes: kind = Located(InputKind.spikes.rawValue, at: location.member("kind"))
    case .analog(let low, let high):
      kind = Located(InputKind.analog.rawValue, at: location.member("kind"))
      let numbers = NetworkDescription.Numbers(shape: [2], values: [low, high])
      range = Located(numbers, at: location.member("range"))
      if inputs.holdSteps != 1 { holdSteps = Located(inputs.holdSteps, at: location.member("hold_steps")) }
    }
  }
}

extension NetworkDescription.Population {
  init(_ population: SpikingNetwork.Population, at location: Finding.Location, timeStep: Double) {
    self.init(location: location)
    let model: Model = population.adaptation == nil ? .lif : .adaptiveLIF
    name = Located(population.name, at: location.member("name"))
    count = Located(population.count, at: location.member("count"))
    self.model = Located(model.rawValue, at: location.member("model"))
    timeConstant = Located(.init(population.timeConstant), at: location.member("tau_m_ms"))
    threshold = Located(population.threshold, at: location.member("threshold"))
    reset = Located(population.reset.rawValue, at: location.member("reset"))
    refractory = Located(Double(population.refractorySteps) * timeStep, at: location.member("refractory_ms"))
    if population.reset == .value {
      resetPotential = Located(.init(population.resetPotential), at: location.member("reset_potential"))
    }
    synapticTimeConstant = population.synapticTimeConstant.map {
      Located(.init($0), at: location.member("tau_syn_ms"))
    }
    if !population.bias.isEmpty {
      let numbers = NetworkDescription.Numbers(shape: [population.bias.count], values: population.bias)
      bias = Located(.inline(numbers), at: location.member("bias"))
    }
    adaptationStrength = population.adaptation.map { Located($0.strength, at: location.member("beta")) }
    adaptationTimeConstant = population.adaptation.map {
      Located(.init($0.timeConstant), at: location.member("tau_a_ms"))
    }
  }
}

extension NetworkDescription.Projection {
  init(_ projection: SpikingNetwork.Projection, at location: Finding.Location, in network: SpikingNetwork) {
    self.init(location: location)
    func population(_ index: Int) -> SpikingNetwork.Population? {
      network.populations.indices.contains(index) ? network.populations[index] : nil
    }
    name = Located(projection.name, at: location.member("name"))
    var shape: [Int?]
    switch projection.source {
    case .inputs:
      from = Located("inputs", at: location.member("from"))
      shape = [network.inputs.count]
    case .population(let index):
      from = Located(population(index)?.name ?? "population number \(index)", at: location.member("from"))
      shape = [population(index)?.count]
    }
    switch projection.target {
    case .readout:
      to = Located(network.readout.name, at: location.member("to"))
      shape.insert(network.readout.count, at: 0)
    case .population(let index):
      to = Located(population(index)?.name ?? "population number \(index)", at: location.member("to"))
      shape.insert(population(index)?.count, at: 0)
    }
    let numbers = NetworkDescription.Numbers(projection.weights, shaped: shape.compactMap { $0 })
    weights = Located(.inline(numbers), at: location.member("weights"))
    if let mask = projection.mask {
      let numbers = NetworkDescription.Numbers(mask.map { $0 ? 1 : 0 }, shaped: shape.compactMap { $0 })
      self.mask = Located(.inline(numbers), at: location.member("mask"))
    }
    isPlastic = Located(projection.isPlastic, at: location.member("plastic"))
    if projection.delaySteps != 1 { delaySteps = Located(projection.delaySteps, at: location.member("delay_steps")) }
    if projection.autapses { autapses = Located(true, at: location.member("autapses")) }
  }
}

extension NetworkDescription.Values {
  init(_ values: PerUnit) {
    switch values {
    case .common(let value): self = .common(value)
    case .each(let list): self = .each(.inline(.init(shape: [list.count], values: list)))
    }
  }
}

extension NetworkDescription.Numbers {
  /// The values in the shape that they should have, or in one dimension if they do not fit it.
  fileprivate init(_ values: [Double], shaped shape: [Int]) {
    let product = shape.reduce((count: 1, overflow: false)) { product, extent in
      let next = product.count.multipliedReportingOverflow(by: extent)
      return (next.partialValue, product.overflow || next.overflow)
    }
    let fits = !product.overflow && product.count == values.count && shape.allSatisfy { $0 >= 0 }
    self.init(shape: fits ? shape : [values.count], values: values)
  }
}

extension NetworkDescription.Readout {
  init(_ readout: SpikingNetwork.Readout) {
    self.init(location: at("readout"))
    name = Located(readout.name, at: location.member("name"))
    count = Located(readout.count, at: location.member("count"))
    timeConstant = Located(.init(readout.timeConstant), at: location.member("tau_out_ms"))
    let numbers = NetworkDescription.Numbers(shape: [readout.bias.count], values: readout.bias)
    bias = Located(.inline(numbers), at: location.member("bias"))
    biasIsPlastic = Located(readout.biasIsPlastic, at: location.member("plastic_bias"))
  }
}

extension NetworkDescription.Feedback {
  init(_ network: SpikingNetwork) {
    self.init(location: at("feedback"))
    switch network.feedback {
    case .symmetric: kind = Located(FeedbackKind.symmetric.rawValue, at: location.member("kind"))
    case .fixed(let matrix, let origin):
      kind = Located(FeedbackKind.given.rawValue, at: location.member("kind"))
      self.origin = Located(origin, at: location.member("origin"))
      let neurons = network.populations.reduce(0) { $0 &+ $1.count }
      let numbers = NetworkDescription.Numbers(matrix, shaped: [neurons, network.readout.count])
      self.matrix = Located(.inline(numbers), at: location.member("matrix"))
    }
  }
}

extension NetworkDescription.Surrogate {
  init(_ surrogate: SpikingNetwork.Surrogate) {
    self.init(location: at("surrogate"))
    kind = Located(surrogate.shape.rawValue, at: location.member("kind"))
    dampening = Located(surrogate.dampening, at: location.member("dampening"))
    width = surrogate.width.map { Located($0, at: location.member("width")) }
  }
}

extension NetworkDescription.RateRegularisation {
  init(_ regularisation: SpikingNetwork.RateRegularisation) {
    self.init(location: at("rate_regularisation"))
    coefficient = Located(regularisation.coefficient, at: location.member("coefficient"))
    target = Located(regularisation.target, at: location.member("target_hz"))
  }
}

extension NetworkDescription.Optimiser {
  init(_ optimiser: SpikingNetwork.Optimiser) {
    self.init(location: at("optimiser"))
    var values: [String: Double] = [:]
    let kind: OptimiserKind
    switch optimiser.kind {
    case .sgd: kind = .sgd
    case .momentum(let momentum):
      kind = .momentum
      values = ["momentum": momentum]
    case .adam(let beta1, let beta2, let epsilon):
      kind = .adam
      values = ["beta1": beta1, "beta2": beta2, "epsilon": epsilon]
    case .factored(let clip):
      kind = .factored
      values = ["clip": clip]
    case .postsynaptic(let clip):
      kind = .postsynaptic
      values = ["clip": clip]
    }
    self.kind = Located(kind.rawValue, at: location.member("kind"))
    learningRate = Located(optimiser.learningRate, at: location.member("learning_rate"))
    for (name, value) in values { parameters[name] = Located(value, at: location.member(name)) }
    schedule = NetworkDescription.Schedule(optimiser.schedule)
  }
}

extension NetworkDescription.Schedule {
  init(_ schedule: SpikingNetwork.Optimiser.Schedule) {
    self.init(location: at("optimiser.schedule"))
    let kind: ScheduleKind
    switch schedule {
    case .constant: kind = .constant
    case .linearToZero(let trials):
      kind = .linearToZero
      self.trials = Located(trials, at: location.member("trials"))
    case .linearToFloor(let trials, let floor):
      kind = .linearToFloor
      self.trials = Located(trials, at: location.member("trials"))
      self.floor = Located(floor, at: location.member("floor"))
    case .stepwise(let factor, let every):
      kind = .stepwise
      self.factor = Located(factor, at: location.member("factor"))
      self.every = Located(every, at: location.member("every"))
    }
    self.kind = Located(kind.rawValue, at: location.member("kind"))
  }
}
