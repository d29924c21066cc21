import Descriptions
import Randomness

/// From a description that broke no rule to the network that it means. Nothing is judged here: each initialiser is nil
/// if the rules overlooked something.
extension SpikingNetwork {
  init?(checked description: NetworkDescription) {
    guard let name = description.name?.value, let timeStep = description.timeStep?.value,
      let convention = description.convention.flatMap({ Convention(checked: $0) }),
      let inputs = description.inputs.flatMap({ Inputs(checked: $0) }),
      let populations = all(
        description.populationList.map { Population(checked: $0, timeStep: timeStep, in: description) }),
      let projections = all(description.projectionList.map { Projection(checked: $0, in: description) }),
      let readout = description.readout.flatMap({ Readout(checked: $0, in: description) }),
      let loss: LossKind = description.loss?.choice(),
      let surrogate = description.surrogate.flatMap({ SpikingNetwork.Surrogate(checked: $0) }),
      let optimiser = description.optimiser.flatMap({ Optimiser(checked: $0) }),
      let maximumSteps = description.maximumSteps?.value
    else { return nil }
    var regularisation: RateRegularisation?
    if let described = description.rateRegularisation {
      guard let coefficient = described.coefficient?.value, let target = described.target?.value else { return nil }
      regularisation = RateRegularisation(coefficient: coefficient, target: target)
    }
    self.init(
      unchecked: name, timeStep: timeStep, convention: convention, inputs: inputs, populations: populations,
      projections: projections, readout: readout, loss: loss == .squaredError ? .squaredError : .crossEntropy,
      feedback: .symmetric, surrogate: surrogate, rateRegularisation: regularisation,
      optimiser: optimiser, maximumSteps: maximumSteps)
    guard let feedback = description.feedback.flatMap({ self.feedback(checked: $0, in: description) }) else {
      return nil
    }
    self.feedback = feedback
  }

  private func feedback(
    checked feedback: NetworkDescription.Feedback, in description: NetworkDescription
  ) -> Feedback? {
    switch feedback.kind?.choice(FeedbackKind.self) {
    case .symmetric: return .symmetric
    case .initialReadout: return .fixed(transposedReadoutWeights(), origin: "initial readout")
    case .given:
      guard let matrix = feedback.matrix.flatMap({ description.values(of: $0) }) else { return nil }
      return .fixed(matrix, origin: feedback.origin?.value ?? "given")
    case .random:
      guard let seed = feedback.seed?.value, let deviation = feedback.standardDeviation?.value else { return nil }
      var generator = SplitMix64(seed: UInt64(seed), stream: "feedback")
      let matrix = (0..<(neuronCount * readout.count)).map { _ in deviation * generator.normal() }
      return .fixed(matrix, origin: "random, seed \(seed)")
    case nil: return nil
    }
  }

  /// W_outᵀ over all neurons, [neurons × outputs]; 0 for neurons that do not reach the readout.
  private func transposedReadoutWeights() -> [Double] {
    var matrix = [Double](repeating: 0, count: neuronCount * readout.count)
    for projection in projections {
      guard case .population(let source) = projection.source, case .readout = projection.target else { continue }
      let first = firstNeuron(of: source)
      let count = populations[source].count
      for output in 0..<readout.count {
        for neuron in 0..<count {
          matrix[(first + neuron) * readout.count + output] = projection.weights[output * count + neuron]
        }
      }
    }
    return matrix
  }
}

/// All or nothing.
private func all<Element>(_ elements: [Element?]) -> [Element]? {
  let present = elements.compactMap { $0 }
  return present.count == elements.count ? present : nil
}

extension SpikingNetwork.Surrogate {
  init?(checked description: NetworkDescription.Surrogate) {
    guard let shape: Shape = description.kind?.choice(), let dampening = description.dampening?.value else {
      return nil
    }
    self.init(shape: shape, dampening: dampening, width: description.width?.value)
  }
}

extension Convention {
  init?(checked description: NetworkDescription.Convention) {
    // Without a preset all choices are there, so what they are written over does not matter.
    self = description.preset?.choice(Preset.self)?.convention ?? .paper2019
    func choose<Choice: RawRepresentable>(_ field: String, _ path: WritableKeyPath<Convention, Choice>) -> Bool
    where Choice.RawValue == String {
      guard let written = description.choices[field] else { return true }
      guard let choice = Choice(rawValue: written.value) else { return false }
      self[keyPath: path] = choice
      return true
    }
    guard choose("input_scaling", \.inputScaling), choose("recurrent_scaling", \.recurrentScaling),
      choose("readout_scaling", \.readoutScaling), choose("trace_scaling", \.traceScaling),
      choose("adaptation_scaling", \.adaptationScaling), choose("surrogate_height", \.surrogateHeight),
      choose("surrogate_width", \.surrogateWidth), choose("threshold_derivative", \.thresholdDerivative),
      choose("spike_condition", \.spikeCondition), choose("refractory_count", \.refractoryCount),
      choose("rate_term", \.rateTerm), choose("rate_average", \.rateAverage), choose("loss_reduction", \.lossReduction),
      choose("adam_epsilon", \.adamEpsilon)
    else { return nil }
  }
}

extension SpikingNetwork.Inputs {
  init?(checked description: NetworkDescription.Inputs) {
    guard let count = description.count?.value, let kind: InputKind = description.kind?.choice() else { return nil }
    switch kind {
    case .spikes: self.init(count: count, kind: .spikes)
    case .analog:
      guard let range = description.range?.value.values else { return nil }
      self.init(
        count: count, kind: .analog(low: range[0], high: range[1]), holdSteps: description.holdSteps?.value ?? 1)
    }
  }
}

extension SpikingNetwork.Population {
  init?(checked description: NetworkDescription.Population, timeStep: Double, in network: NetworkDescription) {
    guard let name = description.name?.value, let count = description.count?.value,
      let timeConstant = network.perUnit(description.timeConstant), let threshold = description.threshold?.value,
      let reset: Reset = description.reset?.choice(), let refractory = description.refractory?.value
    else { return nil }
    var adaptation: Adaptation?
    if let strength = description.adaptationStrength?.value,
      let slow = network.perUnit(description.adaptationTimeConstant)
    {
      adaptation = Adaptation(strength: strength, timeConstant: slow)
    }
    self.init(
      name: name, count: count, timeConstant: timeConstant, threshold: threshold, reset: reset,
      refractorySteps: Int((refractory / timeStep).rounded()), adaptation: adaptation,
      resetPotential: network.perUnit(description.resetPotential) ?? 0,
      synapticTimeConstant: network.perUnit(description.synapticTimeConstant),
      bias: description.bias.flatMap { network.values(of: $0) } ?? [])
  }
}

extension SpikingNetwork.Projection {
  init?(checked description: NetworkDescription.Projection, in network: NetworkDescription) {
    guard let name = description.name?.value, let from = description.from?.value, let to = description.to?.value,
      let (weights, mask) = Self.synapses(description, in: network), let plastic = description.isPlastic?.value
    else { return nil }
    let source = network.populationIndex(named: from).map { Source.population($0) } ?? .inputs
    let target = network.populationIndex(named: to).map { Target.population($0) } ?? .readout
    self.init(
      name: name, source: source, target: target, weights: weights, isPlastic: plastic,
      autapses: description.autapses?.value ?? false, delaySteps: description.delaySteps?.value ?? 1)
    if let mask {
      let width = network.presynapticCount(of: description) ?? 1
      let lacksDiagonal = from == to && !autapses
      let isFull = mask.indices.allSatisfy { mask[$0] || (lacksDiagonal && $0 / width == $0 % width) }
      self.mask = isFull ? nil : mask
    }
  }

  /// The weights, [post × pre], and which synapses exist where not all do.
  private static func synapses(
    _ description: NetworkDescription.Projection, in network: NetworkDescription
  ) -> (weights: [Double], mask: [Bool]?)? {
    guard let synapses = description.synapses else {
      guard let weights = description.weights.flatMap({ network.values(of: $0) }) else { return nil }
      guard let mask = description.mask else { return (weights, nil) }
      return network.values(of: mask).map { (weights, $0.map { $0 != 0 }) }
    }
    guard let pairs = network.synapsePairs(of: description), let pre = network.presynapticCount(of: description),
      let post = network.postsynapticCount(of: description),
      let values = synapses.weights.flatMap({ network.values(of: $0) })
    else { return nil }
    var (weights, mask) = ([Double](repeating: 0, count: post * pre), [Bool](repeating: false, count: post * pre))
    for (pair, value) in zip(pairs, values) {
      weights[pair.post * pre + pair.pre] = value
      mask[pair.post * pre + pair.pre] = true
    }
    return (weights, mask)
  }
}

extension SpikingNetwork.Readout {
  init?(checked description: NetworkDescription.Readout, in network: NetworkDescription) {
    guard let name = description.name?.value, let count = description.count?.value,
      let timeConstant = network.perUnit(description.timeConstant),
      let biasIsPlastic = description.biasIsPlastic?.value,
      let bias = description.bias.flatMap({ network.values(of: $0) })
    else { return nil }
    self.init(name: name, count: count, timeConstant: timeConstant, bias: bias, biasIsPlastic: biasIsPlastic)
  }
}

extension SpikingNetwork.Optimiser {
  init?(checked description: NetworkDescription.Optimiser) {
    let preset = description.preset?.choice(Preset.self)
    guard let rate = description.learningRate?.value ?? preset?.learningRate,
      let kind = Self.kind(description, preset), let schedule = description.schedule.flatMap({ Self.schedule($0) })
    else { return nil }
    self.init(kind: kind, learningRate: rate, schedule: schedule)
  }

  private static func kind(_ description: NetworkDescription.Optimiser, _ preset: Preset?) -> Kind? {
    func parameter(_ name: String) -> Double? { description.parameters[name]?.value }
    let kind = description.kind.map { $0.choice(OptimiserKind.self) } ?? preset.map { _ in .factored }
    switch kind {
    case .sgd: return .sgd
    case .momentum: return parameter("momentum").map { .momentum($0) }
    case .adam:
      guard let beta1 = parameter("beta1"), let beta2 = parameter("beta2"), let epsilon = parameter("epsilon") else {
        return nil
      }
      return .adam(beta1: beta1, beta2: beta2, epsilon: epsilon)
    case .factored: return (parameter("clip") ?? preset?.clip).map { .factored(clip: $0) }
    case .postsynaptic: return (parameter("clip") ?? preset?.clip).map { .postsynaptic(clip: $0) }
    case nil: return nil
    }
  }

  private static func schedule(_ description: NetworkDescription.Schedule) -> Schedule? {
    switch description.kind?.choice(ScheduleKind.self) {
    case .constant: return .constant
    case .linearToZero: return description.trials.map { .linearToZero(trials: $0.value) }
    case .linearToFloor:
      guard let trials = description.trials?.value, let floor = description.floor?.value else { return nil }
      return .linearToFloor(trials: trials, floor: floor)
    case .stepwise:
      guard let factor = description.factor?.value, let every = description.every?.value else { return nil }
      return .stepwise(factor: factor, every: every)
    case nil: return nil
    }
  }
}
