import CSyntax
import Planning

/// Matrices of which not every element is a synapse: `mask_<projection>` has a bit for each.
extension Emitter {
  /// Those that learn.
  private var masked: [ProjectionPlan] { plastic.filter { $0.sparsity != nil && !$0.isCompressed } }

  mutating func emitAbsent() {
    guard !masked.isEmpty else { return }
    text.function(
      "Takes the gradients of pairs without a synapse out of net->g; s is the first pair of the tile.",
      "static void clear_absent(\(net) *net, const uint8_t *mask, uint32_t s, uint16_t lanes)",
      """
      for (uint16_t lane = 0; lane < lanes; lane++, s++) {
          if ((((uint32_t)\(element("mask[s >> 3]", "uint8_t")) >> (s & 7U)) & 1U) == 0U) {
              net->g[lane] = 0;
          }
      }
      """)
  }

  /// The line that does so in a function of one projection.
  func skippingAbsent(_ projection: ProjectionPlan, _ lanes: String, first: String = "j0") -> String {
    guard projection.sparsity != nil, !projection.isCompressed else { return "" }
    return
      "\nclear_absent(net, mask_\(projection.name), (uint32_t)i * \(count(projection.postCount)) + \(first), \(lanes));"
  }

  /// The declaration of the table of what exists, of whichever projection learns; null where all does.
  var maskOfNumber: String {
    guard !masked.isEmpty, !plan.isCarried else { return "" }
    let cases = masked.map { "number == \(number($0))U ? mask_\($0.name)" }.joined(separator: " : ")
    return "const uint8_t *mask = \(cases) : 0;"
  }

  /// The lines that use it on row i.
  var clearingRow: String {
    guard !masked.isEmpty, !plan.isCarried else { return "" }
    return "if (mask != 0) {\n    clear_absent(net, mask, s, lanes);\n}"
  }
}
