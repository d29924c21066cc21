import CSyntax
import Planning

extension Emitter {
  mutating func emitGradients() {
    text.section("Gradients")
    if plan.scattersGradients {
      emitScatterGradients()
    } else {
      emitSort()
      if packs { return emitPackedSums() }
      if plastic.isEmpty || (plan.isCarried && !plan.hasSweeps) { return emitCarriedGradients() }
      if gathersEvents {
        emitGather()
        if learnsImmediately { emitGatherNow() }
      }
    }
    if gathersValues { emitAnalogGather() }
    emitCarriedGradients()
  }

  /// Whether anything calls `gather`: the shared function of matrices always, that of columns and those of carried blocks for spikes.
  private var gathersEvents: Bool {
    !plan.isCarried
      ? learnsRows || hasEventColumns
      : plastic.contains { $0.target != .readout && ($0.source != .inputs || plan.inputs.kind == .spikes) }
  }

  private mutating func emitCarriedGradients() {
    emitAbsent()
    guard plan.isCarried else { return }
    for projection in plastic {
      if case .population(let target) = projection.target {
        emitGradient(projection, target: target)
        emitCarry(projection, target: target)
      } else {
        emitReadoutGradient(projection)
      }
    }
  }

  /// Whether |g| can pass the plan's limit.
  var clampsGradients: Bool {
    guard let learning = plan.learning else { return false }
    return plan.isCarried || plan.inputs.kind != .spikes
      || Int64(learning.recordSteps) << 15 > Int64(learning.gradientLimit)
  }

  /// The sum of a carried block as a gradient: collected over the trial's blocks, or used at once.
  func narrowed(_ sum: String, _ learning: LearningPlan) -> String {
    plan.accumulates
      ? "eprop_sat32(\(sum))" : "(int32_t)eprop_clamp64(\(sum), INT32_C(\(learning.gradientLimit)))"
  }

  mutating func emitGather() {
    emitGather(
      "gather",
      "Sums delta over the steps time ... last - 1 at which a source arrives, for each neuron of a tile.",
      row: "(uint32_t)*time")
    guard plan.isCarried else { return }
    emitGatherSigma()
    if learnsImmediately { emitGatherSigmaNow() }
  }

  /// Of spikes that arrive in their own step, one before their time.
  private mutating func emitGatherNow() {
    emitGather(
      "gather_now", "The same for spikes that arrive in their own step, one before their time.",
      row: "((uint32_t)*time - 1U)")
  }

  private mutating func emitGather(_ name: String, _ contract: String, row: String) {
    // Words of two lanes, where a tile has no odd one.
    let paired = tile % 2 == 0
    func addition(_ lane: Int) -> String {
      guard paired else { return "g\(lane) += row[\(lane)];" }
      guard lane % 2 == 0 else { return "" }
      return "x = eprop_load2(row\(lane == 0 ? "" : " + \(lane)"));\ng\(lane) += x;\ng\(lane + 1) += x >> 16;"
    }
    func result(_ lane: Int) -> String {
      paired && lane % 2 == 0
        ? "g[\(lane)] = eprop_signed(g\(lane) - ((g\(lane + 1) - offset) << 16));"
        : "g[\(lane)] = eprop_signed(g\(lane));"
    }
    func perLane(_ line: (Int) -> String) -> String {
      (0..<tile).map(line).filter { !$0.isEmpty }.joined(separator: "\n")
    }
    text.function(
      """
      \(contract) |sum| < 2^15 per step, so 65535 \
      steps fit.\(paired ? " Of two lanes in a word the lower one is what the upper one's sum leaves of the sum of words, mod 2^32." : "")
      """,
      "static EPROP_APART void \(name)(const uint16_t *delta, const uint16_t *time, const uint16_t *last, int32_t *g)",
      """
      uint32_t offset;
      \(perLane { "uint32_t g\($0);" })

      /* Each delta is stored + 2^15. */
      offset = 0U - (uint32_t)(last - time) * UINT32_C(32768);
      \(perLane { "g\($0) = offset;" })
      for (; time != last; time++) {
          const uint16_t *row = &delta[\(row) * \(P)_TILE];
      \(paired ? "    uint32_t x;\n\n" : "")\(indented(perLane(addition), by: 4))
      }
      \(perLane(result))
      """)
  }

  private mutating func emitGatherSigma() {
    text.function(
      "The same for sigma, whose sums need 64 bits.",
      "static void gather_sigma(const int32_t *sigma, const uint16_t *times, \(offset) begin, \(offset) end, uint16_t n, int64_t *g)",
      """
      if (end > begin && times[end - 1U] == n) {
          end--;
      }
      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          g[lane] = 0;
      }
      for (\(offset) e = begin; e < end; e++) {
          const int32_t *row = &sigma[(uint32_t)times[e] * \(P)_TILE];
          for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
              g[lane] += row[lane];
          }
      }
      """)
  }

  mutating func emitAnalogGather() {
    let bits = plan.inputs.kind.fractionBits
    if plan.sumsFrames { emitSumFrames() }
    let loop =
      plan.sumsFrames
      ? frameLoop
      : """
      for (uint16_t step = 0; step < n; step++) {
          const uint16_t *row = &net->delta[(uint32_t)step * \(P)_TILE];
          int32_t x = \(inputValues(of: "step"));
          for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
              sum[lane] += x * ((int32_t)row[lane] - INT32_C(32768));
          }
      }
      """
    text.function(
      "Sums delta, weighted by the values of input i, for each neuron of a tile.",
      "static EPROP_APART void gather_values(\(net) *net, uint16_t i, uint16_t n, int32_t *g)",
      """
      int64_t *sum = net->wide;

      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          sum[lane] = 0;
      }
      \(loop)
      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          g[lane] = eprop_sat32(eprop_near64(sum[lane], \(bits)U));
      }
      """)
    guard plan.isCarried else { return }
    text.function(
      "The same for sigma.",
      "static void gather_sigma_values(const \(net) *net, uint16_t i, uint16_t n, int64_t *g)",
      """
      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          g[lane] = 0;
      }
      for (uint16_t step = 0; step < n; step++) {
          const int32_t *row = &net->sigma[(uint32_t)step * \(P)_TILE];
          int64_t x = \(inputValues(of: "step"));
          for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
              g[lane] += x * row[lane];
          }
      }
      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          g[lane] = eprop_asr64(g[lane], \(bits)U);
      }
      """)
  }

  /// The statements that gather `array` for source i of a projection into `g`.
  func gatherCall(_ projection: ProjectionPlan, sigma: Bool) -> String {
    let (start, times, source): (String, String, String)
    switch projection.source {
    case .inputs where plan.inputs.kind == .spikes: (start, times, source) = ("input_start", "input_times", "i")
    case .inputs: return sigma ? "gather_sigma_values(net, i, n, g);" : "gather_values(net, i, n, net->g);"
    case .population(let index):
      (start, times, source) = ("record_start", "record_times", plus("i", plan.populations[index].first))
    }
    if sigma && projection.isImmediate {
      return
        "gather_sigma_now(net->sigma, net->\(times), net->\(start)[\(source)], net->\(start)[\(source) + 1U], g);"
    }
    if sigma {
      return "gather_sigma(net->sigma, net->\(times), net->\(start)[\(source)], net->\(start)[\(source) + 1U], n, g);"
    }
    return """
      {
          \(offset) begin = net->\(start)[\(source)];
          \(offset) stop = net->\(start)[\(source) + 1U];

      \(indented(leavingOut(projection, times: "net->\(times)", begin: "begin", end: "stop"), by: 4))
          \(projection.isImmediate ? "gather_now" : "gather")(net->delta, net->\(times) + begin, net->\(times) + stop, net->g);
      }
      """
  }

  /// The lines that take a skipped diagonal out.
  func skippingDiagonal(_ projection: ProjectionPlan) -> String {
    guard projection.skipsDiagonal else { return "" }
    return """

      /* no autapses */
      if ((uint16_t)(i - j0) < \(P)_TILE) {
          net->g[i - j0] = 0;
      }
      """
  }

  mutating func emitGradient(_ projection: ProjectionPlan, target: Int) {
    let n = projection.name
    guard let learning = plan.learning else { return }
    let formats = learning.populations[target]
    let adaptation = plan.populations[target].adaptation
    let throughAdaptation =
      adaptation.map {
        """

            sum += eprop_near64(eprop_asr64((int64_t)net->end_q[lane] * \(int(Int($0.surrogateStrength))), 8U) * net->adaptation_\(n)[s], \(19 + formats.deltaShift)U);
        """
      } ?? ""
    text.function(
      "Gradient of the synapses of \(n) from source i to the tile at j0: what arrived in the block, and what arrived before it and lives on in the traces.",
      """
      static void gradient_\(n)(\(net) *net, uint16_t i, uint16_t j0, uint16_t lanes, uint16_t n)
      """,
      """
      \(projection.isImmediate ? "(void)n;\n" : "")\(gatherCall(projection, sigma: false))
      for (uint16_t lane = 0; lane < lanes; lane++) {
          uint32_t s = (uint32_t)i * \(count(projection.postCount)) + j0 + lane;
          int64_t sum = net->g[lane];
          sum += eprop_near64((int64_t)net->end_s[lane] * net->trace_\(n)[\(tracePlace(projection))], \(12 + formats.currentShift + formats.deltaShift)U);\(throughCurrent(projection, target: target))\(throughAdaptation)
          sum += eprop_near64((int64_t)net->end_k[lane] * net->eligibility_\(n)[s], \(formats.traceFractionBits + formats.deltaShift)U);
          net->g[lane] = \(narrowed("sum", learning));
      }\(skippingDiagonal(projection))\(skippingAbsent(projection, "lanes"))
      """)
  }

  mutating func emitReadoutGradient(_ projection: ProjectionPlan) {
    guard case .population(let source) = projection.source, let learning = plan.learning else { return }
    let s = plus("i", plan.populations[source].first)
    text.function(
      "Gradient of the synapses of \(projection.name) from neuron i to readouts k0 ... k0 + count - 1: the filtered errors at its spikes. "
        + "Its times are one more than the steps of its spikes; 0 is a spike from before the block.",
      "static void gradient_\(projection.name)(\(net) *net, uint16_t i, uint16_t k0, uint16_t count)",
      """
      for (uint16_t k = 0; k < count; k++) {
          net->g[k] = 0;
      }
      for (\(offset) e = net->record_start[\(s)]; e < net->record_start[\(s) + 1U]; e++) {
          uint16_t time = net->record_times[e];
          if (time != 0U) {
              const int16_t *f = &net->error[(time - 1U) * (uint32_t)\(P)_OUTPUTS + k0];
              for (uint16_t k = 0; k < count; k++) {
                  net->g[k] += f[k];
              }
          }
      }
      for (uint16_t k = 0; k < count; k++) {
          int64_t sum = net->g[k] + eprop_near64((int64_t)net->last_error[k0 + k] * net->readout_trace[\(s)], 8U);
          net->g[k] = \(narrowed("sum", learning));
      }\(skippingAbsent(projection, "count", first: "k0"))
      """)
  }
}
