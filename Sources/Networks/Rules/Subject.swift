import Descriptions
import Diagnostics
import Safetensors

extension NetworkDescription {
  var populationList: [Population] { populations?.value ?? [] }
  var projectionList: [Projection] { projections?.value ?? [] }

  /// What `from` may name.
  var sourceNames: [String] { ["inputs"] + populationList.compactMap { $0.name?.value } }
  /// What `to` may name.
  var targetNames: [String] { populationList.compactMap { $0.name?.value } + [readout?.name?.value].compactMap { $0 } }

  func populationIndex(named name: String) -> Int? { populationList.firstIndex { $0.name?.value == name } }

  /// The neurons of all populations; nil while a count is missing or not positive.
  var neuronCount: Int? {
    var sum = 0
    for population in populationList {
      guard let count = population.count?.value, count > 0 else { return nil }
      sum += min(count, 1 << 40)
    }
    return sum
  }

  /// How many sources the projection reads, if its `from` is known.
  func presynapticCount(of projection: Projection) -> Int? {
    guard let from = projection.from?.value else { return nil }
    if from == "inputs" { return inputs?.count?.value }
    return populationIndex(named: from).flatMap { populationList[$0].count?.value }
  }

  /// How many neurons or readouts the projection drives, if its `to` is known.
  func postsynapticCount(of projection: Projection) -> Int? {
    guard let to = projection.to?.value else { return nil }
    if let index = populationIndex(named: to) { return populationList[index].count?.value }
    return to == readout?.name?.value ? readout?.count?.value : nil
  }

  /// Whether the projection leads to the readout.
  func drivesReadout(_ projection: Projection) -> Bool {
    guard let to = projection.to?.value else { return false }
    return populationIndex(named: to) == nil && to == readout?.name?.value
  }

  /// Every array of weights, biases and feedback.
  var realArrays: [Located<Array>] {
    projectionList.compactMap(\.weights) + projectionList.compactMap { $0.synapses?.weights }
      + populationList.compactMap(\.bias) + perUnitArrays.map(\.array)
      + [readout?.bias, feedback?.matrix].compactMap { $0 }
  }

  /// Every quantity that may be a number for all units or an array with one for each, with the count of the units.
  var perUnitQuantities: [(values: Located<Values>?, count: Int?)] {
    populationList.flatMap { population in
      [
        population.timeConstant, population.synapticTimeConstant, population.resetPotential,
        population.adaptationTimeConstant,
      ].map { ($0, population.count?.value) }
    } + [(readout?.timeConstant, readout?.count?.value)]
  }

  /// Those that are arrays.
  var perUnitArrays: [(array: Located<Array>, count: Int?)] {
    perUnitQuantities.compactMap { values, count in
      guard let values, case .each(let array) = values.value else { return nil }
      return (Located(array, at: values.location), count)
    }
  }

  /// The numbers of such a quantity, one where all units share it; nil if there is no such tensor.
  func numbers(of values: Located<Values>) -> [Double]? {
    switch values.value {
    case .common(let value): [value]
    case .each(let array): self.values(of: Located(array, at: values.location))
    }
  }

  /// What such a quantity means.
  func perUnit(_ values: Located<Values>?) -> PerUnit? {
    guard let values else { return nil }
    if case .common(let value) = values.value { return .common(value) }
    return numbers(of: values).map { .each($0) }
  }

  /// Every array that says which synapses exist.
  var masks: [Located<Array>] { projectionList.compactMap(\.mask) }
  var synapseIndices: [Located<Array>] {
    projectionList.flatMap { [$0.synapses?.post, $0.synapses?.pre].compactMap { $0 } }
  }

  /// Every array of the description.
  var arrays: [Located<Array>] { realArrays + masks + synapseIndices }

  /// The shape of an array, without copying a tensor's values; nil if there is no such tensor.
  func shape(of array: Located<Array>) -> [Int]? {
    switch array.value {
    case .inline(let numbers): numbers.shape
    case .tensor(let name): weights?.tensor(named: name)?.shape
    }
  }

  /// The numbers of an array; nil if there is no such tensor.
  func values(of array: Located<Array>) -> [Double]? {
    switch array.value {
    case .inline(let numbers): numbers.values
    case .tensor(let name): weights?.tensor(named: name)?.doubles()
    }
  }
}

extension Located<NetworkDescription.Array> {
  /// What a message calls the array.
  var described: String {
    switch value {
    case .inline: "the array"
    case .tensor(let name): "the tensor \(Quoted.text(name))"
    }
  }
}

extension Located<String> {
  /// The enumeration's case that is written so.
  func choice<Choice: RawRepresentable>(_: Choice.Type = Choice.self) -> Choice? where Choice.RawValue == String {
    Choice(rawValue: value)
  }
}

extension NetworkDescription.Synapses {
  /// The three lists, as far as they are there.
  var arrays: [Located<NetworkDescription.Array>] { [post, pre, weights].compactMap { $0 } }
}

/// The two dynamics.
enum Model: String, CaseIterable {
  case lif
  case adaptiveLIF = "adaptive-lif"
  case leakyTanh = "leaky-tanh"
}

/// What drives the inputs.
enum InputKind: String, CaseIterable { case spikes, analog }

/// The losses.
enum LossKind: String, CaseIterable {
  case squaredError = "squared-error"
  case crossEntropy = "cross-entropy"
}

/// Where B comes from.
enum FeedbackKind: String, CaseIterable {
  case random, symmetric, given
  case initialReadout = "initial-readout"
}

/// The optimisers.
enum OptimiserKind: String, CaseIterable { case sgd, momentum, adam, factored, postsynaptic }

/// The learning-rate schedules.
enum ScheduleKind: String, CaseIterable {
  case constant
  case linearToZero = "linear-to-zero"
  case linearToFloor = "linear-to-floor"
  case stepwise
}
