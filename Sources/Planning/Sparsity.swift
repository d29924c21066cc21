import Networks

/// Which synapses of a projection exist, where not all do. Those that do not have weight 0, no gradient and no part in
/// any mean.
public struct SparsityPlan: Sendable, Hashable {
  /// How the weights are stored, and therefore saved.
  public enum Storage: Sendable, Hashable {
    /// As a full matrix; a table of bits says which of its elements are synapses.
    case matrix
    /// Per source the synapses that exist, with the number of each one's target: compressed columns.
    case columns
  }

  /// [pre × post].
  public var mask: [Bool]
  public var storage: Storage

  package init(mask: [Bool], storage: Storage) {
    self.mask = mask
    self.storage = storage
  }

  /// Synapses that exist.
  public var count: Int { mask.count { $0 } }

  /// Synapses per source.
  public func fanOut(postCount: Int) -> [Int] {
    stride(from: 0, to: mask.count, by: postCount).map { first in mask[first..<first + postCount].count { $0 } }
  }

  /// Synapses per target.
  public func fanIn(postCount: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: postCount)
    for pair in mask.indices where mask[pair] { counts[pair % postCount] += 1 }
    return counts
  }

  /// Targets that have a synapse, at least 1.
  public func drivenTargets(postCount: Int) -> Int { max(1, fanIn(postCount: postCount).count { $0 > 0 }) }
}

extension ProjectionPlan {
  /// Whether the synapses stand as compressed columns.
  public var isCompressed: Bool { sparsity?.storage == .columns }

  /// Whether weights are narrower than a byte.
  public var isPacked: Bool { weightBits < 8 }

  /// Whether the pair of a source and a target has a synapse. A skipped diagonal has none.
  public func exists(_ pre: Int, _ post: Int) -> Bool {
    if skipsDiagonal && pre == post { return false }
    return sparsity?.mask[pre * postCount + post] ?? true
  }

  /// Bytes of the weights of one source: whole groups of two weights of 4 bits, four of 6 bits.
  public var columnBytes: Int {
    switch weightBits {
    case 4: (postCount + 1) / 2
    case 6: (postCount + 3) / 4 * 3
    default: postCount * weightBits / 8
    }
  }

  /// The target of the stored weight of a number; for weights that are not packed.
  public func target(ofStored index: Int) -> Int {
    guard let sparsity, isCompressed else { return index % postCount }
    return sparsity.mask.indices.lazy.filter { sparsity.mask[$0] }.dropFirst(index).first.map { $0 % postCount } ?? 0
  }

  /// Weights that are stored; bytes where they are packed.
  public var storedWeights: Int {
    if let sparsity, isCompressed { return sparsity.count }
    return isPacked ? preCount * columnBytes : preCount * postCount
  }
}

extension FixedPlan {
  private var compressed: [ProjectionPlan] { projections.filter(\.isCompressed) }

  /// Width of the number of a target in compressed columns: the same for all, so that they share their code.
  public var targetBits: Int { compressed.allSatisfy { $0.postCount <= 256 } ? 8 : 16 }

  /// Width of a position among the synapses of compressed columns.
  public var positionBits: Int { compressed.allSatisfy { $0.storedWeights <= 65535 } ? 16 : 32 }

  /// Whether the tiles of an update go through the columns of a projection side by side: those that learn, and those
  /// that are replayed with others that do.
  func needsNext(_ projection: ProjectionPlan) -> Bool {
    guard projection.isCompressed, learning != nil else { return false }
    let isReplayed =
      layout.history == .replay && projections.contains { $0.isPlastic && $0.target == projection.target }
    return projection.isPlastic || isReplayed
  }

  /// Whether the means of a projection's squared gradients are over other numbers of synapses than its sizes.
  public var hasSparseMoments: Bool {
    projections.contains { $0.sparsity != nil && $0.step?.keepsColumns ?? false }
  }
}

extension Planner {
  /// Which synapses exist, and how they are best stored: as columns if that takes fewer bytes of RAM and flash together.
  ///
  /// Blocks that carry traces per synapse keep the matrix, like a readout, whose weights symmetric feedback reads by the neuron, packed
  /// weights, to which an index byte each would be dear, what learns by Adam, whose moments stand beside the weights, inputs that are held, whose sums over all of them are
  /// rare, and spikes that arrive in their own step.
  mutating func planSparsity(_ mask: [Bool]?, of plan: ProjectionPlan) -> SparsityPlan? {
    guard let mask else { return nil }
    let (pre, post) = (plan.preCount, plan.postCount)
    var sparsity = SparsityPlan(
      mask: (0..<pre * post).map { pair in
        mask[pair % post * pre + pair / post] && !(plan.skipsDiagonal && pair / post == pair % post)
      }, storage: .matrix)
    let share = "\(sparsity.count) of \(pre * post) synapses exist"
    if let reason = reasonForMatrix(plan) {
      notes.append("\(plan.name): \(share), stored as a matrix \(reason)")
      return sparsity
    }
    // What learns stands in RAM, and once more in flash as it was at first.
    let copies = plan.isPlastic ? 2 : 1
    let weightBytes = plan.weightBits / 8
    let position = sparsity.count <= 65535 ? 2 : 4
    let columns =
      sparsity.count * (copies * weightBytes + (post <= 256 ? 1 : 2)) + (pre + 1) * position
      + (plan.isPlastic ? pre * position : 0)
    let matrix = pre * post * copies * weightBytes + (plan.isPlastic ? (pre * post + 7) / 8 : 0)
    if columns < matrix { sparsity.storage = .columns }
    notes.append(
      "\(plan.name): \(share), stored as \(columns < matrix ? "columns" : "a matrix"): \(columns) bytes of RAM and flash as "
        + "columns, \(matrix) as a matrix")
    return sparsity
  }

  /// Why the synapses of a projection cannot stand as columns; nil where they can.
  private func reasonForMatrix(_ plan: ProjectionPlan) -> String? {
    if plan.target == .readout { return "of a readout" }
    if plan.isPacked { return "of packed weights" }
    if plan.isPlastic && isCarried { return "since blocks shorter than a trial carry traces" }
    if plan.source == .inputs && network.inputs.holdSteps > 1 { return "of inputs that are held" }
    if plan.isImmediate { return "of spikes that arrive in their own step" }
    if plan.isPlastic, case .adam = network.optimiser.kind { return "since Adam's moments stand as one" }
    return nil
  }
}
