import CSyntax
import Planning

/// Learning of compressed columns. Targets ascend within a column and tiles ascend too, so each source remembers how far
/// it has come (`next_<projection>`), and a tile touches only the synapses that it has.
extension Emitter {
  /// The target of a synapse, in a function that some projections share.
  private func target(_ synapse: String) -> String { element("target[\(synapse)]", "uint\(plan.targetBits)_t") }

  private var mixesColumns: Bool { Set(columns.map(\.weightBits)).count > 1 }

  /// The call that learns the synapses of a projection onto a tile.
  func learnColumns(_ projection: ProjectionPlan, _ width: String) -> String {
    let n = projection.name
    return
      "learn_columns(net, \(number(projection))U, begin_\(n), target_\(n), net->next_\(n), j0, \(width), n);"
  }

  mutating func emitLearnColumns() {
    if hasEventColumns && !plan.scattersGradients { emitGatherOne() }
    if hasAnalogColumns { emitGatherOneValue() }
    emitStepOne()
    text.function(
      "Learns the synapses of compressed columns onto the tile at j0: those of each source that it has not come to yet. A synapse without a gradient "
        + "stays as it is.",
      """
      static EPROP_APART void learn_columns(\(net) *net, uint16_t number, const \(position) *begin,
                                            const uint\(plan.targetBits)_t *target, \(position) *next, uint16_t j0,
                                            uint16_t lanes, uint16_t n)
      """,
      """
      const projection *p = &learnt[number];
      const uint16_t sources = \(member("sources", "uint16_t"));
      const uint16_t groups = (uint16_t)((\(member("targets", "uint16_t")) - 1U) / 8U + 1U);
      const uint32_t turn = eprop_turn(net->updates);
      \(((hasEventColumns ? arrivalDeclarations(columns) : []) + stepDeclarations + columnWeights).joined(separator: "\n"))
      uint32_t key = \(member("salt", "uint32_t"));

      \(plan.scattersGradients && !hasAnalogColumns ? "(void)n;\n" : "")\(prepareTile)
      for (uint16_t i = 0; i < sources; i++, key += groups) {
          \(position) s = next[i];
          const \(position) end = \(element("begin[i + 1U]", position));
      \(indented(sourceDeclarations, by: 4))

          if (s == end || (uint16_t)(\(target("s")) - j0) >= lanes) {
              continue;
          }
      \(indented(arrivalsOfSource + (arrivalsOfSource.isEmpty ? "" : "\n"), by: 4))    for (; s < end; s++) {
              const uint16_t j = \(target("s"));
              const uint16_t lane = (uint16_t)(j - j0);
              uint32_t word;
              int32_t g;
              int32_t step;

              if (lane >= lanes) {
                  break;
              }
      \(indented(gradientOfSynapse, by: 8))
              if (g == 0) {
                  continue;
              }
              word = eprop_hash(key + j / 8U) + turn + (j & 7U) * EPROP_LANE;
      \(indented(moveSynapse, by: 8))
          }
          next[i] = s;\(plan.hasRows ? "\n    row_sum[i] += row;" : "")
      }
      \(plan.isFactored ? "finish_lanes(net, number, j0, lanes);" : "")
      """)
  }

  var hasEventColumns: Bool { columns.contains { $0.source != .inputs || plan.inputs.kind == .spikes } }
  private var hasAnalogColumns: Bool {
    plan.inputs.kind != .spikes && columns.contains { $0.source == .inputs }
  }

  private func columnPointer(_ bits: Int) -> String { mixesColumns ? "w\(bits)" : "w" }

  private var columnWeights: [String] {
    (columns.contains(where: { $0.weightBits == 8 }) ? ["int8_t *\(columnPointer(8)) = \(array("w"));"] : [])
      + (columns.contains(where: { $0.weightBits == 16 }) ? ["int16_t *\(columnPointer(16)) = \(array("w"));"] : [])
  }

  private var sourceDeclarations: String {
    var lines: [String] = []
    if plan.hasRows { lines.append("\(square) row = 0;") }
    if hasEventColumns && !plan.scattersGradients {
      lines += ["const uint16_t *time = 0;", "const uint16_t *last = 0;", "int together = 0;"]
    }
    return lines.joined(separator: "\n")
  }

  /// When source i arrives; and its gradients onto the whole tile, where it has several synapses there.
  private var arrivalsOfSource: String {
    guard hasEventColumns, !plan.scattersGradients else { return "" }
    let arrivals = """
      time = times + start[i];
      last = times + start[i + 1U];
      if (last != time && last[-1] == n) {
          last--; /* has not arrived */
      }
      /* Three synapses onto a tile cost no less than all. */
      together = end - s > 2 && (uint16_t)(\(target("s + 2U")) - j0) < lanes;
      if (together) {
          gather(net->delta, time, last, net->g);
      }
      """
    return hasAnalogColumns ? "if (from_inputs == 0U) {\n\(indented(arrivals, by: 4))\n}" : arrivals
  }

  private var gradientOfSynapse: String {
    let fromEvents =
      plan.scattersGradients
      ? "sums[(uint32_t)i * \(P)_TILE + lane]" : "together ? net->g[lane] : gather_one(&net->delta[lane], time, last)"
    var lines = "g = \(fromEvents);"
    if hasAnalogColumns {
      let one = "gather_one_value(net, i, n, lane)"
      lines =
        hasEventColumns
        ? "if (from_inputs != 0U) {\n    g = \(one);\n} else {\n    \(lines)\n}" : "g = \(one);"
    }
    if clampsGradients {
      lines += "\ng = (int32_t)eprop_clamp64(g, INT32_C(\(plan.learning?.gradientLimit ?? 0)));"
    }
    return lines
  }

  private var moveSynapse: String {
    func move(_ bits: Int) -> String {
      let shift = plan.isFactored && bits == 16 ? 8 : 16
      let numbers = plan.hasRows ? "factor[i], shift[i], exponent, &row" : plan.isFactored ? "exponent" : "lift, drop"
      return """
        step = step_one(net, g, lane, \(numbers)) + (int32_t)(word >> \(32 - shift));
        \(columnPointer(bits))[s] = eprop_sat\(bits)(\(columnPointer(bits))[s] - eprop_asr32(step, \(shift)U));
        """
    }
    guard mixesColumns else { return move(columns[0].weightBits) }
    return """
      if (\(isWide)) {
      \(indented(move(16), by: 4))
      } else {
      \(indented(move(8), by: 4))
      }
      """
  }

  // MARK: - One synapse

  private mutating func emitGatherOne() {
    text.function(
      "Sums delta of one neuron, whose place in the first row is `delta`, over the steps at which a source arrives.",
      "static inline int32_t gather_one(const uint16_t *delta, const uint16_t *time, const uint16_t *last)",
      """
      /* Each delta is stored + 2^15. */
      uint32_t sum = 0U - (uint32_t)(last - time) * UINT32_C(32768);

      for (; time != last; time++) {
          sum += delta[(uint32_t)*time * \(P)_TILE];
      }
      return eprop_signed(sum);
      """)
  }

  private mutating func emitGatherOneValue() {
    text.function(
      "Sums delta of lane `lane`, weighted by the values of input i.",
      "static int32_t gather_one_value(const \(net) *net, uint16_t i, uint16_t n, uint16_t lane)",
      """
      int64_t sum = 0;

      for (uint16_t step = 0; step < n; step++) {
          int32_t x = \(inputValues(of: "step"));
          sum += x * ((int32_t)net->delta[(uint32_t)step * \(P)_TILE + lane] - INT32_C(32768));
      }
      return eprop_sat32(eprop_near64(sum, \(plan.inputs.kind.fractionBits)U));
      """)
  }

  private mutating func emitStepOne() {
    if plan.isFactored {
      let ofRows = plan.hasRows ? "uint32_t a, unsigned shift, " : ""
      let rowSum = plan.hasRows ? ",\n                               \(square) *row" : ""
      text.function(
        "The step of one synapse with gradient g, not yet rounded, as in step_weights: |t| <= 2^11 and "
          + (plan.hasRows ? "the factors' product" : "the factor")
          + " is below 2^19. The square of t is added up for the synapse's neuron"
          + (plan.hasRows ? " and its source." : "."),
        """
        static inline int32_t step_one(\(net) *net, int32_t g, uint16_t lane, \(ofRows)unsigned exponent\(rowSum))
        """,
        """
        const int32_t half = (int32_t)((UINT32_C(1) << exponent) >> 1);
        const uint32_t limit = \(plan.hasCommonRates ? "net->limit" : "net->limit[lane]");
        \(quantised("g"))
        \(plan.hasRows ? "*row += (uint32_t)(t * t);\n" : "")net->square[lane] += (uint32_t)(t * t);
        \(factoredStep("limit"))
        return t;
        """)
      return
    }
    text.function(
      "The step of one synapse with gradient g, not yet rounded: the gradient, as far as it fits 2^lift, times the rate, below 2^30.",
      "static inline int32_t step_one(const \(net) *net, int32_t g, uint16_t lane, unsigned lift, unsigned drop)",
      """
      const int32_t most = (int32_t)(UINT32_C(0x7FFFFFFF) >> lift);
      int32_t step = g;

      \(plan.hasCommonRates ? "(void)lane;\n" : "")\(multipliedStep(plan.hasCommonRates ? "net->rate" : "net->rate[lane]"))
      return step;
      """)
  }
}
