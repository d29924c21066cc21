import Diagnostics
import HDF5Files

/// A graph without graphs in it: nodes of nested graphs carry the names on their way, "encoder.lif", and edges lead past
/// the ports of nested graphs straight to what is behind them. Recurrence that snnTorch wrote as a nested graph and as flat
/// nodes "1.lif" and "1.w_rec" comes to the same.
struct FlatGraph {
  /// By name; without ports of nested graphs.
  private(set) var nodes: [String: NIRGraph.Node] = [:]
  /// The nodes before each node, in the order of their names; each once.
  private(set) var predecessors: [String: [String]] = [:]
  /// Where each node stands in the file.
  private(set) var places: [String: String] = [:]
  private(set) var findings: [Finding] = []
  private let file: String?

  /// Nodes in the order in which people count: "2" before "10".
  var names: [String] { nodes.keys.sorted(by: Self.comesBefore) }

  init(_ graph: NIRGraph, file: String?) {
    self.file = file
    var edges: Set<NIRGraph.Edge> = []
    add(graph, prefix: "", place: "node", isNested: false, to: &edges)
    guard nodes.count <= Self.maximumNodes else {
      report("nir.limit", "node", "the graph has \(nodes.count) nodes; at most \(Self.maximumNodes) are read")
      return
    }
    connect(edges)
  }

  /// What follows walks along the edges by recursion.
  private static let maximumNodes = 1024

  /// Ports of nested graphs that edges still lead to and from; they are taken out again by `connect`.
  private var ports: Set<String> = []

  private mutating func add(
    _ graph: NIRGraph, prefix: String, place: String, isNested: Bool, to edges: inout Set<NIRGraph.Edge>
  ) {
    for (name, node) in graph.nodes.sorted(by: { $0.key < $1.key }) {
      let (full, place) = (prefix + name, "\(place)/nodes/\(name)")
      guard nodes.updateValue(node, forKey: full) == nil else {
        report("nir.name.duplicate", place, "two nodes come to the name \(Quoted.text(full))")
        continue
      }
      places[full] = place
      if isNested, node.type == "Input" || node.type == "Output" { ports.insert(full) }
      if let subgraph = node.subgraph {
        add(subgraph, prefix: full + ".", place: place, isNested: true, to: &edges)
      }
    }
    for edge in graph.edges {
      let from = end(edge.from, of: edge, in: graph, prefix, place, port: "Output")
      let to = end(edge.to, of: edge, in: graph, prefix, place, port: "Input")
      if let from, let to { edges.insert(NIRGraph.Edge(from, to)) }
    }
  }

  /// The flat name of an edge's end: the port, where it is a nested graph. nil, with a finding, where there is none.
  private mutating func end(
    _ name: String, of edge: NIRGraph.Edge, in graph: NIRGraph, _ prefix: String, _ place: String, port: String
  ) -> String? {
    guard let node = graph.nodes[name] else {
      report(
        "nir.edge.dangling", place + "/edges",
        "the edge from \(Quoted.text(edge.from)) to \(Quoted.text(edge.to)) has an end that is no node: \(Quoted.text(name))",
        help: Nearest.help(for: name, among: graph.nodes.keys.sorted()))
      return nil
    }
    guard let subgraph = node.subgraph else { return prefix + name }
    let found = subgraph.nodes.filter { $0.value.type == port }.keys.sorted()
    guard found.count == 1 else {
      report(
        "nir.graph.ports", "\(place)/nodes/\(name)",
        "expected one node of the type \(Quoted.text(port)) in the nested graph, but found \(found.count)")
      return nil
    }
    return "\(prefix)\(name).\(found[0])"
  }

  /// Fills `predecessors`, passing over ports: what leads to a port leads to what the port leads to.
  private mutating func connect(_ edges: Set<NIRGraph.Edge>) {
    var before: [String: Set<String>] = [:]
    for edge in edges { before[edge.to, default: []].insert(edge.from) }
    for (name, node) in nodes where node.subgraph == nil && !ports.contains(name) {
      var (found, waiting, seen): (Set<String>, [String], Set<String>) = ([], Array(before[name] ?? []), [])
      while let next = waiting.popLast() {
        guard seen.insert(next).inserted else { continue }
        if ports.contains(next) { waiting += before[next] ?? [] } else { found.insert(next) }
      }
      predecessors[name] = found.sorted(by: Self.comesBefore)
    }
    nodes = nodes.filter { $0.value.subgraph == nil && !ports.contains($0.key) }
  }

  private mutating func report(_ id: String, _ path: String, _ message: String, help: String? = nil) {
    findings.append(Finding(id, at: Finding.Location(file: file, path: path), message, help: help))
  }

  /// Whole numbers in names compare as numbers.
  static func comesBefore(_ a: String, _ b: String) -> Bool {
    let (first, second) = (a.split(separator: "."), b.split(separator: "."))
    for (x, y) in zip(first, second) where x != y {
      if let m = Int(x), let n = Int(y) { return (m, x) < (n, y) }
      return x < y
    }
    return first.count < second.count
  }
}
