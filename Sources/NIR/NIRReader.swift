public import Diagnostics
import HDF5Files

extension NIRGraph {
  /// How deep graphs may be nested.
  static let maximumDepth = 16

  /// Reads a `.nir` file.
  ///
  /// - Throws: everything that is wrong with the file: those of `HDF5File.read`, and `nir.version`, `nir.missing`,
  ///   `nir.type`, `nir.unreadable`, `nir.edges`.
  public static func read(path: String) throws(Findings) -> NIRGraph {
    let root = try HDF5File.read(path)
    var reader = NIRReader(file: path)
    reader.checkVersion(root["version"])
    guard case .group(let members)? = root["node"] else {
      reader.report("nir.missing", "node", "expected the group \"node\", which holds the graph of a .nir file")
      throw Findings(reader.findings)
    }
    let node = reader.node(members, at: ["node"], depth: 0)
    guard reader.findings.isEmpty, let graph = node?.subgraph else {
      if reader.findings.isEmpty {
        reader.report("nir.type", "node/type", "expected a graph, but the file holds a single node")
      }
      throw Findings(reader.findings)
    }
    return graph
  }
}

/// Turns groups and datasets into nodes, gathering everything that is wrong.
private struct NIRReader {
  let file: String
  var findings: [Finding] = []

  init(file: String) { self.file = file }

  mutating func report(_ id: String, _ path: String, _ message: String, help: String? = nil) {
    findings.append(Finding(id, at: Finding.Location(file: file, path: path), message, help: help))
  }

  mutating func checkVersion(_ version: HDF5Object?) {
    guard case .strings(let text)? = version, let value = text.values.first else {
      return report("nir.version", "version", "expected the version of the format, as \"1.0\"")
    }
    let major = value.prefix { $0 != "." }
    guard major == "0" || major == "1" else {
      return report("nir.version", "version", "expected version 0 or 1, but found \(Quoted.text(value))")
    }
  }

  /// nil, with a finding, where there is no node to speak of.
  mutating func node(_ members: [String: HDF5Object], at path: [String], depth: Int) -> NIRGraph.Node? {
    guard let type = type(members["type"], at: path) else { return nil }
    if type == "NIRGraph" {
      guard depth < NIRGraph.maximumDepth else {
        report("nir.depth", joined(path), "graphs are nested more than \(NIRGraph.maximumDepth) deep")
        return nil
      }
      return graph(members, at: path, depth: depth).map { NIRGraph.Node(type: type, subgraph: $0) }
    }
    var node = NIRGraph.Node(type: type)
    for (name, member) in members.sorted(by: { $0.key < $1.key }) where name != "type" && name != "metadata" {
      switch member {
      case .numbers(let numbers): node.parameters[name] = numbers
      case .obstacle(let obstacle): report(obstacle, path + [name])
      case .strings where name == "input_type" || name == "padding":
        // Of nodes that are refused, or read without it.
        continue
      case .strings, .group:
        report("nir.type", joined(path + [name]), "expected numbers")
      }
    }
    return node
  }

  private mutating func type(_ member: HDF5Object?, at path: [String]) -> String? {
    let place = joined(path + ["type"])
    switch member {
    case .strings(let text)? where text.values.count == 1: return text.values[0]
    case .obstacle(let obstacle)?: report(obstacle, path + ["type"])
    case nil: report("nir.missing", place, "the type of the node is missing")
    default: report("nir.type", place, "expected the type of the node, a single string")
    }
    return nil
  }

  private mutating func graph(_ members: [String: HDF5Object], at path: [String], depth: Int) -> NIRGraph? {
    var nodes: [String: NIRGraph.Node] = [:]
    switch members["nodes"] {
    case .group(let named)?:
      for (name, member) in named.sorted(by: { $0.key < $1.key }) {
        let place = path + ["nodes", name]
        switch member {
        case .group(let members): nodes[name] = node(members, at: place, depth: depth + 1)
        case .obstacle(let obstacle): report(obstacle, place)
        default: report("nir.type", joined(place), "expected a group that holds a node")
        }
      }
    case .obstacle(let obstacle)?: report(obstacle, path + ["nodes"])
    default: report("nir.missing", joined(path + ["nodes"]), "expected the group \"nodes\"")
    }
    guard let edges = edges(members["edges"], at: path + ["edges"]) else { return nil }
    return NIRGraph(nodes: nodes, edges: edges)
  }

  /// [N, 2] names. Python writes an empty list as numbers of the shape [0].
  private mutating func edges(_ member: HDF5Object?, at path: [String]) -> [NIRGraph.Edge]? {
    switch member {
    case .numbers(let numbers)? where numbers.values.isEmpty: return []
    case .strings(let names)? where names.values.isEmpty: return []
    case .strings(let names)? where names.shape.count == 2 && names.shape[1] == 2:
      return (0..<names.shape[0]).map { NIRGraph.Edge(names.values[2 * $0], names.values[2 * $0 + 1]) }
    case .obstacle(let obstacle)?: report(obstacle, path)
    case nil: report("nir.missing", joined(path), "the edges of the graph are missing")
    case .strings(let names)?:
      report("nir.edges", joined(path), "expected pairs of names [N, 2], but found the shape \(names.shape)")
    default: report("nir.edges", joined(path), "expected pairs of names [N, 2]")
    }
    return nil
  }

  private mutating func report(_ obstacle: HDF5Object.Obstacle, _ path: [String]) {
    report("nir.unreadable", joined(path), "\(Quoted.text(path.last ?? "")) is \(obstacle.described)")
  }

  private func joined(_ path: [String]) -> String { path.joined(separator: "/") }
}
