import CSyntax
import Planning

/// The loop over the sources of a tile whose gradients are packed.
extension Emitter {
  mutating func emitLearnPackedTile() {
    let widths = hasWideWeights && hasNarrowWeights
    let advance = widths ? "s += targets, " : "w += targets, "
    let moments = hasMomentStride ? ", phase++" : ""
    let diagonal = skipsDiagonals ? ", diagonal++" : ""
    text.function(
      """
      Learns the synapses of a projection onto the tile at j0. `size` says where the gradients come from: 1 from deltas that may be summed by twos, 0 \
      from larger ones, -1 from the errors of the readouts. The squares of the gradients are collected for the means.
      """,
      "static EPROP_APART void learn_tile(\(net) *net, uint16_t number, uint16_t j0, uint16_t lanes, int size)",
      """
      const projection *p = &learnt[number];
      const uint16_t targets = \(member("targets", "uint16_t"));
      const uint32_t groups = (targets - 1U) / 8U + 1U;
      const uint32_t turn = eprop_turn(net->updates)\(tile < Fixed.hashedLanes ? " + (j0 & 7U) * EPROP_LANE" : "");
      \(packedDeclarations)

      prepare_lanes(net, number, j0, lanes);
      for (; start != stop; \(advance)key += groups, factor++, shift++, row_sum++\(moments)\(diagonal)) {
          const uint16_t *first = time;
          \(plan.hasSweeps ? "unsigned drop = exponent" : "const unsigned drop = 0");

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
  }

  private var packedDeclarations: String {
    let first = member("first", "uint16_t")
    let fromInputs = plan.inputs.kind == .spikes && plastic.contains { $0.source == .inputs }
    var lines: [String] = []
    if fromInputs {
      lines += [
        "const uint8_t from_inputs = \(member("from_inputs", "uint8_t"));",
        "const \(offset) *start = from_inputs != 0U ? net->input_start : &net->record_start[\(first)];",
      ]
    } else {
      lines.append("const \(offset) *start = &net->record_start[\(first)];")
    }
    lines += [
      "const \(offset) *const stop = start + \(member("sources", "uint16_t"));",
      "const uint16_t *times = \(fromInputs ? "from_inputs != 0U ? net->input_times : " : "")net->record_times;",
      "const uint16_t *time = times + *start;",
      "const unsigned exponent = net->exponent[number];",
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
    if hasMomentStride {
      lines += [
        "const uint8_t stride_mask = \(member("stride_mask", "uint8_t"));",
        "uint32_t phase = j0 / 8U + net->updates;",
      ]
    }
    if skipsDiagonals {
      lines += [
        "/* How far beyond the tile's first neuron the source is; never in the tile where there may be autapses. */",
        "uint32_t diagonal = 0U - (\(member("skips_diagonal", "uint8_t")) != 0U ? (uint32_t)j0 : (uint32_t)(stop - start));",
      ]
    }
    if stepsByFour {
      let narrow = hasWideWeights ? " && \(member("wide", "uint8_t")) == 0U" : ""
      lines.append("const int by_four = ((\(member("w", place)) | targets) & 3U) == 0U\(narrow);")
    }
    guard plan.hasSweeps else { return (lines + ["\n(void)size;"]).joined(separator: "\n") }
    let limit = Fixed.quantisedGradientLimit
    return
      (lines + [
        "/* Sums are packed as (t + 2^11) 2^exponent and the half that rounds, below 2^16 up to this exponent. */",
        "const int packed = size > 0 && exponent <= 4U;",
        "const uint32_t centre = packed ? (UINT32_C(\(limit)) << exponent) + ((UINT32_C(1) << exponent) >> 1) : 0U;",
        "const uint32_t outside = packed ? (UINT32_C(65536) - (UINT32_C(\(2 * limit)) << exponent)) * UINT32_C(0x10001) : 0U;",
        "const uint32_t few = packed ? 31U : 0U;",
      ]).joined(separator: "\n")
  }

  /// The lines that bring t of a source's synapses into net->g.
  private var packedGradient: String {
    let readouts = plastic.contains { $0.target == .readout }
    let errors = "gather_errors(net, first, time, j0, lanes);"
    let deltas = "gather(\(gatheredDelta), first, time, net->g);"
    let quantise = "quantise(net->g, lanes, exponent);"
    guard plan.hasSweeps else { return "\(errors)\n\(quantise)" }
    let either =
      readouts
      ? "if (size < 0) {\n    \(errors)\n} else {\n    \(deltas)\n}" : deltas
    return """
      if (EPROP_SELDOM((uint32_t)(time - first) > few)) {
      \(indented(either + "\n" + quantise + "\ndrop = 0;", by: 4))
      } else if (EPROP_SELDOM((gather_packed(net, first, time, (centre - (uint32_t)(time - first) * \(deltaZero)U) * UINT32_C(0x10001)) & outside) != 0U)) {
          clip_packed(net->g, exponent);
          drop = 0;
      }
      """
  }

  private var packedDiagonal: String {
    guard skipsDiagonals else { return "" }
    return """

      if (EPROP_SELDOM(diagonal < lanes)) {
          /* no autapses */
          const uint16_t at = \(swapsLanes ? "eprop_lane((uint16_t)diagonal)" : "(uint16_t)diagonal");
          const unsigned half = (at & 1U) * 16U;

          net->g[at & ~1U] = eprop_signed(((uint32_t)net->g[at & ~1U] & ~(UINT32_C(0xFFFF) << half))
                                         | UINT32_C(\(Fixed.quantisedGradientLimit)) << drop << half);
      }
      """
  }

  private var packedRow: String {
    let widths = hasWideWeights && hasNarrowWeights
    let squares = "*row_sum += squares(net, lanes, drop);"
    var lines =
      hasMomentStride ? "if ((phase & stride_mask) == 0U) {\n    \(squares)\n}\n" : squares + "\n"
    func call(_ name: String, _ w: String) -> String {
      "\(name)(net, \(w), lanes, *factor, *shift, drop, eprop_hash(key) + turn);"
    }
    var other = call("step_weights", "w")
    if widths {
      other = """
        if (\(member("wide", "uint8_t")) != 0U) {
            \(call("step_weights16", "w16 + s"))
        } else {
            \(call("step_weights8", "w8 + s"))
        }
        """
    }
    if stepsByFour {
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
