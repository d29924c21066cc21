/// What a synapse costs: the RAM that grows with the number of synapses that learn, and the flash that grows with the
/// number of those that do not. Tables of initial weights of synapses that learn are counted apart.
public struct SynapseBytes: Sendable, Hashable {
  /// Synapses that exist: a skipped diagonal is none.
  public var plasticCount: Int
  public var frozenCount: Int
  /// Bytes of RAM of all synapses that learn, by purpose. A skipped diagonal is stored, and counted here.
  public var plasticRAM: [Memory.Purpose: Int]
  /// Bytes of flash of their initial weights.
  public var plasticFlash: Int
  /// Bytes of flash that say which of them exist.
  public var plasticIndex: Int
  /// Bytes of flash of the weights of all synapses that do not learn.
  public var frozenFlash: Int

  public init(_ plan: FixedPlan, _ memory: Memory) {
    let plastic = plan.projections.filter(\.isPlastic)
    plasticCount = plastic.reduce(0) { $0 + plan.synapseCount($1) }
    frozenCount = plan.projections.reduce(0) { $0 + plan.synapseCount($1) } - plasticCount
    func learns(_ field: Memory.Field) -> Bool { field.projection.map { plan.projections[$0].isPlastic } ?? false }
    plasticRAM = [:]
    for field in memory.ram where field.unit == .synapse && learns(field) {
      plasticRAM[field.purpose, default: 0] += field.bytes
    }
    let tables = memory.flash.filter { $0.unit == .synapse }
    plasticFlash = tables.filter { learns($0) && $0.purpose != .index }.reduce(0) { $0 + $1.bytes }
    plasticIndex = tables.filter { learns($0) && $0.purpose == .index }.reduce(0) { $0 + $1.bytes }
    frozenFlash = tables.reduce(0) { $0 + $1.bytes } - plasticFlash - plasticIndex
  }

  /// The purposes that a synapse can have bytes for, in the order in which they are reported.
  public static let purposes: [Memory.Purpose] = [.weight, .trace, .accumulator, .optimiser]

  /// Bytes of RAM per synapse that learns; nil where none does.
  public var perPlastic: Double? {
    plasticCount == 0 ? nil : Double(plasticRAM.values.reduce(0, +)) / Double(plasticCount)
  }

  /// The same for one purpose.
  public func perPlastic(_ purpose: Memory.Purpose) -> Double? {
    plasticCount == 0 ? nil : Double(plasticRAM[purpose] ?? 0) / Double(plasticCount)
  }

  /// Bytes of flash per synapse that learns, for the number of its target or its bit in a table; 0 where all exist.
  public var indexPerPlastic: Double? {
    plasticCount == 0 ? nil : Double(plasticIndex) / Double(plasticCount)
  }

  /// Bytes of flash per synapse that does not learn; nil where all do.
  public var perFrozen: Double? { frozenCount == 0 ? nil : Double(frozenFlash) / Double(frozenCount) }
}
