import Diagnostics
import HDF5Files

/// What flows along the edges: of every node the linear function of the inputs, the spikes and the integrators that comes
/// out of it.
struct Signals {
  /// The Input, a neuron node or an integrator, as many steps ago.
  struct Source: Hashable {
    var node: String
    var delay: Int
  }

  /// Σ map · source + bias.
  struct Signal {
    var size: Int
    var terms: [Source: LinearMap]
    var bias: [Double]
  }

  /// Multiplications that composing all maps may take.
  private static let maximumCost = 1 << 32
  /// Values that one composed map may have.
  static let maximumMatrix = 1 << 25

  private let graph: FlatGraph
  private let timeStep: Double
  private let file: String?
  private var known: [String: Signal?] = [:]
  private var underWay: Set<String> = []
  private var cost = 0
  private(set) var findings: [Finding] = []
  /// What is worth saying of linear nodes.
  private(set) var remarks: [String: String] = [:]

  init(_ graph: FlatGraph, timeStep: Double, file: String?) {
    self.graph = graph
    self.timeStep = timeStep
    self.file = file
  }

  /// The sum of what arrives at a node; nil, with findings, where that has no meaning, or nothing arrives.
  mutating func arriving(at name: String) -> Signal? {
    var sum: Signal?
    for predecessor in graph.predecessors[name] ?? [] {
      guard let signal = leaving(predecessor) else { return nil }
      guard let before = sum else {
        sum = signal
        continue
      }
      guard before.size == signal.size else {
        report("nir.shape", name, "\(before.size) values arrive from one node and \(signal.size) from another")
        return nil
      }
      sum = add(before, signal, at: name)
    }
    return sum
  }

  /// What leaves a node.
  mutating func leaving(_ name: String) -> Signal? {
    if let signal = known[name] { return signal }
    guard underWay.insert(name).inserted else {
      report("nir.graph.loop", name, "the node is in a loop without a neuron in it")
      known[name] = .some(nil)
      return nil
    }
    let signal = transform(name)
    underWay.remove(name)
    known[name] = .some(signal)
    return signal
  }

  private mutating func transform(_ name: String) -> Signal? {
    guard let node = graph.nodes[name] else { return nil }
    if node.type == "Input" || NeuronDynamics.spikingTypes.contains(node.type)
      || NeuronDynamics.integratorTypes.contains(node.type)
    {
      guard let size = size(of: name) else { return nil }
      return Signal(
        size: size, terms: [Source(node: name, delay: 0): .identity(size)], bias: [Double](repeating: 0, count: size))
    }
    guard let arriving = arriving(at: name) else { return nil }
    switch node.type {
    case "Linear", "Affine": return linear(name, node, arriving)
    case "Scale": return scale(name, node, arriving)
    case "Delay": return delay(name, node, arriving)
    case "Flatten", "Output": return arriving
    default: return nil
    }
  }

  private mutating func linear(_ name: String, _ node: NIRGraph.Node, _ signal: Signal) -> Signal? {
    guard let weight = parameter("weight", of: name) else { return nil }
    guard weight.shape.count == 2 else {
      report("nir.shape", name, "expected weights [post, pre], but found the shape \(weight.shape)", "weight")
      return nil
    }
    guard weight.shape[1] == signal.size else {
      report(
        "nir.shape", name, "the weights take \(weight.shape[1]) values, but \(signal.size) arrive", "weight")
      return nil
    }
    let map = LinearMap.dense(rows: weight.shape[0], columns: weight.shape[1], weight.values)
    guard var result = apply(map, to: signal, at: name) else { return nil }
    guard node.type == "Affine" else { return result }
    guard let bias = parameter("bias", of: name) else { return nil }
    guard bias.values.count == map.rows || bias.values.count == 1 else {
      report("nir.shape", name, "expected \(map.rows) values, but found the shape \(bias.shape)", "bias")
      return nil
    }
    for row in 0..<map.rows { result.bias[row] += bias.values[bias.values.count == 1 ? 0 : row] }
    return result
  }

  private mutating func scale(_ name: String, _ node: NIRGraph.Node, _ signal: Signal) -> Signal? {
    guard let scale = parameter("scale", of: name) else { return nil }
    guard scale.values.count == signal.size || scale.values.count == 1 else {
      report("nir.shape", name, "expected \(signal.size) values, but found the shape \(scale.shape)", "scale")
      return nil
    }
    let values = scale.values.count == 1 ? [Double](repeating: scale.values[0], count: signal.size) : scale.values
    return apply(.diagonal(values), to: signal, at: name)
  }

  private mutating func delay(_ name: String, _ node: NIRGraph.Node, _ signal: Signal) -> Signal? {
    guard let delay = parameter("delay", of: name), let first = delay.values.first else { return nil }
    let steps = first * 1000 / timeStep
    guard delay.values.allSatisfy({ $0 == first }), (0...1024).contains(steps.rounded()) else {
      report("nir.delay", name, "expected one delay of at least 0 s for all, and of few steps", "delay")
      return nil
    }
    let whole = Int(steps.rounded())
    if abs(steps - steps.rounded()) > 1e-6 {
      remarks[name] = "\(NeuronDynamics.number(steps)) steps, rounded to \(whole)"
    }
    var signal = signal
    signal.terms = Dictionary(
      signal.terms.map { (Source(node: $0.key.node, delay: $0.key.delay + whole), $0.value) },
      uniquingKeysWith: { first, _ in first })
    return signal
  }

  private mutating func apply(_ map: LinearMap, to signal: Signal, at name: String) -> Signal? {
    var terms: [Source: LinearMap] = [:]
    for (source, first) in signal.terms {
      guard spend(map.cost(after: first), matrix: map.rows, first.columns, at: name) else { return nil }
      terms[source] = map.after(first)
    }
    return Signal(size: map.rows, terms: terms, bias: map.applied(to: signal.bias))
  }

  private mutating func add(_ a: Signal, _ b: Signal, at name: String) -> Signal? {
    var sum = a
    for (source, map) in b.terms {
      guard let other = sum.terms[source] else {
        sum.terms[source] = map
        continue
      }
      guard spend(map.rows * map.columns, matrix: map.rows, map.columns, at: name) else { return nil }
      sum.terms[source] = other + map
    }
    for index in sum.bias.indices { sum.bias[index] += b.bias[index] }
    return sum
  }

  private mutating func spend(_ multiplications: Int, matrix rows: Int, _ columns: Int, at name: String) -> Bool {
    cost += multiplications
    if cost > Self.maximumCost || rows * columns > Self.maximumMatrix {
      report("nir.limit", name, "the matrices between the neurons are too large to be composed")
      return false
    }
    return true
  }

  /// How many values leave the Input or a neuron node; nil, with a finding, where that cannot be found out.
  mutating func size(of name: String) -> Int? {
    var seen: Set<String> = []
    let size = inferredSize(name, &seen)
    if let size, size > 0, size <= 1 << 20 { return size }
    report("nir.shape", name, size == nil ? "the node's size is nowhere given" : "the node is empty or too large")
    return nil
  }

  private func inferredSize(_ name: String, _ seen: inout Set<String>) -> Int? {
    guard let node = graph.nodes[name], seen.insert(name).inserted else { return nil }
    switch node.type {
    case "Input":
      guard let shape = node.parameters["shape"], shape.values.allSatisfy({ $0 >= 1 && $0 <= 0x1p20 }) else {
        return nil
      }
      let product = shape.values.reduce(1, *)
      return product <= 0x1p20 ? Int(product) : nil
    case "Linear", "Affine":
      return node.parameters["weight"].flatMap { $0.shape.count == 2 ? $0.shape[0] : nil }
    default: break
    }
    let largest = node.parameters.filter { $0.key != "input_type" }.values.map(\.values.count).max() ?? 0
    if largest > 1, node.type != "Flatten", node.type != "Output" { return largest }
    for predecessor in graph.predecessors[name] ?? [] {
      if let size = inferredSize(predecessor, &seen) { return size }
    }
    return largest == 1 ? 1 : nil
  }

  /// A parameter of finite numbers; nil, with a finding, where there is none.
  private mutating func parameter(_ parameter: String, of name: String) -> HDF5Object.Numbers? {
    guard let numbers = graph.nodes[name]?.parameters[parameter], !numbers.values.isEmpty else {
      report("nir.missing", name, "the parameter \(Quoted.text(parameter)) is missing", parameter)
      return nil
    }
    guard numbers.values.allSatisfy(\.isFinite) else {
      report("nir.not-finite", name, "expected finite numbers", parameter)
      return nil
    }
    return numbers
  }

  private mutating func report(_ id: String, _ name: String, _ message: String, _ parameter: String? = nil) {
    let place = (graph.places[name] ?? name) + (parameter.map { "/" + $0 } ?? "")
    let finding = Finding(id, at: Finding.Location(file: file, path: place), message)
    if !findings.contains(finding) { findings.append(finding) }
  }
}
