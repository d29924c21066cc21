import CSyntax
import Planning

/// The update from the packed sums of `PackedSums.swift`: each even element of net->g has t of two neurons, as
/// (t + 2^11) 2^drop plus what is cut off.
extension Emitter {
  private var limit: Int { Fixed.quantisedGradientLimit }

  mutating func emitQuantise() {
    text.function(
      "t + 2^11 of a gradient to which the half that rounds has been added.",
      "static inline uint32_t quantised(int32_t g, unsigned exponent)",
      """
      int32_t t = eprop_asr32(g, exponent);

      if ((uint32_t)t + \(limit)U > \(2 * limit - 1)U) {
          t = t < 0 ? -\(limit) : \(limit - 1);
      }
      return (uint32_t)(t + \(limit));
      """)
    let step = swapsLanes ? 4 : 2
    let pairs =
      swapsLanes
      ? """
      const uint32_t odd = quantised(g[k + 1U] + half, exponent) | quantised(g[k + 3U] + half, exponent) << 16;

      g[k] = eprop_signed(quantised(g[k] + half, exponent) | quantised(g[k + 2U] + half, exponent) << 16);
      g[k + 2U] = eprop_signed(odd);
      """
      : "g[k] = eprop_signed(quantised(g[k] + half, exponent) | quantised(g[k + 1U] + half, exponent) << 16);"
    text.function(
      "Gradients of the tile, one by one, as t + 2^11, two to a word; nothing is left to be cut off.",
      "static EPROP_APART void quantise(\(net) *net)",
      """
      int32_t *const g = net->g;
      const unsigned lanes = net->width;
      const unsigned exponent = net->drop;
      const int32_t half = (int32_t)((UINT32_C(1) << exponent) >> 1);

      net->drop = 0;
      for (unsigned k = 0; k < lanes; k += \(step)U) {
      \(indented(pairs, by: 4))
      }
      """)
    guard plan.hasSweeps else { return }
    text.function(
      "Packed gradients, some of which are out of the range of t, as t + 2^11. The sums themselves are above -2^15.",
      "static EPROP_APART void clip_packed(\(net) *net)",
      """
      int32_t *const g = net->g;
      const unsigned exponent = net->drop;
      const uint32_t above = (UINT32_C(32768) - (UINT32_C(\(limit)) << exponent)) * UINT32_C(0x10001);

      net->drop = 0;
      for (unsigned k = 0; k < \(P)_TILE; k += 2U) {
          const uint32_t pair = \(plan.addsRows ? "eprop_sadd16((uint32_t)g[k], above)" : "(uint32_t)g[k] + above");

          g[k] = eprop_signed(quantised((int32_t)(pair & UINT32_C(0xFFFF)) - INT32_C(32768), exponent)
                              | quantised((int32_t)(pair >> 16) - INT32_C(32768), exponent) << 16);
      }
      """)
    if plan.addsRows { emitGatherSource() }
  }

  /// t of the lower or the upper half of `pair`.
  private func half(_ upper: Bool) -> String {
    "(int32_t)(\(upper ? "pair >> 16 >> drop" : "(pair & UINT32_C(0xFFFF)) >> drop")) - \(limit)"
  }

  /// Element k of an array, or the one after it.
  private func element(_ array: String, _ upper: Bool) -> String { "\(array)[\(upper ? "k + 1U" : "k")]" }

  mutating func emitPackedSquares() {
    func add(_ upper: Bool) -> String {
      """
      t = \(half(upper));
      row += (uint32_t)(t * t);
      \(element("net->square", upper)) += (uint32_t)(t * t);
      """
    }
    text.function(
      "Adds the squares of the gradients of source i onto the neurons of a tile to those of each neuron and of the source.",
      "static EPROP_APART void squares(\(net) *net, const projection *p, \(place) i)",
      """
      const unsigned drop = net->drop;
      const unsigned lanes = \(swapsLanes ? "(net->width + 3U) & ~3U" : "net->width");
      \(square) row = 0;

      for (unsigned k = 0; k < lanes; k += 2U) {
          const uint32_t pair = (uint32_t)net->g[k];
          int32_t t;

      \(indented(add(false), by: 4))
      \(indented(add(true), by: 4))
      }
      ((\(square) *)\(array("row_sum")))[i] += row;
      """)
  }

  /// The declarations of a source's row of steps onto a tile.
  private func rowDeclarations(bits: Int) -> String {
    """
    const \(place) row = (\(place))(i * \(member("targets", "uint16_t")));
    int\(bits)_t *w = (int\(bits)_t *)\(array("w")) + row + net->tile;
    const int\(bits)_t *const end = w + net->width;
    const uint32_t a = ((const uint16_t *)\(array("row_factor")))[i];
    const unsigned shift = ((const uint8_t *)\(array("row_shift")))[i];
    const unsigned drop = net->drop;
    uint32_t word = eprop_hash(key) + net->turn;
    """
  }

  /// The lines that make a step of t, from a / 2^shift times `factor`, and leave it to be rounded.
  private func step(_ factor: String) -> String {
    """
    t *= (int32_t)((a * \(factor)) >> shift);
    if (t > most) {
        t = most;
    } else if (t < -most) {
        t = -most;
    }
    """
  }

  private func weigh(_ element: String, bits: Int) -> String {
    let top = 1 << (bits - 1)
    let stepBits = bits == 8 ? 16 : 8
    return """
      t = eprop_asr32(t + (int32_t)(word >> \(32 - stepBits)), \(stepBits)U);
      word += next;
      if (t != 0) {
          t = \(element) - t + \(int(top));
          if ((uint32_t)t > \(2 * top - 1)U) {
              t = t < 0 ? 0 : \(int(2 * top - 1));
          }
          \(element) = (int\(bits)_t)(t - \(int(top)));
      }
      """
  }

  mutating func emitPackedSteps(_ bits: Int) {
    let stepBits = bits == 8 ? 16 : 8
    let name = "step_weights" + (hasWideWeights && hasNarrowWeights ? "\(bits)" : "")
    text.function(
      """
      Learns the synapses of source i onto the neurons of a tile: the gradient, of \(12) bits, times both factors, at most the limit, rounded by \
      the synapse's threshold. |t| <= 2^11 and the factors' product is below 2^19, so a step is at most 2^30, in 2^-\(stepBits) LSB. A lane \
      without a neuron has no gradient, and no step.
      """,
      "static EPROP_APART void \(name)(\(net) *net, const projection *p, \(place) i, uint32_t key)",
      swapsLanes ? laneSteps(bits) : pairSteps(bits))
  }

  private func pairSteps(_ bits: Int) -> String {
    let shared = plan.hasCommonRates
    func half(_ upper: Bool) -> String {
      let most = shared ? "" : "most = (int32_t)limit[\(upper ? 1 : 0)];\n"
      return "t = (int32_t)(\(upper ? "pair >> 16 >> drop" : "(pair & UINT32_C(0xFFFF)) >> drop")) - zero;\n"
        + most + step("factor[\(upper ? 1 : 0)]") + "\n" + weigh("w[\(upper ? 1 : 0)]", bits: bits)
    }
    return """
      \(rowDeclarations(bits: bits))
      const int32_t *g = net->g;
      const uint32_t *factor = net->factor;
      \(shared ? "const int32_t most = (int32_t)net->limit;" : "const uint32_t *limit = net->limit;")
      uint32_t next = EPROP_LANE;
      int32_t zero = \(limit);

      EPROP_UNKNOWN(next);
      #if EPROP_NARROW_MULTIPLY
      EPROP_UNKNOWN(zero);
      #endif
      do {
          const uint32_t pair = (uint32_t)*g;
          int32_t t;
      \(shared ? "" : "    int32_t most;\n")
      \(indented(half(false), by: 4))
      \(indented(half(true), by: 4))
          g += 2;
          factor += 2;
          w += 2;
      \(shared ? "" : "    limit += 2;\n")} while (w < end);
      """
  }

  private func laneSteps(_ bits: Int) -> String {
    let shared = plan.hasCommonRates
    return """
      \(rowDeclarations(bits: bits))
      \(shared ? "const int32_t most = (int32_t)net->limit;\n" : "")uint32_t next = EPROP_LANE;

      EPROP_UNKNOWN(next);
      for (uint16_t lane = 0; w != end; lane++, w++) {
          const uint16_t at = eprop_lane(lane);
          const unsigned half = (at & 1U) * 16U;
          int32_t t = (int32_t)(((uint32_t)net->g[at & ~1U] >> half & UINT32_C(0xFFFF)) >> drop) - \(limit);
      \(shared ? "" : "    const int32_t most = (int32_t)net->limit[lane];\n")
      \(indented(step("(net->factor[at & ~1U] >> half & UINT32_C(0xFFFF))"), by: 4))
      \(indented(weigh("*w", bits: bits), by: 4))
      }
      """
  }

  // MARK: - Four weights at a time

  /// Whether weights of 8 bits are changed four at a time where they stand in whole words.
  var stepsByFour: Bool { swapsLanes && plastic.contains { $0.weightBits == 8 && $0.postCount % 4 == 0 } }

  mutating func emitStepsByFour() {
    let shared = plan.hasCommonRates
    func most(_ lane: Int) -> String { shared ? "limit" : "limit[\(lane)]" }
    func stepped(_ lane: Int, _ half: String, _ product: String) -> String {
      let word = lane == 0 ? "word" : "word + \(lane)U * EPROP_LANE"
      return
        "stepped((int32_t)(\(half) >> drop) - \(limit), (uint32_t)\(product)(b, a) >> shift, \(most(lane)), \(word))"
    }
    func both(_ lane: Int) -> String {
      """
      pair = (uint32_t)g[\(2 * lane)];
      b = factor[\(2 * lane)];
      x = \(stepped(lane, "(pair & UINT32_C(0xFFFF))", "eprop_smulbb"));
      """
    }
    text.function(
      "A step, at most the limit, plus the threshold that rounds it; its integer is in the upper half.",
      "static inline uint32_t stepped(int32_t t, uint32_t factor, uint32_t limit, uint32_t word)",
      """
      t *= (int32_t)factor;
      if ((uint32_t)t + limit > 2U * limit) {
          t = t < 0 ? -(int32_t)limit : (int32_t)limit;
      }
      return (uint32_t)t + (word >> 16);
      """)
    text.function(
      "The same for weights in whole words, four lanes at a time.",
      """
      static EPROP_APART void step_weights_by_four(\(net) *net, const projection *p, \(place) i, uint32_t key)
      """,
      """
      \(rowDeclarations(bits: 8))
      const int32_t *g = net->g;
      const uint32_t *factor = net->factor;
      const uint32_t \(shared ? "limit = net->limit" : "*limit = net->limit");

      for (; w != end; w += 4, g += 4, factor += 4\(shared ? "" : ", limit += 4")) {
          uint32_t pair, b, x, even, odd;

      \(indented(both(0), by: 4))
          even = eprop_pkhtb(x, \(stepped(2, "(pair >> 16)", "eprop_smultb")));
      \(indented(both(1), by: 4))
          odd = eprop_pkhtb(x, \(stepped(3, "(pair >> 16)", "eprop_smultb")));
          word += 4U * EPROP_LANE;
          x = eprop_load4(w);
          even = eprop_ssat16_8(eprop_ssub16(eprop_sxtb16(x), even));
          odd = eprop_ssat16_8(eprop_ssub16(eprop_sxtb16_odd(x), odd));
          eprop_store4((uint8_t *)w, eprop_uxtb16(even) | eprop_uxtb16(odd) << 8);
      }
      """)
  }
}
