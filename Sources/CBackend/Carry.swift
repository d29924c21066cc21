import CSyntax
import Planning

/// What is carried from block to block when a trial has several: traces per source and per synapse.
extension Emitter {
  mutating func emitCarry(_ projection: ProjectionPlan, target: Int) {
    guard let learning = plan.learning else { return }
    let n = projection.name
    let adaptation = plan.populations[target].adaptation
    let bits = learning.populations[target].traceFractionBits
    let throughAdaptation =
      adaptation.map {
        "\nsum += eprop_asr64(eprop_asr64((int64_t)net->end_q[lane] * \(int(Int($0.surrogateStrength))), 8U) * net->adaptation_\(n)[s], 19U);"
      } ?? ""
    emitCarryLoop(
      "carry_trace_\(n)", "Filtered eligibility traces of \(n) at the end of the block, for the tile at j0.",
      projection,
      """
      int64_t sum = g[lane] + \(carriedTraces(projection, target: target));\(throughAdaptation)
      sum = sum * \(1 << bits) + (int64_t)net->end_k[lane] * net->eligibility_\(n)[s] + dither;
      net->eligibility_\(n)[s] = eprop_sat16(eprop_sat32(eprop_asr64(sum, 12U)));
      """)
    if adaptation != nil {
      emitCarryLoop(
        "carry_adaptation_\(n)",
        "Eligibility of \(n) through the adaptation at the end of the block, for the tile at j0.",
        projection,
        """
        int64_t sum = g[lane] + \(carriedTraces(projection, target: target));
        sum = sum * 16 + eprop_asr64((int64_t)net->end_q[lane] * net->adaptation_\(n)[s], 12U) + dither;
        net->adaptation_\(n)[s] = (int32_t)eprop_clamp64(eprop_asr64(sum, 12U), INT32_C(\(Fixed.adaptationTraceLimit)));
        """)
    }
    emitPresynapticTrace(projection, target: target)
  }

  mutating func emitCarryLoop(_ name: String, _ contract: String, _ projection: ProjectionPlan, _ body: String) {
    let guarded =
      projection.skipsDiagonal
      ? "if (i == j0 + lane) {\n    continue; /* no autapses */\n}\n" : ""
    text.function(
      contract,
      "static EPROP_APART void \(name)(\(net) *net, uint16_t j0, uint16_t lanes, uint16_t n, uint32_t t0)",
      """
      int32_t dither = (int32_t)(eprop_dither(t0 + n) >> 20);

      for (uint16_t i = 0; i < \(count(projection.preCount)); i++) {
          int64_t *g = net->wide;

          \(gatherCall(projection, sigma: true))
          for (uint16_t lane = 0; lane < lanes; lane++) {
              uint32_t s = (uint32_t)i * \(count(projection.postCount)) + j0 + lane;
      \(indented(guarded + body, by: 8))
          }
      }
      """)
  }

  mutating func emitPresynapticTrace(_ projection: ProjectionPlan, target: Int) {
    let n = projection.name
    let population = plan.populations[target]
    let kinds = population.traceKinds
    let isSeveral = kinds.count > 1
    let table = isSeveral ? Decays.each(kinds.kinds.map(\.membrane)) : .common(kinds.kinds[0].membrane)
    func decayed(_ decays: Decays, _ x: String, table: String) -> String {
      decay(decays, x, "eprop_dither(t0 + step)", table: table, suffix: "_\(population.name)", index: "kind")
    }
    let keptTrace = decayed(table, "trace", table: "trace")
    // What arrives goes to the current, where there is one, and that to the trace.
    let entry = population.current == nil ? "trace" : "current"
    let one = "INT32_C(1) << \(Fixed.traceBits)"
    let arrival: String
    var (cursor, skip) = ("", "")
    switch projection.source {
    case .inputs where plan.inputs.kind != .spikes:
      let shift = Fixed.traceBits - plan.inputs.kind.fractionBits
      arrival =
        "\(entry) += \(inputValues(of: "step")) * \(int(1 << shift));"
    case .inputs:
      cursor = "\n    \(offset) e = net->input_start[i];"
      arrival = spikeArrival("net->input_times", end: "net->input_start[i + 1U]", time: "step", one: one, into: entry)
    case .population(let source):
      let s = plus("i", plan.populations[source].first)
      cursor = "\n    \(offset) e = net->record_start[\(s)];"
      if projection.isImmediate {
        skip = """


              if (e < net->record_start[\(s) + 1U] && net->record_times[e] == 0U) {
                  e++; /* arrived before the block */
              }
          """
      }
      arrival = spikeArrival(
        "net->record_times", end: "net->record_start[\(s) + 1U]", time: projection.isImmediate ? "step + 1U" : "step",
        one: one, into: entry)
    }
    var (before, after) = ("", "")
    var step = "trace = \(keptTrace);\n" + arrival
    let place = isSeveral ? "place" : "i"
    if population.current != nil {
      let synaptic = kinds.kinds.compactMap(\.synaptic)
      let kept = decayed(isSeveral ? .each(synaptic) : .common(synaptic[0]), "current", table: "trace_current")
      before = "\n    int32_t current = net->current_trace_\(n)[\(place)];"
      step = "current = \(kept);\n\(arrival)\ntrace = \(keptTrace) + current;"
      after = "\n    net->current_trace_\(n)[\(place)] = current;"
    }
    if isSeveral {
      emitPresynapticTraces(projection, kinds.count, before + cursor + skip, step, after)
      return
    }
    text.function(
      "Presynaptic traces of \(n) at the end of the block, in 2^-\(Fixed.traceBits).",
      "static EPROP_APART void carry_sources_\(n)(\(net) *net, uint16_t n, uint32_t t0)",
      """
      for (uint16_t i = 0; i < \(count(projection.preCount)); i++) {
          int32_t trace = net->trace_\(n)[i];\(before)\(cursor)\(skip)

          for (uint16_t step = 0; step < n; step++) {
      \(indented(step, by: 8))
          }
          net->trace_\(n)[i] = trace;\(after)
      }
      """)
  }

  /// The same where a source has a trace for each of the ways in which its targets filter.
  private mutating func emitPresynapticTraces(
    _ projection: ProjectionPlan, _ kinds: Int, _ before: String, _ step: String, _ after: String
  ) {
    let n = projection.name
    text.function(
      "Presynaptic traces of \(n) at the end of the block, in 2^-\(Fixed.traceBits): of each source \(kinds), as its targets have so many pairs of "
        + "time constants.",
      "static void carry_sources_\(n)(\(net) *net, uint16_t n, uint32_t t0)",
      """
      for (uint16_t i = 0; i < \(count(projection.preCount)); i++) {
          for (uint16_t kind = 0; kind < \(count(kinds)); kind++) {
              uint32_t place = (uint32_t)i * \(count(kinds)) + kind;
              int32_t trace = net->trace_\(n)[place];\(indented(before, by: 4))

              for (uint16_t step = 0; step < n; step++) {
      \(indented(step, by: 12))
              }
              net->trace_\(n)[place] = trace;\(indented(after, by: 4))
          }
      }
      """)
  }

  /// Where the trace of source i for neuron j0 + lane is.
  func tracePlace(_ projection: ProjectionPlan) -> String {
    guard case .population(let target) = projection.target, plan.hasTraceKinds(target) else { return "i" }
    let population = plan.populations[target]
    let kinds = population.traceKinds
    let kind = element("trace_kind_\(population.name)[j0 + lane]", "uint\(kinds.bits)_t")
    return "(uint32_t)i * \(count(kinds.count)) + \(kind)"
  }

  func spikeArrival(
    _ times: String, end: String, time: String, one: String, into trace: String = "trace"
  ) -> String {
    """
    while (e < \(end) && \(times)[e] == \(time)) {
        \(trace) += \(one);
        e++;
    }
    """
  }

  mutating func emitReadoutTrace() {
    let decayed = decay(plan.readout.decay[0], "trace", "eprop_dither(t0 + step)")
    text.function(
      "Spikes filtered like the readouts, at the end of the block, in 2^-\(Fixed.readoutTraceBits). The times of spikes are one more than their "
        + "steps; 0 is a spike from before the block, counted then.",
      "static EPROP_APART void carry_readout(\(net) *net, uint16_t n, uint32_t t0)",
      """
      for (uint16_t i = 0; i < \(P)_NEURONS; i++) {
          int32_t trace = net->readout_trace[i];
          \(offset) e = net->record_start[i];

          while (e < net->record_start[i + 1U] && net->record_times[e] == 0U) {
              e++;
          }
          for (uint16_t step = 0; step < n; step++) {
              trace = \(decayed);
      \(indented(spikeArrival("net->record_times", end: "net->record_start[i + 1U]", time: "step + 1U", one: "INT32_C(1) << \(Fixed.readoutTraceBits)"), by: 8))
          }
          net->readout_trace[i] = trace;
      }
      """)
  }
}
