import CSyntax
import Planning

extension Emitter {
  mutating func emitUpdate() {
    guard let learning = plan.learning else { return }
    text.section("The update")
    emitSteps()
    emitPackedRows()
    if !plastic.isEmpty {
      if plan.accumulates {
        for projection in plastic { emitCollect(projection) }
      } else if plan.isCarried {
        emitBringGradient()
      }
      if packs {
        emitTileHelper()
        emitLearnPackedTile()
      } else {
        if !plan.isCarried && plastic.contains(where: { $0.target == .readout }) { emitErrorTile() }
        if learnsRows { emitLearnTile() }
        if learnsColumns { emitLearnColumns() }
      }
    }
    if plan.readout.biasIsPlastic { emitLearnBias(learning) }
    if plan.isCarried && memory.ram.contains(where: { $0.name == "readout_trace" }) { emitReadoutTrace() }
    emitBeginUpdate(learning)
    if plan.isFactored { emitFinishUpdate() }
    emitNoteCounts()
    if !packs { emitTileHelper() }
    for projection in plan.projections where passesTiles(projection) { emitPassTile(projection) }
    emitPieces()
    emitUpdateFunctions()
  }

  // MARK: - One tile

  /// Arguments of `gradient_<projection>` after net and i.
  func gradientArguments(_ projection: ProjectionPlan) -> String {
    projection.target == .readout ? "j0, lanes" : "j0, lanes, n"
  }

  mutating func emitCollect(_ projection: ProjectionPlan) {
    let isReadout = projection.target == .readout
    text.function(
      "Adds the block's gradients of \(projection.name) to those of the trial, for the tile at j0.",
      "static EPROP_APART void collect_\(projection.name)(\(net) *net, uint16_t j0, uint16_t lanes\(isReadout ? "" : ", uint16_t n"))",
      """
      for (uint16_t i = 0; i < \(count(projection.preCount)); i++) {
          int32_t *sum = &net->sum_\(projection.name)[(uint32_t)i * \(count(projection.postCount)) + j0];

          gradient_\(projection.name)(net, i, \(gradientArguments(projection)));
          for (uint16_t lane = 0; lane < lanes; lane++) {
              sum[lane] = eprop_sat32((int64_t)sum[lane] + net->g[lane]);
          }
      }
      """)
  }

  mutating func emitBringGradient() {
    let cases = plastic.enumerated().map { number, projection in
      "case \(number):\n    gradient_\(projection.name)(net, i, \(gradientArguments(projection)));\n    break;"
    }
    text.function(
      "Brings the gradients of a projection's synapses from source i onto the tile at j0 into net->g.",
      """
      static void bring_gradient(\(net) *net, uint16_t number, uint16_t i, uint16_t j0, uint16_t lanes, uint16_t n)
      """,
      """
      (void)n;
      switch (number) {
      \(cases.joined(separator: "\n"))
      default:
          break;
      }
      """)
  }

  /// Errors as delta: so the readout's synapses learn like all others.
  mutating func emitErrorTile() {
    text.function(
      "Makes delta of the filtered errors of readouts k0 ... k0 + lanes - 1, a step late: the times of a neuron are one more than the steps of its "
        + "spikes, which is when they arrive at other neurons. A spike from before the trial, of time 0, is worth nothing.",
      "static EPROP_APART void error_tile(\(net) *net, uint16_t k0, uint16_t lanes, uint16_t n)",
      """
      uint16_t *delta = net->delta;

      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          *delta++ = UINT16_C(32768);
      }
      for (uint16_t step = 0; step < n; step++) {
          const int16_t *f = &net->error[(uint32_t)step * \(P)_OUTPUTS + k0];
          uint16_t lane = 0;

          while (lane < lanes) {
              *delta++ = (uint16_t)(f[lane++] + INT32_C(32768));
          }
          while (lane++ < \(P)_TILE) {
              *delta++ = UINT16_C(32768);
          }
      }
      """)
  }

  mutating func emitLearnTile() {
    let parameters =
      plan.accumulates ? "" : ", uint16_t n"
    let targets = member("targets", "uint16_t")
    let beforehand = [plan.scattersGradients && !gathersValues ? "(void)n;" : "", prepareTile].filter { !$0.isEmpty }
    let row = [rowGradient, clearingRow, rowStepDeclarations, unpackedRow("unpack"), learnRow, unpackedRow("pack")]
    text.function(
      """
      Learns the synapses of a projection onto the tile at j0\(plan.isCarried ? "" : ", from delta: the times of sources beyond n have not arrived"). \
      \(plan.isFactored ? "The squares of the gradients are collected for the means. " : "")What is the same for all sources is found anew for each: \
      kept at hand, it would take the stack of this deepest chain of calls.
      """,
      "static EPROP_APART void learn_tile(\(net) *net, uint16_t number, uint16_t j0, uint16_t lanes\(parameters))",
      """
      const projection *p = &learnt[number];
      uint32_t s = j0;
      uint32_t key = \(member("salt", "uint32_t")) + j0 / 8U;\(maskOfNumber.isEmpty ? "" : "\n" + maskOfNumber)

      \(beforehand.joined(separator: "\n"))
      for (uint16_t i = 0; i < \(member("sources", "uint16_t"));
           i++, s += \(targets), key += (\(targets) - 1U) / 8U + 1U) {
          EPROP_UNKNOWN(p);
          EPROP_UNKNOWN(net);
      \(gradientDeclarations.isEmpty ? "" : indented(gradientDeclarations, by: 4) + "\n")\(indented(row.filter { !$0.isEmpty }.joined(separator: "\n"), by: 4))
      }\(plan.isFactored || plan.learnsByAdam ? "\nfinish_lanes(net, number, j0, lanes);" : "")
      """)
  }

  /// What the gradient of a source's row is formed of.
  private var gradientDeclarations: String {
    var lines = arrivalDeclarations(rows)
    if learnsImmediately && !plan.isCarried {
      lines.append("const uint8_t immediate = \(member("immediate", "uint8_t"));")
    }
    if plan.accumulates { lines.append("int32_t *sum = \(array("sum"));") }
    return lines.joined(separator: "\n")
  }

  /// What its steps are formed of, declared where the gradient is there.
  private var rowStepDeclarations: String {
    var lines = stepDeclarations
    if plan.isFactored && hasMomentStride {
      lines.append("const uint8_t stride_mask = \(member("stride_mask", "uint8_t"));")
    }
    lines += weightDeclarations
    lines.append("const uint32_t turn = eprop_turn(net->updates);")
    return lines.joined(separator: "\n")
  }

  /// Where the arrivals of a projection's sources are found, in a function that some projections share.
  func arrivalDeclarations(_ learners: [ProjectionPlan]) -> [String] {
    var lines: [String] = []
    if plan.scattersGradients {
      lines.append("const int32_t *sums = &net->sums[(uint32_t)\(member("first", "uint16_t")) * \(P)_TILE];")
      if plan.inputs.kind != .spikes && learners.contains(where: { $0.source == .inputs }) {
        lines.append("const uint8_t from_inputs = \(member("from_inputs", "uint8_t"));")
      }
    } else if !plan.isCarried {
      let first = member("first", "uint16_t")
      if plan.inputs.kind == .spikes && learners.contains(where: { $0.source == .inputs }) {
        lines += [
          "const uint8_t from_inputs = \(member("from_inputs", "uint8_t"));",
          "const \(offset) *start = from_inputs != 0U ? net->input_start : &net->record_start[\(first)];",
          "const uint16_t *times = from_inputs != 0U ? net->input_times : net->record_times;",
        ]
      } else {
        lines += [
          "const \(offset) *start = &net->record_start[\(first)];", "const uint16_t *times = net->record_times;",
        ]
        if learners.contains(where: { $0.source == .inputs }) {
          lines.append("const uint8_t from_inputs = \(member("from_inputs", "uint8_t"));")
        }
      }
    }
    return lines
  }

  /// The numbers of a step, in a function that some projections share.
  var stepDeclarations: [String] {
    if let adam {
      return [
        "int\(adam.momentBits)_t *ratio = \(array("ratio"));",
        "uint\(adam.momentBits)_t *square = \(array("square"));",
        "const uint8_t *exponent = (const uint8_t *)\(array("exponent")) + j0;",
      ]
    }
    guard plan.isFactored else {
      return [
        "const unsigned lift = \(member("lift", "uint8_t"));", "const unsigned drop = \(member("drop", "uint8_t"));",
      ]
    }
    let ofRows =
      plan.hasRows
      ? [
        "const uint16_t *factor = \(array("row_factor"));",
        "const uint8_t *shift = \(array("row_shift"));",
        "\(square) *row_sum = \(array("row_sum"));",
      ]
      : []
    return ["const unsigned exponent = net->exponent[number];"] + ofRows
  }

  /// What is done before a tile of a projection is learnt.
  var prepareTile: String {
    if plan.isFactored || plan.learnsByAdam { return "prepare_lanes(net, number, j0, lanes);" }
    if plan.hasCommonRates {
      return "net->rate = (int32_t)(((uint64_t)\(member("multiplier", "uint32_t")) * net->schedule) >> 16);"
    }
    return """
      for (uint16_t lane = 0; lane < lanes; lane++) {
          uint16_t j = (uint16_t)(\(member("rates", "uint16_t")) + j0 + lane);
          net->rate[lane] = (int32_t)(((uint64_t)\(element("multipliers[j]", "uint32_t")) * net->schedule) >> 16);
      }
      """
  }

  /// The lines of a row that leave out what does not arrive in the record, and that sum over the rest.
  private var arrived: String {
    guard learnsImmediately else {
      return """
        if (end > begin && times[end - 1U] == n) {
            end--; /* has not arrived */
        }
        """
    }
    let before =
      plan.hasBlocks
      ? "\nif (immediate != 0U && end > begin && times[begin] == 0U) {\n    begin++; /* arrived before the record */\n}"
      : ""
    return """
      if (immediate == 0U && end > begin && times[end - 1U] == n) {
          end--; /* has not arrived */
      }\(before)
      """
  }
  private var gathered: String {
    guard learnsImmediately else { return "gather(net->delta, times + begin, times + end, net->g);" }
    return """
      if (immediate != 0U) {
          gather_now(net->delta, times + begin, times + end, net->g);
      } else {
          gather(net->delta, times + begin, times + end, net->g);
      }
      """
  }

  /// Whether rows learn from values that are no spikes.
  var gathersValues: Bool { plan.inputs.kind != .spikes && rows.contains { $0.source == .inputs } }

  /// The gradients of row i, in net->g.
  private var rowGradient: String {
    let limit = "INT32_C(\(plan.learning?.gradientLimit ?? 0))"
    if plan.accumulates {
      return """
        for (uint16_t lane = 0; lane < lanes; lane++) {
            net->g[lane] = (int32_t)eprop_clamp64(sum[s + lane], \(limit));
            sum[s + lane] = 0;
        }
        """
    }
    if plan.isCarried { return "bring_gradient(net, number, i, j0, lanes, n);" }
    let arrivals =
      plan.scattersGradients
      ? """
      for (uint16_t lane = 0; lane < lanes; lane++) {
          net->g[lane] = sums[(uint32_t)i * \(P)_TILE + lane];
      }
      """
      : """
      \(offset) begin = start[i];
      \(offset) end = start[i + 1U];

      \(arrived)
      \(plan.learnsByAdam ? "" : "if (begin == end) {\n    continue;\n}\n")\(gathered)
      """
    var lines = arrivals
    if gathersValues {
      lines = """
        if (from_inputs != 0U) {
            gather_values(net, i, n, net->g);
        } else {
        \(indented(arrivals, by: 4))
        }
        """
    }
    if clampsGradients {
      lines += """

        for (uint16_t lane = 0; lane < lanes; lane++) {
            net->g[lane] = (int32_t)eprop_clamp64(net->g[lane], \(limit));
        }
        """
    }
    guard skipsDiagonals else { return lines }
    return lines + """

      if (\(member("skips_diagonal", "uint8_t")) != 0U && (uint16_t)(i - j0) < lanes) {
          net->g[i - j0] = 0; /* no autapses */
      }
      """
  }

  private var learnRow: String {
    guard splitsTiles else {
      // A smaller tile may begin in the middle of eight neighbours.
      return learnPart("lanes", lane: tile < Fixed.hashedLanes ? " + (j0 & 7U) * EPROP_LANE" : "", key: "key")
    }
    return """
      for (uint16_t lane = 0; lane < lanes;) {
          /* Eight neighbours share a hash. */
          uint16_t ahead = (uint16_t)((j0 + lane) & 7U);
          uint16_t stop = (uint16_t)(lane + 8U - ahead < lanes ? lane + 8U - ahead : lanes);
          uint32_t group = (uint32_t)(j0 + lane) / 8U - j0 / 8U;
      \(indented(learnPart("lane, stop", lane: " + ahead * EPROP_LANE", key: "key + group"), by: 4))
          lane = stop;
      }
      """
  }

  /// - Parameters:
  ///   - part: the arguments that name the lanes.
  private func learnPart(_ part: String, lane: String, key: String) -> String {
    let word = "eprop_hash(\(key)) + turn\(lane)"
    var lines = ""
    if plan.isFactored {
      let squares = "\(plan.hasRows ? "row_sum[i] += " : "")squares(net, \(part), exponent);"
      let group = splitsTiles ? "j0 / 8U + group" : "j0 / 8U"
      lines =
        !hasMomentStride
        ? squares
        : """
        if (((i + \(group) + net->updates) & stride_mask) == 0U) {
            \(squares)
        }
        """
      lines += "\n"
    }
    let numbers = plan.hasRows ? "factor[i], shift[i], exponent" : plan.isFactored ? "exponent" : "lift, drop"
    let arguments = plan.learnsByAdam ? "ratio + s, square + s, exponent, \(part)" : "\(part), \(numbers)"
    func call(_ bits: Int) -> String {
      let row = bits == 8 ? narrowRow : "\(rowPointer(16)) + s"
      return "step_weights\(mixesWidths ? "\(bits)" : "")(net, \(row), \(arguments), \(word));"
    }
    guard hasWideRows && hasNarrowRows else { return lines + call(hasWideRows ? 16 : 8) }
    return lines + """
      if (\(isWide)) {
          \(call(16))
      } else {
          \(call(8))
      }
      """
  }

  // MARK: - The bias

  /// Whether the bias learns in 32 bits: from whole trials whose errors add up to less than 2^30, in steps below 2^30.
  private var hasNarrowBias: Bool {
    let limit: [UInt32]
    switch plan.readout.biasStep {
    case .factored(_, let most)?, .postsynaptic(_, let most)?: limit = most
    default: return false
    }
    return !plan.isCarried && !clampsGradients && limit[0] <= 1 << 30 && plan.readout.biasLimit <= 1 << 30
  }

  /// t a / 2^(31 - exponent - octaves) 2^20, at most the limit.
  private var narrowBiasStep: String {
    """
    step = t * factor;
    exponent = (int16_t)(exponent + (int16_t)octaves - 11);
    if (exponent <= 0) {
        step = eprop_asr32(step, (unsigned)-exponent);
        exponent = 0;
    }
    /* g / rms times the rate is this times 2^exponent */
    step = (uint32_t)step + (limit >> exponent) > 2U * (limit >> exponent) ? (step < 0 ? -(int32_t)limit : (int32_t)limit)
                                                                             : step * (int32_t)(UINT32_C(1) << exponent);
    """
  }

  mutating func emitLearnBias(_ learning: LearningPlan) {
    let step: String
    let narrow = hasNarrowBias
    switch plan.readout.biasStep {
    case .factored(let unit, let limit)?, .postsynaptic(let unit, let limit)?:
      step = """
        const int32_t half = (int32_t)((UINT32_C(1) << net->exponent[\(plan.exponentCount - 1)]) >> 1);
        int32_t t = eprop_asr32(g + half, net->exponent[\(plan.exponentCount - 1)]);
        uint32_t limit = net->updates == 1U ? 0U : scheduled(net, UINT32_C(\(limit[0])));
        unsigned octaves = eprop_octaves(net->var_bias[k]);
        int16_t exponent;
        int32_t factor = (int32_t)((scheduled_rate(net, UINT32_C(\(unit[0])), &exponent)
                                    * eprop_rsqrt(net->var_bias[k], octaves)) >> 15);
        \(narrow ? "int32_t step" : "int64_t step");

        t = t > \(Fixed.quantisedGradientLimit - 1) ? \(Fixed.quantisedGradientLimit - 1) : t < -\(Fixed.quantisedGradientLimit) ? -\(Fixed.quantisedGradientLimit) : t;
        \(narrow ? narrowBiasStep : """
          /* g / rms times the rate: below 2^46 before the shift */
          step = factor == 0 ? 0 : eprop_asr64((int64_t)(t * factor) * INT32_C(1048576), (unsigned)(31 - exponent - (int16_t)octaves));
          step = eprop_clamp64(step, (int64_t)limit);
          """)
        net->var_bias[k] = moved(net, net->var_bias[k], (uint32_t)(t * t) << \(Fixed.momentBits));
        """
    case .adam(let adam)?: step = adamBias(adam)
    case .sgd(let multiplier, let exponent)?:
      step = """
        int64_t rate = (int64_t)(((uint64_t)UINT32_C(\(multiplier[0])) * net->schedule) >> 16);
        int64_t step = eprop_clamp64(eprop_asr64(g * rate, \(exponent)U), INT32_C(1073741824));
        """
    case nil: step = ""
    }
    let most = "INT32_C(\(plan.readout.biasLimit))"
    let apply =
      narrow
      ? "\(step)\nstep = net->bias[k] - step;\nnet->bias[k] = step > \(most) ? \(most) : step < -\(most) ? -\(most) : step;"
      : "\(step)\nnet->bias[k] = (int32_t)eprop_clamp64(net->bias[k] - step, \(most));"
    let limit = "INT32_C(\(learning.gradientLimit))"
    let sum = """
      \(narrow ? "int32_t" : "int64_t") sum = 0;

      for (uint16_t step = 0; step < n; step++) {
          sum += net->error[(uint32_t)step * \(P)_OUTPUTS + k];
      }
      """
    let carry = plan.isCarried ? "\nsum += eprop_near64((int64_t)net->last_error[k] * net->bias_trace, 8U);" : ""
    if plan.accumulates {
      text.function(
        "Adds the block's gradient of the bias to that of the trial.",
        "static EPROP_APART void collect_bias(\(net) *net, uint16_t n)",
        """
        for (uint16_t k = 0; k < \(P)_OUTPUTS; k++) {
        \(indented(sum + carry, by: 4))
            net->sum_bias[k] = eprop_sat32((int64_t)net->sum_bias[k] + eprop_sat32(sum));
        }
        """)
    }
    let gradient =
      plan.accumulates
      ? "int32_t g = (int32_t)eprop_clamp64(net->sum_bias[k], \(limit));"
      : narrow
        ? sum.replacing("sum", with: "g") : "int32_t g;\n\(sum)\(carry)\ng = (int32_t)eprop_clamp64(sum, \(limit));"
    text.function(
      "Learns the bias of the readouts. A unit of bias enters at every step, so its gradient is the sum of the filtered errors.",
      "static EPROP_APART void learn_bias(\(net) *net\(plan.accumulates ? "" : ", uint16_t n"))",
      """
      for (uint16_t k = 0; k < \(P)_OUTPUTS; k++) {
      \(indented(gradient, by: 4))
          {
      \(indented(apply, by: 8))
          }\(plan.accumulates ? "\n    net->sum_bias[k] = 0;" : "")
      }
      """)
  }

  // MARK: - An update

  mutating func emitBeginUpdate(_ learning: LearningPlan) {
    var lines = ["net->updates++;"]
    if plan.isFactored {
      let window = learning.momentWindow
      lines.append("net->share = 65536U / (net->updates < \(window)U ? net->updates : \(window)U);")
    }
    switch learning.schedule {
    case .constant: break
    case .linearToZero(let trials):
      lines.append(
        """
        /* linear to zero over \(trials) updates */
        net->schedule = net->updates > \(count(Int(trials)))
                            ? 0U
                            : (uint32_t)((UINT64_C(65536) * (\(count(Int(trials))) - net->updates + 1U)) / \(count(Int(trials))));
        """)
    case .linearToFloor(let trials, let floor):
      let total = count(Int(trials))
      lines.append(
        """
        /* linear over \(trials) updates, but never below \(floor) / 2^16 */
        net->schedule = net->updates > \(total)
                            ? 0U : (uint32_t)((UINT64_C(65536) * (\(total) - net->updates + 1U)) / \(total));
        if (net->schedule < \(count(Int(floor)))) {
            net->schedule = \(count(Int(floor)));
        }
        """)
    case .stepwise(let factor, let every):
      lines.append(
        """
        /* times \(factor) / 2^16 after every \(every) updates */
        if (net->updates > 1U && (net->updates - 1U) % \(count(Int(every))) == 0U) {
            net->schedule = (uint32_t)(((uint64_t)net->schedule * \(count(Int(factor))) + 32768U) >> 16);
        }
        """)
    }
    lines += adamShares
    if plan.hasRows { lines.append(forEachProjection("prepare_sources(net, number);")) }
    text.function(
      "Begins an update: counts it, and decides the learning rate.",
      "static EPROP_APART void begin_update(\(net) *net)",
      lines.joined(separator: "\n"))
  }

  /// A loop over the projections that learn.
  private func forEachProjection(_ body: String) -> String {
    "for (uint16_t number = 0; number < \(plastic.count)U; number++) {\n\(indented(body, by: 4))\n}"
  }

  mutating func emitFinishUpdate() {
    var lines: [String] = []
    if !plastic.isEmpty { lines.append(forEachProjection("finish_projection(net, number);")) }
    if plan.readout.biasStep?.keepsColumns ?? false {
      let last = plan.exponentCount - 1
      lines.append(
        """
        (void)new_exponent(net, \(last)U, net->var_bias, \(P)_OUTPUTS, \(Emitter.ceilingLog2(outputs))U\(plan.hasSparseMoments ? ", 0U" : ""));
        """)
    }
    text.function(
      "Ends an update: its squares enter the means.", "static EPROP_APART void finish_update(\(net) *net)",
      lines.joined(separator: "\n"))
  }

  /// The number of a projection in the table of those that learn.
  func number(_ projection: ProjectionPlan) -> Int { plastic.firstIndex { $0.name == projection.name } ?? 0 }
}
