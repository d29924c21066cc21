public import HDF5Files

/// A graph of the Neuromorphic Intermediate Representation, as its file has it (Pedersen et al., "Neuromorphic intermediate
/// representation: a unified instruction set for interoperable brain-inspired computing", 2024; the files of the Python
/// package `nir`, version 1).
public struct NIRGraph: Sendable, Hashable {
  /// By name.
  public var nodes: [String: Node]
  /// Sorted, each once: their order in a file means nothing.
  public var edges: [Edge]

  /// What a node passes to another.
  public struct Edge: Sendable, Hashable, Comparable {
    public var from: String
    public var to: String
    public init(_ from: String, _ to: String) {
      self.from = from
      self.to = to
    }
    public static func < (a: Edge, b: Edge) -> Bool { (a.from, a.to) < (b.from, b.to) }
  }

  /// A node: its type, as `"LIF"`, and its parameters by name.
  public struct Node: Sendable, Hashable {
    public var type: String
    public var parameters: [String: HDF5Object.Numbers]
    /// Of a node of the type `NIRGraph`.
    public var subgraph: NIRGraph?
    public init(type: String, parameters: [String: HDF5Object.Numbers] = [:], subgraph: NIRGraph? = nil) {
      self.type = type
      self.parameters = parameters
      self.subgraph = subgraph
    }
  }

  public init(nodes: [String: Node], edges: [Edge]) {
    self.nodes = nodes
    self.edges = Array(Set(edges)).sorted()
  }

  /// The types that the format defines.
  static let knownTypes = [
    "Affine", "AvgPool2d", "Conv1d", "Conv2d", "CubaLI", "CubaLIF", "Delay", "Flatten", "I", "IF", "Input", "LI", "LIF",
    "Linear", "NIRGraph", "Output", "Scale", "SumPool2d", "Threshold",
  ]
}
