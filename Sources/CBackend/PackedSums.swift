import CSyntax
import Planning

/// Gradients of a tile whose sums fit halves of words (`FixedPlan.packsGradients`): two neurons are summed with one addition.
///
/// delta is kept + 2^10. While no |delta| of a tile is 2^10 or more, what is kept is below 2^11, and up to 31 of it fit a half
/// without a carry. Whether that is so is seen from the tile itself; where it is not, or where a source arrives more
/// often, neurons are summed one by one. Either way the sum is exact.
extension Emitter {
  var packs: Bool { plan.packsGradients }

  /// What delta is kept with, so that it is not negative.
  var deltaZero: Int { plan.addsRows ? 0 : packs ? 1 << 10 : 1 << 15 }

  /// Whether the lanes of a tile stand in the order of the halves of words of bytes.
  var swapsLanes: Bool { packs && isFast }

  /// Where lane `lane` of a tile stands.
  func place(_ lane: String) -> String { swapsLanes ? "eprop_lane(\(lane))" : lane }

  /// The same for a number.
  func place(_ lane: Int) -> Int { swapsLanes ? lane & ~3 | (lane & 1) << 1 | (lane >> 1 & 1) : lane }

  mutating func emitPackedSums() {
    if plan.addsRows {
      emitRowSums()
    } else if plan.hasSweeps {
      emitSmallDeltas()
      emitGatherPacked()
      emitGatherOneByOne()
    }
    if plastic.contains(where: { $0.target == .readout }) { emitGatherErrors() }
  }

  private func perLane(_ line: (Int) -> String) -> String { (0..<tile).map(line).joined(separator: "\n") }

  private mutating func emitSmallDeltas() {
    let words = (0..<tile / 2).map { "eprop_load2(row\($0 == 0 ? "" : " + \(2 * $0)"))" }
    let second = (0..<tile / 2).map { "eprop_load2(row + \(tile + 2 * $0))" }
    text.function(
      "Whether every |delta| of the n steps is below 2^10. The row after them becomes that of arrivals that are worth nothing: those in a step that "
        + "has not come.",
      "static EPROP_APART int deltas_are_small(\(net) *net, uint16_t n)",
      """
      uint16_t *row = &net->delta[(uint32_t)n * \(P)_TILE];
      const uint16_t *const end = net->delta + (n + 1U) / 2U * (\(P)_TILE * 2U);
      uint32_t seen = 0;

      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          row[lane] = UINT16_C(\(deltaZero));
      }
      for (row = net->delta; row != end; row += \(P)_TILE * 2U) {
          seen |= \(words.joined(separator: " | "));
          seen |= \(second.joined(separator: " | "));
      }
      return (seen & UINT32_C(0xF800F800)) == 0U;
      """)
  }

  private mutating func emitGatherPacked() {
    let names = ["a", "b", "c", "d"].prefix(tile / 2)
    func lines(_ line: (Int, String) -> String) -> String {
      names.enumerated().map { line($0.offset, $0.element) }.joined(separator: "\n")
    }
    text.function(
      """
      Adds the deltas of all \(P)_TILE neurons over the steps time ... last - 1, two to a word, to `start`: net->g[0], net->g[2] and so on. Returns the bits that are set in \
      any of the words.
      """,
      "static EPROP_APART uint32_t gather_packed(\(net) *net, const uint16_t *time, const uint16_t *last, uint32_t start)",
      """
      const uint16_t *delta = net->delta;
      \(lines { "uint32_t \($1) = start;" })

      EPROP_UNKNOWN(delta);
      do {
          const uint16_t *row = delta + (uint32_t)*time * \(P)_TILE;
          uint32_t x;

          EPROP_UNKNOWN(row);
      \(indented(lines { "x = eprop_load2(row\($0 == 0 ? "" : " + \(2 * $0)"));\nEPROP_AT_HAND(x, row);\n\($1) += x;" }, by: 4))
          time++;
      } while (time != last);
      \(lines { "net->g[\(2 * $0)] = eprop_signed(\($1));" })
      return \(names.joined(separator: " | "));
      """)
  }

  /// Whether delta + 2^10 is always below 2^15.
  private var deltasFitSigned: Bool {
    plan.populations.indices.filter(learnsInto).allSatisfy { index in
      let bound = plan.bounds.first { $0.quantity == "|S| of \(plan.populations[index].name)" }
      return plan.fades(index) && (bound.map { $0.largest < Int64((1 << 15) - deltaZero) << 16 } ?? false)
    }
  }

  private mutating func emitGatherOneByOne() {
    // Read as signed, a delta takes one addition; what may pass 2^15 is moved back into the range first.
    let signed = deltasFitSigned
    let (type, sum) = signed ? ("int16_t", "int32_t") : ("uint16_t", "uint32_t")
    func worth(_ lane: Int) -> String {
      signed
        ? "row[\(place(lane))]" : "eprop_extended((uint16_t)(row[\(place(lane))] - \(deltaZero)U))"
    }
    let start = signed ? "const int32_t offset = -(int32_t)(last - time) * INT32_C(\(deltaZero));\n" : ""
    text.function(
      "Sums delta over the steps time ... last - 1 for each neuron of a tile. |sum| < 2^15 per step, so 65535 steps fit.",
      "static EPROP_APART void gather(const \(type) *delta, const uint16_t *time, const uint16_t *last, int32_t *g)",
      """
      \(start)\(perLane { "\(sum) g\($0) = \(signed ? "offset" : "0");" })

      for (; time != last; time++) {
          const \(type) *row = &delta[(uint32_t)*time * \(P)_TILE];

      \(indented(perLane { "g\($0) += \(worth($0));" }, by: 4))
      }
      \(perLane { "g[\($0)] = \(signed ? "g\($0)" : "eprop_signed(g\($0))");" })
      """)
  }

  /// net->delta as `gather` reads it.
  var gatheredDelta: String { deltasFitSigned ? "(const int16_t *)net->delta" : "net->delta" }

  private mutating func emitGatherErrors() {
    text.function(
      "Sums the filtered errors of the tile's readouts at the spikes of a neuron, whose times are one more than their steps.",
      "static EPROP_APART void gather_errors(\(net) *net, const uint16_t *time, const uint16_t *last)",
      """
      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          const int16_t *f = &net->error[net->tile + lane];
          int32_t sum = 0;

          for (const uint16_t *t = time; lane < net->width && t != last; t++) {
              sum += f[(*t - 1U) * (uint32_t)\(P)_OUTPUTS];
          }
          net->g[lane] = sum;
      }
      """)
  }
}
