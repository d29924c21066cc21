import CSyntax
import Planning

/// The forward pass of `Lanes.swift` in instructions of Armv7E-M: up to four columns are added to the cells as these move on, so
/// that sums are in memory only where more arrive at once. Sums here are those of w, in halves that do not borrow.
extension Emitter {
  /// Whether a population's kernels are made of the functions of eprop_armv7em.h. The spikes that arrive must outlast its own
  /// new ones, so it is the only one.
  func isFast(_ index: Int) -> Bool {
    let population = plan.populations[index]
    return isFast && plan.sumsInLanes(index) && plan.populations.count == 1 && !population.threshold.isTable
      && !incoming(index).contains(where: \.isCompressed) && population.leak[0] >= 16384
  }

  /// β = 2^16 (1 − α): floor(c v / 2^15 + d) is v + floor(d − β v / 2^16).
  func fade(_ population: PopulationPlan) -> Int { 2 * loss(population) }

  private func fastBase(_ population: PopulationPlan, dither: String) -> String {
    "const int32_t base = (int32_t)(\(dither) >> 17) * 2 + INT32_C(\(rest(population) * fade(population)));"
  }

  /// The lines that double the halves of a word as often as the drive is shifted.
  private func doubled(_ names: [String], _ times: Int) -> String {
    (0..<times).flatMap { _ in names.map { "\n\($0) = eprop_sadd16(\($0), \($0));" } }.joined()
  }

  mutating func emitFastAddColumns() {
    text.function(
      "Adds four columns of n weights to n sums, or begins the sums with them: of each four weights the first and the third go to one word of sums, the "
        + "others to the next.",
      "static EPROP_APART void add_four(uint16_t *lanes, const int8_t *const *column, int begun, uint16_t n)",
      """
      const int8_t *p = column[0];
      const int8_t *q = column[1];
      const int8_t *r = column[2];
      const int8_t *s = column[3];

      for (const int8_t *end = p + n; p != end; p += 4, q += 4, r += 4, s += 4, lanes += 4) {
          uint32_t w = eprop_load4(p);
          uint32_t x = eprop_sxtab16(begun != 0 ? eprop_load2(lanes) : 0U, w);
          uint32_t y = eprop_sxtab16_odd(begun != 0 ? eprop_load2(lanes + 2) : 0U, w);

          w = eprop_load4(q);
          x = eprop_sxtab16(x, w);
          y = eprop_sxtab16_odd(y, w);
          w = eprop_load4(r);
          x = eprop_sxtab16(x, w);
          y = eprop_sxtab16_odd(y, w);
          w = eprop_load4(s);
          eprop_store2(lanes, eprop_sxtab16(x, w));
          eprop_store2(lanes + 2, eprop_sxtab16_odd(y, w));
      }
      """)
    text.function(
      "Adds one column, or begins the sums with it.",
      "static EPROP_APART void add_one(uint16_t *lanes, const int8_t *w, int begun, uint16_t n)",
      """
      for (const int8_t *end = w + n; w != end; w += 4, lanes += 4) {
          uint32_t four = eprop_load4(w);
          eprop_store2(lanes, eprop_sxtab16(begun != 0 ? eprop_load2(lanes) : 0U, four));
          eprop_store2(lanes + 2, eprop_sxtab16_odd(begun != 0 ? eprop_load2(lanes + 2) : 0U, four));
      }
      """)
  }

  mutating func emitFastCells(_ population: PopulationPlan, index: Int) {
    let n = population.name
    text.function(
      "The cells x of two neurons of \(n) after their leak, half by half.",
      "static inline uint32_t kept_\(n)(uint32_t x, int32_t base)",
      """
      const uint32_t fade = UINT32_C(\((65536 - fade(population)) & 0xFFFF));
      return eprop_sadd16(x, eprop_pkhtb((uint32_t)eprop_smlabb(x, fade, base), (uint32_t)eprop_smlatb(x, fade, base)));
      """)
    guard usesSurrogates(index) else { return }
    guard let shift = surrogateShift(population) else {
      emitSurrogates(population)
      return
    }
    func psi(_ cells: String) -> String { psiOfTwo(cells, population, shift: shift) }
    text.function(
      "psi of four neurons of \(n) from their cells, which are below 2^14: v\(shift == 0 ? "" : " / 2^\(shift)") if it is not negative.",
      "static inline uint32_t surrogates_\(n)(uint32_t x, uint32_t y)",
      "return \(psi("x")) | \(psi("y")) << 8;")
  }

  /// psi of the neurons of a word of cells below 2^14, in halves.
  func psiOfTwo(_ cells: String, _ population: PopulationPlan, shift: Int) -> String {
    let v = "eprop_uqsub16(\(cells), UINT32_C(\(rest(population) * 0x10001)))"
    return shift == 0 ? v : "(\(v) >> \(shift) & UINT32_C(0x00FF00FF))"
  }

  mutating func emitFastForward(_ population: PopulationPlan, index: Int) {
    emitFastAddColumns()
    emitFastCells(population, index: index)
    emitFastSettle(population)
    if storesSurrogates && population.refractorySteps > 0 { emitSilence(population) }
    for columns in 0...4 { emitFastAdvance(population, columns: columns, sums: false) }
    for columns in [0, 4] { emitFastAdvance(population, columns: columns, sums: true) }
    emitFastMove(population, index: index)
  }

  private func fastAdvance(_ population: PopulationPlan, _ columns: Int, sums: Bool) -> String {
    "advance_\(sums ? "sums_" : "")\(columns)_\(population.name)"
  }

  /// The loop for a number of columns, with or without sums in memory.
  private mutating func emitFastAdvance(_ population: PopulationPlan, columns: Int, sums: Bool) {
    let n = population.name
    let shift = population.driveShift
    let names = ["p", "q", "r", "s"].prefix(columns)
    var add = ""
    if sums {
      add = "\na = eprop_load2(lanes);\nb = eprop_load2(lanes + 2);\nlanes += 4;"
      for name in names {
        add += "\nw = eprop_load4(\(name));\n\(name) += 4;\na = eprop_sxtab16(a, w);\nb = eprop_sxtab16_odd(b, w);"
      }
      add += doubled(["a", "b"], shift)
    } else if shift == 0 {
      for name in names {
        add += "\na = eprop_load4(\(name));\n\(name) += 4;\nx = eprop_sxtab16(x, a);\ny = eprop_sxtab16_odd(y, a);"
      }
    } else if let first = names.first {
      add = "\nw = eprop_load4(\(first));\n\(first) += 4;\na = eprop_sxtb16(w);\nb = eprop_sxtb16_odd(w);"
      for name in names.dropFirst() {
        add += "\nw = eprop_load4(\(name));\n\(name) += 4;\na = eprop_sxtab16(a, w);\nb = eprop_sxtab16_odd(b, w);"
      }
      add += doubled(["a", "b"], shift)
    }
    let apart = sums || (shift > 0 && !names.isEmpty)
    if apart { add += "\nx = eprop_sadd16(x, a);\ny = eprop_sadd16(y, b);" }
    let variables =
      apart ? "\nuint32_t a, b\(names.isEmpty ? "" : ", w");" : names.isEmpty ? "" : "\nuint32_t a;"
    let surrogates =
      "surrogates_\(n)(x, y\(surrogatesNeedIndex(population) ? ", (uint16_t)(cell - net->cell_\(n))" : ""))"
    let declared = names.enumerated().map { "\nconst int8_t *\($1) = column[\($0)];" }.joined()
    text.function(
      "One step of \(n) for \(columns == 1 ? "1 column" : "\(columns) columns")\(sums ? " and the sums in memory" : "").",
      "static EPROP_APART uint16_t \(fastAdvance(population, columns, sums: sums))(\(net) *net, uint32_t dither"
        + "\(names.isEmpty ? "" : ", const int8_t *const *column")\(storesSurrogates ? ", uint8_t *psi" : ""))",
      """
      \(fastBase(population, dither: "dither"))
      uint16_t *cell = net->cell_\(n);
      uint16_t *const end = cell + \(count(population.count));\(sums ? "\nconst uint16_t *lanes = net->lanes_\(n);" : "")\(declared)
      uint16_t fired = 0;

      for (; cell != end; cell += 4) {
          uint32_t x = kept_\(n)(eprop_load2(cell), base);
          uint32_t y = kept_\(n)(eprop_load2(cell + 2), base);\(indented(variables, by: 4))
      \(indented(add, by: 4))
      \(storesSurrogates ? indented(storeSurrogates(population, "psi", surrogates), by: 4) + "\n    psi += 4;\n" : "")    if (EPROP_SELDOM(((x | y) & UINT32_C(0xC000C000)) != 0U)) {
              fired = settle_\(n)(net, cell, x, y, base\(storesSurrogates ? ", psi - 4" : ""), fired);
          } else {
              eprop_store2(cell, x);
              eprop_store2(cell + 2, y);
          }
      }
      return fired;
      """)
  }

  private mutating func emitFastSettle(_ population: PopulationPlan) {
    let n = population.name
    let ready = "net->ready[\(plus("j", population.first))]"
    let fires = "\n    net->spikes[fired] = \(shifted("j", by: population.first));\n    fired++;"
    // The bytes of psi that were stored hold what is too much of their neighbours.
    let threshold = value(population.threshold, table: "threshold", population: population, index: "j")
    var calm = ""
    if storesSurrogates {
      if let shift = surrogateShift(population) {
        let v = "(sum - \(rest(population))U)\(shift == 0 ? "" : " >> \(shift)")"
        calm = "\n        *psi = (uint8_t)(sum < \(rest(population))U ? 0U : \(v));"
      } else {
        calm = "\n        over = (int32_t)sum - 16384;" + calmScaled(population, threshold)
      }
    }
    text.function(
      "The same for the four neurons of \(n) at `cell`, some of which come out of their sums, in the halves of x and y, at the threshold or out of range: "
        + "what is seldom so. What a sum adds is an int16.",
      "static EPROP_APART uint16_t settle_\(n)(\(net) *net, const uint16_t *cell, uint32_t x, uint32_t y, int32_t base"
        + "\(storesSurrogates ? ", uint8_t *psi" : ""), uint16_t fired)",
      """
      uint16_t j = (uint16_t)(cell - net->cell_\(n));

      for (unsigned k = 0; k < 4U; k++, j++\(storesSurrogates ? ", psi++" : "")) {
          const uint16_t place = eprop_lane(j);
          const uint32_t sum = ((k & 1U) == 0U ? x : y) >> (k < 2U ? 0U : 16U) & UINT32_C(0xFFFF);
          int32_t was, kept, over;
          int silent;

          if (sum < 0x4000U) {
              net->cell_\(n)[place] = (uint16_t)sum;\(calm)
              continue;
          }
          was = net->cell_\(n)[place];
          kept = was + eprop_asr32(base - was * INT32_C(\(fade(population))), 16U);
          over = eprop_sat15(kept + eprop_low(sum - (uint32_t)kept) - 16384);
          silent = net->t < \(ready);
      \(indented(settling(population, ready: ready, t: "net->t", psi: storesSurrogates ? "*psi" : nil, index: "j", fires: fires), by: 4))
          net->cell_\(n)[place] = (uint16_t)(over + 16384);
      }
      return fired;
      """)
  }

  private mutating func emitFastMove(_ population: PopulationPlan, index: Int) {
    let n = population.name
    let size = count(population.count)
    let lanes = "net->lanes_\(n)"
    let psi = storesSurrogates ? ", psi" : ""
    var body = """
      const int8_t *column[8];
      uint16_t waiting = 0;
      int begun = 0;
      uint16_t fired;\(storesSurrogates ? "\n\(surrogateRowDeclaration(population))" : "")

      """
    let incoming = incoming(index)
    let flush = """
      while (waiting > 0U) {
          waiting--;
          add_one(\(lanes), column[waiting], begun, \(size));
          begun = 1;
      }
      """
    for (position, projection) in incoming.enumerated() {
      let take = """
        if (waiting == 8U) {
            waiting = 4;
            add_four(\(lanes), &column[4], begun, \(size));
            begun = 1;
        }
        column[waiting] = &\(weights(projection))[SOURCE * \(size)];
        waiting++;
        """
      body += "\n" + arrivalLoop(projection, take)
      let finer = position + 1 < incoming.count ? projection.shift - incoming[position + 1].shift : projection.shift
      guard finer > 0 else { continue }
      body += """

        \(flush)
        if (begun != 0) {
            /* One LSB so far is worth \(1 << finer) of what follows. */
            for (uint16_t j = 0; j < \(size); j = (uint16_t)(j + 2U)) {
                uint32_t x = eprop_load2(&\(lanes)[j]);\(indented(doubled(["x"], finer), by: 8))
                eprop_store2(&\(lanes)[j], x);
            }
        }
        """
    }
    func advance(_ columns: Int, sums: Bool) -> String {
      "fired = \(fastAdvance(population, columns, sums: sums))(net, dither\(columns == 0 ? "" : ", column")\(psi));"
    }
    let cases = (0...4).map { columns in
      (columns == 4 ? "default:" : "case \(columns):") + "\n    \(advance(columns, sums: false))\n    break;"
    }.joined(separator: "\n")
    body += """

      if (waiting == 8U) {
          waiting = 4;
          add_four(\(lanes), &column[4], begun, \(size));
          begun = 1;
      }
      while (waiting > 4U) {
          waiting--;
          add_one(\(lanes), column[waiting], begun, \(size));
          begun = 1;
      }
      if (begun != 0 && waiting == 4U) {
          \(advance(4, sums: true))
      } else if (begun != 0) {
      \(indented(flush, by: 4))
          \(advance(0, sums: true))
      } else {
          switch (waiting) {
      \(indented(cases, by: 4))
          }
      }\(silenceCall(population).replacing("psi - \(size)", with: "psi"))
      return fired;
      """
    let takesInput = incoming.contains { $0.source == .inputs }
    text.function(
      "One step of population \(n): adds what arrives, and lists its spikes. Returns how many there are.",
      "static uint16_t move_\(n)(\(net) *net, uint32_t dither\(takesInput ? ", " + inputParameters : ""))", body)
  }
}
