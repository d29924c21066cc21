import CSyntax
import Planning

/// The forward pass of plain neurons whose arriving weights are summed four at a time (`FixedPlan.sumsInLanes`).
///
/// Two sums share a word: bytes 0 and 2 of four weights go to the halves of one word, bytes 1 and 3 to those of the next. A
/// byte w is taken as w + 128, which is never negative, so that nothing is borrowed from the upper half. What all the 128s
/// add up to is the same for every neuron; it is taken off together with the dither.
///
/// A potential is kept as v − v_th + 2^14, a *cell*, in the same order. After a step a cell is that of a neuron that need not
/// be looked at if bits 14 and 15 are 0; what is not below the threshold, or below the range of v, has one of them set.
extension Emitter {
  /// 2^14 − v_th, the cell of a neuron at rest, or for a table of thresholds what `cellStart` takes v_th from.
  func rest(_ population: PopulationPlan) -> Int {
    if case .common(let threshold) = population.threshold { return (1 << 14) - Int(threshold) }
    return 1 << 14
  }

  /// 2^15 times what is lost of a cell in a step is its distance from rest times this. Neurons in lanes decay alike.
  func loss(_ population: PopulationPlan) -> Int { 32768 - Int(population.leak[0]) }

  /// The functions that add columns: for the weights that learn, for the tables of those that do not, or for both.
  mutating func emitAddColumns() {
    let summed = plan.populations.indices.filter(plan.sumsInLanes).flatMap(incoming).filter { !$0.isCompressed }
    for isPlastic in [true, false] {
      guard let one = summed.first(where: { $0.isPlastic == isPlastic }) else { continue }
      emitAddColumns(one)
    }
  }

  /// The function that adds columns of weights like those of `projection`.
  func addColumns(_ projection: ProjectionPlan) -> String {
    projection.isPlastic ? "add_columns" : "add_table_columns"
  }

  private mutating func emitAddColumns(_ projection: ProjectionPlan) {
    let x = "uint32_t x = \(fourWeights(projection, "w")) ^ UINT32_C(0x80808080);"
    let y = "uint32_t y = \(fourWeights(projection, "u")) ^ UINT32_C(0x80808080);"
    let both = """
      uint32_t even = (x & UINT32_C(0x00FF00FF)) + (y & UINT32_C(0x00FF00FF));
      uint32_t odd = (x >> 8 & UINT32_C(0x00FF00FF)) + (y >> 8 & UINT32_C(0x00FF00FF));
      """
    text.function(
      "Adds the columns w and u of n weights\(projection.isPlastic ? "" : " of a table"), each + 128, to n sums, or begins the sums with them: of "
        + "each four weights the first and the third go to one word of sums, the others to the next. Either column may be 0, u alone or both.",
      "static EPROP_APART void \(addColumns(projection))(uint16_t *lanes, const int8_t *w, const int8_t *u, int begun, uint16_t n)",
      """
      const int8_t *end = w + n;

      if (!EPROP_ROOMY && begun == 0) {
          for (uint16_t j = 0; j < n; j = (uint16_t)(j + 2U)) {
              eprop_store2(&lanes[j], 0);
          }
          begun = 1;
      }
      if (u != 0 && begun == 0) {
          for (; w != end; w += 4, u += 4, lanes += 4) {
              \(x)
              \(y)
      \(indented(both, by: 8))
              eprop_store2(lanes, even);
              eprop_store2(lanes + 2, odd);
          }
          return;
      }
      if (u != 0) {
          for (; w != end; w += 4, u += 4, lanes += 4) {
              \(x)
              \(y)
      \(indented(both, by: 8))
              eprop_store2(lanes, eprop_load2(lanes) + even);
              eprop_store2(lanes + 2, eprop_load2(lanes + 2) + odd);
          }
          return;
      }
      if (begun == 0) {
          for (uint16_t j = 0; j < n; j = (uint16_t)(j + 2U)) {
              eprop_store2(&lanes[j], 0);
          }
      }
      if (w != 0) {
          for (; w != end; w += 4, lanes += 4) {
              \(x)
              eprop_store2(lanes, eprop_load2(lanes) + (x & UINT32_C(0x00FF00FF)));
              eprop_store2(lanes + 2, eprop_load2(lanes + 2) + (x >> 8 & UINT32_C(0x00FF00FF)));
          }
      }
      """)
  }

  mutating func emitAccumulateLanes(_ population: PopulationPlan, index: Int) {
    let n = count(population.count)
    let lanes = "net->lanes_\(population.name)"
    let incoming = incoming(index)
    let start = plan.laneStart(index)
    let takesColumns = incoming.contains { !$0.isCompressed }
    var body = takesColumns ? "const int8_t *waiting = 0;\nint begun = \(start > 0 ? 1 : 0);\n" : ""
    body += "uint32_t bias = \(start)U;\n"
    if start > 0 { body += "\n" + laneStart(lanes, n) }
    for (position, projection) in incoming.enumerated() {
      body += "\n" + laneArrivals(projection, lanes: lanes, n: n)
      let next = position + 1 < incoming.count ? incoming[position + 1] : nil
      let finer = projection.shift - (next?.shift ?? 0)
      // A column that learns and one of a table are not added together: they may be in different memories.
      let ends = finer > 0 || next.map { $0.isCompressed || projection.isPlastic != $0.isPlastic } ?? true
      if ends && !projection.isCompressed {
        body += "\n\(addColumns(projection))(\(lanes), waiting, 0, begun, \(n));"
        if next != nil { body += "\nwaiting = 0;\nbegun = 1;" }
      }
      if finer > 0 { body += "\n" + laneScaling(lanes, n, by: 1 << finer) }
    }
    body += "\nreturn bias;"
    let takesInput = incoming.contains { $0.source == .inputs }
    let how = takesColumns ? ", each + 128" : ""
    text.function(
      "Sums the weights of all that arrives at population \(population.name)\(how), and returns what is too much in every sum. Every "
        + "source at once stays below 2^16.",
      "static uint32_t accumulate_\(population.name)(\(net) *net\(takesInput ? ", " + inputParameters : ""))",
      body)
  }

  /// The loop that puts into all sums what they begin with.
  private func laneStart(_ lanes: String, _ n: String) -> String {
    """
    /* 128 for each synapse that a neuron can have: no sum is negative at any time. */
    for (uint16_t j = 0; j < \(n); j = (uint16_t)(j + 2U)) {
        eprop_store2(&\(lanes)[j], bias * UINT32_C(0x10001));
    }
    """
  }

  private func laneScaling(_ lanes: String, _ n: String, by factor: Int) -> String {
    """

    /* One LSB so far is worth \(factor) of what follows. */
    for (uint16_t j = 0; j < \(n); j = (uint16_t)(j + 2U)) {
        eprop_store2(&\(lanes)[j], eprop_load2(&\(lanes)[j]) * \(factor)U);
    }
    bias *= \(factor)U;
    """
  }

  /// The loop that adds the columns of a projection: two at a time, or the synapses that there are.
  private func laneArrivals(_ projection: ProjectionPlan, lanes: String, n: String) -> String {
    if projection.isCompressed {
      return arrivalLoop(projection, addSparse(projection, source: "SOURCE", toLanes: lanes))
    }
    let take = """
      const int8_t *column = &\(weights(projection))[SOURCE * \(n)];
      bias += 128U;
      if (waiting == 0) {
          waiting = column;
      } else {
          \(addColumns(projection))(\(lanes), waiting, column, begun, \(n));
          waiting = 0;
          begun = 1;
      }
      """
    return arrivalLoop(projection, take)
  }

  /// A loop over the spikes of a projection's source that arrive now, with SOURCE standing for its number.
  func arrivalLoop(_ projection: ProjectionPlan, _ body: String) -> String {
    guard case .population(let source) = projection.source else {
      return """
        for (const uint16_t *spike = spikes; spike != spikes + count; spike++) {
            if (*spike < \(P)_INPUTS) {
        \(indented(body.replacing("SOURCE", with: "(uint32_t)*spike"), by: 8))
            }
        }
        """
    }
    let first = plan.populations[source].first
    let begin = source == 0 ? "" : " + net->spike_end[\(source - 1)]"
    let neuron = first == 0 ? "(uint32_t)*spike" : "(uint32_t)(*spike - \(first)U)"
    return """
      for (const uint16_t *spike = net->spikes\(begin); spike != net->spikes + net->spike_end[\(source)]; spike++) {
      \(indented(body.replacing("SOURCE", with: neuron), by: 4))
      }
      """
  }

  /// Declares `base`, what is added to a cell's product with α before the shift. `less` is taken off the drive.
  func cellBase(_ population: PopulationPlan, dither: String, bias: String?) -> String {
    let start = rest(population) * loss(population)
    let less = bias.map { " - (\($0) << \(15 + population.driveShift))" } ?? ""
    return "const uint32_t base = (\(dither) >> 17) + UINT32_C(\(start))\(less);"
  }

  /// `base` for neuron `index`, whose threshold may be its own.
  func ownBase(_ population: PopulationPlan, _ index: String) -> String {
    guard case .each = population.threshold else { return "base" }
    let threshold = value(population.threshold, table: "threshold", population: population, index: index)
    return "base - (uint32_t)\(threshold) * \(loss(population))U"
  }

  /// Helpers that the forward pass and the replay share.
  mutating func emitCells(_ population: PopulationPlan, index: Int) {
    let n = population.name
    text.function(
      "The cells x of two neurons of \(n) after their leak, as one sum: that of the lower half plus 2^16 times that of the upper one.",
      "static inline uint32_t kept_\(n)(uint32_t x, uint32_t low, uint32_t high)",
      """
      uint32_t upper = (uint32_t)eprop_asr32(eprop_signed((x >> 16) * \(population.leak[0])U + high), 15U);
      return (upper << 16)
             + (uint32_t)eprop_asr32(eprop_signed((x & UINT32_C(0xFFFF)) * \(population.leak[0])U + low), 15U);
      """)
    if usesSurrogates(index) { emitSurrogates(population) }
  }

  /// Whether ψ of four neurons is computed at a time: in the forward pass, or in the replay of tiles of whole words.
  func usesSurrogates(_ index: Int) -> Bool {
    plan.computesSurrogate(index) && (storesSurrogates || (replays && tile % 4 == 0))
  }

  /// Whether `surrogates_<population>` needs the numbers of its neurons.
  func surrogatesNeedIndex(_ population: PopulationPlan) -> Bool {
    population.threshold.isTable || population.surrogateScale.isTable
  }

  /// log2 of v_th / 2^8, where ψ is v shifted by it.
  func surrogateShift(_ population: PopulationPlan) -> Int? {
    guard case .common(let scale) = population.surrogateScale, scale.nonzeroBitCount == 1,
      population.threshold == .common((1 << 24) / scale)
    else { return nil }
    return 16 - scale.trailingZeroBitCount
  }

  mutating func emitSurrogates(_ population: PopulationPlan) {
    let n = population.name
    if let shift = surrogateShift(population) {
      let sign = "UINT32_C(\((1 << (8 + shift)) * 0x10001))"
      func moved(_ name: String) -> String { shift == 0 ? name : "(\(name) >> \(shift))" }
      text.function(
        "psi of four neurons of \(n) from their cells, which are below 2^14: v\(shift == 0 ? "" : " / 2^\(shift)") if it is not negative. Then v_th + cell reaches 2^14, and the "
          + "lowest bits of the cell are v's.",
        "static inline uint32_t surrogates_\(n)(uint32_t x, uint32_t y)",
        """
        uint32_t mask = (x + \(sign)) >> 14 & UINT32_C(0x00010001);
        x = \(moved("x")) & ((mask << 8) - mask);
        mask = (y + \(sign)) >> 14 & UINT32_C(0x00010001);
        y = \(moved("y")) & ((mask << 8) - mask);
        return x | y << 8;
        """)
      return
    }
    let threshold = value(population.threshold, table: "threshold", population: population, index: "j")
    let scale =
      if case .common(let scale) = population.surrogateScale { "UINT32_C(\(scale))" } else {
        "(uint32_t)\(slope(population, "j"))"
      }
    let needsIndex = surrogatesNeedIndex(population)
    text.function(
      "psi of four neurons of \(n)\(needsIndex ? " from j on" : "") from their cells, which are below 2^14.",
      "static inline uint32_t surrogates_\(n)(uint32_t x, uint32_t y\(needsIndex ? ", uint16_t j" : ""))",
      """
      uint32_t psi = 0;

      for (unsigned k = 0; k < 4U; k++\(needsIndex ? ", j++" : "")) {
          uint32_t cell = ((k & 1U) == 0U ? x : y) >> (k < 2U ? 0U : 16U) & UINT32_C(0xFFFF);
          int32_t v = (int32_t)cell - 16384 + \(threshold);
          uint32_t height = v < 0 ? 0U : ((uint32_t)v * \(scale)) >> 16;
          psi |= (height > 255U ? 255U : height) << (8U * k);
      }
      return psi;
      """)
  }

  /// The distance from the threshold after a reset.
  func resetOver(_ population: PopulationPlan, index: String) -> String {
    switch population.reset {
    case .zero, .value, .hold:
      "-\(value(population.threshold, table: "threshold", population: population, index: index))"
    case .subtract(let amount): "over - \(value(amount, table: "reset", population: population, index: index))"
    }
  }

  /// Stores a word of four psi, whose place is a multiple of 4 where rows and populations are.
  func storeSurrogates(_ population: PopulationPlan, _ place: String, _ word: String) -> String {
    guard plan.neuronCount % 4 == 0 && population.first % 4 == 0 else {
      return """
        {
            uint32_t four = \(word);
            for (unsigned k = 0; k < 4U; k++) {
                \(place)[k] = (uint8_t)(four >> (8U * k) & 255U);
            }
        }
        """
    }
    return "eprop_store4(\(place), \(word));"
  }

  var storesSurrogates: Bool { plan.storesSurrogate }

  mutating func emitAdvanceLanes(_ population: PopulationPlan, index: Int) {
    let n = population.name
    emitCells(population, index: index)
    emitSettle(population)
    if storesSurrogates && population.refractorySteps > 0 { emitSilence(population) }
    let surrogates =
      "surrogates_\(n)(x, y\(surrogatesNeedIndex(population) ? ", (uint16_t)(cell - net->cell_\(n))" : ""))"
    let each = population.threshold.isTable
    let declared = each ? "\n    const uint16_t j = (uint16_t)(cell - net->cell_\(n));" : ""
    func base(_ k: Int) -> String { ownBase(population, each ? plus("j", k) : "") }
    let drive = population.driveShift == 0 ? "" : " << \(population.driveShift)"
    func sum(_ lanes: String) -> String { drive.isEmpty ? lanes : "(\(lanes)\(drive))" }
    text.function(
      "One step of population \(n), whose sums are too large by `bias`; its spikes are added to the `fired` already listed. Returns how many are "
        + "listed then. The products are below 2^30, and so are the parts of `base`.",
      "static EPROP_APART uint16_t advance_\(n)(\(net) *net, uint32_t dither, uint32_t bias, uint16_t fired)",
      """
      \(cellBase(population, dither: "dither", bias: "bias"))
      uint16_t *cell = net->cell_\(n);
      uint16_t *const end = cell + \(count(population.count));
      const uint16_t *lanes = net->lanes_\(n);\(storesSurrogates ? "\n\(surrogateRowDeclaration(population))" : "")

      for (; cell != end; cell += 4, lanes += 4\(storesSurrogates ? ", psi += 4" : "")) {\(declared)
          uint32_t x = kept_\(n)(eprop_load2(cell), \(base(0)), \(base(2))) + \(sum("eprop_load2(lanes)"));
          uint32_t y = kept_\(n)(eprop_load2(cell + 2), \(base(1)), \(base(3))) + \(sum("eprop_load2(lanes + 2)"));
          const uint32_t unsettled = (x | y) & UINT32_C(0xC000C000);

      \(storesSurrogates ? indented(storeSurrogates(population, "psi", surrogates), by: 4) + "\n" : "")    if (EPROP_SELDOM(unsettled != 0U)) {
              fired = settle_\(n)(net, (uint16_t)(cell - net->cell_\(n)), base\(storesSurrogates ? ", psi" : ""), fired);
          } else {
              eprop_store2(cell, x);
              eprop_store2(cell + 2, y);
          }
      }\(silenceCall(population))
      return fired;
      """)
  }

  func surrogateRowDeclaration(_ population: PopulationPlan) -> String {
    "uint8_t *psi = \(surrogatePlace(population));"
  }

  /// The line that clears psi of the silent, after the loop has moved psi to the end of the population.
  func silenceCall(_ population: PopulationPlan) -> String {
    guard storesSurrogates && population.refractorySteps > 0 else { return "" }
    return "\nsilence_\(population.name)(net, psi - \(count(population.count)));"
  }

  /// One neuron that may not just move on, from its distance `over` to the threshold.
  func settling(_ population: PopulationPlan, ready: String, t: String, psi: String?, index: String, fires: String)
    -> String
  {
    """
    \(psi.map { surrogate(population, index: index, place: $0) + "\n" } ?? "")if (over \(population.firesAtThreshold ? ">=" : ">") 0 && !silent) {
        \(ready) = (uint16_t)(\(t) + \(population.refractorySteps + 1)U);\(fires)
        over = \(resetOver(population, index: index));
    }
    """
  }

  private mutating func emitSettle(_ population: PopulationPlan) {
    let n = population.name
    let ready = "net->ready[\(plus("j", population.first))]"
    let drive =
      population.driveShift == 0
      ? "net->lanes_\(n)[place]" : "((uint32_t)net->lanes_\(n)[place] << \(population.driveShift))"
    let fires = "\n    net->spikes[fired] = \(shifted("j", by: population.first));\n    fired++;"
    // The bytes of psi that were stored are wrong beside a sum that has borrowed from its neighbour.
    let threshold = value(population.threshold, table: "threshold", population: population, index: "j")
    var calm = ""
    if storesSurrogates {
      if let shift = surrogateShift(population) {
        let v = shift == 0 ? "over + \(threshold)" : "(over + \(threshold)) >> \(shift)"
        calm = "\n        *psi = (uint8_t)(over < -\(threshold) ? 0 : \(v));"
      } else {
        calm = calmScaled(population, threshold)
      }
    }
    text.function(
      "The same for neurons j ... j + 3, some of which come out at the threshold or out of range: what is seldom so.",
      "static EPROP_APART uint16_t settle_\(n)(\(net) *net, uint16_t j, uint32_t base\(storesSurrogates ? ", uint8_t *psi" : ""), uint16_t fired)",
      """
      for (const uint16_t end = (uint16_t)(j + 4U); j != end; j++\(storesSurrogates ? ", psi++" : "")) {
          const uint16_t place = eprop_lane(j);
          const uint32_t kept = (uint32_t)net->cell_\(n)[place] * \(population.leak[0])U + \(ownBase(population, "j"));
          int32_t over = eprop_asr32(eprop_signed(kept), 15U) + (int32_t)\(drive) - 16384;
          int silent;

          if ((uint32_t)over >= UINT32_C(0xFFFFC000)) {
              net->cell_\(n)[place] = (uint16_t)(over + 16384);\(calm)
              continue;
          }
          over = eprop_sat15(over);
          silent = net->t < \(ready);
      \(indented(settling(population, ready: ready, t: "net->t", psi: storesSurrogates ? "*psi" : nil, index: "j", fires: fires), by: 4))
          net->cell_\(n)[place] = (uint16_t)(over + 16384);
      }
      return fired;
      """)
  }

  /// The lines that give psi of a neuron below its threshold whose v is scaled.
  func calmScaled(_ population: PopulationPlan, _ threshold: String) -> String {
    let scale =
      if case .common(let scale) = population.surrogateScale { "UINT32_C(\(scale))" } else {
        "(uint32_t)\(slope(population, "j"))"
      }
    return """

              {
                  uint32_t height = over < -\(threshold) ? 0U : ((uint32_t)(over + \(threshold)) * \(scale)) >> 16;
                  *psi = (uint8_t)(height > 255U ? 255U : height);
              }
      """
  }

  mutating func emitSilence(_ population: PopulationPlan) {
    let first = population.first
    let steps = population.refractorySteps
    if plan.hasBlocks {
      text.function(
        "psi is 0 for the neurons of \(population.name) that are silent now; those that have just fired are not yet.",
        "static void silence_\(population.name)(const \(net) *net, uint8_t *psi)",
        """
        for (uint16_t j = 0; j < \(count(population.count)); j++) {
            const uint16_t ready = net->ready[\(plus("j", first))];
            if (net->t < ready && ready != (uint16_t)(net->t + \(steps + 1)U)) {
                psi[j] = 0;
            }
        }
        """)
      return
    }
    let lower = first == 0 ? nil : "j >= \(first)U"
    let end = first + population.count
    let upper = end == plan.neuronCount ? nil : "j < \(end)U"
    let condition = [lower, upper].compactMap { $0 }.joined(separator: " && ")
    let clear = "psi[\(first == 0 ? "j" : "j - \(first)U")] = 0;"
    text.function(
      "psi is 0 for the neurons of \(population.name) that fired in the last \(steps) steps; the record has their spikes.",
      "static void silence_\(population.name)(const \(net) *net, uint8_t *psi)",
      """
      uint16_t row = net->recorded;
      \(offset) end;

      if (net->recording == 0U) {
          return;
      }
      row--;
      end = net->record_end[row];
      for (\(offset) e = row > \(steps)U ? net->record_end[row - \(steps)U] : 0U; e < end; e++) {
          uint16_t j = net->record[e];
          \(condition.isEmpty ? clear : "if (\(condition)) {\n        \(clear)\n    }")
      }
      """)
  }
}
