import CSyntax
import Planning

/// Packed sums in instructions of Armv7E-M (`FixedPlan.addsRows`): deltas are signed, and a row of eight is added as it is.
extension Emitter {
  /// What net->sums is where it is errors that are summed.
  var errorSums: Int { plan.addsRows ? 255 : 2 }

  mutating func emitRowSums() {
    emitRoom()
    text.function(
      "Adds the deltas of the steps time ... last - 1, of which there is at least one, two to a word, to `start`: net->g[0], net->g[2] and so on. "
        + "Returns the bits that are set in any of the words.",
      "static EPROP_APART uint32_t gather_packed(\(net) *net, const uint16_t *time, const uint16_t *last, uint32_t start)",
      """
      uint32_t a = start;
      uint32_t b = start;
      uint32_t c = start;
      uint32_t d = start;

      eprop_sum_rows(&a, &b, &c, &d, net->delta, time, last);
      net->g[0] = eprop_signed(a);
      net->g[2] = eprop_signed(b);
      net->g[4] = eprop_signed(c);
      net->g[6] = eprop_signed(d);
      return a | b | c | d;
      """)
    text.function(
      "The same sums one by one, of more deltas than a half has room for: as many as it has at a time.",
      "static EPROP_APART void gather(\(net) *net, const uint16_t *time, const uint16_t *last)",
      """
      const uint16_t room = net->sums == 0U ? 1U : net->sums;
      int32_t *const g = net->g;

      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          g[lane] = 0;
      }
      while (time != last) {
          const uint16_t *const end = last - time > room ? time + room : last;
          uint32_t a = 0;
          uint32_t b = 0;
          uint32_t c = 0;
          uint32_t d = 0;

          eprop_sum_rows(&a, &b, &c, &d, net->delta, time, end);
          g[0] += eprop_low(a);
          g[1] += eprop_low(b);
          g[2] += eprop_high(a);
          g[3] += eprop_high(b);
          g[4] += eprop_low(c);
          g[5] += eprop_low(d);
          g[6] += eprop_high(c);
          g[7] += eprop_high(d);
          time = end;
      }
      """)
  }

  /// How many deltas a half has room for.
  private mutating func emitRoom() {
    text.function(
      "How many deltas of the n steps a half has room for: 31 where all are in [-2^10, 2^10 - 1], half as many for each bit more, 0 for 16 bits. The row "
        + "after them becomes that of arrivals that are worth nothing: those in a step that has not come.",
      "static EPROP_APART uint32_t deltas_of_a_half(\(net) *net, uint16_t n)",
      """
      uint16_t *const after = &net->delta[(uint32_t)n * \(P)_TILE];
      const uint16_t *const end = net->delta + (n + 1U) / 2U * (\(P)_TILE * 2U);
      uint32_t room = 31;
      uint32_t seen = 0;

      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          after[lane] = 0;
      }
      if (eprop_rows_fit11(net->delta, end)) {
          return room;
      }
      for (const uint16_t *row = net->delta; row != end; row += 2) {
          /* bits that differ from their neighbour below */
          seen |= eprop_load2(row) ^ eprop_load2(row) << 1;
      }
      for (seen = (seen | seen >> 16) & UINT32_C(0xFFFE); seen >= 2048U; seen >>= 1) {
          room >>= 1;
      }
      return room;
      """)
  }

  /// The sums of a source's deltas as they are learnt from.
  mutating func emitGatherSource() {
    text.function(
      "Brings t of a source's synapses, whose deltas are those of the steps time ... last - 1, into net->g. Returns the drop: by how many bits it is too far up.",
      "static EPROP_APART unsigned gather_source(\(net) *net, const uint16_t *time, const uint16_t *last, unsigned exponent)",
      """
      if (EPROP_SELDOM(last - time > net->few)) {
          net->drop = (uint8_t)exponent;
          gather(net, time, last);
          quantise(net);
          return 0;
      }
      if (EPROP_SELDOM((gather_packed(net, time, last, net->centre * UINT32_C(0x10001)) & net->outside) != 0U)) {
          net->drop = (uint8_t)exponent;
          clip_packed(net);
          return 0;
      }
      return exponent;
      """)
  }

  // MARK: - Steps

  /// Whether the steps onto four neurons become a word of bytes: they are at most one byte, and their limit is common.
  var stepsRows: Bool {
    plan.addsRows && stepsByFour && plan.hasCommonRates
      && plastic.filter { $0.weightBits == 8 && $0.postCount % 4 == 0 }.allSatisfy { rate($0).1 < 126 << 16 }
  }

  mutating func emitStepRow() {
    text.add(
      """
      /* What the sources of a tile have in common, where weights are changed four at a time. */
      typedef struct {
          const uint16_t *factor; /* presynaptic factors */
          const uint8_t *shift;   /* and their exponents */
          int8_t *w;              /* weights of the first source */
          uint32_t targets;       /* synapses of a row */
          uint32_t key;           /* of the first source's thresholds */
          uint32_t groups;        /* from source to source */
          int32_t rest;           /* 2^31 - 1 less the largest step */
          uint32_t lanes;         /* neurons of the tile */
      } tile_steps;

      """)
    func two(_ word: Int) -> String {
      "eprop_two_steps(eprop_ssub16((uint32_t)net->g[\(2 * word)], centre), drop, net->factor[\(2 * word)], a, shift, tile->rest, least, threshold)"
    }
    func four(_ first: Int, _ place: String) -> String {
      """
      x = \(two(first));
      threshold = eprop_sadd16(threshold, UINT32_C(0x20002000));
      x |= \(two(first + 1)) << 8;
      eprop_store4((uint8_t *)\(place), eprop_qsub8(eprop_load4(\(place)), x ^ UINT32_C(0x80808080)));
      """
    }
    text.function(
      """
      Learns the synapses of source i onto the tile, whose gradients of 12 bits are in net->g, as step_weights does. Steps are at most one byte: made \
      integers, + 128, those of neurons 0 and 2 are the halves of a word, and those of 1 and 3 the bytes above them.
      """,
      "static EPROP_APART void step_weights_by_four(const \(net) *net, const tile_steps *tile, uint32_t i, unsigned drop)",
      """
      const uint32_t word = eprop_hash(tile->key + i * tile->groups) + net->turn;
      const uint32_t a = tile->factor[i];
      const unsigned shift = tile->shift[i];
      const uint32_t centre = UINT32_C(0x08000800) << drop;
      const uint32_t least = (uint32_t)tile->rest + (UINT32_C(128) << 16);
      int8_t *const w = tile->w + i * tile->targets;
      /* Thresholds of the first neuron and the third, from which the others' are so many eighths away. */
      uint32_t threshold = eprop_pkhtb(word, word) + UINT32_C(0x40000000);
      uint32_t x;

      \(four(0, "w"))
      if (tile->lanes == 8U) {
          threshold = eprop_sadd16(threshold, UINT32_C(0x60006000));
      \(indented(four(2, "w + 4"), by: 4))
      }
      """)
  }

  /// The loop over the sources of a tile.
  mutating func emitLearnRows() {
    let moments = hasMomentStride
    let squares = "net->drop = (uint8_t)drop;\nsquares(net, p, \(place == "uint32_t" ? "" : "(\(place))")i);"
    let collect =
      moments
      ? "if (((phase + i) & stride_mask) == 0U) {\n\(indented(squares, by: 4))\n}" : squares
    let autapses = """
      if (EPROP_SELDOM(diagonal + i < lanes)) {
      \(indented(packedAutapse("(uint16_t)(diagonal + i)", drop: "drop"), by: 4))
      }

      """
    text.function(
      "Learns the synapses of a projection onto the tile at j0, from the sums of deltas, four weights at a time. The squares of the gradients are "
        + "collected for the means.",
      "static EPROP_APART void learn_tile_by_four(\(net) *net, uint16_t number)",
      """
      const projection *p = &learnt[number];
      \(arrivalsOfPacked)
      const uint16_t *time = times + *start;
      const uint32_t sources = \(member("sources", "uint16_t"));
      const uint16_t j0 = net->tile;
      const uint16_t lanes = tile_width(j0, \(member("targets", "uint16_t")));
      \(moments ? "const uint32_t phase = j0 / 8U + net->updates;\nconst uint32_t stride_mask = \(member("stride_mask", "uint8_t"));\n" : "")\
      \(skipsDiagonals ? "\(diagonalComment)\nconst uint32_t diagonal = 0U - (\(member("skips_diagonal", "uint8_t")) != 0U ? (uint32_t)j0 : sources);\n" : "")\
      tile_steps tile;

      net->width = (uint8_t)lanes;
      prepare_lanes(net, number, j0, lanes);
      tile.factor = \(array("row_factor"));
      tile.shift = \(array("row_shift"));
      tile.w = (int8_t *)\(array("w")) + j0;
      tile.targets = \(member("targets", "uint16_t"));
      tile.key = \(member("salt", "uint32_t")) + j0 / 8U;
      tile.groups = (tile.targets + 7U) / 8U;
      tile.rest = (int32_t)(UINT32_C(0x7FFFFFFF) - net->limit);
      tile.lanes = lanes;
      for (uint32_t i = 0; i != sources; i++) {
          const uint16_t *const first = time;
          unsigned drop;

          time = times + start[i + 1U];
          if (first == time) {
              continue;
          }
          drop = gather_source(net, first, time, net->exponent[number]);
      \(indented((skipsDiagonals ? autapses : "") + collect, by: 4))
          step_weights_by_four(net, &tile, i, drop);
      }
      finish_lanes(net, number, j0, lanes);
      """)
  }

  /// The way to learn a tile of a projection: by four where weights stand in whole words.
  mutating func emitLearnEither() {
    let narrow = hasWideWeights ? " && \(member("bits", "uint8_t")) == 8U" : ""
    text.function(
      "Learns them four weights at a time where these stand in whole words, or one by one.",
      "static void learn_tile_either(\(net) *net, uint16_t number)",
      """
      const projection *p = &learnt[number];

      if (((\(member("w", place)) | \(member("targets", "uint16_t"))) & 3U) == 0U\(narrow)) {
          learn_tile_by_four(net, number);
      } else {
          learn_tile(net, number);
      }
      """)
  }
}
