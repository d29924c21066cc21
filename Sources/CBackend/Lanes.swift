import CSyntax
import Planning

/// The forward pass of plain neurons whose arriving weights are summed four at a time (`FixedPlan.sumsInLanes`).
///
/// A byte w is taken as w + 128, which is never negative, so that two sums share a word without borrowing from each
/// other. What all the 128s add up to is the same for every neuron; it is taken off together with the dither.
extension Emitter {
  /// Each for the weights that learn, for the tables of those that do not, or for both.
  mutating func emitAddColumns() {
    let summed = plan.populations.indices.filter(plan.sumsInLanes).flatMap(incoming)
    for isPlastic in [true, false] {
      guard let one = summed.first(where: { $0.isPlastic == isPlastic }) else { continue }
      emitAddColumns(one)
    }
  }

  /// The function that adds a column, or with `s` two columns, of weights like those of `projection`.
  private func addColumn(_ projection: ProjectionPlan) -> String {
    projection.isPlastic ? "add_column" : "add_table_column"
  }

  private mutating func emitAddColumns(_ projection: ProjectionPlan) {
    let name = addColumn(projection)
    text.function(
      "Adds a column of n weights\(projection.isPlastic ? "" : " of a table"), each + 128, to n sums: of weights 4 q ... 4 q + 3 the first and "
        + "the third go to the word of sums 2 q, the others to the word after it.",
      "static EPROP_APART void \(name)(uint16_t *lanes, const int8_t *w, uint16_t n)",
      """
      for (const int8_t *end = w + n; w != end; w += 4, lanes += 4) {
          uint32_t x = \(fourWeights(projection, "w")) ^ UINT32_C(0x80808080);
          eprop_store2(lanes, eprop_load2(lanes) + (x & UINT32_C(0x00FF00FF)));
          eprop_store2(lanes + 2, eprop_load2(lanes + 2) + ((x & UINT32_C(0xFF00FF00)) >> 8));
      }
      """)
    text.function(
      "The same for two columns.",
      "static EPROP_APART void \(name)s(uint16_t *lanes, const int8_t *w, const int8_t *u, uint16_t n)",
      """
      for (const int8_t *end = w + n; w != end; w += 4, u += 4, lanes += 4) {
          uint32_t x = \(fourWeights(projection, "w")) ^ UINT32_C(0x80808080);
          uint32_t y = \(fourWeights(projection, "u")) ^ UINT32_C(0x80808080);
          uint32_t even = (x & UINT32_C(0x00FF00FF)) + (y & UINT32_C(0x00FF00FF));
          uint32_t odd = ((x & UINT32_C(0xFF00FF00)) >> 8) + ((y & UINT32_C(0xFF00FF00)) >> 8);
          eprop_store2(lanes, eprop_load2(lanes) + even);
          eprop_store2(lanes + 2, eprop_load2(lanes + 2) + odd);
      }
      """)
  }

  mutating func emitAccumulateLanes(_ population: PopulationPlan, index: Int) {
    let n = count(population.count)
    let lanes = "net->lanes_\(population.name)"
    let incoming = incoming(index)
    var body = "const int8_t *waiting = 0;\nuint32_t bias = 0;\n"
    for (position, projection) in incoming.enumerated() {
      body += "\n" + laneArrivals(projection, lanes: lanes, n: n)
      let finer = position + 1 < incoming.count ? projection.shift - incoming[position + 1].shift : projection.shift
      let isLast = position + 1 == incoming.count
      // A column that learns and one of a table are not added together: they may be in different memories.
      guard finer > 0 || isLast || projection.isPlastic != incoming[position + 1].isPlastic else { continue }
      let forget = isLast ? "" : "\n    waiting = 0;"
      body += "\nif (waiting != 0) {\n    \(addColumn(projection))(\(lanes), waiting, \(n));\(forget)\n}"
      if finer > 0 {
        body += """

          /* One LSB so far is worth \(1 << finer) of what follows. */
          for (uint16_t j = 0; j < \(n); j = (uint16_t)(j + 2U)) {
              eprop_store2(&\(lanes)[j], eprop_load2(&\(lanes)[j]) * \(1 << finer)U);
          }
          bias *= \(1 << finer)U;
          """
      }
    }
    body += "\nreturn bias;"
    let takesInput = incoming.contains { $0.source == .inputs }
    text.function(
      "Sums the weights of all that arrives at population \(population.name), each + 128, and returns what is too much in every sum. Every "
        + "source at once stays below 2^16.",
      "static uint32_t accumulate_\(population.name)(\(net) *net\(takesInput ? ", " + inputParameters : ""))", body)
  }

  /// The loop that adds the columns of a projection, two at a time.
  private func laneArrivals(_ projection: ProjectionPlan, lanes: String, n: String) -> String {
    func add(_ source: String) -> String {
      """
      const int8_t *column = &\(weights(projection))[\(source) * \(n)];
      if (waiting != 0) {
          \(addColumn(projection))s(\(lanes), waiting, column, \(n));
          waiting = 0;
      } else {
          waiting = column;
      }
      bias += 128U;
      """
    }
    guard case .population(let source) = projection.source else {
      return """
        for (uint16_t e = 0; e < count; e++) {
            if (spikes[e] < \(P)_INPUTS) {
        \(indented(add("(uint32_t)spikes[e]"), by: 8))
            }
        }
        """
    }
    let first = plan.populations[source].first
    let begin = source == 0 ? "0" : "net->spike_end[\(source - 1)]"
    let neuron = first == 0 ? "(uint32_t)net->spikes[e]" : "(uint32_t)(net->spikes[e] - \(first)U)"
    return """
      for (uint16_t e = \(begin); e < net->spike_end[\(source)]; e++) {
      \(indented(add(neuron), by: 4))
      }
      """
  }

  /// v from `v`, the common part `base` and a sum of its own.
  func laneSum(_ population: PopulationPlan, v: String, lane: String) -> String {
    let drive = population.driveShift == 0 ? "(int32_t)(\(lane))" : "(int32_t)((\(lane)) << \(population.driveShift))"
    return "eprop_asr32(\(v) * INT32_C(\(population.leak)) + base, 15U) + \(drive)"
  }

  /// The test for a neuron that needs no more than its new v, where `now` is v before it is saturated.
  func isCalm(_ population: PopulationPlan, index: String) -> String {
    switch population.threshold {
    case .common(let threshold): "(uint32_t)(now + INT32_C(32768)) < UINT32_C(\(32768 + threshold))"
    case .each:
      "(uint32_t)(now + INT32_C(32768)) < (uint32_t)(INT32_C(32768) + \(element("threshold_\(population.name)[\(index)]", "int16_t")))"
    }
  }

  /// psi of a neuron that `isCalm`, so that the distance to the threshold is v itself.
  func calmSurrogate(_ population: PopulationPlan, index: String) -> String {
    switch population.surrogateScale {
    case .common(let scale) where scale.nonzeroBitCount == 1 && population.threshold == .common((1 << 24) / scale):
      scale == 1 << 16
        ? "(uint8_t)(now < 0 ? 0 : now)" : "(uint8_t)(now < 0 ? 0 : now >> \(16 - scale.trailingZeroBitCount))"
    case .common(let scale): "surrogate_\(population.name)(now, UINT32_C(\(scale)))"
    case .each: "surrogate_\(population.name)(now, (uint32_t)\(slope(population, index)))"
    }
  }

  /// Whether `calmSurrogate` calls a function.
  func scalesSurrogate(_ population: PopulationPlan) -> Bool {
    calmSurrogate(population, index: "j").hasPrefix("surrogate_")
  }

  mutating func emitCalmSurrogate(_ population: PopulationPlan) {
    guard scalesSurrogate(population) else { return }
    text.function(
      "psi of a neuron of \(population.name) below its threshold.",
      "static inline uint8_t surrogate_\(population.name)(int32_t now, uint32_t slope)",
      """
      uint32_t height = now < 0 ? 0U : ((uint32_t)now * slope) >> 16;
      return (uint8_t)(height > 255U ? 255U : height);
      """)
  }

  mutating func emitAdvanceLanes(_ population: PopulationPlan) {
    let n = population.name
    let stores = plan.learning != nil && !replays
    if stores { emitCalmSurrogate(population) }
    emitFire(population, stores: stores)
    let psi = stores ? ", uint8_t *psi" : ""
    var calm = "net->v[\(plus("j", population.first))] = (int16_t)now;"
    if stores {
      let silent = plan.isCarried ? "net->t < net->ready[\(plus("j", population.first))] ? (uint8_t)0 : " : ""
      calm += "\npsi[j] = \(silent)\(calmSurrogate(population, index: "j"));"
    }
    text.function(
      "Puts neuron j of \(n) at `now`, or leaves it to fire_\(n) if that is at the threshold or out of range.",
      "static inline uint16_t settle_\(n)(\(net) *net, uint16_t j\(psi), int32_t now, uint16_t fired)",
      """
      if (\(isCalm(population, index: "j"))) {
      \(indented(calm, by: 4))
          return fired;
      }
      return fire_\(n)(net, j\(stores ? ", psi" : ""), now, fired);
      """)
    if stores && !plan.isCarried && population.refractorySteps > 0 { emitSilence(population) }
    emitAdvanceLoop(population, stores: stores)
  }

  private mutating func emitAdvanceLoop(_ population: PopulationPlan, stores: Bool) {
    let n = population.name
    var declarations = """
      uint16_t *lanes = net->lanes_\(n);
      const int16_t *v = \(slice("v", population));
      int32_t base = (int32_t)(dither >> 17) - (int32_t)(bias << \(15 + population.driveShift));
      """
    if stores {
      declarations += "\nuint8_t *psi = &net->psi[\(plus("last_row(net) * \(P)_NEURONS", population.first))];"
    }
    func settle(_ k: Int, _ lane: String) -> String {
      let j = k == 0 ? "j" : "(uint16_t)(j + \(k)U)"
      let sum = laneSum(population, v: k == 0 ? "v[j]" : "v[j + \(k)U]", lane: lane)
      return "fired = settle_\(n)(net, \(j)\(stores ? ", psi" : ""), \(sum), fired);"
    }
    let silences = stores && !plan.isCarried && population.refractorySteps > 0
    text.function(
      "One step of population \(n), whose sums are too large by `bias`; its spikes are added to the `fired` already listed. Returns how many are "
        + "listed then. |v| leak < 2^30 and bias 2^\(population.driveShift) <= 2^15, so v leak + base fits.",
      "static EPROP_APART uint16_t advance_\(n)(\(net) *net, uint32_t dither, uint32_t bias, uint16_t fired)",
      """
      \(declarations)

      for (uint16_t j = 0; j < \(count(population.count)); j = (uint16_t)(j + 4U)) {
          uint32_t even = eprop_load2(&lanes[j]);
          uint32_t odd = eprop_load2(&lanes[j + 2U]);

          eprop_store2(&lanes[j], 0);
          eprop_store2(&lanes[j + 2U], 0);
          \(settle(0, "even & UINT32_C(0xFFFF)"))
          \(settle(1, "odd & UINT32_C(0xFFFF)"))
          \(settle(2, "even >> 16"))
          \(settle(3, "odd >> 16"))
      }\(silences ? "\nsilence_\(n)(net, psi);" : "")
      return fired;
      """)
  }

  private mutating func emitFire(_ population: PopulationPlan, stores: Bool) {
    let n = population.name
    let threshold = value(population.threshold, table: "threshold", population: population, index: "j")
    let place = plus("j", population.first)
    text.function(
      "Neuron j of \(n) at or above its threshold, or out of range: what is seldom so.",
      "static EPROP_APART uint16_t fire_\(n)(\(net) *net, uint16_t j\(stores ? ", uint8_t *psi" : ""), int32_t sum, uint16_t fired)",
      """
      int16_t now = eprop_sat16(sum);
      int32_t over = (int32_t)now - \(threshold);
      int silent = net->t < net->ready[\(place)];
      \(stores ? surrogate(population, index: "j", place: "psi[j]") + "\n" : "")
      if (over \(population.firesAtThreshold ? ">=" : ">") 0 && !silent) {
          net->ready[\(place)] = (uint16_t)(net->t + \(population.refractorySteps + 1)U);
          net->spikes[fired] = \(shifted("j", by: population.first));
          fired++;
          now = \(reset(population, index: "j"));
      }
      net->v[\(place)] = now;
      return fired;
      """)
  }

  private mutating func emitSilence(_ population: PopulationPlan) {
    let first = population.first
    let steps = population.refractorySteps
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
