import CSyntax
import Planning

/// Steps by second moments per postsynaptic neuron alone: one factor each, and none per source.
extension Emitter {
  /// The factor of a step onto a neuron.
  var postsynapticFactor: LaneFactor {
    let bits =
      hasWideWeights && hasNarrowWeights ? "(\(isWide) ? 8 : 16)" : hasWideWeights ? "8" : "16"
    let share = "\na = (a * \(element("shares[rates + lane]", "uint16_t"))) >> 15;"
    return LaneFactor(
      meaning: "The factors of the steps onto the tile at j0, rate / rms of the column, below 2^19",
      before: """
        int16_t exponent;
        uint32_t rate = scheduled_rate(net, \(member("unit", "uint32_t")), &exponent);
        """,
      lane: """
        uint32_t a = (rate * eprop_rsqrt(col[j0 + lane], octaves)) >> 15;
        int16_t shift = (int16_t)(27 - \(bits) - exponent - (int16_t)octaves);
        uint32_t factor;
        \(plan.hasCommonRates ? "" : share)
        if (shift > 0) {
            factor = shift > 16 ? 0U : (a + (UINT32_C(1) << (shift - 1))) >> shift;
        } else {
            factor = a << (shift < -16 ? 16 : -shift);
        }
        factor = factor > \((1 << 19) - 1)U ? \((1 << 19) - 1)U : factor;
        """,
      value: "factor")
  }
}
