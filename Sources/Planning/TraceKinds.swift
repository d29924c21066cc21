/// The different ways in which the neurons of a population filter what arrives, and which of them is each neuron's: of the presynaptic
/// traces that are carried from block to block a source has one of each kind.
public struct TraceKinds: Sendable, Hashable {
  /// The decays of a kind: of the membrane and, where there is one, of the synaptic current.
  public struct Kind: Sendable, Hashable {
    public var membrane: DecayPlan
    public var synaptic: DecayPlan?
  }
  /// In the order of the first neurons that have them.
  public private(set) var kinds: [Kind] = []
  /// By neuron.
  public private(set) var ofNeuron: [Int] = []

  /// None: of readouts, which are all alike.
  public init() {}

  init(_ population: PopulationPlan) {
    var numbers: [Kind: Int] = [:]
    for j in 0..<population.count {
      let kind = Kind(membrane: population.traceDecay[j], synaptic: population.current?.decay[j])
      if numbers[kind] == nil {
        numbers[kind] = kinds.count
        kinds.append(kind)
      }
      ofNeuron.append(numbers[kind] ?? 0)
    }
  }

  /// How many.
  public var count: Int { kinds.count }
  /// Width of a kind's number.
  public var bits: Int { kinds.count <= 256 ? 8 : 16 }
}

extension PopulationPlan {
  /// How its neurons filter what arrives.
  public var traceKinds: TraceKinds { TraceKinds(self) }

  /// The largest α as realised.
  var slowestKeep: Double { (0..<count).reduce(0) { max($0, Double(leak[$1]) / 32768) } }
}

extension FixedPlan {
  /// How many traces a source of a projection has that learns in carried blocks.
  public func traceCount(_ projection: ProjectionPlan) -> Int {
    guard case .population(let target) = projection.target else { return 1 }
    return populations[target].traceKinds.count
  }

  /// Whether the traces of the sources of a population are of several kinds.
  public func hasTraceKinds(_ population: Int) -> Bool {
    isCarried && learnsInto(population) && populations[population].traceKinds.count > 1
  }
}
