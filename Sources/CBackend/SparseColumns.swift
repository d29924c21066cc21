import CSyntax
import Planning

/// Compressed columns: for each source its synapses, in the order of their targets. `begin_<projection>` says where those
/// of each source begin, `target_<projection>` where each leads.
extension Emitter {
  /// Type of a position among the synapses of a projection.
  var position: String { "uint\(plan.positionBits)_t" }

  func begin(_ projection: ProjectionPlan, _ source: String) -> String {
    element("begin_\(projection.name)[\(source)]", position)
  }

  func target(_ projection: ProjectionPlan, _ synapse: String) -> String {
    element("target_\(projection.name)[\(synapse)]", "uint\(plan.targetBits)_t")
  }

  /// Whether replaying neurons one tile after the other needs to know how far each source has come.
  func hasNext(_ projection: ProjectionPlan) -> Bool { field("next_\(projection.name)") != nil }

  /// Whether the tiles of its targets go by without any of its synapses learning.
  func passesTiles(_ projection: ProjectionPlan) -> Bool { hasNext(projection) && !projection.isPlastic }

  mutating func emitSparseTables(_ projection: ProjectionPlan) {
    guard let sparsity = projection.sparsity else { return }
    let (n, post) = (projection.name, projection.postCount)
    let (fanOut, fanIn) = (sparsity.fanOut(postCount: post), sparsity.fanIn(postCount: post))
    func table(_ name: String, _ bits: Int, _ values: [Int], _ remark: String) {
      text.table(
        remark, "static const uint\(bits)_t \(name)_\(n)[\(count(values.count))] EPROP_TABLE", values.map(String.init))
    }
    if projection.isCompressed {
      let begins = fanOut.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
      table(
        "begin", plan.positionBits, begins, "The first synapse of \(n) of each source, and the end of the last.")
      table(
        "target", plan.targetBits, sparsity.mask.indices.filter { sparsity.mask[$0] }.map { $0 % post },
        "Where each synapse of \(n) leads.")
    } else if projection.isPlastic {
      var bytes = [Int](repeating: 0, count: (sparsity.mask.count + 7) / 8)
      for pair in sparsity.mask.indices where sparsity.mask[pair] { bytes[pair / 8] |= 1 << (pair % 8) }
      table("mask", 8, bytes, "A bit for each pair of a source and a target of \(n): whether there is a synapse.")
    }
    guard let step = projection.step, step.keepsColumns, projection.isPlastic else { return }
    table("fan_in", 16, fanIn.map { max(1, $0) }, "Synapses of \(n) onto each target, at least 1.")
    guard step.keepsRows else { return }
    table("fan_out", 16, fanOut.map { max(1, $0) }, "Synapses of \(n) of each source, at least 1.")
  }

  /// The lines that add the synapses of `source` to acc, each times `factor`.
  func addSparse(_ projection: ProjectionPlan, source: String, factor: String? = nil) -> String {
    let read = weight(projection, "\(weights(projection))[s]")
    let what = factor.map { "\($0) * \(read)" } ?? read
    return """
      \(position) end = \(begin(projection, "(uint32_t)\(source) + 1U"));
      for (\(position) s = \(begin(projection, source)); s < end; s++) {
          uint16_t j = \(target(projection, "s"));
          \(accumulate(what))
      }
      """
  }

  /// The lines that add the synapses of `source` to sums in lanes.
  func addSparse(_ projection: ProjectionPlan, source: String, toLanes lanes: String) -> String {
    """
    const \(position) end = \(begin(projection, "\(source) + 1U"));
    for (\(position) s = \(begin(projection, source)); s < end; s++) {
        uint16_t *const sum = &\(lanes)[eprop_lane(\(target(projection, "s")))];
        *sum = (uint16_t)(*sum + \(weight(projection, "\(weights(projection))[s]")));
    }
    """
  }

  /// The same for the neurons j0 … j0 + lanes − 1 of a tile.
  func replaySparse(_ projection: ProjectionPlan, source: String, factor: String? = nil) -> String {
    let read = weight(projection, "\(weights(projection))[s]")
    let what = factor.map { "\($0) * \(read)" } ?? read
    return """
      \(position) end = \(begin(projection, "(uint32_t)\(source) + 1U"));
      for (\(position) s = net->next_\(projection.name)[\(source)];
           s < end && (uint16_t)(\(target(projection, "s")) - j0) < lanes; s++) {
          acc[\(target(projection, "s")) - j0] += \(what);
      }
      """
  }

  /// The lines that bring every source of a projection back to its first synapse, before the first tile.
  func rewind(_ projection: ProjectionPlan) -> String {
    """
    for (uint16_t i = 0; i < \(count(projection.preCount)); i++) {
        net->next_\(projection.name)[i] = \(begin(projection, "i"));
    }
    """
  }

  /// The function that takes every source of a projection that does not learn past the targets of a tile.
  mutating func emitPassTile(_ projection: ProjectionPlan) {
    text.function(
      "Takes every source of \(projection.name), which does not learn, past the targets of the tile at j0.",
      "static void pass_\(projection.name)(\(net) *net, uint16_t j0, uint16_t lanes)",
      """
      for (uint16_t i = 0; i < \(count(projection.preCount)); i++) {
          \(position) s = net->next_\(projection.name)[i];
          \(position) end = \(begin(projection, "i + 1U"));

          while (s < end && (uint16_t)(\(target(projection, "s")) - j0) < lanes) {
              s++;
          }
          net->next_\(projection.name)[i] = s;
      }
      """)
  }
}
