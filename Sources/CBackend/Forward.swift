import CSyntax
import Planning

extension Emitter {
  mutating func emitForward() {
    text.section("Forward")
    if plan.populations.indices.contains(where: { plan.sumsInLanes($0) && !isFast($0) }) { emitAddColumns() }
    for (index, population) in plan.populations.enumerated() {
      if isFast(index) {
        emitFastForward(population, index: index)
        continue
      }
      if plan.sumsInLanes(index) {
        emitAccumulateLanes(population, index: index)
        emitAdvanceLanes(population, index: index)
        continue
      }
      emitAccumulate(population, index: index)
      if plan.hearsBoth(index) { emitAddImmediate(population, index: index) }
      if population.adaptation != nil { emitAdapt(population, index: index) }
      emitAdvance(population)
    }
    emitReadOut()
    emitStep()
  }

  /// Type of a sum of arriving weights.
  var accumulator: String { "int\(plan.accumulatorBits)_t" }

  /// acc[j] += what, in the accumulators' type.
  func accumulate(_ what: String) -> String {
    plan.accumulatorBits == 32 ? "acc[j] += \(what);" : "acc[j] = (int16_t)(acc[j] + \(what));"
  }

  mutating func emitAccumulate(_ population: PopulationPlan, index: Int) {
    let n = count(population.count)
    var body = """
      \(accumulator) *acc = \(slice("acc", population));

      for (uint16_t j = 0; j < \(n); j++) {
          acc[j] = 0;
      }
      """
    let incoming = plan.hearsBoth(index) ? incoming(index).filter { !$0.isImmediate } : incoming(index)
    if let held = holding(population, incoming) { body += "\n" + held }
    for (position, projection) in incoming.enumerated() {
      body += "\n" + arrivals(projection, postCount: n)
      let finer = position + 1 < incoming.count ? projection.shift - incoming[position + 1].shift : projection.shift
      if finer > 0 {
        let factor = 1 << finer
        body += """

          /* One LSB so far is worth \(factor) of what follows. */
          for (uint16_t j = 0; j < \(n); j++) {
              acc[j] = (\(accumulator))(acc[j] * \(int(factor)));
          }
          """
      }
    }
    let takesInput = incoming.contains { $0.source == .inputs }
    text.function(
      "Sums the weights of all that arrives at population \(population.name). |acc| <= \(population.accumulatorBound): every source at "
        + "once.",
      "static void accumulate_\(population.name)(\(net) *net\(takesInput ? ", " + inputParameters : ""))", body)
  }

  /// The loop that adds the columns of a projection, each weight times `factor`.
  func arrivals(_ projection: ProjectionPlan, postCount n: String, factor: Int = 1) -> String {
    func add(_ source: String) -> String {
      if projection.isCompressed { return addSparse(projection, source: source) }
      let declaration = column(projection, of: source)
      if projection.isPacked && factor == 1 {
        return "\(declaration)\n\(packedAdder(projection))(acc, column, \(n));"
      }
      let weight = weight(projection, at: "j")
      // An int has 16 bits somewhere, and sums of 16 bits have room for every term.
      let wide = plan.accumulatorBits == 32 ? "(int32_t)" : ""
      return """
        \(declaration)
        for (uint16_t j = 0; j < \(n); j++) {
            \(accumulate(factor == 1 ? weight : "\(wide)\(weight) * \(int(factor))"))
        }
        """
    }
    switch projection.source {
    case .inputs where plan.inputs.kind == .spikes:
      return """
        for (uint16_t e = 0; e < count; e++) {
            if (spikes[e] < \(P)_INPUTS) {
        \(indented(add("(uint32_t)spikes[e]"), by: 8))
            }
        }
        """
    case .inputs where plan.holdsInputs:
      return """
        for (uint16_t j = 0; j < \(n); j++) {
            \(accumulate("net->\(heldSums(projection))[j]"))
        }
        """
    case .inputs:
      if projection.isCompressed {
        return """
          for (uint16_t i = 0; i < \(P)_INPUTS; i++) {
              int32_t x = values[i];
          \(indented(addSparse(projection, source: "i", factor: "x"), by: 4))
          }
          """
      }
      return """
        for (uint16_t i = 0; i < \(P)_INPUTS; i++) {
            \(column(projection, of: "(uint32_t)i"))
            int32_t x = values[i];
            for (uint16_t j = 0; j < \(n); j++) {
                \(accumulate("x * \(weight(projection, at: "j"))"))
            }
        }
        """
    case .population(let source):
      let first = plan.populations[source].first
      let begin = source == 0 ? "0" : "net->spike_end[\(source - 1)]"
      let neuron = first == 0 ? "(uint32_t)net->spikes[e]" : "(uint32_t)(net->spikes[e] - \(first)U)"
      return """
        for (uint16_t e = \(begin); e < net->spike_end[\(source)]; e++) {
        \(indented(add(neuron), by: 4))
        }
        """
    }
  }

  mutating func emitAdapt(_ population: PopulationPlan, index: Int) {
    guard let adaptation = population.adaptation else { return }
    let begin = index == 0 ? "0" : "net->spike_end[\(index - 1)]"
    let first = population.first == 0 ? "net->spikes[e]" : "net->spikes[e] - \(population.first)U"
    let increment = value(adaptation.increment, table: "increment", type: "int32_t", population: population, index: "j")
    text.function(
      "Adaptation of \(population.name): decays, and rises with each spike of the step before.",
      "static void adapt_\(population.name)(\(net) *net, uint32_t dither)",
      """
      int32_t *raise = net->raise_\(population.name);

      for (uint16_t j = 0; j < \(count(population.count)); j++) {
          raise[j] = \(decayRaise(population, adaptation, "raise[j]", index: "j"));
      }
      for (uint16_t e = \(begin); e < net->spike_end[\(index)]; e++) {
          uint16_t j = (uint16_t)(\(first));
          raise[j] += \(increment);
      }
      """)
  }

  /// Membrane potential `now`, its distance `over` from the threshold, and whether the neuron is silent.
  /// Indices and places are those of the caller: the forward pass and the replay share these lines.
  func potential(
    _ population: PopulationPlan, index: String, v: String, acc: String, raise: String, synaptic: String, ready: String
  ) -> String {
    let acc = population.current == nil ? acc : "(int32_t)\(acc)"
    let drive =
      population.driveShift == 0
      ? acc
      : population.driveShift > 0
        ? "\(acc) * \(int(1 << population.driveShift))" : "eprop_near32(\(acc), \(-population.driveShift)U)"
    let bias = population.bias.map { self.bias($0, population, index: index) } ?? ""
    let threshold = value(population.threshold, table: "threshold", population: population, index: index)
    // The neuron fired in the step before.
    func held(_ statement: String) -> String {
      guard population.reset == .hold else { return "" }
      return "\nif (\(ready) == t + \(population.refractorySteps)U) {\n    \(statement)\n}"
    }
    let adaptive =
      population.adaptation.map { " - eprop_asr32(\(raise), \($0.fractionBits)U)" } ?? ""
    let moved =
      population.isNarrow
      ? """
      int32_t over = eprop_sat15(eprop_leak(\(v), \(leak(population, index)), dither) + \(drive)\(bias) - \(threshold));\(held("over = -\(threshold);"))
      int16_t now = (int16_t)(over + \(threshold));
      """
      : """
      \(current(population, synaptic, adding: drive + bias, index: index))int16_t now = eprop_sat16(eprop_leak(\(v), \(leak(population, index)), dither) + \(driven(population, synaptic) ?? drive + bias));\(held("now = 0;"))
      int32_t over = (int32_t)now - \(threshold)\(adaptive);
      """
    return moved + "\nint silent = t < \(ready);"
  }

  /// ` + bias`, or ` - bias` where it is one negative number.
  func bias(_ bias: PerNeuron, _ population: PopulationPlan, index: String) -> String {
    if case .common(let value) = bias, value < 0 { return " - \(int(Int(-value)))" }
    return
      " + \(value(bias, table: "current", type: population.current == nil ? "int16_t" : "int32_t", population: population, index: index))"
  }

  /// psi of the neuron, from `over` and `silent`.
  func surrogate(_ population: PopulationPlan, index: String, place: String) -> String {
    let threshold = value(population.threshold, table: "threshold", population: population, index: index)
    var scaling = ""
    switch population.surrogateScale {
    case .common(let scale) where scale.nonzeroBitCount == 1:
      // 2^24 / 2^k: a shift by k − 8.
      let shift = 16 - scale.trailingZeroBitCount
      if shift > 0 { scaling = "\n    height >>= \(shift);" }
    case .common(let scale):
      scaling = "\n    height = (int32_t)(((uint32_t)height * UINT32_C(\(scale))) >> 16);"
    case .each:
      scaling =
        "\n    height = (int32_t)(((uint32_t)height * (uint32_t)\(slope(population, index))) >> 16);"
    }
    return """
      int32_t height = \(threshold) - (over < 0 ? -over : over);
      \(place) = 0;
      if (height > 0 && !silent) {\(scaling)
          \(place) = (uint8_t)(height > 255 ? 255 : height);
      }
      """
  }

  /// 2^24 / v_th of a neuron whose population has a table of them.
  func slope(_ population: PopulationPlan, _ index: String) -> String {
    element("slope_\(population.name)[\(index)]", "int32_t")
  }

  func reset(_ population: PopulationPlan, index: String) -> String {
    switch population.reset {
    case .zero, .hold: "0"
    case .value(let potential): value(potential, table: "reset", population: population, index: index)
    case .subtract(let amount):
      "eprop_sat16((int32_t)now - \(value(amount, table: "reset", population: population, index: index)))"
    }
  }

  mutating func emitAdvance(_ population: PopulationPlan) {
    let storesSurrogate = plan.storesSurrogate
    var declarations = """
      const \(accumulator) *acc = \(slice("acc", population));
      int16_t *v = \(slice("v", population));
      uint16_t *ready = \(slice("ready", population));
      uint16_t t = net->t;
      """
    if storesSurrogate {
      declarations += "\nuint8_t *psi = \(surrogatePlace(population));"
    }
    if population.current != nil { declarations += "\nint32_t *synaptic = net->synaptic_\(population.name);" }
    let raise = "net->raise_\(population.name)[j]"
    let neuron = potential(
      population, index: "j", v: "v[j]", acc: "acc[j]", raise: raise, synaptic: "synaptic[j]", ready: "ready[j]")
    let surrogate = storesSurrogate ? surrogate(population, index: "j", place: "psi[j]") + "\n" : ""
    let body = """
      \(declarations)

      for (uint16_t j = 0; j < \(count(population.count)); j++) {
      \(indented(neuron, by: 4))
      \(indented(surrogate, by: 4))    if (over \(population.firesAtThreshold ? ">=" : ">") 0 && !silent) {
              ready[j] = (uint16_t)(t + \(population.refractorySteps + 1)U);
              net->spikes[fired] = \(shifted("j", by: population.first));
              fired++;
              now = \(reset(population, index: "j"));
          }
          v[j] = now;
      }
      return fired;
      """
    text.function(
      "One step of population \(population.name), whose sums are in acc; its spikes are added to the `fired` already listed. Returns how "
        + "many are listed then.",
      "static uint16_t advance_\(population.name)(\(net) *net, uint32_t dither, uint16_t fired)", body)
  }

  mutating func emitReadOut() {
    var body = """
      for (uint16_t k = 0; k < \(P)_OUTPUTS; k++) {
          net->y[k] = \(decayReadout("net->y[k]", "dither", index: "k")) + \(bias("k"));
      }
      """
    for projection in outgoing {
      guard case .population(let source) = projection.source else { continue }
      let population = plan.populations[source]
      let begin = source == 0 ? "0" : "net->spike_end[\(source - 1)]"
      let neuron =
        population.first == 0 ? "(uint32_t)net->spikes[e]" : "(uint32_t)(net->spikes[e] - \(population.first)U)"
      let factor = plan.readout.shift == 0 ? "" : " * \(int(1 << plan.readout.shift))"
      let weight = (plan.readout.shift == 0 ? "" : "(int32_t)") + self.weight(projection, at: "k")
      body += """

        for (uint16_t e = \(begin); e < net->spike_end[\(source)]; e++) {
            \(column(projection, of: neuron))
            for (uint16_t k = 0; k < \(P)_OUTPUTS; k++) {
                net->y[k] += \(weight)\(factor);
            }
        }
        """
    }
    text.function(
      "The leaky readouts. |y| <= 2^30: the plan bounds what spikes and bias can add.",
      "static void read_out(\(net) *net, uint32_t dither)", body)
  }

  mutating func emitStep() {
    var lines = ["const uint32_t dither = eprop_dither(net->origin + net->t);", "uint16_t fired = 0;"]
    if plan.populations.indices.contains(where: { plan.sumsInLanes($0) && !isFast($0) }) {
      lines.append("uint32_t bias[\(plan.populations.count)];")
    }
    lines.append("")
    if plan.learning != nil { lines.append("begin_record(net\(plan.recordsInputs ? ", " + inputArguments : ""));") }
    if !plan.isStream { lines.append("if (net->t >= \(P)_STEPS) {\n    renumber(net);\n}") }
    var calls = plan.populations.map { _ in "" }
    for (index, population) in plan.populations.enumerated() {
      if isFast(index) { continue }
      let takesInput = incoming(index).contains { $0.source == .inputs }
      let call = "accumulate_\(population.name)(net\(takesInput ? ", " + inputArguments : ""));"
      calls[index] = plan.sumsInLanes(index) ? "bias[\(index)] = \(call)" : call
      if !plan.hearsImmediately(index) || plan.hearsBoth(index) { lines.append(calls[index]) }
    }
    if !plan.projections.contains(where: { $0.source == .inputs }) && !plan.recordsInputs {
      lines.append(plan.inputs.kind == .spikes ? "(void)spikes;\n(void)count;" : "(void)values;")
    }
    for population in plan.populations where population.adaptation != nil {
      lines.append("adapt_\(population.name)(net, dither);")
    }
    for (index, population) in plan.populations.enumerated() {
      if isFast(index) {
        let takesInput = incoming(index).contains { $0.source == .inputs }
        lines.append("fired = move_\(population.name)(net, dither\(takesInput ? ", " + inputArguments : ""));")
        lines.append("net->spike_end[\(index)] = fired;")
        continue
      }
      if plan.hearsBoth(index) {
        lines.append("add_immediate_\(population.name)(net);")
      } else if plan.hearsImmediately(index) {
        lines.append(calls[index])
      }
      let bias = plan.sumsInLanes(index) ? ", bias[\(index)]" : ""
      lines.append("fired = advance_\(population.name)(net, dither\(bias), fired);")
      lines.append("net->spike_end[\(index)] = fired;")
    }
    lines.append("read_out(net, dither);")
    if plan.learning != nil { lines.append("end_record(net);") }
    lines.append("net->t++;")
    if plan.holdsInputs {
      lines.append("net->phase = (uint8_t)(net->phase + 1U < \(P)_HOLD ? net->phase + 1U : 0U);")
    }
    text.function(
      "", "void \(p)_step(\(net) *net, \(inputParameters))", lines.joined(separator: "\n"))
    emitPotential()
    text.function("", "const int32_t *\(p)_readout(const \(net) *net)", "return net->y;")
  }

  private mutating func emitPotential() {
    // The reads of populations and where each ends; neighbours that are read alike are one.
    var parts: [(read: String, end: Int)] = []
    for (index, population) in plan.populations.enumerated() {
      let j = population.first == 0 ? "j" : "(uint16_t)(j - \(population.first)U)"
      let threshold = value(population.threshold, table: "threshold", population: population, index: j)
      let read =
        plan.sumsInLanes(index)
        ? "(int16_t)((int32_t)net->cell_\(population.name)[eprop_lane(\(j))] - 16384 + \(threshold))" : "net->v[j]"
      if parts.last?.read == read { parts.removeLast() }
      parts.append((read, population.first + population.count))
    }
    let lines = parts.map { part in
      part.end == plan.neuronCount ? "return \(part.read);" : "if (j < \(part.end)U) {\n    return \(part.read);\n}"
    }
    text.function(
      "", "int16_t \(p)_potential(const \(net) *net, uint16_t j)", lines.joined(separator: "\n"))
  }
}
