import CSyntax
import Planning

/// The loop over the sources of a tile whose gradients are packed.
extension Emitter {
  mutating func emitLearnPackedTile() {
    let widths = hasWideWeights && hasNarrowWeights
    let targets = member("targets", "uint16_t")
    let advance = widths ? "s += \(targets), " : "w += \(targets), "
    let moments = hasMomentStride ? ", phase++" : ""
    let diagonal = skipsDiagonals ? ", diagonal++" : ""
    text.function(
      """
      Learns the synapses of a projection onto the tile at j0, from the sums that net->sums tells. The squares of the gradients are collected for \
      the means. What is the same for all sources is read where it is used: kept at hand, it would take the stack of this deepest chain of calls.
      """,
      "static EPROP_APART void learn_tile(\(net) *net, uint16_t number, uint16_t j0, uint16_t lanes)",
      """
      const projection *p = &learnt[number];
      const uint32_t groups = (\(targets) + 7U) / 8U;
      \(packedDeclarations)

      prepare_lanes(net, number, j0, lanes);
      for (; start != stop; \(advance)key += groups, factor++, shift++, row_sum++\(moments)\(diagonal)) {
          const uint16_t *const first = time;
          \(plan.hasSweeps ? "unsigned drop" : "const unsigned drop = 0");

          EPROP_UNKNOWN(p);
          EPROP_UNKNOWN(net);
          start++;
          time = times + *start;
          if (first == time) {
              continue;
          }
      \(indented(packedGradient + packedDiagonal, by: 4))
      \(indented(packedRow, by: 4))
      }
      finish_lanes(net, number, j0, lanes);
      """)
    if stepsRows {
      emitLearnRows()
      emitLearnEither()
    }
  }

  /// What `prepare_lanes` decides for all sources of a tile.
  var packedPreparation: String {
    let limit = Fixed.quantisedGradientLimit
    let turn = "net->turn = eprop_turn(net->updates)\(tile < Fixed.hashedLanes ? " + (j0 & 7U) * EPROP_LANE" : "");\n"
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
    var lines = [arrivalsOfPacked]
    lines += [
      "const \(offset) *const stop = start + \(member("sources", "uint16_t"));",
      "const uint16_t *time = times + *start;",
      "const uint16_t *factor = \(array("row_factor"));",
      "const uint8_t *shift = \(array("row_shift"));",
      "\(square) *row_sum = \(array("row_sum"));",
      "uint32_t key = \(member("salt", "uint32_t")) + j0 / 8U;",
    ]
    if hasNarrowWeights && hasWideWeights {
      lines += ["int8_t *w8 = \(array("w"));", "int16_t *w16 = \(array("w"));", "uint32_t s = j0;"]
    } else {
      lines.append("int\(hasWideWeights ? 16 : 8)_t *w = (int\(hasWideWeights ? 16 : 8)_t *)\(array("w")) + j0;")
    }
    if hasMomentStride { lines.append("uint32_t phase = j0 / 8U + net->updates;") }
    if skipsDiagonals {
      lines += [
        diagonalComment,
        "uint32_t diagonal = 0U - (\(member("skips_diagonal", "uint8_t")) != 0U ? (uint32_t)j0 : (uint32_t)(stop - start));",
      ]
    }
    if stepsByFour && !stepsRows {
      let narrow = hasWideWeights ? " && \(member("bits", "uint8_t")) == 8U" : ""
      lines.append(
        "const int by_four = ((\(member("w", place)) | \(member("targets", "uint16_t"))) & 3U) == 0U\(narrow);")
    }
    return lines.joined(separator: "\n")
  }

  /// The lines that bring t of a source's synapses into net->g.
  private var packedGradient: String {
    let readouts = plastic.contains { $0.target == .readout }
    let errors = "gather_errors(net, first, time, j0, lanes);"
    let deltas = "gather(\(gatheredDelta), first, time, net->g);"
    guard plan.hasSweeps else { return "\(errors)\nquantise(net->g, lanes, net->exponent[number]);" }
    if plan.addsRows {
      let deltas = "drop = gather_source(net, first, time, drop);"
      guard readouts else { return "drop = net->exponent[number];\n\(deltas)" }
      return """
        drop = net->exponent[number];
        if (net->sums == \(errorSums)U) {
            \(errors)
            quantise(net->g, lanes, drop);
            drop = 0;
        } else {
            \(deltas)
        }
        """
    }
    let either =
      readouts
      ? "if (net->sums == 2U) {\n    \(errors)\n} else {\n    \(deltas)\n}" : deltas
    let sum =
      "gather_packed(net, first, time, (net->centre - (uint32_t)(time - first) * \(deltaZero)U) * UINT32_C(0x10001))"
    return """
      drop = net->exponent[number];
      if (EPROP_SELDOM(time - first > net->few)) {
      \(indented(either + "\nquantise(net->g, lanes, drop);\ndrop = 0;", by: 4))
      } else if (EPROP_SELDOM((\(sum) & net->outside) != 0U)) {
          clip_packed(net->g, drop);
          drop = 0;
      }
      """
  }

  private var packedDiagonal: String {
    guard skipsDiagonals else { return "" }
    return """

      if (EPROP_SELDOM(diagonal < lanes)) {
      \(indented(packedAutapse("(uint16_t)diagonal"), by: 4))
      }
      """
  }

  /// The lines that take a lane's gradient away.
  func packedAutapse(_ lane: String) -> String {
    """
    /* no autapses */
    const uint16_t at = \(swapsLanes ? "eprop_lane(\(lane))" : lane);
    const unsigned half = (at & 1U) * 16U;

    net->g[at & ~1U] = eprop_signed(((uint32_t)net->g[at & ~1U] & ~(UINT32_C(0xFFFF) << half))
                                   | UINT32_C(\(Fixed.quantisedGradientLimit)) << drop << half);
    """
  }

  private var packedRow: String {
    let widths = hasWideWeights && hasNarrowWeights
    let squares = "*row_sum += squares(net, lanes, drop);"
    var lines =
      hasMomentStride
      ? "if ((phase & \(member("stride_mask", "uint8_t"))) == 0U) {\n    \(squares)\n}\n" : squares + "\n"
    func call(_ name: String, _ w: String) -> String {
      "\(name)(net, \(w), lanes, *factor, *shift, drop, eprop_hash(key) + net->turn);"
    }
    var other = call("step_weights", "w")
    if widths {
      other = """
        if (\(isWide)) {
            \(call("step_weights16", "w16 + s"))
        } else {
            \(call("step_weights8", "w8 + s"))
        }
        """
    }
    if stepsByFour && !stepsRows {
      lines += """
        if (by_four) {
            \(call("step_weights_by_four", widths ? "w8 + s" : hasWideWeights ? "(int8_t *)w" : "w"))
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
