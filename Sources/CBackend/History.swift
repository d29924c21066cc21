import CSyntax
import Planning

/// How the surrogate derivatives of a block are kept.
extension Emitter {
  /// Bits of a stored psi; 8 where nothing is stored.
  var surrogateBits: Int { plan.storesSurrogate ? plan.learning?.surrogateBits ?? 8 : 8 }
  /// Whether psi is stored in less than a byte.
  var packsSurrogates: Bool { surrogateBits < 8 }
  var surrogateRowBytes: Int { plan.surrogateRowBytes }

  /// Where the forward pass writes psi of a population's neurons.
  func surrogatePlace(_ population: PopulationPlan) -> String {
    packsSurrogates
      ? (population.first == 0 ? "net->last_psi" : "&net->last_psi[\(population.first)]")
      : "&net->psi[\(plus("last_row(net) * \(P)_NEURONS", population.first))]"
  }

  mutating func emitPacking() {
    guard plan.storesSurrogate else { return }
    guard packsSurrogates else {
      text.function(
        "Where the surrogate derivatives of the last step are: steps that are not recorded have a row of their own behind the others.",
        "static uint32_t last_row(const \(net) *net)",
        "return net->recording == 0U ? \(recordRows) : net->recorded - 1U;")
      return
    }
    if surrogateBits == 4 {
      text.function(
        "psi to the nearest of 16 levels, 17 apart: (psi + 8) / 17, the quotient of all psi + 8 <= 263 by multiplication.",
        "static uint8_t level(uint8_t psi)", "return (uint8_t)(((psi + 8U) * 241U) >> 12);")
    }
    let bits =
      surrogateBits == 4
      ? "row[i] = (uint8_t)(level(psi[0]) | (level(psi[1]) << 4));"
      : """
      uint8_t bits = 0;

      for (uint8_t k = 0; k < 8U; k++) {
          bits = (uint8_t)(bits | ((psi[k] != 0U ? 1U : 0U) << k));
      }
      row[i] = bits;
      """
    text.function(
      "Stores the surrogate derivatives of the step that ends, in \(surrogateBits) bit\(surrogateBits == 1 ? "" : "s") each.",
      "static void pack_psi(\(net) *net)",
      """
      uint8_t *row = &net->psi[(net->recorded - 1U) * (uint32_t)\(surrogateRowBytes)U];
      const uint8_t *psi = net->last_psi;

      for (uint16_t i = 0; i < \(count(surrogateRowBytes)); i++, psi += \(8 / surrogateBits)) {
      \(indented(bits, by: 4))
      }
      """)
    let value =
      surrogateBits == 4
      ? "return 17 * ((byte >> place) & 15);" : "return ((byte >> place) & 1) * \(Fixed.surrogateLevel);"
    text.function(
      surrogateBits == 4
        ? "psi from the byte that holds it from bit `place` on."
        : "psi from the byte that holds whether it is above 0 in bit `place`: then it counts as \(Fixed.surrogateLevel), the mean of what it can be.",
      "static inline int32_t unpacked(uint8_t byte, uint8_t place)", value)
  }

  /// How a sweep reads psi of a neuron.
  struct SurrogateReading {
    /// Of `history`, at the first step, and what else is needed.
    var declarations: String
    /// Bytes from step to step.
    var stride: String
    /// psi of the step at which `history` stands.
    var now: String

    /// psi of a step.
    func at(_ step: String) -> String { now.replacing("*history", with: "history[\(step) * \(stride)]") }
  }

  /// psi of neuron j0 + lane.
  func surrogateReading(_ population: PopulationPlan) -> SurrogateReading {
    let column = replays ? "lane" : "\(plus("j0", population.first)) + lane"
    guard packsSurrogates else {
      return SurrogateReading(
        declarations: "const uint8_t *history = &net->psi[\(column)];", stride: replays ? "\(P)_TILE" : "\(P)_NEURONS",
        now: "*history")
    }
    let (shift, mask, width) = surrogateBits == 4 ? (1, 1, 4) : (3, 7, 1)
    return SurrogateReading(
      declarations: """
        const uint8_t *history = &net->psi[(uint16_t)(\(column)) >> \(shift)];
        const uint8_t place = (uint8_t)(((\(column)) & \(mask)U)\(width == 1 ? "" : " * \(width)U"));
        """,
      stride: count(surrogateRowBytes), now: "unpacked(*history, place)")
  }
}
