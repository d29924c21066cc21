public import Planning

extension Mutant {
  /// The mistakes that fit a network that learns in one block per trial: those of every part of its C that it has.
  public static func all(_ plan: FixedPlan) -> [Mutant] {
    guard plan.learning != nil, !plan.hasBlocks else { return [] }
    let source = MutantSource(plan)
    return source.arithmetic + source.forward + source.currents + source.immediate + source.errors + source.gradients
      + source.updates + source.images
  }
}

/// The texts that are changed, as the plan makes them.
private struct MutantSource {
  let plan: FixedPlan
  let p: String
  let macro: String

  init(_ plan: FixedPlan) {
    self.plan = plan
    p = plan.name
    macro = plan.name.uppercased()
  }

  /// A mistake in the network's own C.
  func mutant(_ name: String, _ function: String, _ original: String, _ replacement: String) -> Mutant {
    Mutant(name, in: "\(p).c", function, original, becomes: replacement)
  }

  /// A mistake in the arithmetic.
  func fixed(_ name: String, _ function: String, _ original: String, _ replacement: String) -> Mutant {
    Mutant(name, in: "eprop_fixed.h", "static inline \(function)", original, becomes: replacement)
  }

  var arithmetic: [Mutant] {
    [
      fixed("dither of the leak at another shift", "int32_t eprop_leak", "dither >> 17", "dither >> 18"),
      fixed("rounding towards minus infinity", "int32_t eprop_near32", "x + (int32_t)(UINT32_C(1) << (n - 1U))", "x"),
      fixed("another constant in the hash", "uint32_t eprop_hash", "0x846CA68B", "0x846CA68D"),
      Mutant(
        "16 bits saturate at 255", in: "eprop_fixed.h", "EPROP_LONG int16_t eprop_sat16",
        "x > INT32_C(32767) ? INT32_C(32767)",
        becomes: "x > 255 ? 255"),
    ]
  }

  var forward: [Mutant] {
    var mutants: [Mutant] = []
    for population in plan.populations {
      let n = population.name
      let advance = "static uint16_t advance_\(n)("
      mutants += [
        leak(population, advance),
        mutant("\(n) fires above its threshold only", advance, "over >= 0", "over > 0"),
        mutant(
          "refractory period of \(n) one step longer", advance, "t + \(population.refractorySteps + 1)U",
          "t + \(population.refractorySteps + 2)U"),
        mutant("psi of \(n) while it is silent", advance, "height > 0 && !silent", "height > 0"),
        mutant("psi of \(n) clamped one lower", advance, "height > 255 ? 255", "height > 254 ? 254"),
      ]
      if case .subtract(.common(let amount)) = population.reset {
        mutants.append(mutant("reset of \(n) one too large", advance, "now - \(amount))", "now - \(amount + 1))"))
      }
      if let decays = population.adaptation?.decay {
        mutants.append(
          decay("adaptation of \(n)", "static void adapt_\(n)(", decays, table: "raise_rate_\(n)", index: "j"))
      }
    }
    mutants += [
      mutant("inputs that do not exist are recorded", "static void begin_record(", "spikes[e] < \(macro)_INPUTS", "1"),
      mutant(
        "record of the inputs full too soon", "static void begin_record(", "end == \(macro)_INPUT_CAPACITY",
        "end + 1U == \(macro)_INPUT_CAPACITY"),
      mutant(
        "a trial may be too long", "static void begin_record(", "net->t >= \(macro)_STEPS", "net->t > \(macro)_STEPS"),
      mutant(
        "readouts outlive a reset", "static EPROP_APART void trial_reset(", "net->y[i] = 0;", "net->y[i] = net->y[i];"),
      mutant(
        "silence outlives a reset", "static EPROP_APART void trial_reset(", "net->ready[i] = 0;",
        "net->ready[i] = net->ready[i];"),
      decay("readouts", "static void read_out(", plan.readout.decay, table: "readout_rate", index: "k"),
    ]
    return mutants
  }

  /// A leak that is too large, or of another neuron.
  private func leak(_ population: PopulationPlan, _ function: String) -> Mutant {
    let n = population.name
    switch population.leak {
    case .common(let leak):
      return mutant("leak of \(n) one too large", function, ", \(leak), ", ", \(leak + 1), ")
    case .each:
      return mutant("leak of \(n) of its first neuron", function, "leak_\(n)[j]", "leak_\(n)[0]")
    }
  }

  /// A decay that is too fast, or of another unit.
  private func decay(
    _ what: String, _ function: String, _ decays: Decays, table: String, index: String
  ) -> Mutant {
    guard case .common(let decay) = decays else {
      return mutant("\(what) decay as the first does", function, "\(table)[\(index)]", "\(table)[0]")
    }
    return mutant("\(what) decay too fast", function, ", \(decay.factor), ", ", \(decay.factor + 1), ")
  }

  /// Mistakes in synaptic currents.
  var currents: [Mutant] {
    var mutants: [Mutant] = []
    for (index, population) in plan.populations.enumerated() {
      guard let current = population.current else { continue }
      let n = population.name
      let advance = "static uint16_t advance_\(n)("
      let bits = current.fractionBits
      mutants += [
        decay("currents of \(n)", advance, current.decay, table: "synaptic_rate_\(n)", index: "j"),
        mutant(
          "current of \(n) is rounded down", advance, "eprop_near32(synaptic[j], \(bits)U)",
          "eprop_asr32(synaptic[j], \(bits)U)"),
        mutant(
          "currents of \(n) outlive a reset", "static EPROP_APART void trial_reset(", "net->synaptic_\(n)[i] = 0;",
          "net->synaptic_\(n)[i] = net->synaptic_\(n)[i];"),
      ]
      guard plan.learnsInto(index), let shift = plan.learning?.populations[index].currentShift else { continue }
      let sweep = "static EPROP_APART void sweep_\(n)("
      mutants.append(
        mutant(
          "worth of the current of \(n) with another shift", sweep, "eprop_near32(s, \(shift)U)",
          "eprop_near32(s, \(shift + 1)U)"))
      mutants.append(
        mutant(
          "worth of the current of \(n) is not filtered", sweep, "p = eprop_decay(p, ", "p = eprop_decay(0, "))
    }
    return mutants
  }

  /// Mistakes in projections without a delay.
  var immediate: [Mutant] {
    var mutants: [Mutant] = []
    for (index, population) in plan.populations.enumerated() where plan.hearsBoth(index) {
      let call = "add_immediate_\(population.name)(net);"
      mutants.append(mutant("immediate spikes never reach \(population.name)", "void \(p)_step(", call, ""))
    }
    guard plan.projections.contains(where: { $0.isImmediate && $0.isPlastic }) else { return mutants }
    let learn = "static EPROP_APART void learn_tile("
    return mutants + [
      mutant(
        "immediate spikes are learnt from a step early", "static EPROP_APART void gather_now(", "*time - 1U)",
        "*time - (*time > 1U ? 2U : 1U))"),
      mutant("immediate spikes are learnt from like the others", learn, "if (immediate != 0U) {", "if (0) {"),
    ]
  }

  var errors: [Mutant] {
    guard let learning = plan.learning else { return [] }
    let learn = "void \(p)_learn("
    var mutants = [
      mutant("no target is a target", learn, "target == 0 || ", ""),
      mutant(
        "errors filtered with another shift", "static EPROP_APART void filter_errors(",
        "filtered, \(learning.filteredShift)U)",
        "filtered, \(learning.filteredShift + 1)U)"),
    ]
    switch learning.loss {
    case .squaredError:
      mutants.append(mutant("error of the other sign", learn, "net->y[k] - wanted", "wanted - net->y[k]"))
    case .crossEntropy:
      mutants += [
        mutant("error of the other sign", learn, "(int32_t)probability - wanted", "wanted - (int32_t)probability"),
        mutant("log2(e) one too small", "static uint32_t exponential(", "47274", "47273"),
      ]
    }
    return mutants
  }

  var gradients: [Mutant] {
    guard let learning = plan.learning else { return [] }
    let packs = plan.packsGradients
    let gather = packs ? "static EPROP_APART uint32_t gather_packed(" : "static EPROP_APART void gather("
    let steps = packs ? "delta + " : "delta["
    var mutants = [
      mutant(
        "gather leaves out the last arrival", gather, packs ? "time != last)" : "time != last;",
        packs ? "last - time > 1)" : "last - time > 1;"),
      mutant(
        "gather takes arrivals one step early", gather, "\(steps)(uint32_t)*time *",
        "\(steps)((uint32_t)*time - (*time > 0U)) *"),
      mutant(
        "events sorted one step late", "static EPROP_APART void sort_by_source(", "= g;",
        "= (uint16_t)(g + (g + 1U < steps));"),
    ]
    for (population, formats) in zip(plan.populations, learning.populations) {
      let n = population.name
      let sweep = "static EPROP_APART void sweep_\(n)("
      let worth = population.current == nil ? "s" : "p"
      mutants += [
        mutant(
          "learning signal of \(n) with another shift", sweep, "], \(formats.feedbackShift)U)",
          "], \(formats.feedbackShift + 1)U)"),
        mutant(
          "delta of \(n) with another shift", sweep, "(\(worth), \(formats.deltaShift)U)",
          "(\(worth), \(formats.deltaShift + 1)U)"),
      ]
      // Half an LSB in some thousands: the steps of SGD on a handful of weights of 8 bits do not show it.
      if plan.isFactored, formats.rate != nil {
        let half = 1 << (formats.feedbackShift - 1)
        mutants.append(mutant("learning signal of \(n) rounded down", sweep, " + \(half);", ";"))
      }
      if population.adaptation != nil {
        mutants.append(mutant("\(n) learns without its adaptation", sweep, " + c + x,", " + c,"))
      }
      if formats.rate != nil {
        mutants.append(
          mutant("rate of \(n) over the longest trial", "static int32_t rate_\(n)(", " / n)", " / \(macro)_STEPS)"))
      }
    }
    if plan.projections.contains(where: { $0.isPlastic && $0.skipsDiagonal }) {
      mutants.append(
        mutant(
          "autapses learn", "static EPROP_APART void learn_tile(", packs ? "< net->width" : "net->g[i - j0] = 0;",
          packs ? "< 0U" : "net->g[i - j0] += 0;"))
    }
    return mutants
  }

  var updates: [Mutant] {
    guard let learning = plan.learning, let projection = plan.projections.first(where: \.isPlastic) else { return [] }
    let learn = "static EPROP_APART void learn_tile("
    let widths = Set(plan.projections.filter(\.isPlastic).map(\.weightBits))
    let step = "static EPROP_APART void step_weights\(widths.count > 1 ? "\(projection.weightBits)" : "")("
    let taken = plan.isFactored ? "t" : plan.learnsByAdam ? "eprop_asr32" : "step"
    let packs = plan.packsGradients
    var mutants = [
      mutant(
        "rounding thresholds with another salt", learn, "EPROP_READ(uint32_t, p->salt)",
        "EPROP_READ(uint32_t, p->salt) + 1U"),
      mutant(
        "weights move uphill", step, packs ? "w[0] - t" : "w[lane] - \(taken)",
        packs ? "w[0] + t" : "w[lane] + \(taken)"),
      mutant(
        "steps after an update are learnt from", "\(p)_status \(p)_update_begin(", "net->recording = 0;",
        "net->recording = 1;"),
      mutant("skipped trials are not counted", "\(p)_status \(p)_update_begin(", "net->skipped++;", ""),
    ]
    // Where every source has one synapse in each projection there are no neighbours.
    if plan.projections.contains(where: { $0.isPlastic && $0.postCount > 1 }) {
      mutants.append(
        mutant(
          "neighbours share a rounding threshold", step, packs ? "next = EPROP_LANE" : "word += EPROP_LANE",
          packs ? "next = 0U" : "word += 0U"))
    }
    if case .linearToZero(let trials) = learning.schedule {
      mutants.append(
        mutant(
          "schedule one update ahead", "static EPROP_APART void begin_update(", "(\(trials)U - net->updates + 1U)",
          "(\(trials)U - net->updates)"))
    }
    if plan.readout.biasStep?.keepsColumns ?? false {
      mutants.append(
        mutant(
          "the first update moves the bias", "static EPROP_APART void learn_bias(", "net->updates == 1U ?",
          "net->updates == 0U ?"))
    }
    if plan.learnsByAdam { mutants += adamMutants }
    if plan.isFactored {
      mutants += [
        mutant(
          "means move the wrong way", "static EPROP_APART uint32_t moved(", "mean + upper",
          "mean - upper"),
        mutant(
          "gradients are rounded down", packs ? "static EPROP_APART void prepare_lanes(" : step,
          packs ? " + ((UINT32_C(1) << exponent) >> 1)" : "net->g[lane] + half", packs ? "" : "net->g[lane]"),
        mutant(
          "exponents do not follow the gradients", "static EPROP_APART int16_t new_exponent(", "number] + change",
          "number]"),
      ]
      if !plan.hasRows {
        mutants.append(
          mutant(
            "factors one octave off", "static EPROP_APART void prepare_lanes(", "(int16_t)(27 -", "(int16_t)(26 -"))
      }
    }
    if plan.hasRows {
      mutants += [
        mutant(
          "squares of the rows are not collected",
          "static EPROP_APART \(packs ? "void" : "uint\(plan.squareBits)_t") squares(",
          packs ? "row = 0;" : "row += (uint32_t)(t * t);", packs ? "row = 1;" : "row += 1U;"),
        mutant(
          "presynaptic factors one octave off", "static EPROP_APART void prepare_sources(", "(int16_t)(38 -",
          "(int16_t)(37 -"),
      ]
    }
    if packs {
      mutants += [
        mutant("gradients out of range are not cut", learn, "net->outside) != 0U", "net->outside & 0U) != 0U"),
        mutant("cut gradients are off by one", "static inline uint32_t quantised(", "(t + ", "(t + 1 + "),
      ]
    }
    return mutants
  }

  private var adamMutants: [Mutant] {
    [
      mutant(
        "Adam's means as if the first gradient were 0", "static uint32_t share_of_newest(",
        "(one - power(kept, number))",
        "one"),
      mutant(
        "first moments move the wrong way", "static int32_t advance(", "mean += eprop_near64", "mean -= eprop_near64"),
      mutant("second moments of |t|", "static int32_t advance(", "(int64_t)t * t -", "(int64_t)(t < 0 ? -t : t) -"),
      mutant(
        "second moments are rounded down", "static uint32_t packed(", "(number + (word >> (32U - shift)))", "number"),
      mutant("gradients are rounded down", "static int32_t fitted(", "g + (int32_t)(word >> (32U - shift))", "g"),
      mutant(
        "Adam's exponents do not follow", "static EPROP_APART void finish_lanes(", "exponent[lane] = next;",
        "exponent[lane] = exponent[lane] == 0U ? next : exponent[lane];"),
    ]
  }

  var images: [Mutant] {
    let load = "\(p)_status \(p)_load("
    return [
      mutant(
        "image's checksum not checked", load, "if (get(image + (\(macro)_IMAGE_BYTES",
        "if (0 && get(image + (\(macro)_IMAGE_BYTES"),
      mutant(
        "image's version not checked", load, "EPROP_READ(uint32_t, image_head[k])) {",
        "EPROP_READ(uint32_t, image_head[k]) && k != 1U) {"),
      mutant(
        "image's magic half checked", load, "get(image + 4U * k, 4U) != EPROP_READ(uint32_t, image_head[k])",
        "(get(image + 4U * k, 4U) & 0xFFFFU) != (EPROP_READ(uint32_t, image_head[k]) & 0xFFFFU)"),
      mutant("image's plan not checked", load, "k < 4U; k++) {\n        if", "k < 2U; k++) {\n        if"),
      mutant("image's length not checked", load, "size != \(macro)_IMAGE_BYTES", "size > \(macro)_IMAGE_BYTES"),
      mutant(
        "a loaded network forgets its updates", load, "net->updates = get(image + 16, 4U);", "net->updates = 0;"),
      mutant(
        "a loaded network forgets skipped trials", load, "net->skipped = get(image + 20, 4U);",
        "net->skipped = 7;"),
      mutant("a loaded network is not reset", load, "trial_reset(net);", ""),
      mutant(
        "saved numbers lose a bit", "\(p)_status \(p)_save(", "number_at(place, width), width",
        "number_at(place, width) & ~1U, width"),
    ]
  }
}
