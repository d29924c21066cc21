import CSyntax
import Planning

/// Means of squared gradients over the synapses that exist, where not all do.
extension Emitter {
  mutating func emitFans() {
    let sparse = plastic.filter { $0.sparsity != nil }
    func emit(_ name: String, _ contract: String, _ index: String) {
      let cases = sparse.map {
        "case \(number($0)):\n    return \(element("\(name)_\($0.name)[\(index)]", "uint16_t"));"
      }
      text.function(
        contract, "static uint16_t \(name)(uint16_t number, uint16_t \(index))",
        """
        switch (number) {
        \(cases.joined(separator: "\n"))
        default:
            return 0;
        }
        """)
    }
    if plan.hasRows {
      emit("fan_out", "Synapses of source i of a projection, at least 1; 0 where every pair is one.", "i")
    }
    emit("fan_in", "Synapses onto target j of a projection, at least 1; 0 where every pair is one.", "j")
    text.function(
      "A sum of squares as a mean in Q\(Fixed.momentBits): over `fan` synapses, or by the lift where every pair is one.",
      "static uint32_t mean_square(\(square) sum, uint16_t fan, int8_t lift)",
      """
      if (fan == 0U) {
          return lifted(sum, lift);
      }
      return (uint32_t)((sum / fan << \(Fixed.momentBits)) + (sum % fan << \(Fixed.momentBits)) / fan);
      """)
  }

  /// A sum of squares in the format of means.
  func meanSquare(_ sum: String, _ lift: String, fan: String) -> String {
    let lift = member(lift, "int8_t")
    return plan.hasSparseMoments
      ? "\n    mean_square(\(sum), \(fan),\n                \(lift))" : "lifted(\(sum), \(lift))"
  }
}
