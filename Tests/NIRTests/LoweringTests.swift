import Descriptions
import Diagnostics
import FloatReference
import Foundation
import HDF5Files
import NIR
import Networks
import Testing
import Trials

@Suite("From graphs to networks")
struct LoweringTests {
  typealias Numbers = HDF5Object.Numbers

  static func vector(_ values: [Double]) -> Numbers { Numbers(shape: [values.count], values: values) }
  static func input(_ count: Int) -> NIRGraph.Node {
    .init(type: "Input", parameters: ["shape": vector([Double(count)])])
  }
  static func linear(_ rows: [[Double]]) -> NIRGraph.Node {
    .init(
      type: "Linear",
      parameters: ["weight": Numbers(shape: [rows.count, rows[0].count], values: rows.flatMap { $0 })])
  }
  static func lif(_ count: Int, _ changes: [String: Double] = [:]) -> NIRGraph.Node {
    let values = ["tau": 0.02, "r": 1, "v_leak": 0, "v_threshold": 1].merging(changes) { $1 }
    return .init(type: "LIF", parameters: values.mapValues { vector([Double](repeating: $0, count: count)) })
  }
  static func graph(_ nodes: [String: NIRGraph.Node], inputs: Int = 2, _ path: [String]...) -> NIRGraph {
    let all = nodes.merging(["input": input(inputs), "output": .init(type: "Output")]) { $1 }
    return NIRGraph(nodes: all, edges: path.flatMap { zip($0, $0.dropFirst()).map { NIRGraph.Edge($0, $1) } })
  }

  static func network(
    _ graph: NIRGraph, dt: Double = 1, _ change: (inout ImportOptions) -> Void = { _ in }
  ) throws -> SpikingNetwork {
    var options = ImportOptions(timeStep: dt)
    change(&options)
    var warnings: [Finding] = []
    return try Lowering(graph, options: options).network(warnings: &warnings)
  }

  static let simple = graph(
    ["w": linear([[0.5, -2], [3, 0]]), "n": lif(2)], ["input", "w", "n", "output"])

  @Test func unitsAreTheFormats() throws {
    let network = try Self.network(Self.simple, dt: 2)
    // τ = 20 ms, Δt = 2 ms: α = 0.9, and r Δt/τ = 0.1 before the weights.
    #expect(abs(network.decay(timeConstant: network.populations[0].timeConstant[0]) - 0.9) < 1e-15)
    #expect(zip(network.projections[0].weights, [0.05, -0.2, 0.3, 0]).allSatisfy { abs($0 - $1) < 1e-15 })
    #expect(network.populations[0].reset == .zero)
    #expect(network.convention.spikeCondition == .above)
    let exact = try Self.network(Self.simple, dt: 2) { $0.discretisation = .exponential }
    #expect(abs(exact.populations[0].timeConstant[0] - 20) < 1e-12)
    #expect(abs(exact.projections[0].weights[2] - 3 * 0.09516258196404048) < 1e-15)
  }

  @Test func theOrderOfEdgesMeansNothing() throws {
    let edges = Self.simple.edges
    for shift in 0..<edges.count {
      let turned = NIRGraph(nodes: Self.simple.nodes, edges: Array(edges[shift...] + edges[..<shift]) + edges)
      #expect(try Self.network(turned) == Self.network(Self.simple))
    }
  }

  @Test func nestedAndFlatRecurrenceAreTheSame() throws {
    let exports = try ExportedNetwork.all(in: ExportedNetwork.fixtures)
    let nested = exports.filter { $0.file.contains("nested") }
    #expect(!nested.isEmpty)
    for export in nested {
      let graph = try NIRGraph.read(path: ExportedNetwork.fixtures + "/" + export.file)
      #expect(graph.nodes.values.contains { $0.subgraph != nil })
      var flat = export
      flat.file = export.file.replacingOccurrences(of: "_nested", with: "")
      let folder = ExportedNetwork.fixtures
      #expect(try export.network(in: folder) == flat.network(in: folder))
    }
  }

  @Test func linearNodesAreComposed() throws {
    let scale = NIRGraph.Node(type: "Scale", parameters: ["scale": Self.vector([2, 3])])
    let affine = NIRGraph.Node(
      type: "Affine",
      parameters: ["weight": Numbers(shape: [2, 2], values: [1, 1, 0, 1]), "bias": Self.vector([0.5, 1])])
    let graph = Self.graph(
      [
        "w": Self.linear([[0.5, -2], [3, 0]]), "s": scale, "a": affine, "n": Self.lif(2), "f": .init(type: "Flatten"),
      ],
      ["input", "w", "f", "s", "a", "n", "output"], ["w", "n"])
    let network = try Self.network(graph)
    // [[1, 1], [0, 1]] diag(2, 3) W + W, times Δt/τ.
    let expected: [Double] = [0.525, -0.3, 0.6, 0]
    #expect(zip(network.projections[0].weights, expected).allSatisfy { abs($0 - $1) < 1e-14 })
    #expect(zip(network.populations[0].bias, [0.025, 0.05]).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  @Test func thresholdsOfTheirOwnAreScaled() throws {
    var node = Self.lif(2)
    node.parameters["v_threshold"] = Self.vector([0.5, 2])
    let graph = Self.graph(["w": Self.linear([[20, 0], [0, 20]]), "n": node], ["input", "w", "n", "output"])
    let network = try Self.network(graph)
    #expect(network.populations[0].threshold == 1)
    #expect(zip(network.projections[0].weights, [2, 0, 0, 0.5]).allSatisfy { abs($0 - $1) < 1e-14 })
  }

  /// Nothing of one neuron is that of another: the reference does what the format says of each, with either reset.
  @Test(arguments: [ImportOptions.Reset.value, .zero, .subtract], [true, false])
  func everyNeuronOfItsOwn(_ reset: ImportOptions.Reset, _ isSynaptic: Bool) throws {
    let count = 300
    func spread(_ low: Double, _ high: Double, _ stride: Int) -> [Double] {
      let step = (high - low) / Double(count)
      return (0..<count).map { low + step * Double($0 * stride % count) }
    }
    var own: [String: [Double]] = [
      "tau": spread(0.003, 0.08, 7), "r": spread(4, 9, 11), "v_leak": spread(-0.2, 0.2, 13),
      "v_threshold": spread(0.6, 1.4, 17), "v_reset": spread(-0.6, 0.1, 19),
    ]
    if isSynaptic {
      own["tau_mem"] = own.removeValue(forKey: "tau")
      own["tau_syn"] = spread(0.002, 0.02, 23)
      own["w_in"] = spread(1, 2, 29)
    }
    let node = NIRGraph.Node(type: isSynaptic ? "CubaLIF" : "LIF", parameters: own.mapValues { Self.vector($0) })
    let weights: [[Double]] = (0..<count).map { j in
      let (a, b) = (Double(j * 31 % 100), Double(j * 37 % 100))
      return [a / 60, b / 90 - 0.2]
    }
    let graph = Self.graph(["w": Self.linear(weights), "n": node], ["input", "w", "n", "output"])
    var options = ImportOptions(timeStep: 1)
    options.reset = reset
    let lowering = Lowering(graph, options: options)
    #expect(lowering.verdicts.first { $0.node == "n" }?.kind == .exact)
    let network = try Self.network(graph) { $0.reset = reset }
    #expect(network.populations.count == 1 && network.populations[0].timeConstant.values.count == count)
    let steps = 120
    let x: [[Double]] = (0..<steps).map { t in
      let (often, seldom): (Double, Double) = (t % 3 == 0 ? 1 : 0, t % 7 < 2 ? 1 : 0)
      return [often, seldom]
    }
    var expected = [Double](repeating: 0, count: steps * count)
    for j in 0..<count {
      let (tau, leak) = ((own["tau"] ?? own["tau_mem"])![j], own["v_leak"]![j])
      var (v, i, spiked) = (leak, 0.0, false)
      for t in 0..<steps {
        let arrived = weights[j][0] * x[t][0] + weights[j][1] * x[t][1]
        if let synaptic = own["tau_syn"] {
          let driven = own["w_in"]![j] * arrived
          i += 0.001 / synaptic[j] * (driven - i)
        } else {
          i = arrived
        }
        let drive = own["r"]![j] * i
        v += 0.001 / tau * (leak - v + drive)
        if spiked, reset == .subtract { v -= own["v_threshold"]![j] - leak }
        spiked = v > own["v_threshold"]![j]
        if spiked { expected[t * count + j] = 1 }
        if spiked, reset != .subtract { v = reset == .zero ? leak : own["v_reset"]![j] }
      }
    }
    var train = EventTrain(offsets: [0], sources: [])
    for row in x {
      for source in 0..<2 where row[source] != 0 { train.sources.append(UInt16(source)) }
      train.offsets.append(train.sources.count)
    }
    let targets = [Double](repeating: 0, count: steps * network.readout.count)
    let trial = Trial(steps: steps, inputs: .spikes(train), targets: targets, mask: nil)
    let found = Reference.run(network, trial).spikeRaster
    #expect(found == expected)
    #expect(found.reduce(0, +) > 100)
  }

  /// snnTorch keeps what it has learnt, and clamps it where it is used.
  @Test func decaysThatWereLearntTooFar() throws {
    let betas = [-0.25, 0.5, 1.25]
    var node = Self.lif(3)
    node.parameters["tau"] = Self.vector(betas.map { 1e-4 / (1 - $0) })
    node.parameters["r"] = Self.vector(betas.map { 1 / (1 - $0) })
    let graph = Self.graph(["w": Self.linear([[1, 0], [2, 0], [3, 0]]), "n": node], ["input", "w", "n", "output"])
    let network = try Self.network(graph) { $0.exporter = .snntorch }
    let decays = network.decays(timeConstant: network.populations[0].timeConstant)
    #expect(decays[0] == 0 && abs(decays[1] - 0.5) < 1e-15 && abs(decays[2] - 1) < 1e-12 && decays[2] < 1)
    #expect(network.projections[0].weights == [1, 0, 2, 0, 3, 0])
  }

  @Test func integratorsOfTheirOwn() throws {
    let li = NIRGraph.Node(
      type: "LI",
      parameters: ["tau": Self.vector([0.01, 0.02]), "r": Self.vector([2, 4]), "v_leak": Self.vector([0, 0])])
    let graph = Self.graph(
      ["w": Self.linear([[9, 9], [9, 0]]), "n": Self.lif(2), "u": Self.linear([[1, -1], [0, 1]]), "li": li],
      ["input", "w", "n", "u", "li", "output"])
    let network = try Self.network(graph)
    let decays = network.decays(timeConstant: network.readout.timeConstant)
    #expect(abs(decays[0] - 0.9) < 1e-15 && abs(decays[1] - 0.95) < 1e-15)
    #expect(zip(network.projections[1].weights, [0.2, -0.2, 0, 0.2]).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  @Test func anIntegratorIsAReadout() throws {
    let li = NIRGraph.Node(
      type: "LI", parameters: ["tau": Self.vector([0.01]), "r": Self.vector([2]), "v_leak": Self.vector([0])])
    let graph = Self.graph(
      ["w": Self.linear([[9, 9], [9, 0]]), "n": Self.lif(2), "u": Self.linear([[1, -1]]), "li": li],
      ["input", "w", "n", "u", "li", "output"])
    let network = try Self.network(graph)
    #expect(abs(network.decay(timeConstant: network.readout.timeConstant[0]) - 0.9) < 1e-15)
    #expect(zip(network.projections[1].weights, [0.2, -0.2]).allSatisfy { abs($0 - $1) < 1e-15 })
    #expect(network.readout.count == 1)
  }

  @Test func delaysOfAStep() throws {
    func graph(_ delay: Double) -> NIRGraph {
      Self.graph(
        [
          "w": Self.linear([[9, 9], [9, 0]]), "a": Self.lif(2), "u": Self.linear([[30, 0], [0, 30]]), "b": Self.lif(2),
          "d": .init(type: "Delay", parameters: ["delay": Self.vector([delay, delay])]),
        ], ["input", "w", "a", "d", "u", "b", "output"])
    }
    #expect(try Self.network(graph(0)).projections[1].delaySteps == 0)
    #expect(try Self.network(graph(0.001)).projections[1].delaySteps == 1)
    #expect(try Self.network(graph(0)) { $0.layerDelay = 1 }.projections[1].delaySteps == 1)
    #expect(throws: Findings.self) { try Self.network(graph(0.002)) }
    var options = ImportOptions(timeStep: 1)
    options.layerDelay = 0
    let rounded = Lowering(graph(0.0011), options: options).verdicts.first { $0.node == "d" }
    #expect(rounded?.kind == .approximated)
  }

  @Test func resetsAreChosen() throws {
    let graph = Self.graph(
      ["w": Self.linear([[9, 9]]), "n": Self.lif(1, ["v_reset": -0.5])], ["input", "w", "n", "output"])
    #expect(try Self.network(graph).populations[0].reset == .value)
    #expect(try Self.network(graph).populations[0].resetPotential == -0.5)
    for reset in [ImportOptions.Reset.zero, .subtract, .subtractAtOnce, .hold, .none] {
      #expect(try Self.network(graph) { $0.reset = reset }.populations[0].reset.rawValue == reset.rawValue)
      #expect(try Self.network(graph) { $0.resets = ["n": reset] }.populations[0].reset.rawValue == reset.rawValue)
    }
  }

  @Test func verdictsSayWhatIsApproximated() throws {
    let neuron = NIRGraph.Node(type: "IF", parameters: ["r": Self.vector([100]), "v_threshold": Self.vector([1])])
    let graph = Self.graph(["w": Self.linear([[9, 9]]), "n": neuron], ["input", "w", "n", "output"])
    let lowering = Lowering(graph, options: ImportOptions(timeStep: 1))
    let kinds = Dictionary(uniqueKeysWithValues: lowering.verdicts.map { ($0.node, $0.kind) })
    #expect(kinds == ["input": .exact, "w": .exact, "n": .approximated, "output": .approximated])
    let network = try Self.network(graph)
    #expect(abs(network.projections[0].weights[0] - 0.9) < 1e-12)
  }

  @Test func learningComesFromAFile() throws {
    let json = """
      {"format": "epropc-learning", "version": 1, "plastic": ["inputs_to_n"], "loss": "cross-entropy", "tau_out_ms": 30,
       "feedback": {"kind": "random", "seed": 3, "standard_deviation": 0.5}, "maximum_steps": 50,
       "optimiser": {"kind": "factored", "learning_rate": 0.01, "clip": 3, "schedule": {"kind": "constant"}}}
      """
    let learning = try LearningDescription(json: Array(json.utf8))
    var warnings: [Finding] = []
    let lowering = Lowering(Self.simple, options: ImportOptions(timeStep: 1), learning: learning)
    let network = try lowering.network(warnings: &warnings)
    #expect(network.projections.map(\.isPlastic) == [true, false])
    #expect(network.loss == .crossEntropy)
    #expect(network.readout.timeConstant == 30)
    #expect(network.maximumSteps == 50)
    #expect(network.optimiser.kind == .factored(clip: 3))
    let wrong = try LearningDescription(json: Array(json.replacingOccurrences(of: "_to_n\"", with: "_to_m\"").utf8))
    let refused = Lowering(Self.simple, options: ImportOptions(timeStep: 1), learning: wrong)
    #expect(throws: Findings.self) { try refused.network(warnings: &warnings) }
  }
}
