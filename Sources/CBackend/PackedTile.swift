import CSyntax
import Planning

/// The loop over the sources of a tile whose gradients are packed.
extension Emitter {
  mutating func emitLearnPackedTile() {
    let targets = member("targets", "uint16_t")
    text.function(
      """
      Learns the synapses of a projection onto the neurons of net->tile, from the sums that net->sums tells. The squares of the gradients are \
      collected for the means. What is the same for all sources is read where it is used: kept at hand, it would take the stack of this deepest \
      chain of calls.
      """,
      "static EPROP_APART void learn_tile(\(net) *net, uint16_t number)",
      """
      const projection *p = &learnt[number];
      \(packedDeclarations)

      last = *start;
      time += last;
      net->width = (uint8_t)tile_width(net->tile, \(targets));
      prepare_lanes(net, number, net->tile, net->width);
      for (\(place) i = 0; i < sources; i++, key += groups) {
          const uint16_t *const first = time;
          const \(offset) begin = last;
          \(place) count;

          EPROP_UNKNOWN(p);
          start++;
          last = *start;
          count = (\(place))(last - begin);
          if (count == 0U) {
              continue;
          }
          time += count;
          net->drop = net->exponent[number];
      \(indented(packedGradient + packedDiagonal, by: 4))
      \(indented(packedRow, by: 4))
      }
      finish_lanes(net, number, net->tile, net->width);
      """)
    if stepsRows {
      emitLearnRows()
      emitLearnEither()
    }
  }

  /// What `prepare_lanes` decides for all sources of a tile.
  var packedPreparation: String {
    let limit = Fixed.quantisedGradientLimit
    let turn = """
      net->turn = eprop_turn(net->updates)\(tile < Fixed.hashedLanes ? " + (j0 & 7U) * EPROP_LANE" : "");
      """
    guard plan.hasSweeps else { return turn }
    return turn + """
      net->few = 0;
      net->centre = 0;
      net->outside = 0;
      if (\(plan.addsRows ? "net->sums != \(errorSums)U" : "net->sums == 1U") && net->exponent[number] <= 4U) {
          /* Sums are packed as (t + 2^11) 2^exponent and the half that rounds, below 2^16 up to this exponent. */
          const unsigned exponent = net->exponent[number];

          net->few = \(plan.addsRows ? "net->sums" : "31");
          net->centre = (UINT32_C(\(limit)) << exponent) + ((UINT32_C(1) << exponent) >> 1);
          net->outside = (UINT32_C(65536) - (UINT32_C(\(2 * limit)) << exponent)) * UINT32_C(0x10001);
      }

      """
  }

  /// The declarations of where a projection's sources begin, and of the times of their arrivals.
  var arrivalsOfPacked: String {
    let first = member("first", "uint16_t")
    guard plan.inputs.kind == .spikes && plastic.contains(where: { $0.source == .inputs }) else {
      return "const \(offset) *start = &net->record_start[\(first)];\nconst uint16_t *const times = net->record_times;"
    }
    return """
      const int from_inputs = \(member("from_inputs", "uint8_t")) != 0U;
      const \(offset) *start = from_inputs ? net->input_start : &net->record_start[\(first)];
      const uint16_t *const times = from_inputs ? net->input_times : net->record_times;
      """
  }

  var diagonalComment: String {
    "/* How far beyond the tile's first neuron the source is; never in the tile where there may be autapses. */"
  }

  private var packedDeclarations: String {
    var lines = [
      "const \(offset) *start = &net->record_start[\(member("first", "uint16_t"))];",
      "const uint16_t *time = net->record_times;",
      "const \(place) sources = \(member("sources", "uint16_t"));",
      "const uint16_t groups = (uint16_t)((\(member("targets", "uint16_t")) + 7U) / 8U);",
      "uint32_t key = \(member("salt", "uint32_t")) + net->tile / 8U;",
      "\(offset) last;",
    ]
    if hasMomentStride { lines.append("const uint32_t phase = net->tile / 8U + net->updates;") }
    if stepsByFour && !stepsRows {
      let narrow = hasWideWeights ? " && \(member("bits", "uint8_t")) == 8U" : ""
      lines.append(
        "const int by_four = ((\(member("w", place)) | \(member("targets", "uint16_t"))) & 3U) == 0U\(narrow);")
    }
    if plan.inputs.kind == .spikes && plastic.contains(where: { $0.source == .inputs }) {
      lines.append(
        """

        if (\(member("from_inputs", "uint8_t")) != 0U) {
            start = net->input_start;
            time = net->input_times;
        }
        """)
    }
    return lines.joined(separator: "\n")
  }

  /// The lines that bring t of a source's synapses into net->g.
  private var packedGradient: String {
    let readouts = plastic.contains { $0.target == .readout }
    let errors = "gather_errors(net, first, time);"
    let deltas = "gather(\(gatheredDelta), first, time, net->g);"
    guard plan.hasSweeps else { return "\(errors)\nquantise(net);" }
    if plan.addsRows {
      let deltas = "net->drop = (uint8_t)gather_source(net, first, time, net->drop);"
      guard readouts else { return deltas }
      return """
        if (net->sums == \(errorSums)U) {
            \(errors)
            quantise(net);
        } else {
            \(deltas)
        }
        """
    }
    let either =
      readouts
      ? "if (net->sums == 2U) {\n    \(errors)\n} else {\n    \(deltas)\n}" : deltas
    let sum = "gather_packed(net, first, time, (net->centre - (uint32_t)count * \(deltaZero)U) * UINT32_C(0x10001))"
    return """
      if (EPROP_SELDOM(count > net->few)) {
      \(indented(either + "\nquantise(net);", by: 4))
      } else if (EPROP_SELDOM((\(sum) & net->outside) != 0U)) {
          clip_packed(net);
      }
      """
  }

  private var packedDiagonal: String {
    guard skipsDiagonals else { return "" }
    return """

      if (EPROP_SELDOM((\(place))(i - net->tile) < net->width) && \(member("skips_diagonal", "uint8_t")) != 0U) {
      \(indented(packedAutapse("(uint16_t)(i - net->tile)", drop: "net->drop"), by: 4))
      }
      """
  }

  /// The lines that take a lane's gradient away.
  func packedAutapse(_ lane: String, drop: String) -> String {
    """
    /* no autapses */
    const uint16_t at = \(swapsLanes ? "eprop_lane(\(lane))" : lane);
    const unsigned half = (at & 1U) * 16U;

    net->g[at & ~1U] = eprop_signed(((uint32_t)net->g[at & ~1U] & ~(UINT32_C(0xFFFF) << half))
                                   | UINT32_C(\(Fixed.quantisedGradientLimit)) << \(drop) << half);
    """
  }

  private var packedRow: String {
    let squares = "squares(net, p, i);"
    var lines =
      hasMomentStride
      ? """
      if (((i + phase) & \(member("stride_mask", "uint8_t"))) == 0U) {
          \(squares)
      }

      """ : squares + "\n"
    let other =
      hasWideWeights && hasNarrowWeights
      ? """
      if (\(isWide)) {
          step_weights16(net, p, i, key);
      } else {
          step_weights8(net, p, i, key);
      }
      """ : "step_weights(net, p, i, key);"
    if stepsByFour && !stepsRows {
      lines += """
        if (by_four) {
            step_weights_by_four(net, p, i, key);
        } else {
        \(indented(other, by: 4))
        }
        """
    } else {
      lines += other
    }
    return lines
  }
}
