import CSyntax
import Planning

/// Steps by Adam: both moments of every synapse, corrected for their start from 0, in units of which no code overflows.
extension Emitter {
  /// The plan of the first projection or bias that learns by Adam.
  var adam: AdamPlan? { plan.adam }

  private var momentBits: Int { adam?.momentBits ?? 16 }
  /// Whether weights of both widths learn, so that each has functions of its own.
  private var hasBothWidths: Bool { hasWideWeights && hasNarrowWeights }

  mutating func emitAdam() {
    guard adam != nil else { return }
    text.comment(
      "What sets a word of thresholds apart from that of the weight's: each has thresholds of its own for everything that it rounds."
    )
    text.add("#define QUARTER_TURN UINT32_C(0x40000000)")
    emitShares()
    emitSquareCodes()
    emitFittedGradient()
    emitAdvance()
    emitDamped()
    emitFollowedExponent()
    guard !plastic.isEmpty else { return }
    emitPrepareByAdam()
    if hasNarrowWeights { emitStepsByAdam(8) }
    if hasWideWeights { emitStepsByAdam(16) }
    emitFinishByAdam()
  }

  // MARK: - An update

  private mutating func emitShares() {
    text.function(
      "kept^number, both in 2^-32, by squaring.", "static uint32_t power(uint32_t kept, uint32_t number)",
      """
      uint64_t result = UINT32_C(0xFFFFFFFF);
      uint64_t square = kept;

      for (; number != 0U; number >>= 1) {
          if ((number & 1U) != 0U) {
              result = (result * square) >> 32;
          }
          square = (square * square) >> 32;
      }
      return (uint32_t)result;
      """)
    text.function(
      "The share of the newest of `number` samples in their mean, where each counts kept times the one after it: "
        + "(1 - kept) / (1 - kept^number), in 2^-bits. The mean of the first sample is that sample.",
      "static uint32_t share_of_newest(uint32_t kept, uint32_t number, unsigned bits)",
      """
      const uint64_t one = UINT64_C(1) << 32;

      return (uint32_t)(((one - kept) << bits) / (one - power(kept, number)));
      """)
  }

  /// The lines of `begin_update` that decide how far moments move.
  var adamShares: [String] {
    guard let adam else { return [] }
    return [
      """
      {
          /* the first update only looks at the gradients */
          uint32_t number = net->updates > 1U ? net->updates - 1U : 1U;

          net->first_share = share_of_newest(UINT32_C(\(adam.firstKept)), number, \(Fixed.firstShareBits)U);
          net->second_share = share_of_newest(UINT32_C(\(adam.secondKept)), number, \(Fixed.secondShareBits)U);
      }
      """
    ]
  }

  // MARK: - Moments

  private mutating func emitSquareCodes() {
    text.function(
      "The number that a code stands for: `bits` bits below its highest one, and how far they are shifted. Codes below 2^(bits + 1) are "
        + "the number.",
      "static uint32_t unpacked(uint32_t code, unsigned bits)",
      """
      uint32_t octave = code >> bits;

      return octave < 2U ? code : (code - ((octave - 1U) << bits)) << (octave - 1U);
      """)
    text.function(
      "The code of a number, rounded up where the upper bits of `word` are as many as what it leaves out. A carry makes the next octave's first code.",
      "static uint32_t packed(uint32_t number, unsigned bits, uint32_t word)",
      """
      unsigned octaves = eprop_octaves(number);
      unsigned length = 32U - 2U * octaves - ((number << (2U * octaves)) >> 31 == 0U ? 1U : 0U);
      unsigned shift = length > bits + 1U ? length - bits - 1U : 0U;

      if (shift > 0U) {
          number = (number + (word >> (32U - shift))) >> shift;
      }
      return ((uint32_t)shift << bits) + number;
      """)
  }

  private mutating func emitFittedGradient() {
    let offset = Fixed.adamExponentOffset
    text.function(
      "A gradient in units of 2^(exponent - \(offset)), of 16 bits: rounded up where the upper bits of `word` are as many as what is left out. "
        + "|g| <= 2^30.",
      "static int32_t fitted(int32_t g, uint8_t exponent, uint32_t word)",
      """
      if (exponent > \(offset)U) {
          unsigned shift = exponent - \(offset)U;

          g = eprop_asr32(g + (int32_t)(word >> (32U - shift)), shift);
      } else {
          g = g > INT32_C(32767) ? INT32_C(32767) : g < -INT32_C(32767) ? -INT32_C(32767) : g;
          g *= (int32_t)(UINT32_C(1) << (\(offset)U - exponent));
      }
      return g > INT32_C(32767) ? INT32_C(32767) : g < -INT32_C(32767) ? -INT32_C(32767) : g;
      """)
  }

  private mutating func emitAdvance() {
    let (first, second, ratio) = (Fixed.firstShareBits, Fixed.secondShareBits, Fixed.ratioBits)
    text.function(
      """
      Both moments after one more gradient t: `square` is the second one, and what is returned the first one over its root, in \
      2^-\(ratio). The mean is ratio root in units of 2^-(\(ratio) + octaves), exact: |t| 2^(\(ratio) + 15) < 2^42, times a share of at most \
      2^\(first) and an inverse root below 2^15 in 64 bits.
      """,
      "static int32_t advance(const \(net) *net, uint32_t *square, int32_t ratio, int32_t t, uint32_t word)",
      """
      unsigned octaves = eprop_octaves(*square);
      uint32_t root = ((((*square == 0U ? 1U : *square) << (2U * octaves)) >> 16) * eprop_rsqrt(*square, octaves)) >> 14;
      int64_t mean = (int64_t)ratio * root;
      int64_t way = (int64_t)t * (INT32_C(1) << (\(ratio)U + octaves)) - mean;
      unsigned shift;

      mean += eprop_near64(way * (int32_t)net->first_share, \(first)U);
      way = ((int64_t)t * t - *square) * (int32_t)net->second_share;
      *square = (uint32_t)(*square + eprop_asr64(way + (int32_t)(word >> \(32 - second)), \(second)U));
      shift = 30U + octaves;
      octaves = eprop_octaves(*square);
      shift -= octaves;
      mean = mean * (int32_t)eprop_rsqrt(*square, octaves) + (int64_t)(((uint64_t)word << 32) >> (64U - shift));
      return (int32_t)eprop_clamp64(eprop_asr64(mean, shift), \(adam?.ratioLimit ?? 0));
      """)
  }

  private mutating func emitDamped() {
    text.function(
      "A ratio to the root of `square` as one to that root + epsilon: both as numbers of 15 bits, so that the product is below 2^30.",
      "static int32_t damped(int32_t ratio, uint32_t square, uint32_t epsilon)",
      """
      unsigned octaves = eprop_octaves(square);
      uint32_t root = ((((square == 0U ? 1U : square) << (2U * octaves)) >> 16) * eprop_rsqrt(square, octaves)) >> 15;

      return ratio * (int32_t)root / (int32_t)(root + ((epsilon << octaves) >> 1));
      """)
  }

  private mutating func emitFollowedExponent() {
    let (top, offset) = (Fixed.adamTop, Fixed.adamExponentOffset)
    text.function(
      "The exponent that follows: `top` is the largest |g| where nothing was known (exponent 0), then the largest second moment, which is to be "
        + "below \(top) and not below a quarter of it. One that sinks does so step by step.",
      "static uint8_t followed(uint8_t exponent, uint32_t top)",
      """
      if (top == 0U) {
          return 0;
      }
      if (exponent == 0U) {
          /* largest gradients of \(Fixed.adamGradientBits) bits */
          exponent = \(offset - Fixed.adamGradientBits)U;
          for (; top != 0U; top >>= 1) {
              exponent++;
          }
          return exponent > \(Fixed.adamExponentLimit)U ? \(Fixed.adamExponentLimit)U : exponent;
      }
      if (top < UINT32_C(\(top / 4)) && exponent > 1U) {
          return (uint8_t)(exponent - 1U);
      }
      for (; top >= UINT32_C(\(top)) && exponent < \(Fixed.adamExponentLimit)U; top >>= 2) {
          exponent++;
      }
      return exponent;
      """)
    text.function(
      "A second moment's code for another exponent.",
      "static uint32_t repacked(uint32_t code, unsigned bits, uint8_t from, uint8_t to)",
      """
      uint32_t number = unpacked(code, bits);

      return packed(to > from ? number >> (2U * (unsigned)(to - from)) : number << (2U * (unsigned)(from - to)), bits, 0);
      """)
  }

  // MARK: - One tile

  private mutating func emitPrepareByAdam() {
    let bits = hasBothWidths ? "(\(isWide) ? 8 : 16)" : hasWideWeights ? "8" : "16"
    let perLane = !plan.hasCommonRates
    let share = "(rate * \(element("shares[\(member("rates", "uint16_t")) + j0 + lane]", "uint16_t"))) >> 15"
    text.function(
      "The learning rates of the synapses onto the tile at j0, as numbers of 15 bits over 2^step_shift, and epsilon in the units of their moments.",
      "static EPROP_APART void prepare_lanes(\(net) *net, uint16_t number, uint16_t j0, uint16_t lanes)",
      """
      const projection *p = &learnt[number];
      const uint8_t *known = \(array("exponent"));
      int16_t exponent;
      uint32_t rate = scheduled_rate(net, \(member("unit", "uint32_t")), &exponent);
      int16_t shift = (int16_t)(28 - \(bits) - exponent);

      net->step_shift = (uint8_t)(shift > 31 ? 31 : shift);
      for (uint16_t lane = 0; lane < lanes; lane++) {
          uint64_t epsilon = ((uint64_t)\(member("epsilon", "uint32_t")) << 12) >> (known[j0 + lane] + \(20 - Fixed.adamExponentOffset)U);

          net->epsilon[lane] = epsilon > 32768U ? 32768U : (uint32_t)epsilon;
          net->factor[lane] = \(perLane ? share : "rate");
          net->top[lane] = 0;
      }
      """)
  }

  private mutating func emitStepsByAdam(_ bits: Int) {
    let (stepBits, wide) = (bits == 8 ? 16 : 8, momentBits == 16)
    let mantissa = wide ? Fixed.wideMantissaBits : Fixed.narrowMantissaBits
    let name = "step_weights" + (hasBothWidths ? "\(bits)" : "")
    let code = wide ? "q" : "eprop_sat8(eprop_asr32(q + (int32_t)((word + 2U * QUARTER_TURN) >> 24), 8U))"
    text.function(
      """
      Learns the synapses of a source onto lanes of the tile; w, ratio and square are those onto the first lane of all. The ratio's code has \
      \(wide ? Fixed.ratioBits : Fixed.ratioBits - 8) bits below 1. |q| < 2^15 and the factor is below 2^15, so a step is below 2^30, \
      in 2^-\(stepBits) LSB.
      """,
      """
      static EPROP_APART void \(name)(\(net) *net, int\(bits)_t *w, int\(momentBits)_t *ratio, uint\(momentBits)_t *square,
                                      const uint8_t *exponent, \(partParameters), uint32_t word)
      """,
      """
      for (uint16_t lane = \(firstLane); lane < \(endLane); lane++, word += EPROP_LANE) {
          int32_t g = net->g[lane];
          uint32_t v;
          int32_t q;

          if (exponent[lane] == 0U) {
              /* Nothing is known of this neuron's gradients: how large they are comes first. */
              v = g < 0 ? 0U - (uint32_t)g : (uint32_t)g;
              net->top[lane] = v > net->top[lane] ? v : net->top[lane];
              continue;
          }
          if (g == 0 && ratio[lane] == 0 && square[lane] == 0U) {
              continue; /* All stays 0. */
          }
          v = unpacked(square[lane], \(mantissa)U);
          q = advance(net, &v, ratio[lane]\(wide ? "" : " * 256"), fitted(g, exponent[lane], word + 3U * QUARTER_TURN), word);
          net->top[lane] = v > net->top[lane] ? v : net->top[lane];
          ratio[lane] = \(wide ? "(int16_t)" : "")\(code);
          square[lane] = (uint\(momentBits)_t)packed(v, \(mantissa)U, word + QUARTER_TURN);
          if (net->epsilon[lane] != 0U) {
              q = damped(q, v, net->epsilon[lane]);
          }
          q = eprop_asr32(q * (int32_t)net->factor[lane], net->step_shift);
          w[lane] = eprop_sat\(bits)(w[lane] - eprop_asr32(q + (int32_t)(word >> \(32 - stepBits)), \(stepBits)U));
      }
      """)
  }

  private mutating func emitFinishByAdam() {
    let mantissa = momentBits == 16 ? Fixed.wideMantissaBits : Fixed.narrowMantissaBits
    text.function(
      "The exponents of the neurons of a tile follow their gradients, and the codes of the second moments follow them.",
      "static EPROP_APART void finish_lanes(\(net) *net, uint16_t number, uint16_t j0, uint16_t lanes)",
      """
      const projection *p = &learnt[number];
      const uint16_t sources = \(member("sources", "uint16_t"));
      const uint16_t targets = \(member("targets", "uint16_t"));
      uint8_t *exponent = (uint8_t *)\(array("exponent")) + j0;

      for (uint16_t lane = 0; lane < lanes; lane++) {
          uint8_t next = followed(exponent[lane], net->top[lane]);

          if (next != exponent[lane] && next != 0U && exponent[lane] != 0U) {
              uint\(momentBits)_t *square = (uint\(momentBits)_t *)\(array("square")) + j0 + lane;

              for (uint16_t i = 0; i < sources; i++, square += targets) {
                  *square = (uint\(momentBits)_t)repacked(*square, \(mantissa)U, exponent[lane], next);
              }
          }
          exponent[lane] = next;
      }
      """)
  }

  // MARK: - The bias

  /// The lines of `learn_bias` that turn the gradient g of bias k into `step`.
  func adamBias(_ adam: AdamPlan) -> String {
    let mantissa = Fixed.wideMantissaBits
    return """
      uint8_t known = net->exponent_bias[k];
      uint32_t top = g < 0 ? 0U - (uint32_t)g : (uint32_t)g;
      int64_t step = 0;

      if (known != 0U) {
          uint32_t word = eprop_hash(k) + eprop_turn(net->updates);
          uint64_t epsilon = (UINT64_C(\(adam.epsilon)) << 12) >> (known + \(20 - Fixed.adamExponentOffset)U);
          int32_t q;

          top = unpacked(net->square_bias[k], \(mantissa)U);
          q = advance(net, &top, net->ratio_bias[k], fitted(g, known, word + 3U * QUARTER_TURN), word);
          net->ratio_bias[k] = (int16_t)q;
          net->square_bias[k] = (uint16_t)packed(top, \(mantissa)U, word + QUARTER_TURN);
          if (epsilon != 0U) {
              q = damped(q, top, epsilon > 32768U ? 32768U : (uint32_t)epsilon);
          }
          step = eprop_near64((int64_t)q * (int32_t)scheduled(net, UINT32_C(\(adam.unit[0]))), \(Fixed.ratioBits)U);
      }
      net->exponent_bias[k] = followed(known, top);
      if (known != 0U && net->exponent_bias[k] != 0U) {
          net->square_bias[k] = (uint16_t)repacked(net->square_bias[k], \(mantissa)U, known, net->exponent_bias[k]);
      }
      """
  }
}
