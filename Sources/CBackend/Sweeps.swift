import CSyntax
import Planning

extension Emitter {
  mutating func emitSweeps() {
    guard let learning = plan.learning else { return }
    if plan.hasSweeps { text.section("Backward sweeps") }
    if replays && plan.populations.indices.contains(where: { learnsInto($0) && plan.replaysInLanes($0) }) {
      emitScatter()
    }
    for (index, population) in plan.populations.enumerated() where learnsInto(index) {
      if replays { emitReplay(population, index: index) }
      emitSignal(population, index: index, learning)
      if let rate = learning.populations[index].rate { emitRate(population, rate) }
      emitSweep(population, index: index, learning)
      if plan.isCarried { emitTraceSweep(population, index: index) }
      if plan.isCarried && population.adaptation != nil { emitAdaptationSweep(population, index: index) }
    }
  }

  /// Whether any projection into the population is plastic.
  func learnsInto(_ index: Int) -> Bool { plan.learnsInto(index) }

  /// The row of B of neuron j0 + lane, and how an element of it is read; nil where the neuron gets no learning signal.
  func feedbackRow(_ index: Int, _ learning: LearningPlan) -> (declaration: String, read: (String) -> String)? {
    let j = "(uint32_t)(\(plus("j0", plan.populations[index].first)) + lane)"
    switch learning.feedback {
    case .fixed: return ("const int8_t *b = &feedback[\(j) * \(P)_OUTPUTS];", { element("b[\($0)]", "int8_t") })
    case .symmetric:
      guard let out = outgoing.first(where: { $0.source == .population(index) }) else { return nil }
      if out.isPacked {
        return (column(out, of: "(uint32_t)(j0 + lane)"), { weight(out, at: $0) })
      }
      return (
        "const \(weightType(out)) *b = &\(weights(out))[(uint32_t)(j0 + lane) * \(P)_OUTPUTS];",
        { out.weightBits == 16 ? "eprop_asr32(\(weight(out, "b[\($0)]")), 8U)" : weight(out, "b[\($0)]") }
      )
    }
  }

  mutating func emitSignal(_ population: PopulationPlan, index: Int, _ learning: LearningPlan) {
    let shift = learning.populations[index].feedbackShift
    guard let row = feedbackRow(index, learning) else {
      text.function(
        "Population \(population.name) does not drive the readout: symmetric feedback gives it no learning signal.",
        "static int32_t signal_\(population.name)(const \(net) *net, uint16_t j, const int16_t *f)",
        "(void)net;\n(void)j;\n(void)f;\nreturn 0;")
      return
    }
    if holdsFeedback && !plan.isCarried { return }
    let declaration = row.declaration.replacing("j0", with: "j").replacing(" + lane", with: "")
    text.function(
      "The learning signal of neuron j of \(population.name) for the filtered errors f: \(P)_OUTPUTS products of less than 2^22.",
      "static int32_t signal_\(population.name)(const \(net) *net, uint16_t j, const int16_t *f)",
      """
      \(declaration)
      int32_t sum = 0;
      \(declaration.contains("net->") ? "" : "\n(void)net;")
      for (uint16_t k = 0; k < \(P)_OUTPUTS; k++) {
          sum += (int32_t)\(row.read("k")) * f[k];
      }
      return eprop_near32(sum, \(shift)U);
      """)
  }

  mutating func emitRate(_ population: PopulationPlan, _ rate: LearningPlan.RatePlan) {
    let j = plus("j", population.first)
    // A neuron has at most n spikes in n steps.
    if !plan.countsSpikes, rate.perSpike >= 0, rate.perSpike + abs(rate.constant) < 1 << 31 {
      return emitNarrowRate(population, rate, j)
    }
    let head =
      plan.countsSpikes
      ? """
      int64_t count = net->last_count[\(j)];

      if (net->last_steps == 0U) {
          return 0;
      }
      """
      : plan.countsScattered
        ? "int64_t count = net->fired[\(j)];\n"
        : "int64_t count = (int64_t)net->record_start[\(j) + 1U] - (int64_t)net->record_start[\(j)];\n"
    let steps = plan.countsSpikes ? "(int64_t)net->last_steps" : "n"
    text.function(
      "What is added to the learning signal of neuron j because it fires too often or too seldom, from its spikes in "
        + (plan.countsSpikes ? "the last trial that was learnt from." : "the n steps of the trial."),
      "static int32_t rate_\(population.name)(const \(net) *net, uint16_t j\(plan.countsSpikes ? "" : ", uint16_t n"))",
      """
      \(head)
      return (int32_t)eprop_clamp64(
          eprop_asr64(count * (INT64_C(\(rate.perSpike)) / \(steps)) - INT64_C(\(rate.constant)), 8U),
          INT32_C(\(rate.limit)));
      """)
  }

  /// The same in 32 bits.
  private mutating func emitNarrowRate(
    _ population: PopulationPlan, _ rate: LearningPlan.RatePlan, _ j: String
  ) {
    let count =
      plan.countsScattered
      ? "net->fired[\(j)]" : "(int32_t)net->record_start[\(j) + 1U] - (int32_t)net->record_start[\(j)]"
    let most = "INT32_C(\(rate.limit))"
    text.function(
      "What is added to the learning signal of neuron j because it fires too often or too seldom, from its spikes in the n steps of the trial.",
      "static int32_t rate_\(population.name)(const \(net) *net, uint16_t j, uint16_t n)",
      """
      const int32_t count = \(count);
      const int32_t rate = eprop_asr32(count * (INT32_C(\(rate.perSpike)) / n) - INT32_C(\(rate.constant)), 8U);

      return rate > \(most) ? \(most) : rate < -\(most) ? -\(most) : rate;
      """)
  }

  /// Whether a sweep keeps a neuron's row of B at hand instead of calling `signal_<population>`.
  var holdsFeedback: Bool { outputs <= 4 }

  /// The declarations of a neuron's sweep, and the learning signal of a step; the neuron is j0 + lane.
  func sweepSignal(
    _ population: PopulationPlan, index: Int, _ learning: LearningPlan
  ) -> (declarations: String, signal: String) {
    let n = population.name
    let formats = learning.populations[index]
    let rate = formats.rate.map { _ in
      "rate_\(n)(net, (uint16_t)(j0 + lane)\(plan.countsSpikes ? "" : ", n"))"
    }
    guard holdsFeedback, let row = feedbackRow(index, learning) else {
      return (
        rate.map { "const int32_t rate = \($0);" } ?? "",
        (rate == nil ? "" : "rate + ") + "signal_\(n)(net, (uint16_t)(j0 + lane), f)"
      )
    }
    let terms = (0..<outputs).map { "b\($0) * f[\($0)]" }.joined(separator: " + ")
    let shift = formats.feedbackShift
    var lines = [row.declaration]
    lines += (0..<outputs).map { "const int32_t b\($0) = \(row.read("\($0)"));" }
    let half = shift == 0 ? 0 : 1 << (shift - 1)
    let largest = Int64(outputs) << 22 + Int64(half) + Int64(formats.rate?.limit ?? 0) << Int64(shift)
    if let rate, largest < 1 << 31 {
      lines.append(
        "/* The rate signal and the half that rounds, before the shift: at most \(largest - Int64(outputs) << 22). */")
      lines.append("const int32_t start = \(rate) * \(int(1 << shift)) + \(int(half));")
      return (lines.joined(separator: "\n"), "eprop_asr32(start + \(terms), \(shift)U)")
    }
    if let rate { lines.append("const int32_t rate = \(rate);") }
    return (lines.joined(separator: "\n"), (rate == nil ? "" : "rate + ") + "eprop_near32(\(terms), \(shift)U)")
  }

  mutating func emitSweep(_ population: PopulationPlan, index: Int, _ learning: LearningPlan) {
    if sweepsFast(index, learning) { emitFastSweep(population, index: index, learning) }
    let n = population.name
    let adaptive = population.adaptation != nil
    let carried = plan.isCarried
    var end = ""
    if carried {
      end = """

            net->end_s[lane] = eprop_scale(s, \(leak(population, "j0 + lane")));
            net->end_q[lane] = \(adaptive ? "q" : "0");\(indented(keepCurrent(population, "p"), by: 4))
            net->end_k[lane] = signal_\(n)(net, (uint16_t)(j0 + lane), net->last_error);
        """
    }
    let rest =
      population.count % tile == 0
      ? ""
      : """

      for (uint16_t lane = lanes; lane < \(P)_TILE; lane++) {
          for (uint16_t step = 0; step < n; step++) {
              net->delta[(uint32_t)step * \(P)_TILE + \(place("lane"))] = UINT16_C(\(deltaZero));
          }
      }
      """
    text.function(
      """
      Sweeps backward over the n steps of the block for neurons j0 ... j0 + lanes - 1 of \(n): delta[step] becomes what a unit arriving at that \
      step does to the loss, through \(population.current == nil ? "" : "the current, ")\(adaptive ? "v and the adaptive threshold" : "v"), \(deltaZero == 0 ? "an int16" : "+ 2^\(packs ? 10 : 15)"). \(sweepBound(population, index))
      """,
      "static EPROP_APART void sweep_\(n)(\(net) *net, uint16_t j0, uint16_t lanes, uint16_t n"
        + (sweepsWithDither(population) ? ", uint32_t t0" : "") + ")",
      sweepsFast(index, learning)
        ? """
        for (uint16_t lane = 0; lane < lanes; lane = (uint16_t)(lane + 4U)) {
            sweep_quad_\(n)(net, (uint16_t)(j0 + lane), lane, n);
        }\(rest)
        """
        : """
        for (uint16_t lane = 0; lane < lanes; lane++) {
        \(indented(neuronSweep(population, index: index, learning), by: 4))\(end)
        }\(rest)
        """)
  }

  /// The sweep of neuron j0 + lane.
  private func neuronSweep(_ population: PopulationPlan, index: Int, _ learning: LearningPlan) -> String {
    let (declarations, signal) = sweepSignal(population, index: index, learning)
    let reading = surrogateReading(population)
    let last = "history += (n - 1U) * (uint32_t)\(reading.stride);"
    guard plan.fades(index) else {
      let adaptive = population.adaptation != nil
      return """
        \(declarations)
        \(reading.declarations)
        const int16_t *f = &net->error[(n - 1U) * (uint32_t)\(P)_OUTPUTS];
        uint16_t *delta = &net->delta[(n - 1U) * (uint32_t)\(P)_TILE + \(place("lane"))];
        int32_t s = 0;\(adaptive ? "\nint32_t q = 0;" : "")\(population.current == nil ? "" : "\nint32_t p = 0;")

        \(last)

        /* By pointers: GCC 12 at -O2 gets a loop over indices wrong where rows have one element. */
        for (uint16_t step = n; step-- > 0U;) {
            int32_t psi = \(reading.now);\(sweepsWithDither(population) ? "\n    uint32_t dither = eprop_dither(t0 + step);" : "")

        \(indented(neuronSweepStep(population, signal: signal) + sweepCurrent(population, index: index), by: 4))
            *delta = (uint16_t)\(packs ? "(eprop_offset16(\(worth(population)), \(learning.populations[index].deltaShift)U) - \((1 << 15) - deltaZero)U)" : "eprop_offset16(\(worth(population)), \(learning.populations[index].deltaShift)U)");
            if (step != 0U) {
                f -= \(P)_OUTPUTS;
                history -= \(reading.stride);
                delta -= \(P)_TILE;
            }
        }
        """
    }
    let (start, fading, delta) = fadingSum(population, index)
    return """
      \(declarations)
      \(reading.declarations)
      const int16_t *f = &net->error[(n - 1U) * (uint32_t)\(P)_OUTPUTS];
      uint16_t *delta = &net->delta[(n - 1U) * (uint32_t)\(P)_TILE + \(place("lane"))];
      int32_t fade = \(fade(population));
      \(start)

      EPROP_UNKNOWN(fade);
      EPROP_UNKNOWN(zero);
      \(last)
      for (;;) {
          int32_t psi = \(reading.now);

      \(indented(fading, by: 4))
          if (psi != 0) {
              s += psi * (\(signal));
          }
          upper = eprop_asr32(s, 16U);
          *delta = (uint16_t)\(delta);
          if (f == net->error) {
              break;
          }
          f -= \(P)_OUTPUTS;
          history -= \(reading.stride);
          delta -= \(P)_TILE;
      }
      """
  }

  /// 2^16 (1 − α) of neuron j0 + lane: what S loses is its upper half times this.
  private func fade(_ population: PopulationPlan) -> String {
    switch population.leak {
    case .common: "INT32_C(\(2 * loss(population)))"
    case .each: "INT32_C(65536) - 2 * (int32_t)\(leak(population, "j0 + lane"))"
    }
  }

  /// Whether a sweep reads a decay from a table.
  private func hasOwnDecays(_ population: PopulationPlan) -> Bool {
    if case .each = population.leak { return true }
    if case .each? = population.current?.decay { return true }
    if case .each? = population.adaptation?.decay { return true }
    return false
  }

  /// The declarations of S of a sweep that fades, the statements by which it does, and delta of its upper half. Where there is room
  /// S carries what delta is kept with, which then costs one addition of a constant.
  private func fadingSum(
    _ population: PopulationPlan, _ index: Int
  ) -> (start: String, fading: String, delta: String) {
    let rounding = "/* half of what delta has for 1, so that it is rounded and not cut */"
    let plain = (
      start: "int32_t zero = INT32_C(\(deltaZero));\nint32_t upper = 0;\n\(rounding)\nint32_t s = INT32_C(32768);",
      fading: "s -= upper * fade;", delta: "(upper + zero)"
    )
    let bound = plan.bounds.first { $0.quantity == "|S| of \(population.name)" }?.largest ?? 1 << 31
    let lifted = Int64(deltaZero) << 16
    guard case .common = population.leak, deltaZero > 0 else { return plain }
    let fade = Int64(2 * loss(population))
    guard bound + 1 << 15 + lifted + Int64(deltaZero) * fade < 1 << 31, (bound + lifted) >> 16 * fade < 1 << 31 else {
      return plain
    }
    let start = """
      /* s is kept + 2^16 \(deltaZero), and fades only by what it is more than that. */
      int32_t zero = INT32_C(\(Int64(deltaZero) * fade));
      int32_t upper = INT32_C(\(deltaZero));
      \(rounding)
      int32_t s = INT32_C(\(lifted)) + INT32_C(32768);
      """
    return (start, "s += zero;\nEPROP_UNKNOWN(s);\ns -= upper * fade;", "upper")
  }

  /// `sweepStep` with the names of a sweep that takes one neuron after the other.
  private func neuronSweepStep(_ population: PopulationPlan, signal: String) -> String {
    sweepStep(population, signal: signal).replacing("[lane]", with: "")
  }

  func sweepBound(_ population: PopulationPlan, _ index: Int) -> String {
    let bound = plan.bounds.first { $0.quantity == "|S| of \(population.name)" }
    return population.adaptation == nil
      ? "|s| <= \(bound.map { String($0.largest) } ?? "2^30")." : "s and q are clamped to 2^30."
  }

  /// One step of S (and Q) for the learning signal `signal`.
  func sweepStep(_ population: PopulationPlan, signal: String) -> String {
    guard let adaptation = population.adaptation else {
      return """
        s[lane] = eprop_scale(s[lane], \(leak(population, "j0 + lane")));
        if (psi[lane] != 0) {
            s[lane] += psi[lane] * (\(signal));
        }
        """
    }
    return """
      int32_t m = ((int32_t)psi[lane] * \(int(Int(adaptation.surrogateStrength))) + 128) >> 8;
      int32_t x = eprop_scale(q[lane], m);
      int32_t c = psi[lane] == 0 ? 0 : psi[lane] * (\(signal));
      s[lane] = (int32_t)eprop_clamp64((int64_t)eprop_scale(s[lane], \(leak(population, "j0 + lane"))) + c + x, INT32_C(\(Fixed.sweepLimit)));
      q[lane] = (int32_t)eprop_clamp64((int64_t)\(decayRaise(population, adaptation, "q[lane]", index: "j0 + lane")) - x - c,
                                       INT32_C(\(Fixed.sweepLimit)));
      """
  }

  /// psi of lane `lane` in a loop over the lanes within one over the steps.
  private func laneSurrogate(_ population: PopulationPlan) -> String {
    let reading = surrogateReading(population)
    return "\(reading.declarations)\nint32_t psi = \(reading.at("(uint32_t)step"));"
  }

  mutating func emitTraceSweep(_ population: PopulationPlan, index: Int) {
    let adaptive = population.adaptation != nil
    let n = population.name
    text.function(
      "The same sweep for the filtered eligibility trace at the end of the block: sigma[step] is what a unit arriving at that step adds to it, "
        + "in 2^-12 steps of psi.",
      "static EPROP_APART void sweep_trace_\(n)(\(net) *net, uint16_t j0, uint16_t lanes, uint16_t n, uint32_t t0)",
      """
      int32_t s[\(P)_TILE];\(adaptive ? "\nint32_t q[\(P)_TILE];" : "")\(population.current == nil ? "" : "\nint32_t p[\(P)_TILE];")
      int32_t g = INT32_C(1) << \(Fixed.coefficientBits);
      \(replays && !hasOwnDecays(population) ? "\n(void)j0;" : "")
      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          s[lane] = 0;\(adaptive ? "\n    q[lane] = 0;" : "")\(population.current == nil ? "" : "\n    p[lane] = 0;")
      }
      for (uint16_t step = n; step-- > 0U;) {
          int32_t *sigma = &net->sigma[(uint32_t)step * \(P)_TILE];
          uint32_t dither = eprop_dither(t0 + step);

          for (uint16_t lane = 0; lane < lanes; lane++) {
      \(indented(laneSurrogate(population), by: 8))
      \(indented(sweepStep(population, signal: "g").replacing("psi[lane]", with: "psi") + sweepCurrent(population, index: index, subscript: "[lane]"), by: 8))
              sigma[lane] = \(worth(population))[lane];
          }
          g = \(decay(plan.readout.decay[0], "g", "dither"));
      }
      for (uint16_t lane = 0; lane < lanes; lane++) {
          net->end_s[lane] = eprop_scale(s[lane], \(leak(population, "j0 + lane")));
          net->end_q[lane] = \(adaptive ? "q[lane]" : "0");\(keepCurrent(population, "p[lane]"))
          net->end_k[lane] = g;
      }
      """)
  }

  mutating func emitAdaptationSweep(_ population: PopulationPlan, index: Int) {
    guard let adaptation = population.adaptation else { return }
    let n = population.name
    text.function(
      "The same sweep for the eligibility through the adaptation at the end of the block.",
      "static EPROP_APART void sweep_adaptation_\(n)(\(net) *net, uint16_t j0, uint16_t lanes, uint16_t n, uint32_t t0)",
      """
      int32_t s[\(P)_TILE];
      int32_t r[\(P)_TILE];\(population.current == nil ? "" : "\nint32_t p[\(P)_TILE];")
      \(replays && !hasOwnDecays(population) ? "\n(void)j0;" : "")
      for (uint16_t lane = 0; lane < \(P)_TILE; lane++) {
          s[lane] = 0;
          r[lane] = INT32_C(1) << 24;\(population.current == nil ? "" : "\n    p[lane] = 0;")
      }
      for (uint16_t step = n; step-- > 0U;) {
          int32_t *sigma = &net->sigma[(uint32_t)step * \(P)_TILE];
          uint32_t dither = eprop_dither(t0 + step);

          for (uint16_t lane = 0; lane < lanes; lane++) {
      \(indented(laneSurrogate(population), by: 8))
              int32_t m = (psi * \(int(Int(adaptation.surrogateStrength))) + 128) >> 8;
              s[lane] = eprop_scale(s[lane], \(leak(population, "j0 + lane"))) + psi * eprop_asr32(r[lane], 12U);
              r[lane] = \(decayRaise(population, adaptation, "r[lane]", index: "j0 + lane")) - eprop_scale(r[lane], m);\(indented(sweepCurrent(population, index: index, subscript: "[lane]"), by: 8))
              sigma[lane] = \(worth(population))[lane];
          }
      }
      for (uint16_t lane = 0; lane < lanes; lane++) {
          net->end_s[lane] = eprop_scale(s[lane], \(leak(population, "j0 + lane")));
          net->end_q[lane] = r[lane];\(keepCurrent(population, "p[lane]"))
      }
      """)
  }
}

extension String {
  /// In parentheses if it is more than a name.
  var parenthesised: String { contains(" ") ? "(\(self))" : self }
}
