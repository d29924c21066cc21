import CSyntax
import Planning

/// The replay of `ReplayLanes.swift` in instructions of Armv7E-M, eight neurons at a time where tiles have eight.
extension Emitter {
  /// How many neurons go through the steps together: in whole tiles, and in what is left of a population.
  private func groups(_ population: PopulationPlan) -> [Int] {
    guard tile == 8 else { return [4] }
    return population.count % 8 == 0 ? [8] : population.count < 8 ? [4] : [8, 4]
  }

  /// A name for so many.
  private func spelt(_ lanes: Int) -> String { lanes == 8 ? "eight" : "four" }

  mutating func emitFastReplay(_ population: PopulationPlan, index: Int) {
    let n = population.name
    emitFastArrivals(population, index: index)
    emitFastRelive(population)
    for lanes in groups(population) { emitFastReplayRows(population, lanes: lanes) }
    if population.refractorySteps > 0 {
      text.function(
        "Clears psi of neurons j0 ... j0 + lanes - 1 of \(n) while they are refractory.",
        "static EPROP_APART void replay_silence_\(n)(\(net) *net, uint16_t j0, uint16_t lanes, uint16_t n)",
        silenced(population))
    }
    func replay(_ lanes: Int) -> String { "replay_\(spelt(lanes))_\(n)(net, j0, \(lanes == 8 ? "" : "0, ")n);" }
    var calls = """
      for (uint16_t lane = 0; lane < lanes; lane = (uint16_t)(lane + 4U)) {
          replay_four_\(n)(net, (uint16_t)(j0 + lane), lane, n);
      }
      """
    if groups(population) == [8, 4] {
      calls = "if (lanes == 8U) {\n    \(replay(8))\n} else {\n    \(replay(4))\n}"
    } else if groups(population) == [8] {
      calls = replay(8)
    }
    text.function(
      "The forward pass once more, for neurons j0 ... j0 + lanes - 1 of \(n) only: the record holds all that arrived, so their "
        + "potentials and surrogate derivatives come out as they were, bit for bit.",
      "static EPROP_APART void replay_\(n)(\(net) *net, uint16_t j0, uint16_t lanes, uint16_t n)",
      """
      sum_arrivals_\(n)(net, j0, lanes, n);
      \(calls)\(population.refractorySteps > 0 ? "\nreplay_silence_\(n)(net, j0, lanes, n);" : "")
      """)
  }

  // MARK: - What arrives

  /// The loop over the times of a source for the four neurons that no instructions of whole rows are for.
  mutating func emitFastScatter() {
    text.function(
      "Adds the weights of one source to the sums of four neurons at each of its times.",
      "static inline void scatter_four(uint16_t *sums, const uint16_t *time, const uint16_t *end, uint32_t x, uint32_t y)",
      """
      for (; time != end; time++) {
          uint16_t *row = &sums[(uint32_t)*time * \(P)_TILE];
          const uint32_t a = eprop_load2(row);
          const uint32_t b = eprop_load2(row + 2);

          eprop_store2(row, eprop_sadd16(a, x));
          eprop_store2(row + 2, eprop_sadd16(b, y));
      }
      """)
  }

  private mutating func emitFastArrivals(_ population: PopulationPlan, index: Int) {
    let n = population.name
    var emitted: Set<String> = []
    for projection in incoming(index) where emitted.insert(scatterName(projection, into: index)).inserted {
      for lanes in groups(population) { emitFastSources(projection, population, index: index, lanes: lanes) }
    }
    func calls(_ lanes: Int) -> String {
      incoming(index).map {
        scatterCall($0, into: index, suffix: "_\(spelt(lanes))", after: lanes == 4 ? ", lanes" : "")
      }.joined(separator: "\n")
    }
    let all =
      groups(population).count == 2
      ? "if (lanes == 8U) {\n\(indented(calls(8), by: 4))\n} else {\n\(indented(calls(4), by: 4))\n}"
      : (groups(population) == [8] ? "(void)lanes;\n" : "") + calls(groups(population)[0])
    let zeros = (0..<tile / 2).map { "    eprop_store2(row\($0 == 0 ? "" : " + \(2 * $0)"), 0);" }
    let clear =
      plan.addsRows
      ? "eprop_clear_rows(sums, sums + (n + 1U) / 2U * (\(P)_TILE * 2U));"
      : """
      for (uint16_t *row = sums; row != sums + (uint32_t)n * \(P)_TILE; row += \(P)_TILE) {
      \(zeros.joined(separator: "\n"))
      }
      """
    text.function(
      "Sums for each of the n steps what arrives at neurons j0 ... j0 + lanes - 1 of \(n), in the halves of words."
        + (packs ? " What arrives after them is summed too, in the row that delta has for it." : ""),
      "static EPROP_APART void sum_arrivals_\(n)(\(net) *net, uint16_t j0, uint16_t lanes, uint16_t n)",
      """
      uint16_t *const sums = net->delta;

      \(clear)
      \(all)
      """)
  }

  /// The loop over the sources of a projection.
  private mutating func emitFastSources(
    _ projection: ProjectionPlan, _ population: PopulationPlan, index: Int, lanes: Int
  ) {
    let shift = projection.shift + population.driveShift
    func words(_ names: (String, String)) -> String {
      let doubled = (0..<shift).map { _ in
        "\n\(names.0) = eprop_sadd16(\(names.0), \(names.0));\n\(names.1) = eprop_sadd16(\(names.1), \(names.1));"
      }.joined()
      return "\(names.0) = eprop_sxtb16(four);\n\(names.1) = eprop_sxtb16_odd(four);" + doubled
    }
    let scatter =
      lanes == 8
      ? """
      if (first != end) {
          uint32_t four = \(fourWeights(projection, "w"));
          uint32_t p, q, x, y;

      \(indented(words(("p", "q")), by: 4))
          four = \(fourWeights(projection, "w + 4"));
      \(indented(words(("x", "y")), by: 4))
          eprop_add_to_rows(sums, first, end, p, q, x, y);
      }
      """
      : """
      for (uint16_t lane = 0; lane < lanes; lane = (uint16_t)(lane + 4U)) {
          uint32_t four = \(fourWeights(projection, "&w[lane]"));
          uint32_t x, y;

      \(indented(words(("x", "y")), by: 4))
          scatter_four(&sums[lane], first, end, x, y);
      }
      """
    text.function(
      lanes == 8
        ? "Adds the weights w of sources onto a tile of eight to the sums of the steps at which they arrive."
        : "The same for as many lanes of a tile, by fours.",
      """
      static EPROP_APART void \(scatterName(projection, into: index))_\(spelt(lanes))(uint16_t *sums, const int8_t *w, const \(offset) *start, uint16_t sources,
          const uint16_t *times\(lanes == 8 ? "" : ", uint16_t lanes")\(packs ? "" : ", uint16_t n"))
      """,
      """
      const uint16_t *time = times + *start;

      for (const \(offset) *const stop = start + sources; start != stop; w += \(count(population.count))) {
          const uint16_t *const first = time;
          const uint16_t *end;

          start++;
          time = times + *start;
          end = time;\(leavingOutLast)
      \(indented(scatter, by: 4))
      }
      """)
  }

  // MARK: - The steps

  private mutating func emitFastRelive(_ population: PopulationPlan) {
    let n = population.name
    let needsIndex = resettleNeedsIndex(population)
    let parameter = needsIndex ? "uint16_t j, " : ""
    text.function(
      "One neuron of \(n) once more, which comes out at the threshold or out of range, or whose neighbour does, from its cell after the leak and what "
        + "arrived: its cell after step t, and psi.",
      "static inline uint32_t relive_\(n)(\(parameter)uint16_t t, uint32_t kept, int32_t drive, uint8_t *psi, uint16_t *ready)",
      """
      int32_t over = eprop_sat15((int32_t)kept + drive - 16384);
      const int silent = t < *ready;

      \(settling(population, ready: "*ready", t: "t", psi: "*psi", index: "j", fires: ""))
      return (uint32_t)(over + 16384);
      """)
    func relive(_ j: String, _ rest: String) -> String { "relive_\(n)(\(needsIndex ? "\(j), " : "")t, \(rest))" }
    let calm =
      surrogateShift(population).map {
        """
        const uint32_t two = \(psiOfTwo("x", population, shift: $0));

            psi[0] = (uint8_t)(two & 255U);
            psi[2] = (uint8_t)(two >> 16);
        """
      } ?? "/* psi is right already. */"
    text.function(
      "The cells of two neurons\(needsIndex ? ", j and j + 2," : "") after step t, from x, which they come out at of their sums or which their neighbours do.",
      "static inline uint32_t resettle_two_\(n)(\(parameter)uint16_t t, uint32_t x, uint32_t sums, uint8_t *psi, uint16_t *ready)",
      """
      const uint32_t kept = eprop_ssub16(x, sums);
      uint32_t lower;

      if ((x & UINT32_C(0xC000C000)) == 0U) {
          \(calm)
          return x;
      }
      lower = \(relive("j", "kept & UINT32_C(0xFFFF), eprop_low(sums), psi, ready"));
      return lower | \(relive("(uint16_t)(j + 2U)", "kept >> 16, eprop_high(sums), psi + 2, ready + 2")) << 16;
      """)
    func two(_ word: Int) -> String {
      let (j, sums, offset) =
        word == 0 ? ("j", "sums", "") : ("(uint16_t)(j + 1U)", "sums + 2", " + 1")
      return
        "x[\(word)] = resettle_two_\(n)(\(needsIndex ? "\(j), " : "")t, x[\(word)], eprop_load2(\(sums)), psi\(offset), ready\(offset));"
    }
    text.function(
      "The cells of as many words in step t, some of which come out at the threshold or out of range: what is seldom so.",
      """
      static EPROP_APART void resettle_\(n)(\(parameter)uint16_t t, uint32_t *x, unsigned words, const uint16_t *sums, uint8_t *psi,
                                            uint16_t *ready)
      """,
      """
      for (const uint32_t *const end = x + words; x != end; x += 2, sums += 4, psi += 4, ready += 4) {
          if (((x[0] | x[1]) & UINT32_C(0xC000C000)) != 0U) {
              \(two(0))
              \(two(1))
          }\(needsIndex ? "\n    j = (uint16_t)(j + 4U);" : "")
      }
      """)
  }

  /// The n steps of so many neurons, whose cells stay in registers.
  private mutating func emitFastReplayRows(_ population: PopulationPlan, lanes: Int) {
    let n = population.name
    let words = Array(["a", "b", "c", "d"].prefix(lanes / 2))
    let needsIndex = resettleNeedsIndex(population)
    func start(_ word: Int) -> String {
      let low = (word & ~1) * 2 + (word & 1)
      return plan.hasBlocks
        ? "\(startCell(population, low)) | \(startCell(population, low + 2)) << 16"
        : "UINT32_C(\(rest(population) * 0x10001))"
    }
    func lines(_ line: (Int, String) -> String) -> String {
      words.enumerated().map { line($0.offset, $0.element) }.joined(separator: "\n")
    }
    func surrogates(_ first: Int) -> String {
      let j = first == 0 ? ", j0" : ", (uint16_t)(j0 + 4U)"
      return "surrogates_\(n)(\(words[first]), \(words[first + 1])\(surrogatesNeedIndex(population) ? j : ""))"
    }
    let arrive =
      lanes == 8
      ? "eprop_add_row(&a, &b, &c, &d, sums);"
      : lines { "\($1) = eprop_sadd16(\($1), eprop_load2(sums\($0 == 0 ? "" : " + \(2 * $0)")));" }
    let psi = stride(from: 0, to: words.count, by: 2).map {
      "eprop_store4(psi\($0 == 0 ? "" : " + 4"), \(surrogates($0)));"
    }
    let place = lanes == 8 ? "" : " + lane"
    let isUsed = needsIndex || surrogatesNeedIndex(population) || plan.hasBlocks
    text.function(
      "The n steps once more for neurons j0 ... j0 + \(lanes - 1) of \(n)\(lanes == 8 ? "" : ", the lanes of the tile from `lane` on").",
      "static EPROP_APART void replay_\(spelt(lanes))_\(n)(\(net) *net, uint16_t j0, \(lanes == 8 ? "" : "uint16_t lane, ")uint16_t n)",
      """
      uint16_t ready[\(lanes)] = {\(startReady(population, lanes: lanes))};
      \(lines { "uint32_t \($1) = \(start($0));" })
      uint32_t step = eprop_dither(0);
      uint32_t dither = \(plan.hasBlocks ? "eprop_dither(net->first)" : "step");
      uint32_t offset = UINT32_C(\(rest(population) * fade(population)));
      const uint16_t *sums = net->delta\(place);
      const uint16_t *const end = sums + (uint32_t)n * \(P)_TILE;
      uint8_t *psi = net->psi\(place);
      \(isUsed ? "" : "\n(void)j0;")
      EPROP_UNKNOWN(step);
      EPROP_UNKNOWN(offset);
      for (; sums != end; sums += \(P)_TILE, psi += \(P)_TILE, dither += step) {
          /* All else that is summed is even: the lowest bit of what the dither adds decides nothing. */
          const int32_t base = (int32_t)((dither >> 16) + offset);

      \(indented(lines { "\($1) = kept_\(n)(\($1), base);" }, by: 4))
      \(indented(arrive, by: 4))
      \(indented(psi.joined(separator: "\n"), by: 4))
          if (EPROP_SELDOM(((\(words.joined(separator: " | "))) & UINT32_C(0xC000C000)) != 0U)) {
              uint32_t x[\(words.count)];

      \(indented(lines { "x[\($0)] = \($1);" }, by: 8))
              resettle_\(n)(\(needsIndex ? "j0, " : "")(uint16_t)((uint32_t)(psi - net->psi) / \(P)_TILE), x, \(words.count)U, sums, psi, ready);
      \(indented(lines { "\($1) = x[\($0)];" }, by: 8))
          }
      }
      """)
  }

  /// The lines that clear psi while a neuron is refractory.
  private func silenced(_ population: PopulationPlan) -> String {
    let steps = population.refractorySteps
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
    let whole = """
      if ((uint32_t)t + \(steps)U <= n) {
          uint8_t *psi = &net->psi[(uint32_t)t * \(P)_TILE + lane];

      \((0..<steps).map { "    psi[\($0)U * \(P)_TILE] = 0;" }.joined(separator: "\n"))
          continue;
      }

      """
    return before + """
      /* Neurons are silent for \(steps) steps after a spike, whose time is one more than its step. */
      for (uint16_t lane = 0; lane < lanes; lane++) {
          const uint16_t *const last = net->record_times + net->record_start[\(j) + lane + 1U];

          for (const uint16_t *time = net->record_times + net->record_start[\(j) + lane]; time != last; time++) {
              uint16_t t = *time;

      \(steps > 8 ? "" : indented(whole, by: 8))        for (const uint32_t end = (uint32_t)t + \(steps)U; t < end && t < n; t++) {
                  net->psi[(uint32_t)t * \(P)_TILE + lane] = 0;
              }
          }
      }
      """
  }
}
