public import Descriptions
public import Diagnostics
import Foundation
import HDF5Files
public import Networks

/// From a graph to the description of a network, with a verdict for every node.
public struct Lowering: Sendable {
  /// One per node, in the order in which people count.
  public let verdicts: [Verdict]
  /// nil where a node is refused or the graph is not sound.
  public let description: NetworkDescription?
  /// Errors where there is no description; otherwise warnings.
  public let findings: [Finding]

  /// - Parameters:
  ///   - file: named in the findings.
  ///   - learning: takes the place of no learning.
  public init(
    _ graph: NIRGraph, options: ImportOptions, file: String? = nil, learning: LearningDescription? = nil
  ) {
    var work = LoweringWork(graph, options: options, file: file)
    var description = work.run()
    if description != nil { learning?.apply(to: &description!) }
    self.description = description
    verdicts = work.graph.names.compactMap { work.verdicts[$0] }
    findings = work.findings
  }
}

extension Lowering {
  /// The network; what is worth saying of it is appended to `warnings`.
  ///
  /// - Throws: everything that is wrong with the graph, or with the network that it means.
  public func network(warnings: inout [Finding]) throws(Findings) -> SpikingNetwork {
    guard let description else { throw Findings(findings) }
    warnings += findings
    return try SpikingNetwork.validating(description, warnings: &warnings)
  }
}

/// The work of a lowering.
struct LoweringWork {
  let graph: FlatGraph
  let options: ImportOptions
  let file: String?
  var signals: Signals
  var verdicts: [String: Verdict] = [:]
  var findings: [Finding] = []
  var names = NIRNames(reserved: ["inputs"])
  /// The populations in their order, and what each became.
  var populations: [String] = []
  var dynamics: [String: NeuronDynamics] = [:]
  /// The population's name, of every spiking node.
  var identifiers: [String: String] = [:]

  init(_ graph: NIRGraph, options: ImportOptions, file: String?) {
    self.graph = FlatGraph(graph, file: file)
    self.options = options
    self.file = file
    signals = Signals(self.graph, timeStep: options.timeStep, file: file)
    findings = self.graph.findings
  }

  mutating func run() -> NetworkDescription? {
    guard findings.isEmpty else { return nil }
    checkTypes()
    guard let input = single("Input"), let output = single("Output") else { return nil }
    for name in graph.names { readNeurons(name) }
    gather()
    guard isSound else { return nil }
    orderPopulations()
    guard isSound else { return nil }
    let description = assemble(input: input, output: output)
    gather()
    return isSound ? description : nil
  }

  var isSound: Bool { !findings.contains { $0.severity == .error } }

  /// Takes over what the signals found.
  private mutating func gather() {
    for finding in signals.findings where !findings.contains(finding) { findings.append(finding) }
  }

  /// A verdict for every node: what is refused by its type, what is exact unless something is found.
  private mutating func checkTypes() {
    for name in graph.names {
      guard let node = graph.nodes[name] else { continue }
      verdicts[name] = Verdict(node: name, type: node.type, kind: .exact)
      switch node.type {
      case "Input", "Output", "Linear", "Affine", "Scale", "Flatten", "Delay", "LIF", "CubaLIF", "IF", "LI", "I",
        "Threshold":
        continue
      case "CubaLI":
        refuse(
          name, "nir.node.unsupported", "readouts have no synaptic current",
          help: "take its synaptic filter out before export, so that it is an LI")
      case "Conv1d", "Conv2d", "AvgPool2d", "SumPool2d":
        refuse(
          name, "nir.node.unsupported", "convolution and pooling are not imported",
          help: "export it as a Linear node with the matrix that does the same")
      default:
        refuse(
          name, "nir.node.unsupported", "the type \(Quoted.text(node.type)) is not known",
          help: Nearest.help(for: node.type, among: NIRGraph.knownTypes))
      }
    }
  }

  /// The only node of a type; nil, with a finding, where there are others.
  private mutating func single(_ type: String) -> String? {
    let found = graph.names.filter { graph.nodes[$0]?.type == type }
    guard found.count == 1 else {
      report("nir.graph.ports", "node/nodes", "expected one node of the type \"\(type)\", but found \(found.count)")
      return nil
    }
    return found[0]
  }

  mutating func refuse(_ name: String, _ id: String, _ reason: String, help: String? = nil) {
    verdicts[name]?.kind = .refused
    if verdicts[name]?.remarks.contains(reason) == false { verdicts[name]?.remarks.append(reason) }
    let type = graph.nodes[name]?.type ?? "node"
    report(id, graph.places[name] ?? name, "\(type) \(Quoted.text(name)): \(reason)", help: help)
  }

  mutating func approximate(_ name: String, _ remark: String) {
    if verdicts[name]?.kind == .exact { verdicts[name]?.kind = .approximated }
    verdicts[name]?.remarks.append(remark)
  }

  mutating func report(_ id: String, _ path: String, _ message: String, help: String? = nil) {
    findings.append(Finding(id, at: Finding.Location(file: file, path: path), message, help: help))
  }

  func place(_ name: String, _ parameter: String? = nil) -> Finding.Location {
    let path = (graph.places[name] ?? name) + (parameter.map { "/" + $0 } ?? "")
    return Finding.Location(file: file, path: path)
  }
}
