import CSyntax
import Planning

extension Emitter {
  /// Forward pass of a tile from the record alone, for `Layout.History.replay`.
  mutating func emitReplay(_ population: PopulationPlan, index: Int) {
    if plan.replaysInLanes(index) {
      emitReplayLanes(population, index: index)
      return
    }
    let adaptation = population.adaptation
    let incoming = incoming(index)
    let holds = plan.holdsInputs && incoming.contains { $0.source == .inputs }
    var sums = "for (uint16_t lane = 0; lane < lanes; lane++) {\n    acc[lane] = 0;\n}"
    for (position, projection) in incoming.enumerated() {
      sums += "\n" + replayArrivals(projection, postCount: population.count)
      let finer = position + 1 < incoming.count ? projection.shift - incoming[position + 1].shift : projection.shift
      if finer > 0 {
        sums += """

          for (uint16_t lane = 0; lane < lanes; lane++) {
              acc[lane] *= \(int(1 << finer));
          }
          """
      }
    }
    let raise =
      adaptation.map {
        """
        raise[lane] = \(decayRaise(population, $0, "raise[lane]", index: "j0 + lane"))
                      + (fired[lane] != 0U ? \(value($0.increment, table: "increment", population: population, index: "j0 + lane")) : 0);

        """
      } ?? ""
    let neuron = potential(
      population, index: "j0 + lane", v: "v[lane]", acc: "acc[lane]", raise: "raise[lane]",
      synaptic: "synaptic[lane]", ready: "ready[lane]")
    let (cursors, advance) = segments(incoming)
    text.function(
      "The forward pass once more, for neurons j0 ... j0 + lanes - 1 of \(population.name) only: the record holds all that arrived, so their "
        + "potentials and surrogate derivatives come out as they were, bit for bit.",
      "static EPROP_APART void replay_\(population.name)(\(net) *net, uint16_t j0, uint16_t lanes, uint16_t n)",
      """
      int32_t *const acc = net->g;\(holds ? "\nint32_t *const held = net->tile_held;" : "")
      int16_t v[\(P)_TILE] = {0};
      uint16_t ready[\(P)_TILE] = {0};\(adaptation == nil ? "" : "\nint32_t raise[\(P)_TILE] = {0};\nuint8_t fired[\(P)_TILE] = {0};")\(population.current == nil ? "" : "\nint32_t *const synaptic = net->tile_synaptic;")\(cursors)

      \(startOfTile(population))for (uint16_t t = 0; t < n; t++) {
          uint32_t dither = eprop_dither(\(plan.hasBlocks ? "net->first + t" : "t"));
          uint8_t *psi = &net->psi[(uint32_t)t * \(P)_TILE];

      \(indented(advance, by: 4))
      \(indented(sums, by: 4))
          for (uint16_t lane = 0; lane < lanes; lane++) {
      \(indented(raise + neuron, by: 8))
      \(indented(surrogate(population, index: "j0 + lane", place: "psi[lane]"), by: 8))\(adaptation == nil ? "" : "\n        fired[lane] = 0;")
              if (over \(population.firesAtThreshold ? ">=" : ">") 0 && !silent) {
                  ready[lane] = (uint16_t)(t + \(population.refractorySteps + 1)U);\(adaptation == nil ? "" : "\n            fired[lane] = 1;")
                  now = \(reset(population, index: "j0 + lane"));
              }
              v[lane] = now;
          }
      }
      """)
  }

  /// Where a replay stands in a record that has counts only: the variables, and how they go on with each step.
  private func segments(_ incoming: [ProjectionPlan]) -> (declarations: String, advance: String) {
    guard plan.countsEvents else { return ("", "") }
    var (declarations, advance) = ("", "")
    func add(_ name: String, _ count: String) {
      declarations += "\n\(offset) \(name)_from;\n\(offset) \(name)_to = 0;"
      advance += "\(name)_from = \(name)_to;\n\(name)_to = (\(offset))(\(name)_to + \(count));\n"
    }
    if plan.inputs.kind == .spikes, incoming.contains(where: { $0.source == .inputs }) {
      add("inputs", "net->input_count[t]")
    }
    if incoming.contains(where: { $0.source != .inputs }) {
      add("spikes", "(t == 0U ? 0U : net->record_count[t - 1U])")
    }
    return (declarations, advance)
  }

  /// The lines that give the neurons of a tile the state in which they were at the beginning of the block.
  private func startOfTile(_ population: PopulationPlan) -> String {
    guard plan.hasBlocks else {
      return population.current == nil
        ? "" : "for (uint16_t lane = 0; lane < lanes; lane++) {\n    synaptic[lane] = 0;\n}\n"
    }
    let raise =
      population.adaptation == nil ? "" : "\n    raise[lane] = net->start_raise_\(population.name)[j0 + lane];"
    let current =
      population.current == nil ? "" : "\n    synaptic[lane] = net->start_synaptic_\(population.name)[j0 + lane];"
    return """
      for (uint16_t lane = 0; lane < lanes; lane++) {
          v[lane] = \(start("start_v", population));
          ready[lane] = \(start("start_ready", population));\(raise)\(current)
      }\(population.adaptation == nil ? "" : firedBefore(population))

      """
  }

  /// State of neuron j0 + lane at the beginning of the block.
  private func start(_ field: String, _ population: PopulationPlan) -> String {
    "net->\(field)[\(plus("j0", population.first)) + lane]"
  }

  /// The lines that mark the neurons of a tile that fired in the step before the block.
  private func firedBefore(_ population: PopulationPlan) -> String {
    let first = plus("j0", population.first)
    return """

      for (\(offset) e = 0; e < net->record_end[0]; e++) {
          uint16_t lane = (uint16_t)(net->record[e] - (\(first)));
          if (lane < lanes) {
              fired[lane] = 1;
          }
      }
      """
  }

  func replayArrivals(_ projection: ProjectionPlan, postCount n: Int) -> String {
    func loop(_ begin: String, _ end: String, _ source: String, _ condition: String?) -> String {
      let add =
        projection.isCompressed
        ? replaySparse(projection, source: source)
        : """
        \(column(projection, of: source, from: "j0"))
        for (uint16_t lane = 0; lane < lanes; lane++) {
            acc[lane] += \(weight(projection, at: "lane", from: "j0"));
        }
        """
      let body = condition.map { "if (\($0)) {\n\(indented(add, by: 4))\n}" } ?? add
      return "for (\(offset) e = \(begin); e < \(end); e++) {\n\(indented(body, by: 4))\n}"
    }
    switch projection.source {
    case .inputs where plan.inputs.kind == .spikes:
      let (begin, end) =
        plan.countsEvents
        ? ("inputs_from", "inputs_to") : ("t == 0U ? 0U : net->input_end[t - 1U]", "net->input_end[t]")
      return loop(begin, end, "(uint32_t)net->input_events[e]", nil)
    case .inputs where plan.holdsInputs:
      return replayHeld(projection)
    case .inputs:
      if projection.isCompressed {
        return """
          for (uint16_t i = 0; i < \(P)_INPUTS; i++) {
              int32_t x = \(inputValues(of: "t"));
          \(indented(replaySparse(projection, source: "i", factor: "x"), by: 4))
          }
          """
      }
      return """
        for (uint16_t i = 0; i < \(P)_INPUTS; i++) {
            \(column(projection, of: "(uint32_t)i", from: "j0"))
            int32_t x = \(inputValues(of: "t"));
            for (uint16_t lane = 0; lane < lanes; lane++) {
                acc[lane] += x * \(weight(projection, at: "lane", from: "j0"));
            }
        }
        """
    case .population(let source):
      let other = plan.populations[source]
      let single = plan.populations.count == 1
      let neuron =
        other.first == 0 ? "(uint32_t)net->record[e]" : "(uint32_t)(net->record[e] - \(other.first)U)"
      let lower = other.first == 0 ? nil : "net->record[e] >= \(other.first)U"
      let upper =
        other.first + other.count == plan.neuronCount ? nil : "net->record[e] < \(other.first + other.count)U"
      let condition = single ? nil : [lower, upper].compactMap { $0 }.joined(separator: " && ")
      let (begin, end) =
        plan.countsEvents
        ? ("spikes_from", "spikes_to")
        : projection.isImmediate
          ? ("net->record_end[t]", "net->record_end[t + 1U]")
          : ("t == 0U ? 0U : net->record_end[t - 1U]", "net->record_end[t]")
      return loop(begin, end, neuron, condition)
    }
  }
}
