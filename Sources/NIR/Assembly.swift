import Descriptions
import Diagnostics
import Foundation

extension LoweringWork {
  /// Fills `populations`: each after those that drive it; where they drive each other in a ring, by their distance from the
  /// input.
  mutating func orderPopulations() {
    var before: [String: Set<String>] = [:]
    let spiking = graph.names.filter { NeuronDynamics.spikingTypes.contains(graph.nodes[$0]?.type ?? "") }
    for name in spiking {
      let sources = signals.arriving(at: name)?.terms.keys.map(\.node) ?? []
      before[name] = Set(sources.filter { $0 != name && dynamics[$0] != nil })
    }
    let distances = distancesFromInput()
    var left = spiking
    while !left.isEmpty {
      let free = left.filter { before[$0]?.isDisjoint(with: left) ?? true }
      let next = free.first ?? left.min { distances[$0] ?? .max < distances[$1] ?? .max } ?? left[0]
      populations.append(next)
      left.removeAll { $0 == next }
    }
    for name in populations { identifiers[name] = names.name(for: name) }
  }

  private func distancesFromInput() -> [String: Int] {
    var after: [String: [String]] = [:]
    for (name, sources) in graph.predecessors { for source in sources { after[source, default: []].append(name) } }
    var (distances, front) = ([String: Int](), graph.names.filter { graph.nodes[$0]?.type == "Input" })
    for name in front { distances[name] = 0 }
    while !front.isEmpty {
      let next = front.flatMap { name in (after[name] ?? []).map { ($0, (distances[name] ?? 0) + 1) } }
      front = []
      for (name, distance) in next where distances[name] == nil {
        distances[name] = distance
        front.append(name)
      }
    }
    return distances
  }

  mutating func assemble(input: String, output: String) -> NetworkDescription? {
    guard let inputCount = signals.size(of: input) else { return nil }
    var description = NetworkDescription(location: Finding.Location(file: file))
    func at(_ path: String) -> Finding.Location { Finding.Location(file: file, path: path) }
    description.name = Located(options.name ?? "network", at: at("node"))
    description.timeStep = Located(options.timeStep, at: at("--dt"))
    description.convention = .init(location: at("node"))
    description.convention?.preset = Located("paper-2019", at: at("node"))
    description.convention?.choices["spike_condition"] = Located("above", at: at("node"))
    description.inputs = inputs(input, count: inputCount)
    var projections: [NetworkDescription.Projection] = []
    var described: [NetworkDescription.Population] = []
    for name in populations { describe(name, &described, &projections) }
    guard let readout = readout(output, &projections) else { return nil }
    description.populations = Located(described, at: at("node/nodes"))
    description.projections = Located(projections, at: at("node/edges"))
    description.readout = readout
    description.addDefaultLearning()
    for name in graph.names { remarkUnused(name, from: input, to: output) }
    return description
  }

  private mutating func inputs(_ name: String, count: Int) -> NetworkDescription.Inputs {
    var inputs = NetworkDescription.Inputs(location: place(name))
    inputs.count = Located(count, at: place(name, "shape"))
    switch options.inputs {
    case .spikes:
      inputs.kind = Located("spikes", at: place(name))
      verdicts[name]?.became = "\(count) inputs that spike"
    case .analog(let low, let high):
      inputs.kind = Located("analog", at: place(name))
      inputs.range = Located(.init(shape: [2], values: [low, high]), at: place(name))
      verdicts[name]?.became = "\(count) analog inputs"
    }
    return inputs
  }

  /// The population of a node, and the projections to it.
  private mutating func describe(
    _ name: String, _ populations: inout [NetworkDescription.Population],
    _ projections: inout [NetworkDescription.Projection]
  ) {
    guard let read = dynamics[name], let identifier = identifiers[name] else { return }
    let signal = signals.arriving(at: name)
    let isRecurrent = signal?.terms.keys.contains { $0.node == name } ?? false
    let reset = reset(of: name, isRecurrent: isRecurrent)
    // Thresholds of its own are scaled to 1, and the neuron's weights with them.
    let isUniform = Set(read.threshold).count == 1
    let scale = read.threshold.map { isUniform ? 1 : 1 / $0 }
    if !isUniform { verdicts[name]?.remarks.append("thresholds scaled to 1, with the weights") }
    verdicts[name]?.became = "population \(identifier)"
    verdicts[name]?.remarks.append("reset \(reset)")
    if let signal, signal.size != read.decay.count {
      return refuse(name, "nir.shape", "\(signal.size) values arrive at its \(read.decay.count) neurons")
    }
    let gain = zip(read.gain, scale).map { $0 * $1 }
    var population = NetworkDescription.Population(location: place(name))
    population.name = Located(identifier, at: place(name))
    population.count = Located(read.decay.count, at: place(name))
    population.model = Located("lif", at: place(name))
    population.timeConstant = Located(timeConstants(read.decay), at: place(name))
    population.synapticTimeConstant = read.synapticDecay.map { Located(timeConstants($0), at: place(name)) }
    population.threshold = Located(isUniform ? read.threshold[0] : 1, at: place(name, "v_threshold"))
    population.reset = Located(reset, at: place(name))
    population.refractory = Located(0, at: place(name))
    if reset == "value" {
      let potentials = zip(read.resetPotential, scale).map { $0 * $1 }
      population.resetPotential = Located(perUnit(potentials), at: place(name, "v_reset"))
    }
    if let signal, signal.bias.contains(where: { $0 != 0 }) {
      let bias = zip(signal.bias, gain).map { $0 * $1 }
      population.bias = Located(.inline(.init(shape: [bias.count], values: bias)), at: place(name))
    }
    populations.append(population)
    if let signal { connect(signal, to: name, identifier, gain: gain, isReadout: false, &projections) }
  }

  /// τ = −Δt / ln α; where α is 0, one for which it underflows to 0.
  private func timeConstants(_ decays: [Double]) -> NetworkDescription.Values {
    perUnit(decays.map { $0 == 0 ? options.timeStep / 1000 : -options.timeStep / log($0) })
  }

  private func perUnit(_ values: [Double]) -> NetworkDescription.Values {
    values.allSatisfy { $0 == values[0] }
      ? .common(values[0]) : .each(.inline(.init(shape: [values.count], values: values)))
  }

  /// A projection for every source of a signal.
  private mutating func connect(
    _ signal: Signals.Signal, to name: String, _ target: String, gain: [Double], isReadout: Bool,
    _ projections: inout [NetworkDescription.Projection]
  ) {
    var from: Set<String> = []
    for (source, map) in signal.terms.sorted(by: { ($0.key.node, $0.key.delay) < ($1.key.node, $1.key.delay) }) {
      let isInput = graph.nodes[source.node]?.type == "Input"
      guard let origin = isInput ? "inputs" : identifiers[source.node] else {
        refuse(
          source.node, "nir.graph.integrator",
          "a node without spikes drives \(Quoted.text(name)): it can only be read out")
        continue
      }
      guard !(isInput && isReadout) else {
        refuse(name, "nir.graph.input-to-output", "inputs drive neurons, never the output itself")
        continue
      }
      guard from.insert(source.node).inserted else {
        refuse(name, "nir.delay", "spikes of \(Quoted.text(source.node)) arrive both with and without a delay")
        continue
      }
      guard let delay = delay(source, to: name, isReadout: isReadout) else { continue }
      guard map.rows * map.columns <= Signals.maximumMatrix else {
        refuse(name, "nir.limit", "the matrix of \(map.rows) × \(map.columns) weights is too large")
        continue
      }
      var weights = map.matrix
      for row in 0..<map.rows {
        for column in 0..<map.columns { weights[row * map.columns + column] *= gain[row] }
      }
      var projection = NetworkDescription.Projection(location: place(name))
      projection.name = Located("\(origin)_to_\(target)", at: place(name))
      projection.from = Located(origin, at: place(source.node))
      projection.to = Located(target, at: place(name))
      let numbers = NetworkDescription.Numbers(shape: [map.rows, map.columns], values: weights)
      projection.weights = Located(.inline(numbers), at: weightPlace(behind: name))
      projection.isPlastic = Located(false, at: place(name))
      if origin == target { projection.autapses = Located(true, at: place(name)) }
      if delay != 1 { projection.delaySteps = Located(delay, at: place(name)) }
      projections.append(projection)
    }
  }

  /// Where a reader finds the weights that lead to a node.
  private func weightPlace(behind name: String) -> Finding.Location {
    let linear = graph.predecessors[name]?.first { graph.nodes[$0]?.parameters["weight"] != nil }
    return linear.map { place($0, "weight") } ?? place(name)
  }

  /// Steps that spikes take: 1 where the field is left out; nil, with a finding, where they take too many.
  private mutating func delay(_ source: Signals.Source, to name: String, isReadout: Bool) -> Int? {
    guard let from = populations.firstIndex(of: source.node), !isReadout,
      let to = populations.firstIndex(of: name)
    else {
      if source.delay == 0 { return 1 }
      refuse(
        name, "nir.delay",
        "what arrives from \(Quoted.text(source.node)) is delayed: only spikes between neurons can be",
        help: isReadout ? "take the Delay out, and read the output later" : "delay the inputs themselves")
      return nil
    }
    let isForward = from < to
    // A loop takes a step of itself; a Delay of a step in it says just that.
    let steps = isForward ? options.layerDelay + source.delay : max(source.delay, 1)
    guard steps <= 1 else {
      refuse(
        name, "nir.delay", "spikes from \(Quoted.text(source.node)) take \(steps) steps, and at most 1 is possible")
      return nil
    }
    if isForward, options.layerDelay == 1 {
      verdicts[name]?.remarks.append("spikes from \(source.node) take a step more than in the file")
      if signals.arriving(at: name)?.bias.contains(where: { $0 != 0 }) == true {
        approximate(name, "its bias flows from the first step on, so that its state is ahead until it has decayed")
      }
    }
    return steps
  }

  private mutating func readout(
    _ output: String, _ projections: inout [NetworkDescription.Projection]
  ) -> NetworkDescription.Readout? {
    guard let signal = signals.arriving(at: output) else {
      if isSound, signals.findings.isEmpty { refuse(output, "nir.graph.output", "nothing leads to it") }
      return nil
    }
    var readout = NetworkDescription.Readout(location: place(output))
    let identifier = names.name(for: "output")
    var (drive, gain, node) = (signal, [Double](repeating: 1, count: signal.size), output)
    // A decay that underflows to 0: the output has no memory.
    var timeConstant = Located(timeConstants([0]), at: place(output))
    var offset = [Double](repeating: 0, count: signal.size)
    let source = signal.terms.first
    if signal.terms.count == 1, let source, source.value.isIdentity, signal.bias.allSatisfy({ $0 == 0 }) {
      if let read = dynamics[source.key.node], read.threshold.isEmpty, source.key.delay == 0 {
        node = source.key.node
        guard let arriving = signals.arriving(at: node), arriving.size == read.decay.count else {
          refuse(node, "nir.shape", "what arrives does not fit its \(read.decay.count) units")
          return nil
        }
        (drive, gain) = (arriving, read.gain)
        timeConstant = Located(timeConstants(read.decay), at: place(node))
        offset = zip(read.leak, read.decay).map { $0 * (1 - $1) }
        if read.leak.contains(where: { $0 != 0 }) {
          approximate(node, "starts from 0 and not from its leak potential: the difference decays as αᵗ")
        }
        verdicts[node]?.became = "readout \(identifier)"
      } else {
        // Spike counts: 99 % of a spike is left at the end of the longest trial.
        timeConstant = Located(.common(100 * Double(Self.defaultSteps) * options.timeStep), at: place(output))
        approximate(
          output,
          "counts spikes with a time constant of \(100 * Self.defaultSteps) steps, unless the learning file says another"
        )
      }
    }
    verdicts[output]?.became = "readout \(identifier)"
    readout.name = Located(identifier, at: place(output))
    readout.count = Located(drive.size, at: place(output))
    readout.timeConstant = timeConstant
    let bias = zip(zip(drive.bias, gain), offset).map { $0.0 * $0.1 + $1 }
    readout.bias = Located(.inline(.init(shape: [bias.count], values: bias)), at: place(output))
    readout.biasIsPlastic = Located(false, at: place(output))
    connect(drive, to: node, identifier, gain: gain, isReadout: true, &projections)
    return readout
  }

  static let defaultSteps = 1000

  /// Says of linear nodes what they became part of, and of nodes that lead nowhere that they do.
  private mutating func remarkUnused(_ name: String, from input: String, to output: String) {
    guard let type = graph.nodes[name]?.type else { return }
    if let remark = signals.remarks[name] { approximate(name, remark) }
    if NeuronDynamics.integratorTypes.contains(type), verdicts[name]?.became == "", verdicts[name]?.kind != .refused {
      findings.append(
        Finding(
          "nir.graph.unused", .warning, at: place(name), "nothing reads \(type) \(Quoted.text(name)): it is left out"))
    }
    if ["Linear", "Affine", "Scale", "Flatten", "Delay"].contains(type), verdicts[name]?.became == "" {
      verdicts[name]?.became =
        type == "Affine"
        ? "weights and bias" : type == "Flatten" ? "nothing: shapes only" : type == "Delay" ? "delay" : "weights"
    }
  }
}

extension NetworkDescription {
  /// What a description needs and a graph does not say: no learning, with harmless values.
  mutating func addDefaultLearning() {
    let place = Finding.Location(file: location.file)
    loss = Located("squared-error", at: place)
    feedback = .init(location: place)
    feedback?.kind = Located("symmetric", at: place)
    surrogate = .init(location: place)
    surrogate?.kind = Located("piecewise-linear", at: place)
    surrogate?.dampening = Located(0.3, at: place)
    optimiser = .init(location: place)
    optimiser?.kind = Located("sgd", at: place)
    optimiser?.learningRate = Located(0.001, at: place)
    optimiser?.schedule = .init(location: place)
    optimiser?.schedule?.kind = Located("constant", at: place)
    maximumSteps = Located(LoweringWork.defaultSteps, at: place)
  }
}
