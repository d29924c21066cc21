import CSyntax
import Planning

/// The replay of plain neurons whose arriving weights are summed in lanes: first what arrives at each step is summed source by
/// source, in the place of delta, then the potentials of four neurons go through the steps in registers.
extension Emitter {
  mutating func emitReplayLanes(_ population: PopulationPlan, index: Int) {
    if isFast(index) { return emitFastReplay(population, index: index) }
    let n = population.name
    emitArrivalSums(population, index: index)
    emitResettle(population, index: index)
    emitReplayFour(population, index: index)
    text.function(
      "The forward pass once more, for neurons j0 ... j0 + lanes - 1 of \(n) only: the record holds all that arrived, so their "
        + "potentials and surrogate derivatives come out as they were, bit for bit.",
      "static EPROP_APART void replay_\(n)(\(net) *net, uint16_t j0, uint16_t lanes, uint16_t n)",
      """
      sum_arrivals_\(n)(net, j0, lanes, n);
      for (uint16_t lane = 0; lane < lanes; lane = (uint16_t)(lane + 4U)) {
          replay_four_\(n)(net, (uint16_t)(j0 + lane), lane, n);
      }
      \(silenced(population))
      """)
  }

  /// The lines that clear psi while a neuron is refractory.
  private func silenced(_ population: PopulationPlan) -> String {
    guard population.refractorySteps > 0 else { return "" }
    let j = plus("j0", population.first)
    let before =
      plan.hasBlocks
      ? """
      for (uint16_t lane = 0; lane < lanes; lane++) {
          for (uint16_t t = 0; t < net->start_ready[\(j) + lane] && t < n; t++) {
              net->psi[(uint32_t)t * \(P)_TILE + lane] = 0;
          }
      }

      """ : ""
    return before + """
      /* Neurons are silent for \(population.refractorySteps) steps after a spike, whose time is one more than its step. */
      for (uint16_t lane = 0; lane < lanes; lane++) {
          for (\(offset) e = net->record_start[\(j) + lane]; e < net->record_start[\(j) + lane + 1U]; e++) {
              uint16_t t = net->record_times[e];
              uint16_t end = (uint32_t)t + \(population.refractorySteps)U < n ? (uint16_t)(t + \(population.refractorySteps)U) : n;
              for (; t < end; t++) {
                  net->psi[(uint32_t)t * \(P)_TILE + lane] = 0;
              }
          }
      }
      """
  }

  /// Whether tiles are taken eight neurons at a time, where they have eight.
  private var takesEight: Bool { tile == 8 }

  /// The loops over the times of a source.
  mutating func emitScatter() {
    if isFast(0) { return emitFastScatter() }
    /// All words are read before any is written, so that they may be read and written by twos.
    func scatter(_ words: [String]) -> String {
      let places = words.indices.map { $0 == 0 ? "row" : "row + \(2 * $0)" }
      let sums = Array(["a", "b", "c", "d"].prefix(words.count))
      let reads = zip(places, sums).map { "    const uint32_t \($1) = eprop_load2(\($0));" }
      let writes = words.indices.map { "    eprop_store2(\(places[$0]), \(sums[$0]) + \(words[$0]));" }
      return """
        for (; time != end; time++) {
            uint16_t *row = &sums[(uint32_t)*time * \(P)_TILE];
        \(reads.joined(separator: "\n"))

        \(writes.joined(separator: "\n"))
        }
        """
    }
    text.function(
      "Adds the weights of one source to the sums of four neurons at each of its times.",
      "static inline void scatter_four(uint16_t *sums, const uint16_t *time, const uint16_t *end, uint32_t x, uint32_t y)",
      scatter(["x", "y"]))
    guard takesEight else { return }
    text.function(
      "The same for eight.",
      "static inline void scatter_eight(uint16_t *sums, const uint16_t *time, const uint16_t *end, uint32_t p, uint32_t q, uint32_t x, uint32_t y)",
      scatter(["p", "q", "x", "y"]))
  }

  private mutating func emitArrivalSums(_ population: PopulationPlan, index: Int) {
    let n = population.name
    let clear = (0..<tile / 2).map { "    eprop_store2(row\($0 == 0 ? "" : " + \(2 * $0)"), 0);" }.joined(
      separator: "\n")
    var emitted: Set<String> = []
    for projection in incoming(index) where emitted.insert(scatterName(projection, into: index)).inserted {
      if projection.isCompressed {
        emitScatterColumns(projection, population, name: scatterName(projection, into: index))
      } else {
        emitAddArrivals(projection, population, name: scatterName(projection, into: index))
      }
    }
    let calls = incoming(index).map { scatterCall($0, into: index, after: ", lanes") }.joined(separator: "\n")
    text.function(
      "Sums for each of the n steps what arrives at neurons j0 ... j0 + lanes - 1 of \(n), in the halves of words"
        + ": each word is the sum of its lower half, an int16, and 2^16 times that of its upper one."
        + (packs ? " What arrives after them is summed too, in the row that delta has for it." : ""),
      "static EPROP_APART void sum_arrivals_\(n)(\(net) *net, uint16_t j0, uint16_t lanes, uint16_t n)",
      """
      uint16_t *const sums = net->delta;

      for (uint16_t *row = sums; row != sums + (uint32_t)n * \(P)_TILE; row += \(P)_TILE) {
      \(clear)
      }
      \(calls)
      """)
  }

  /// The function that scatters the weights of a projection: those whose weights mean the same share one.
  func scatterName(_ projection: ProjectionPlan, into index: Int) -> String {
    "scatter_\(projection.isCompressed ? "columns" : "sources")_\(plan.populations[index].name)\(projection.isPlastic ? "" : "_of_tables")"
      + (Set(incoming(index).map(\.shift)).count > 1 ? "_\(projection.shift)" : "")
  }

  /// The statement that calls it for the tile at j0.
  func scatterCall(_ projection: ProjectionPlan, into index: Int, suffix: String = "", after: String) -> String {
    var first = 0
    if case .population(let source) = projection.source { first = plan.populations[source].first }
    let kept = projection.source == .inputs ? "input" : "record"
    let start = first == 0 ? "net->\(kept)_start" : "&net->\(kept)_start[\(first)]"
    let arrivals = "\(start), \(count(projection.preCount)), net->\(kept)_times"
    let (function, end) = (scatterName(projection, into: index) + suffix, packs ? "" : ", n")
    guard projection.isCompressed else {
      return "\(function)(sums, &\(weights(projection))[j0], \(arrivals)\(after)\(end));"
    }
    let n = projection.name
    return
      "\(function)(sums, \(weights(projection)), begin_\(n), target_\(n), net->next_\(n), \(arrivals), j0\(after)\(end));"
  }

  private mutating func emitAddArrivals(_ projection: ProjectionPlan, _ population: PopulationPlan, name: String) {
    let shift = projection.shift + population.driveShift
    func words(_ four: String, _ names: (String, String)) -> String {
      let move = shift == 0 ? "" : " << \(shift)"
      func word(_ bytes: String) -> String {
        let sum = "(\(bytes) & UINT32_C(0x00FF00FF)) - UINT32_C(0x00800080)"
        return shift == 0 ? sum : "(\(sum))\(move)"
      }
      return """
        \(four) ^= UINT32_C(0x80808080);
        \(names.0) = \(word(four));
        \(names.1) = \(word("\(four) >> 8"));
        """
    }
    let four = """
      for (uint16_t lane = 0; lane < lanes; lane = (uint16_t)(lane + 4U)) {
          uint32_t four = \(fourWeights(projection, "&w[lane]"));
          uint32_t x, y;

      \(indented(words("four", ("x", "y")), by: 4))
          scatter_four(&sums[lane], first, end, x, y);
      }
      """
    let eight = """
      if (EPROP_ROOMY && lanes == 8U) {
          uint32_t four = \(fourWeights(projection, "w"));
          uint32_t p, q, x, y;

      \(indented(words("four", ("p", "q")), by: 4))
          four = \(fourWeights(projection, "w + 4"));
      \(indented(words("four", ("x", "y")), by: 4))
          scatter_eight(sums, first, end, p, q, x, y);
          continue;
      }
      """
    text.function(
      "Adds the weights w of sources onto the lanes of a tile to the sums of the steps at which they arrive.",
      """
      static EPROP_APART void \(name)(uint16_t *sums, const int8_t *w, const \(offset) *start, uint16_t sources,
          const uint16_t *times, uint16_t lanes\(packs ? "" : ", uint16_t n"))
      """,
      """
      const uint16_t *time = times + *start;

      for (const \(offset) *const stop = start + sources; start != stop; w += \(count(population.count))) {
          const uint16_t *const first = time;
          const uint16_t *end;

          start++;
          time = times + *start;
          end = time;\(leavingOutLast)
      \(takesEight ? indented(eight, by: 4) + "\n" : "")\(indented(four, by: 4))
      }
      """)
  }

  /// The lines that leave out what fires in the last step. Packed gradients have a row for what has not arrived yet.
  var leavingOutLast: String {
    packs
      ? ""
      : "\n    /* What fires in the last step has not arrived yet. */\n    if (first != end && end[-1] == n) {\n        end--;\n    }"
  }

  private mutating func emitResettle(_ population: PopulationPlan, index: Int) {
    let n = population.name
    let needsIndex = resettleNeedsIndex(population)
    let parameters = needsIndex ? "uint16_t j, " : ""
    text.function(
      "One neuron of \(n) once more, which comes out at the threshold or out of range, or whose neighbour does: its cell after step t, and psi.",
      "static inline uint32_t relive_\(n)(\(parameters)uint16_t t, uint32_t dither, uint32_t cell, int32_t drive, uint8_t *psi, uint16_t *ready)",
      """
      \(cellBase(population, dither: "dither", bias: nil))
      int32_t over = eprop_sat15(eprop_asr32(eprop_signed(cell * \(population.leak[0])U + \(ownBase(population, "j"))), 15U) + drive - 16384);
      const int silent = t < *ready;

      \(settling(population, ready: "*ready", t: "t", psi: "*psi", index: "j", fires: ""))
      return (uint32_t)(over + 16384);
      """)
    let high = "eprop_asr32(eprop_signed(sums - (uint32_t)low), 16U)"
    let calls = ["", " + 2"].map { offset in
      let lane = offset.isEmpty
      return
        "relive_\(n)(\(needsIndex ? (lane ? "j, " : "(uint16_t)(j + 2U), ") : "")t, dither, \(lane ? "x & UINT32_C(0xFFFF)" : "x >> 16"), "
        + "\(lane ? "low" : high), psi\(offset), ready\(offset))"
    }
    text.function(
      "The cells of two neurons\(needsIndex ? ", j and j + 2," : "") after step t, from those before it and what arrived.",
      "static EPROP_APART uint32_t resettle_\(n)(\(parameters)uint16_t t, uint32_t dither, uint32_t x, uint32_t sums, uint8_t *psi, uint16_t *ready)",
      """
      const int32_t low = (int32_t)((sums & UINT32_C(0xFFFF)) ^ UINT32_C(0x8000)) - INT32_C(0x8000);
      const uint32_t lower = \(calls[0]);
      return lower | \(calls[1]) << 16;
      """)
  }

  func resettleNeedsIndex(_ population: PopulationPlan) -> Bool {
    var needs = surrogatesNeedIndex(population)
    if case .subtract(.each) = population.reset { needs = true }
    return needs
  }

  /// The cell of neuron j0 + k at the beginning of the block.
  func startCell(_ population: PopulationPlan, _ k: Int) -> String {
    let threshold = value(population.threshold, table: "threshold", population: population, index: plus("j0", k))
    return "(uint32_t)(16384 + net->start_v[\(plus(plus("j0", population.first), k))] - \(threshold))"
  }

  /// `ready` of some neurons at the beginning of the block.
  func startReady(_ population: PopulationPlan, lanes: Int = 4) -> String {
    guard plan.hasBlocks else { return Array(repeating: "0", count: lanes).joined(separator: ", ") }
    return (0..<lanes).map { "net->start_ready[\(plus(plus("j0", population.first), $0))]" }.joined(separator: ", ")
  }

  private mutating func emitReplayFour(_ population: PopulationPlan, index: Int) {
    let n = population.name
    let needsIndex = resettleNeedsIndex(population)
    let surrogates = "surrogates_\(n)(a, b\(surrogatesNeedIndex(population) ? ", j0" : ""))"
    func kept(_ x: String, _ low: Int, _ high: Int) -> String {
      "kept_\(n)(\(x), \(ownBase(population, plus("j0", low))), \(ownBase(population, plus("j0", high))))"
    }
    func start(_ low: Int) -> String {
      if plan.hasBlocks { return "\(startCell(population, low)) | \(startCell(population, low + 2)) << 16" }
      guard case .each = population.threshold else { return "UINT32_C(\(rest(population) * 0x10001))" }
      func cell(_ k: Int) -> String {
        "(uint32_t)(16384 - \(value(population.threshold, table: "threshold", population: population, index: plus("j0", k))))"
      }
      return "\(cell(low)) | \(cell(low + 2)) << 16"
    }
    text.function(
      "The n steps once more for neurons j0 ... j0 + 3 of \(n), the lanes of the tile from `lane` on.",
      "static EPROP_APART void replay_four_\(n)(\(net) *net, uint16_t j0, uint16_t lane, uint16_t n)",
      """
      uint16_t ready[4] = {\(startReady(population))};
      uint32_t x = \(start(0));
      uint32_t y = \(start(1));
      uint32_t step = eprop_dither(0);
      uint32_t dither = \(plan.hasBlocks ? "eprop_dither(net->first)" : "step");
      uint32_t offset = UINT32_C(\(rest(population) * loss(population)));
      \(needsIndex || plan.hasBlocks ? "" : "\n(void)j0;")
      EPROP_UNKNOWN(step);
      EPROP_UNKNOWN(offset);
      for (uint16_t t = 0; t < n; t++, dither += step) {
          const uint16_t *sums = &net->delta[(uint32_t)t * \(P)_TILE + lane];
          uint8_t *psi = &net->psi[(uint32_t)t * \(P)_TILE + lane];
          const uint32_t base = (dither >> 17) + offset;
          uint32_t a = \(kept("x", 0, 2)) + eprop_load2(sums);
          uint32_t b = \(kept("y", 1, 3)) + eprop_load2(sums + 2);

          eprop_store4(psi, \(surrogates));
          if (EPROP_SELDOM(((a | b) & UINT32_C(0xC000C000)) != 0U)) {
              a = resettle_\(n)(\(needsIndex ? "j0, " : "")t, dither, x, eprop_load2(sums), psi, ready);
              b = resettle_\(n)(\(needsIndex ? "(uint16_t)(j0 + 1U), " : "")t, dither, y, eprop_load2(sums + 2), psi + 1, ready + 1);
          }
          x = a;
          y = b;
      }
      """)
  }
}

extension PerNeuron {
  /// Whether every neuron has a value of its own.
  var isTable: Bool { if case .each = self { true } else { false } }
}
