import CSyntax
import Planning

extension Emitter {
  mutating func emitUpdate() {
    guard let learning = plan.learning else { return }
    text.section("The update")
    if plan.isFactored { emitMoments() }
    for projection in plan.projections where projection.isPlastic {
      if plan.accumulates { emitCollect(projection) }
      emitLearn(projection)
    }
    if plan.readout.biasIsPlastic { emitLearnBias(learning) }
    if plan.isCarried && memory.ram.contains(where: { $0.name == "readout_trace" }) { emitReadoutTrace() }
    emitBeginUpdate(learning)
    if plan.isFactored { emitFinishUpdate() }
    emitProcessBlock()
    if plan.accumulates { emitApplySums() }
    emitUpdateFunction()
  }

  mutating func emitMoments() {
    text.function(
      "A mean of squares moves towards `sample` by its share of `window` updates.",
      "static uint64_t moved(uint64_t mean, uint64_t sample, uint32_t window)",
      "return sample >= mean ? mean + (sample - mean) / window : mean - (mean - sample) / window;")
    text.function(
      "Updates that the means reach back over: all so far, at most \(plan.learning?.momentWindow ?? 0).",
      "static uint32_t window(const \(net) *net)",
      "return net->updates < \(plan.learning?.momentWindow ?? 0)U ? net->updates : \(plan.learning?.momentWindow ?? 0)U;"
    )
    text.function(
      "A learning rate of the plan under the schedule.",
      "static uint32_t scheduled(const \(net) *net, uint32_t rate)",
      "return (uint32_t)(((uint64_t)rate * net->schedule) >> 16);")
    text.function(
      "The postsynaptic factor of a step: rate / rms in Q24, at most 2^36.",
      "static uint64_t step_factor(uint32_t rate, uint64_t mean_square)",
      """
      uint32_t rms = eprop_isqrt(mean_square);
      uint64_t factor = ((uint64_t)rate << 24) / (rms == 0U ? 1U : rms);
      return factor > (UINT64_C(1) << 36) ? UINT64_C(1) << 36 : factor;
      """)
    text.function(
      "The step of a synapse with gradient g in 2^-16 LSB. |g factor| <= 2^62, and the clamp to 2^38 keeps the second product, with a presynaptic "
        + "factor of at most 2^24, there too.",
      "static EPROP_APART int32_t wide_step(int32_t g, uint64_t factor, uint32_t row_factor, int32_t limit)",
      """
      int64_t step = eprop_clamp64(eprop_asr64(g * (int64_t)factor, 24U), INT64_C(1) << 38);
      return (int32_t)eprop_clamp64(eprop_asr64(step * (int64_t)row_factor, 12U), limit);
      """)
    text.function(
      """
      The same, quickly where that is possible: for a factor below 2^31, then also in `narrow` (else -1), a presynaptic factor below 2^19, for which \
      `reach` is 2^24 (else 0), and |g| < 2^23. Then the first product is that of 2^8 g, an int32, and its upper half is floor(g factor / 2^24); with that below 2^23 in size too, the second one \
      is done alike and is less than 2^30.
      """,
      """
      static inline int32_t factored_step(int32_t g, const uint64_t *factor, int32_t narrow, uint32_t row_factor,
                                    int32_t limit, uint32_t reach)
      """,
      """
      if (narrow >= 0 && (uint32_t)g + UINT32_C(0x800000) < reach) {
          int32_t step = eprop_upper(g * 256, narrow);
          if ((uint32_t)step + UINT32_C(0x800000) < UINT32_C(0x1000000)) {
              step = eprop_upper(step * 256, (int32_t)(row_factor << 12));
              return step > limit ? limit : step < -limit ? -limit : step;
          }
      }
      return g == 0 ? 0 : wide_step(g, *factor, row_factor, limit);
      """)
    text.function(
      "Presynaptic factors of the steps of a projection, in Q12: sources with small gradients take larger steps.",
      "static void row_factors(const uint64_t *row, uint32_t *factor, uint64_t *sum, uint16_t sources)",
      """
      uint64_t mean = 0;

      for (uint16_t i = 0; i < sources; i++) {
          mean += row[i];
      }
      mean = (uint64_t)eprop_isqrt(mean / sources) << 12;
      for (uint16_t i = 0; i < sources; i++) {
          uint32_t rms = eprop_isqrt(row[i]);
          uint64_t q = mean / (rms == 0U ? 1U : rms);
          factor[i] = q > (UINT64_C(1) << 24) ? UINT32_C(1) << 24 : (uint32_t)q;
          sum[i] = 0;
      }
      """)
  }

  /// Arguments of `gradient_<projection>` after net and i.
  func gradientArguments(_ projection: ProjectionPlan, lane0: String, lanes: String) -> String {
    guard case .population = projection.target else { return "\(lane0), \(lanes), g" }
    if plan.isCarried { return "\(lane0), \(lanes), n, end, g" }
    return projection.skipsDiagonal ? "\(lane0), n, g" : "n, g"
  }

  /// Parameters after net and i of the functions that take a tile.
  func tileParameters(_ projection: ProjectionPlan, needsBlock: Bool) -> String {
    guard case .population = projection.target, needsBlock else { return "uint16_t j0, uint16_t lanes" }
    return "uint16_t j0, uint16_t lanes, uint16_t n" + (plan.isCarried ? ", const sweep_end *end" : "")
  }

  mutating func emitCollect(_ projection: ProjectionPlan) {
    text.function(
      "Adds the block's gradients of \(projection.name) to those of the trial, for the tile at j0.",
      "static void collect_\(projection.name)(\(net) *net, \(tileParameters(projection, needsBlock: true)))",
      """
      for (uint16_t i = 0; i < \(count(projection.preCount)); i++) {
          int32_t g[\(P)_TILE];
          int32_t *sum = &net->sum_\(projection.name)[(uint32_t)i * \(count(projection.postCount)) + j0];

          gradient_\(projection.name)(net, i, \(gradientArguments(projection, lane0: "j0", lanes: "lanes")));
          for (uint16_t lane = 0; lane < lanes; lane++) {
              sum[lane] = eprop_sat32((int64_t)sum[lane] + g[lane]);
          }
      }
      """)
  }

  /// The lines that bring the gradients of source i into g.
  func bringGradient(_ projection: ProjectionPlan) -> String {
    guard plan.accumulates else {
      return "gradient_\(projection.name)(net, i, \(gradientArguments(projection, lane0: "j0", lanes: "lanes")));"
    }
    return """
      for (uint16_t lane = 0; lane < lanes; lane++) {
          g[lane] = (int32_t)eprop_clamp64(net->sum_\(projection.name)[s + lane], INT32_C(\(plan.learning?.gradientLimit ?? 0)));
          net->sum_\(projection.name)[s + lane] = 0;
      }
      """
  }

  mutating func emitLearn(_ projection: ProjectionPlan) {
    let n = projection.name
    let type = weightType(projection)
    let rounding = "eprop_threshold_in(UINT32_C(\(projection.roundingSalt)) + s + lane, turn)"
    let turn = "const uint32_t turn = eprop_turn(net->updates);"
    let parameters = tileParameters(projection, needsBlock: !plan.accumulates)
    func rate(_ values: [UInt32], _ name: String) -> String {
      values.count == 1 ? "UINT32_C(\(values[0]))" : element("\(name)_\(n)[j0 + lane]", "uint32_t")
    }
    func limits(_ place: String, _ rate: String) -> String {
      "\(place) = net->updates == 1U ? 0 : (int32_t)scheduled(net, \(rate));"
    }
    switch projection.step {
    case .factored(let unit, let limit)?:
      let reach = limit.count == 1 ? "limit" : "limit[lane]"
      text.function(
        "Learns the synapses of \(n) onto the tile at j0: each takes its step, rounded by its own threshold, and leaves its g^2 in the sums of its row "
          + "and column. The first update has no means to go by and only collects.",
        "static EPROP_APART void learn_\(n)(\(net) *net, \(parameters))",
        """
        uint64_t factor[\(P)_TILE];
        uint64_t square[\(P)_TILE];
        int32_t narrow[\(P)_TILE];
        int32_t limit\(limit.count == 1 ? "" : "[\(P)_TILE]");
        \(turn)
        \(limit.count == 1 ? "\n" + limits("limit", "UINT32_C(\(limit[0]))") : "")
        for (uint16_t lane = 0; lane < lanes; lane++) {
            /* The first update has limit 0: any factor will do. */
            factor[lane] = net->updates == 1U
                               ? 0U : step_factor(scheduled(net, \(rate(unit, "unit"))), net->col_\(n)[j0 + lane]);\(limit.count == 1 ? "" : "\n    " + limits("limit[lane]", rate(limit, "limit")))
            narrow[lane] = factor[lane] < UINT64_C(0x80000000) ? (int32_t)factor[lane] : -1;
            square[lane] = 0;
        }
        for (uint16_t i = 0; i < \(count(projection.preCount)); i++) {
            int32_t g[\(P)_TILE];
            uint32_t s = (uint32_t)i * \(count(projection.postCount)) + j0;
            \(type) *w = &net->w_\(n)[s];
            uint32_t row_factor = net->row_factor_\(n)[i];
            uint32_t reach = row_factor < UINT32_C(0x80000) ? UINT32_C(0x1000000) : 0U;
            uint64_t row = 0;

        \(indented(bringGradient(projection), by: 4))
            for (uint16_t lane = 0; lane < lanes; lane++) {
                int32_t step = factored_step(g[lane], &factor[lane], narrow[lane], row_factor, \(reach), reach);
                int32_t threshold = \(rounding);
                uint64_t squared = eprop_square(g[lane]);

                w[lane] = \(sat(projection))(w[lane] - eprop_asr32(step + threshold, 16U));
                square[lane] += squared;
                row += squared;
            }
            net->row_sum_\(n)[i] += row;
        }
        for (uint16_t lane = 0; lane < lanes; lane++) {
            net->col_\(n)[j0 + lane] = moved(net->col_\(n)[j0 + lane], square[lane] / \(count(projection.preCount)), window(net));
        }
        """)
    case .sgd(let multiplier, let exponent)?:
      text.function(
        "Learns the synapses of \(n) onto the tile at j0: each takes its step, rounded by its own threshold.",
        "static EPROP_APART void learn_\(n)(\(net) *net, \(parameters))",
        """
        int64_t rate[\(P)_TILE];
        \(turn)

        for (uint16_t lane = 0; lane < lanes; lane++) {
            rate[lane] = (int64_t)(((uint64_t)\(rate(multiplier, "multiplier")) * net->schedule) >> 16);
        }
        for (uint16_t i = 0; i < \(count(projection.preCount)); i++) {
            int32_t g[\(P)_TILE];
            uint32_t s = (uint32_t)i * \(count(projection.postCount)) + j0;
            \(type) *w = &net->w_\(n)[s];

        \(indented(bringGradient(projection), by: 4))
            for (uint16_t lane = 0; lane < lanes; lane++) {
                if (g[lane] != 0) {
                    int32_t step = (int32_t)eprop_clamp64(eprop_asr64(g[lane] * rate[lane], \(exponent)U), INT32_C(1073741824));
                    int32_t threshold = \(rounding);
                    w[lane] = \(sat(projection))(w[lane] - eprop_asr32(step + threshold, 16U));
                }
            }
        }
        """)
    case nil: break
    }
  }

  mutating func emitLearnBias(_ learning: LearningPlan) {
    let step: String
    switch plan.readout.biasStep {
    case .factored(let unit, let limit)?:
      step = """
        uint32_t rms = eprop_isqrt(net->var_bias[k]);
        uint64_t magnitude = (uint64_t)(g < 0 ? -(int64_t)g : g);
        uint64_t size = magnitude * scheduled(net, UINT32_C(\(unit[0]))) / (rms == 0U ? 1U : rms);
        uint32_t limit = net->updates == 1U ? 0U : scheduled(net, UINT32_C(\(limit[0])));
        int64_t step = (int64_t)(size > limit ? limit : size);
        step = g < 0 ? -step : step;
        net->var_bias[k] = moved(net->var_bias[k], magnitude * magnitude, window(net));
        """
    case .sgd(let multiplier, let exponent)?:
      step = """
        int64_t rate = (int64_t)(((uint64_t)UINT32_C(\(multiplier[0])) * net->schedule) >> 16);
        int64_t step = eprop_clamp64(eprop_asr64(g * rate, \(exponent)U), INT32_C(1073741824));
        """
    case nil: step = ""
    }
    let apply = """
      \(step)
      net->bias[k] = (int32_t)eprop_clamp64(net->bias[k] - step, INT32_C(\(plan.readout.biasLimit)));
      """
    let limit = "INT32_C(\(learning.gradientLimit))"
    let sum = """
      int64_t sum = 0;

      for (uint16_t step = 0; step < n; step++) {
          sum += net->error[(uint32_t)step * \(P)_OUTPUTS + k];
      }
      """
    let carry = plan.isCarried ? "\nsum += eprop_near64((int64_t)net->last_error[k] * net->bias_trace, 8U);" : ""
    if plan.accumulates {
      text.function(
        "Adds the block's gradient of the bias to that of the trial.",
        "static void collect_bias(\(net) *net, uint16_t n)",
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
      : "int32_t g;\n\(sum)\(carry)\ng = (int32_t)eprop_clamp64(sum, \(limit));"
    text.function(
      "Learns the bias of the readouts. A unit of bias enters at every step, so its gradient is the sum of the filtered errors.",
      "static void learn_bias(\(net) *net\(plan.accumulates ? "" : ", uint16_t n"))",
      """
      for (uint16_t k = 0; k < \(P)_OUTPUTS; k++) {
      \(indented(gradient, by: 4))
          {
      \(indented(apply, by: 8))
          }\(plan.accumulates ? "\n    net->sum_bias[k] = 0;" : "")
      }
      """)
  }

  mutating func emitBeginUpdate(_ learning: LearningPlan) {
    var lines = ["net->updates++;"]
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
    case .stepwise(let factor, let every):
      lines.append(
        """
        /* times \(factor) / 2^16 after every \(every) updates */
        if (net->updates > 1U && (net->updates - 1U) % \(count(Int(every))) == 0U) {
            net->schedule = (uint32_t)(((uint64_t)net->schedule * \(count(Int(factor))) + 32768U) >> 16);
        }
        """)
    }
    for projection in plan.projections {
      guard case .factored = projection.step else { continue }
      let n = projection.name
      lines.append(
        "row_factors(net->row_\(n), net->row_factor_\(n), net->row_sum_\(n), \(count(projection.preCount)));")
    }
    text.function(
      "Begins an update: counts it, and decides the learning rate.", "static void begin_update(\(net) *net)",
      lines.joined(separator: "\n"))
  }

  mutating func emitFinishUpdate() {
    var lines: [String] = []
    for projection in plan.projections {
      guard case .factored = projection.step else { continue }
      let n = projection.name
      lines.append(
        """
        for (uint16_t i = 0; i < \(count(projection.preCount)); i++) {
            net->row_\(n)[i] = moved(net->row_\(n)[i], net->row_sum_\(n)[i] / \(count(projection.postCount)), window(net));
        }
        """)
    }
    text.function(
      "Ends an update: its squares enter the means per presynaptic neuron.", "static void finish_update(\(net) *net)",
      lines.joined(separator: "\n"))
  }

  /// The loop over the tiles of `total` neurons; `body` sees j0 and lanes.
  func tiles(_ total: String, _ body: String) -> String {
    """
    for (uint16_t j0 = 0; j0 < \(total); j0 = (uint16_t)(j0 + \(P)_TILE)) {
        uint16_t lanes = \(total) - j0 < \(P)_TILE ? (uint16_t)(\(total) - j0) : (uint16_t)\(P)_TILE;

    \(indented(body, by: 4))
    }
    """
  }

  mutating func emitProcessBlock() {
    let perBlock = plan.isCarried && !plan.accumulates
    var lines: [String] = []
    if plan.isCarried {
      lines.append("uint16_t t0 = (uint16_t)(net->t - n);\n")
    } else {
      lines.append("const uint16_t t0 = 0;\n")
    }
    if perBlock { lines.append("begin_update(net);") }
    lines.append("filter_errors(net, t0, n);")
    if plan.inputs.kind == .spikes {
      lines.append(
        "sort_by_source(net->input_events, net->input_end, n, net->input_start, (uint16_t)\(P)_INPUTS, net->input_times);"
      )
    }
    lines.append(
      "sort_by_source(net->record, net->record_end, (uint16_t)(n + 1U), net->record_start, (uint16_t)\(P)_NEURONS,\n"
        + "               net->record_times);")
    for (index, population) in plan.populations.enumerated() where learnsInto(index) {
      lines.append(tiles(count(population.count), processTile(population, index: index)))
      if plan.isCarried {
        for projection in plan.projections where projection.isPlastic && projection.target == .population(index) {
          lines.append("carry_sources_\(projection.name)(net, n, t0);")
        }
      }
    }
    for projection in outgoing where projection.isPlastic {
      let verb = plan.accumulates ? "collect" : "learn"
      lines.append(tiles("\(P)_OUTPUTS", "\(verb)_\(projection.name)(net, j0, lanes);"))
    }
    if plan.readout.biasIsPlastic {
      lines.append(plan.accumulates ? "collect_bias(net, n);" : "learn_bias(net, n);")
      if plan.isCarried {
        lines.append(
          """
          for (uint16_t step = 0; step < n; step++) {
              net->bias_trace = \(decay(plan.readout.decay, "net->bias_trace", "eprop_dither((uint32_t)t0 + step)")) + 256;
          }
          """)
      }
    }
    if memory.ram.contains(where: { $0.name == "readout_trace" }) { lines.append("carry_readout(net, n, t0);") }
    if perBlock && plan.isFactored { lines.append("finish_update(net);") }
    text.function(
      "Learns from the steps in the record" + (plan.accumulates ? ", adding to the gradients of the trial." : "."),
      "static void process_block(\(net) *net)", "uint16_t n = net->recorded;\n" + lines.joined(separator: "\n"))
  }

  /// What is done for one tile of a population.
  func processTile(_ population: PopulationPlan, index: Int) -> String {
    let adaptive = population.adaptation != nil
    let n = population.name
    let learnt = plan.projections.filter { $0.isPlastic && $0.target == .population(index) }
    var lines: [String] = []
    if plan.isCarried { lines.append("sweep_end end;\n") }
    if replays { lines.append("replay_\(n)(net, j0, lanes, n);") }
    lines.append(
      "sweep_\(n)(net, j0, lanes, n\(adaptive ? ", t0" : "")\(plan.isCarried ? ", &end" : ""));")
    for projection in learnt {
      let verb = plan.accumulates ? "collect" : "learn"
      lines.append("\(verb)_\(projection.name)(net, j0, lanes, n\(plan.isCarried ? ", &end" : ""));")
    }
    guard plan.isCarried else { return lines.joined(separator: "\n") }
    lines.append("sweep_trace_\(n)(net, j0, lanes, n, t0, &end);")
    for projection in learnt { lines.append("carry_trace_\(projection.name)(net, j0, lanes, n, t0, &end);") }
    if adaptive {
      lines.append("sweep_adaptation_\(n)(net, j0, lanes, n, t0, &end);")
      for projection in learnt { lines.append("carry_adaptation_\(projection.name)(net, j0, lanes, n, t0, &end);") }
    }
    return lines.joined(separator: "\n")
  }

  mutating func emitApplySums() {
    var lines = ["begin_update(net);"]
    for projection in plan.projections where projection.isPlastic {
      lines.append(tiles(count(projection.postCount), "learn_\(projection.name)(net, j0, lanes);"))
    }
    if plan.readout.biasIsPlastic { lines.append("learn_bias(net);") }
    if plan.isFactored { lines.append("finish_update(net);") }
    text.function(
      "Learns from the gradients of the trial.", "static void apply_sums(\(net) *net)", lines.joined(separator: "\n"))
  }

  mutating func emitUpdateFunction() {
    var learn = ""
    if plan.isCarried {
      learn = "process_block(net);" + (plan.accumulates ? "\napply_sums(net);" : "")
    } else {
      learn = "begin_update(net);\nprocess_block(net);" + (plan.isFactored ? "\nfinish_update(net);" : "")
    }
    if plan.countsSpikes {
      learn += """

        for (uint16_t j = 0; j < \(P)_NEURONS; j++) {
            net->last_count[j] = net->count[j];
        }
        net->last_steps = net->t;
        """
    }
    text.function(
      "", "\(p)_status \(p)_update(\(net) *net)",
      """
      if (net->spoilt != 0U) {
          net->spoilt = 0;
          net->skipped++;
          return \(P)_SPOILT;
      }
      if (net->recording == 0U || net->recorded == 0U) {
          return \(P)_NOTHING_RECORDED;
      }
      \(learn)
      net->recording = 0;
      net->recorded = 0;
      return \(P)_OK;
      """)
  }
}
