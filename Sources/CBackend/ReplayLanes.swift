import CSyntax
import Planning

/// The replay of four neurons whose arriving weights are summed in lanes: their potentials and sums stay in registers.
extension Emitter {
  mutating func emitReplayLanes(_ population: PopulationPlan, index: Int) {
    let n = population.name
    emitCalmSurrogate(population)
    emitRelive(population)
    emitReplayFour(population, index: index)
    text.function(
      "The forward pass once more, for neurons j0 ... j0 + lanes - 1 of \(n) only: the record holds all that arrived, so their "
        + "potentials and surrogate derivatives come out as they were, bit for bit.",
      "static void replay_\(n)(\(net) *net, uint16_t j0, uint16_t lanes, uint16_t n)",
      """
      for (uint16_t lane = 0; lane < lanes; lane = (uint16_t)(lane + 4U)) {
          replay_four_\(n)(net, (uint16_t)(j0 + lane), &net->psi[lane], n);
      }
      \(silenced(population))
      """)
  }

  /// The lines that clear psi while a neuron is refractory.
  private func silenced(_ population: PopulationPlan) -> String {
    guard population.refractorySteps > 0 else { return "" }
    let j = plus("j0", population.first)
    return """
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

  private mutating func emitRelive(_ population: PopulationPlan) {
    let n = population.name
    let threshold = value(population.threshold, table: "threshold", population: population, index: "j")
    text.function(
      "Neuron j of \(n), at or above its threshold or out of range, once more: its v after step t, and psi.",
      "static EPROP_APART int16_t refire_\(n)(uint16_t j, uint16_t t, int32_t sum, uint8_t *psi, uint16_t *ready)",
      """
      int16_t now = eprop_sat16(sum);
      int32_t over = (int32_t)now - \(threshold);
      int silent = t < *ready;
      \(surrogate(population, index: "j", place: "*psi"))
      \(threshold.contains("[") || population.surrogateScale.isTable ? "" : "\n(void)j;")
      if (over \(population.firesAtThreshold ? ">=" : ">") 0 && !silent) {
          *ready = (uint16_t)(t + \(population.refractorySteps + 1)U);
          now = \(reset(population, index: "j"));
      }
      return now;
      """)
    text.function(
      "v of neuron j of \(n) after step t, which brought it to `now`, and psi.",
      "static inline int16_t resettle_\(n)(uint16_t j, uint16_t t, int32_t now, uint8_t *psi, uint16_t *ready)",
      """
      if (\(isCalm(population, index: "j"))) {
          *psi = \(calmSurrogate(population, index: "j"));
          return (int16_t)now;
      }
      return refire_\(n)(j, t, now, psi, ready);
      """)
  }

  private mutating func emitReplayFour(_ population: PopulationPlan, index: Int) {
    let n = population.name
    let incoming = incoming(index)
    var sums = ""
    for (position, projection) in incoming.enumerated() {
      sums += (position == 0 ? "" : "\n") + fourArrivals(projection, population)
      let finer = position + 1 < incoming.count ? projection.shift - incoming[position + 1].shift : projection.shift
      if finer > 0 { sums += "\neven *= \(1 << finer)U;\nodd *= \(1 << finer)U;\nbase *= \(1 << finer);" }
    }
    func neuron(_ k: Int, _ lane: String) -> String {
      let sum = laneSum(population, v: "v\(k)", lane: lane)
      let j = k == 0 ? "j0" : "(uint16_t)(j0 + \(k)U)"
      return "v\(k) = resettle_\(n)(\(j), t, \(sum), \(k == 0 ? "row" : "row + \(k)"), &ready[\(k)]);"
    }
    let cursors = incoming.map { cursor($0, population) }.joined()
    text.function(
      "The n steps once more for neurons j0 ... j0 + 3 of \(n), whose psi of step t goes to psi[t TILE].",
      "static EPROP_APART void replay_four_\(n)(const \(net) *net, uint16_t j0, uint8_t *psi, uint16_t n)",
      """
      uint16_t ready[4] = {0, 0, 0, 0};
      int16_t v0 = 0;
      int16_t v1 = 0;
      int16_t v2 = 0;
      int16_t v3 = 0;\(cursors)

      for (uint16_t t = 0; t < n; t++) {
          uint8_t *row = &psi[(uint32_t)t * \(P)_TILE];
          uint32_t even = 0;
          uint32_t odd = 0;
          int32_t base = 0;

      \(indented(sums, by: 4))
          base += (int32_t)(eprop_dither(t) >> 17);
          \(neuron(0, "even & UINT32_C(0xFFFF)"))
          \(neuron(1, "odd & UINT32_C(0xFFFF)"))
          \(neuron(2, "even >> 16"))
          \(neuron(3, "odd >> 16"))
      }
      """)
  }

  /// Where the replay stands in the events of a projection, and the four rows of its weights.
  private func cursor(_ projection: ProjectionPlan, _ population: PopulationPlan) -> String {
    let n = projection.name
    let events = projection.source == .inputs ? "net->input_events" : "net->record"
    return "\nconst int8_t *w_\(n) = &\(weights(projection))[j0];\nconst uint16_t *at_\(n) = \(events);"
  }

  /// The loop that adds four weights of every column of a projection that arrives at step t.
  private func fourArrivals(_ projection: ProjectionPlan, _ population: PopulationPlan) -> String {
    let n = projection.name
    let isInput = projection.source == .inputs
    var source = "(uint32_t)*at_\(n)"
    var condition = ""
    if case .population(let number) = projection.source {
      let other = plan.populations[number]
      let end = other.first + other.count
      if other.first > 0 { source = "(uint32_t)(*at_\(n) - \(other.first)U)" }
      let lower = other.first == 0 ? nil : "*at_\(n) >= \(other.first)U"
      let upper = end == plan.neuronCount ? nil : "*at_\(n) < \(end)U"
      condition = [lower, upper].compactMap { $0 }.joined(separator: " && ")
    }
    let add = """
      uint32_t x = \(fourWeights(projection, "&w_\(n)[\(source) * \(count(population.count))]")) ^ UINT32_C(0x80808080);
      even += x & UINT32_C(0x00FF00FF);
      odd += (x & UINT32_C(0xFF00FF00)) >> 8;
      base -= \(int(128 << (15 + population.driveShift)));
      """
    let body = condition.isEmpty ? add : "if (\(condition)) {\n\(indented(add, by: 4))\n}"
    let end = isInput ? "net->input_events + net->input_end[t]" : "net->record + net->record_end[t]"
    return """
      for (const uint16_t *end = \(end); at_\(n) != end; at_\(n)++) {
      \(indented(body, by: 4))
      }
      """
  }
}

extension PerNeuron {
  /// Whether every neuron has a value of its own.
  var isTable: Bool { if case .each = self { true } else { false } }
}
