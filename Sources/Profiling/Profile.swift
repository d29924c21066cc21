public import Planning

/// What a plan costs in bytes, on every machine: per synapse, per neuron, and where the rest goes.
public struct Profile: Sendable, Hashable {
  /// The plan's name and hash.
  public let name: String
  public let hash: String
  public let inputCount: Int
  public let neuronCount: Int
  public let outputCount: Int
  public let learns: Bool
  /// The plan's own account, field by field.
  public let memory: Memory
  public let synapses: SynapseBytes

  /// The profile of `plan`, of its own memory unless another account is given.
  public init(_ plan: FixedPlan, memory: Memory? = nil) {
    let memory = memory ?? plan.memory
    name = plan.name
    hash = plan.hashText
    inputCount = plan.inputs.count
    neuronCount = plan.neuronCount
    outputCount = plan.readout.count
    learns = plan.learning != nil
    self.memory = memory
    synapses = SynapseBytes(plan, memory)
  }
}

extension Profile {
  /// A part of the RAM. Together the shares are the struct, to the last byte.
  public enum Share: String, Sendable, Hashable, CaseIterable {
    /// What grows with the number of synapses that learn.
    case synapses
    /// What inference needs per neuron.
    case neurons
    case readouts
    /// Traces, accumulators and moments of which there is one per neuron, input or readout.
    case learning
    /// What the record of a block holds: events, errors, surrogate derivatives.
    case history
    /// What is overwritten in every update.
    case scratch
    /// Counters, flags, and what pads the struct.
    case control
  }

  /// Bytes of RAM of a share.
  public func ram(_ share: Share) -> Int {
    let fields = memory.ram.filter { Self.share(of: $0) == share }.reduce(0) { $0 + $1.bytes }
    return share == .control ? fields + memory.padding : fields
  }

  private static func share(of field: Memory.Field) -> Share {
    if field.unit == .synapse { return .synapses }
    return switch field.purpose {
    case .neuron, .weight, .index: .neurons
    case .readout: .readouts
    case .trace, .accumulator, .optimiser: .learning
    case .history: .history
    case .scratch: .scratch
    case .control: .control
    }
  }

  /// Bytes of RAM of the arrays that have an element per `unit`, by purpose.
  public func ram(per unit: Memory.Unit) -> [Memory.Purpose: Int] {
    memory.ram.filter { $0.unit == unit }.reduce(into: [:]) { $0[$1.purpose, default: 0] += $1.bytes }
  }

  /// Bytes of flash of the tables that are no weights: feedback, bias, learning rates, thresholds.
  public var otherTables: Int {
    memory.flashBytes - synapses.plasticFlash - synapses.plasticIndex - synapses.frozenFlash
  }
}
