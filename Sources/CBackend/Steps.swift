import CSyntax
import Planning

/// From gradients to weights: the C that all projections share.
extension Emitter {
  mutating func emitSteps() {
    if plan.learnsByAdam {
      emitFactors()
      emitAdam()
      return
    }
    if plan.isFactored {
      emitFactors()
      emitMoments()
      if !plastic.isEmpty {
        if plan.hasRows { emitPrepareSources() }
        emitPrepareLanes()
        if packs {
          emitQuantise()
          emitPackedSquares()
        } else if learnsRows {
          emitSquares()
        }
        emitFinishLanes()
        emitFinishProjection()
      }
    }
    for bits in [8, 16] where bits == 8 ? hasNarrowRows : hasWideRows {
      if packs {
        emitPackedSteps(bits)
      } else if plan.isFactored {
        emitFactoredSteps(bits)
      } else {
        emitMultipliedSteps(bits)
      }
    }
    if stepsRows {
      emitStepRow()
    } else if stepsByFour {
      emitStepsByFour()
    }
  }

  // MARK: - Factors

  mutating func emitFactors() {
    text.function(
      "A learning rate of the plan under the schedule.",
      "static uint32_t scheduled(const \(net) *net, uint32_t rate)",
      "return (uint32_t)(((uint64_t)rate * net->schedule) >> 16);")
    // Adam's bias takes its rate as it is.
    if plan.learnsByAdam && plastic.isEmpty { return }
    text.function(
      "The same as a number of 15 bits times 2^exponent.",
      "static EPROP_APART uint32_t scheduled_rate(const \(net) *net, uint32_t rate, int16_t *exponent)",
      """
      rate = scheduled(net, rate);
      *exponent = 0;
      while (rate >= 32768U) {
          rate >>= 1;
          ++*exponent;
      }
      while (rate < 16384U && rate != 0U) {
          rate <<= 1;
          --*exponent;
      }
      return rate;
      """)
  }

  mutating func emitMoments() {
    text.function(
      "A mean of squares moves towards `sample` by the share of this update, dithered so that it does not stick. Their difference is taken in halves of "
        + "16 bits, mod 2^32: the lower one times the share, at most 2^16, and the dither is below 2^32.",
      "static EPROP_APART uint32_t moved(const \(net) *net, uint32_t mean, uint32_t sample)",
      """
      const uint32_t lower = (sample & UINT32_C(0xFFFF)) - (mean & UINT32_C(0xFFFF));
      const uint32_t upper = (sample >> 16) - (mean >> 16) - (lower >> 31);

      return mean + upper * net->share
             + (((lower & UINT32_C(0xFFFF)) * net->share + (eprop_turn(net->updates) >> 16)) >> 16);
      """)
    text.function(
      plan.hasSparseMoments
        ? "The sum of n numbers over `driven`, those of targets that have a synapse; where that is 0, their mean times n / 2^bits."
        : "The mean of n numbers, times n / 2^bits.",
      "static EPROP_APART uint32_t mean_of(const uint32_t *numbers, uint16_t n, unsigned bits\(plan.hasSparseMoments ? ", uint16_t driven" : ""))",
      """
      uint64_t sum = 0;

      for (uint16_t i = 0; i < n; i++) {
          sum += numbers[i];
      }
      return (uint32_t)(\(plan.hasSparseMoments ? "driven != 0U ? sum / driven : sum >> bits" : "sum >> bits"));
      """)
    text.function(
      "By how much the exponent behind means of squares has to change, so that their mean is below \(Fixed.momentTop) and not below a quarter "
        + "of it: squares of gradients of \(2 << (Fixed.momentTop.trailingZeroBitCount - Fixed.momentBits) / 2 / 2) on the whole.",
      "static int16_t exponent_change(uint32_t mean, uint8_t exponent)",
      """
      int16_t change = 0;

      while (mean >= UINT32_C(\(Fixed.momentTop)) && exponent + change < \(Fixed.exponentLimit) && change < 8) {
          mean >>= 2;
          change++;
      }
      while (mean < UINT32_C(\(Fixed.momentTop / 4)) && exponent + change > 0 && change > -8) {
          mean <<= 2;
          change--;
      }
      return change;
      """)
    text.function(
      "Means of squares for another exponent.",
      "static void rescale(uint32_t *means, uint16_t n, int16_t change)",
      """
      for (uint16_t i = 0; i < n; i++) {
          if (change >= 0) {
              means[i] >>= 2 * change;
          } else {
              uint32_t most = UINT32_C(0xFFFFFFFF) >> (-2 * change);
              means[i] = means[i] > most ? UINT32_C(0xFFFFFFFF) : means[i] << (-2 * change);
          }
      }
      """)
    text.function(
      "Lets exponent `number` follow the mean of n means of squares, and these the exponent; returns by how much.",
      "static EPROP_APART int16_t new_exponent(\(net) *net, uint16_t number, uint32_t *means, uint16_t n, unsigned bits\(plan.hasSparseMoments ? ", uint16_t driven" : ""))",
      """
      const int16_t change = exponent_change(mean_of(means, n, bits\(plan.hasSparseMoments ? ", driven" : "")), net->exponent[number]);

      net->exponent[number] = (uint8_t)(net->exponent[number] + change);
      rescale(means, n, change);
      return change;
      """)
  }

  mutating func emitPrepareSources() {
    let bits =
      hasWideWeights && hasNarrowWeights ? "(\(isWide) ? 8 : 16)" : hasWideWeights ? "8" : "16"
    text.function(
      "The presynaptic factors of the steps of a projection, rate / rms of the row as a number of 15 bits over 2^shift: sources with small "
        + "gradients take larger steps. The shift is at least 11, so that the product of both factors of a step is below 2^19.",
      "static EPROP_APART void prepare_sources(\(net) *net, uint16_t number)",
      """
      const projection *p = &learnt[number];
      const uint32_t *row = \(array("row"));
      \(square) *sum = \(array("row_sum"));
      uint16_t *factor = \(array("row_factor"));
      uint8_t *place = \(array("row_shift"));
      int16_t exponent;
      uint32_t rate = scheduled_rate(net, \(member("unit", "uint32_t")), &exponent);

      net->mean[number] = mean_of(\(array("col")), \(member("targets", "uint16_t")), \(member("target_bits", "uint8_t"))\(drivenArgument));
      for (uint16_t i = 0; i < \(member("sources", "uint16_t")); i++) {
          unsigned octaves = eprop_octaves(row[i]);
          uint32_t a = (rate * eprop_rsqrt(row[i], octaves)) >> 15;
          int16_t shift = (int16_t)(38 - \(bits) - exponent - (int16_t)octaves);

          if (shift < 11) {
              a <<= shift < -4 ? 15 : 11 - shift;
              a = a > 32767U ? 32767U : a;
              shift = 11;
          } else if (shift > 31) {
              a >>= shift - 31;
              shift = 31;
          }
          factor[i] = (uint16_t)a;
          place[i] = (uint8_t)shift;
          sum[i] = 0;
      }
      """)
  }

  /// Lines of `prepare_lanes` for the factor of a step onto a neuron.
  struct LaneFactor {
    /// What it is, for the function's comment.
    var meaning: String
    /// What is common to a tile.
    var before: String
    /// What a neuron takes.
    var lane: String
    /// The factor.
    var value: String
  }

  mutating func emitPrepareLanes() {
    let bits = hasWideWeights ? (hasNarrowWeights ? " >> (\(isWide) ? 8 : 0)" : " >> 8") : ""
    func limit(_ value: String) -> String { "net->updates == 1U ? 0U : scheduled(net, \(value))\(bits)" }
    let perLane = !plan.hasCommonRates
    let factor = plan.hasRows ? columnFactor : postsynapticFactor
    text.function(
      "\(factor.meaning); and the largest steps. The first update has no means to go by and only collects.",
      "static EPROP_APART void prepare_lanes(\(net) *net, uint16_t number, uint16_t j0, uint16_t lanes)",
      """
      const projection *p = &learnt[number];
      const uint32_t *col = \(array("col"));
      \(factor.before)
      \(perLane ? "uint16_t rates = (uint16_t)(\(member("rates", "uint16_t")) + j0);\n" : "")
      \(packs ? packedPreparation : "")\(perLane ? "" : "net->limit = \(limit(member("limit", "uint32_t")));\n")for (uint16_t lane = 0; lane < lanes; lane++) {
          unsigned octaves = eprop_octaves(col[j0 + lane]);
      \(indented(factor.lane, by: 4))
      \(indented(keptFactor(factor.value), by: 4))
      \(perLane ? "    net->limit[lane] = \(limit(element("limits[rates + lane]", "uint32_t")));\n" : "")    net->square[\(place("lane"))] = 0;
      }
      """)
  }

  private var drivenArgument: String {
    plan.hasSparseMoments ? ",\n                        \(member("driven", "uint16_t"))" : ""
  }

  /// The factor that the rows' factor is to be multiplied with.
  private var columnFactor: LaneFactor {
    let share = element("shares[rates + lane]", "uint16_t")
    return LaneFactor(
      meaning:
        "The postsynaptic factors of the steps onto the tile at j0, 2^11 rms of all / rms of the column, at most 2^15 - 1",
      before:
        """
        unsigned of_mean = eprop_octaves(net->mean[number]);
        uint32_t mean = net->mean[number] == 0U ? 1U : net->mean[number];
        uint32_t root = (((mean << (2U * of_mean)) >> 16) * eprop_rsqrt(mean, of_mean)) >> 14;
        """,
      lane: """
        uint32_t factor = (root * eprop_rsqrt(col[j0 + lane], octaves)) >> 15;

        factor = of_mean + 4U >= octaves ? factor >> (of_mean + 4U - octaves) : factor << (octaves - of_mean - 4U);
        factor = factor > 32767U ? 32767U : factor;
        """,
      value: plan.hasCommonRates ? "factor" : "(factor * \(share)) >> 15")
  }

  /// The lines that keep a postsynaptic factor: in words of two where lanes are swapped.
  private func keptFactor(_ factor: String) -> String {
    guard swapsLanes else { return "net->factor[lane] = \(factor);" }
    return """
      if ((lane & 2U) == 0U) {
          net->factor[eprop_lane(lane) & ~1U] = \(factor);
      } else {
          net->factor[eprop_lane(lane) & ~1U] |= (\(factor)) << 16;
      }
      """
  }

  /// A statement that makes t of g.
  func quantised(_ g: String) -> String {
    """
    int32_t t = eprop_asr32(\(g) + half, exponent);
    if ((uint32_t)t + \(Fixed.quantisedGradientLimit)U > \(2 * Fixed.quantisedGradientLimit - 1)U) {
        t = t < 0 ? -\(Fixed.quantisedGradientLimit) : \(Fixed.quantisedGradientLimit - 1);
    }
    """
  }

  mutating func emitSquares() {
    text.function(
      "Squares of a source's gradients onto lanes of the tile: added up per neuron\(plan.hasRows ? ", and returned for the source" : "").",
      "static EPROP_APART \(plan.hasRows ? square : "void") squares(\(net) *net, \(partParameters), unsigned exponent)",
      """
      const int32_t half = (int32_t)((UINT32_C(1) << exponent) >> 1);
      \(plan.hasRows ? "\(square) row = 0;\n" : "")
      for (uint16_t lane = \(firstLane); lane < \(endLane); lane++) {
      \(indented(quantised("net->g[lane]"), by: 4))
      \(plan.hasRows ? "    row += (uint32_t)(t * t);\n" : "")    net->square[lane] += (uint32_t)(t * t);
      }\(plan.hasRows ? "\nreturn row;" : "")
      """)
  }

  /// Whether a tile's lanes can be in two groups of eight neurons that share a hash.
  var splitsTiles: Bool { Fixed.hashedLanes % tile != 0 }
  /// The parameters that name the lanes of a part of a tile.
  var partParameters: String { splitsTiles ? "uint16_t first, uint16_t end" : "uint16_t lanes" }
  var firstLane: String { splitsTiles ? "first" : "0" }
  var endLane: String { splitsTiles ? "end" : "lanes" }

  mutating func emitFactoredSteps(_ bits: Int) {
    let stepBits = bits == 8 ? 16 : 8
    let limit = plan.hasCommonRates ? "limit" : "net->limit[lane]"
    let name = "step_weights" + (mixesWidths ? "\(bits)" : "")
    text.function(
      """
      Learns the synapses of a source onto lanes of the tile, w being that onto the first lane of all: the gradient, of 12 bits, \
      times \(plan.hasRows ? "both factors" : "the factor"), at most the limit, rounded by the synapse's threshold. |t| <= 2^11 and \
      \(plan.hasRows ? "the factors' product" : "the factor") is below 2^19, so a step is at most 2^30, in 2^-\(stepBits) LSB.
      """,
      """
      static EPROP_APART void \(name)(const \(net) *net, int\(bits)_t *w, \(partParameters), \(plan.hasRows ? "uint32_t a, unsigned shift,\n                                " : "")unsigned exponent, uint32_t word)
      """,
      """
      const int32_t half = (int32_t)((UINT32_C(1) << exponent) >> 1);
      \(plan.hasCommonRates ? "const uint32_t limit = net->limit;\n" : "")
      for (uint16_t lane = \(firstLane); lane < \(endLane); lane++) {
      \(indented(quantised("net->g[lane]"), by: 4))
      \(indented(factoredStep(limit), by: 4))
          t = eprop_asr32(t + (int32_t)(word >> \(32 - stepBits)), \(stepBits)U);
          word += EPROP_LANE;
          if (t != 0) {
              w[lane] = eprop_sat\(bits)(w[lane] - t);
          }
      }
      """)
  }

  /// The statements that make the step of t.
  func factoredStep(_ limit: String) -> String {
    """
    t *= \(plan.hasRows ? "(int32_t)((a * net->factor[lane]) >> shift)" : "(int32_t)net->factor[lane]");
    if ((uint32_t)t + \(limit) > 2U * \(limit)) {
        t = t < 0 ? -(int32_t)\(limit) : (int32_t)\(limit);
    }
    """
  }

  mutating func emitMultipliedSteps(_ bits: Int) {
    let rate = plan.hasCommonRates ? "rate" : "net->rate[lane]"
    let name = "step_weights" + (mixesWidths ? "\(bits)" : "")
    text.function(
      "Learns the synapses of a source onto lanes of the tile, w being that onto the first lane of all: the gradient, as far as it fits 2^lift, "
        + "times the rate, below 2^30, rounded by the synapse's threshold. So a step is below 2^29, in 2^-16 LSB.",
      """
      static EPROP_APART void \(name)(const \(net) *net, int\(bits)_t *w, \(partParameters), unsigned lift,
                                      unsigned drop, uint32_t word)
      """,
      """
      const int32_t most = (int32_t)(UINT32_C(0x7FFFFFFF) >> lift);
      \(plan.hasCommonRates ? "const int32_t rate = net->rate;\n" : "")
      for (uint16_t lane = \(firstLane); lane < \(endLane); lane++) {
          int32_t step = net->g[lane];

          if (step != 0) {
      \(indented(multipliedStep(rate), by: 8))
              step = eprop_asr32(step + (int32_t)(word >> 16), 16U);
              w[lane] = eprop_sat\(bits)(w[lane] - step);
          }
          word += EPROP_LANE;
      }
      """)
  }

  /// The statements that make the step of the gradient in `step`.
  func multipliedStep(_ rate: String) -> String {
    """
    step = step > most ? most : step < -most ? -most : step;
    step = eprop_asr32(eprop_upper(step * (int32_t)(UINT32_C(1) << lift), \(rate)), drop);
    """
  }

  // MARK: - After a tile, after a projection

  mutating func emitFinishLanes() {
    text.function(
      "A sum of squares as a mean in Q\(Fixed.momentBits).",
      "static uint32_t lifted(\(square) sum, int8_t lift)",
      "return (uint32_t)(lift >= 0 ? sum << lift : sum >> -lift);")
    if plan.hasSparseMoments { emitFans() }
    text.function(
      "The squares of a tile enter the means per postsynaptic neuron.",
      "static EPROP_APART void finish_lanes(\(net) *net, uint16_t number, uint16_t j0, uint16_t lanes)",
      """
      const projection *p = &learnt[number];
      uint32_t *col = \(array("col"));

      for (uint16_t lane = 0; lane < lanes; lane++) {
      \(indented("col[j0 + lane] = moved(net, col[j0 + lane], " + meanSquare("net->square[\(place("lane"))]", "col_lift", fan: "fan_in(number, (uint16_t)(j0 + lane))") + ");", by: 4))
      }
      """)
  }

  mutating func emitFinishProjection() {
    let rows = plan.hasRows
    let ofRows = """
      for (uint16_t i = 0; i < sources; i++) {
      \(indented("row[i] = moved(net, row[i], " + meanSquare("sum[i]", "row_lift", fan: "fan_out(number, i)") + ");", by: 4))
      }

      """
    text.function(
      (rows ? "The squares of an update enter the means per presynaptic neuron; then the" : "The")
        + " exponent of the gradients follows their size.",
      "static EPROP_APART void finish_projection(\(net) *net, uint16_t number)",
      """
      const projection *p = &learnt[number];
      \(rows ? "uint16_t sources = \(member("sources", "uint16_t"));\n" : "")uint16_t targets = \(member("targets", "uint16_t"));
      \(rows ? "uint32_t *row = \(array("row"));\n" : "")uint32_t *col = \(array("col"));
      \(rows ? "const \(square) *sum = \(array("row_sum"));\nint16_t change;\n" : "")

      \(rows ? ofRows : "")\(rows ? "change = " : "(void)")new_exponent(net, number, col, targets, \(member("target_bits", "uint8_t"))\(drivenArgument));
      \(rows ? "rescale(row, sources, change);" : "")
      """)
  }
}
