import CSyntax
import Planning

extension Emitter {
  /// A loop that sets every element of an array of the struct.
  func fill(_ name: String, _ n: Int, with value: String) -> String {
    let index = n > 65535 ? "uint32_t" : "uint16_t"
    return "for (\(index) i = 0; i < \(count(n)); i++) {\n    net->\(name)[i] = \(value);\n}"
  }

  func field(_ name: String) -> Memory.Field? { memory.ram.first { $0.name == name } }

  /// Sets a field to 0, whatever its extent.
  func clear(_ field: Memory.Field) -> String {
    field.count == 0 ? "net->\(field.name) = 0;" : fill(field.name, field.count, with: "0")
  }

  /// The lines that set to 0 what is saved besides weights and biases.
  private var clearMoments: [String] {
    let learnt = memory.saved.prefix { $0.name == "bias" || $0.name.hasPrefix("w_") }.count
    let scalars = memory.ram.filter { field in
      (field.purpose == .optimiser || ["last_count", "last_steps"].contains(field.name))
        && !memory.saved.contains { $0.name == field.name }
    }.map(clear)
    guard learnt < memory.saved.count else { return scalars }
    return scalars + [
      """
      for (unsigned k = \(learnt); k < \(memory.saved.count)U; k++) {
          unsigned char *place = array_at(net, \(column("offset")));

          for (uint32_t bytes = (uint32_t)\(column("count")) * \(column("width")); bytes != 0U; bytes--) {
              *place++ = 0;
          }
      }
      """
    ]
  }

  /// Puts the cells of a population at rest.
  private func rests(_ population: PopulationPlan) -> String {
    guard case .each = population.threshold else {
      return fill("cell_\(population.name)", population.count, with: "\(rest(population))")
    }
    let threshold = value(population.threshold, table: "threshold", population: population, index: "i")
    return """
      for (uint16_t i = 0; i < \(count(population.count)); i++) {
          net->cell_\(population.name)[eprop_lane(i)] = (uint16_t)(16384 - \(threshold));
      }
      """
  }

  /// The part of a reset that loading shares: without the rest of an update, which would take more of the stack there.
  mutating func emitTrialReset() {
    text.section("A new trial")
    let forgotten = ["count", "pending", "period", "kept", "first", "tile", "last_psi"]
    let carried = memory.ram.filter {
      $0.purpose == .trace || $0.purpose == .accumulator || forgotten.contains($0.name) || $0.name.hasPrefix("start_")
    }
    var lines: [String] = []
    for field in memory.ram
    where ["y", "v", "ready", "spike_end", "phase"].contains(field.name) || field.name.hasPrefix("raise_")
      || field.name.hasPrefix("synaptic_")
    {
      lines.append(clear(field))
    }
    for (index, population) in plan.populations.enumerated() where plan.sumsInLanes(index) {
      lines.append(rests(population))
    }
    lines += ["net->t = 0;", "net->origin = 0;"]
    if plan.learning != nil {
      let empty =
        plan.countsEvents
        ? memory.ram.filter { ["input_total", "record_total"].contains($0.name) }.map(clear)
        : ["net->record_end[0] = 0;"]
      lines +=
        ["net->piece = DO_nothing;"] + empty
        + ["net->recorded = 0;", "net->recording = 1;", "net->spoilt = 0;"]
      lines += carried.map(clear)
    }
    text.function(
      "What a reset changes when no update is under way.", "static EPROP_APART void trial_reset(\(net) *net)",
      lines.joined(separator: "\n"))
  }

  mutating func emitLifecycle() {
    text.section("Beginning")
    let rest = plan.learning == nil ? "" : "while (is_working(net)) {\n    work(net);\n}\n"
    text.function("", "void \(p)_reset(\(net) *net)", rest + "trial_reset(net);")

    var initial: [String] = []
    for projection in plan.projections where projection.isPlastic {
      initial.append(
        fill(
          "w_\(projection.name)", projection.storedWeights,
          with: element("initial_\(projection.name)[i]", weightType(projection))))
    }
    if plan.readout.biasIsPlastic { initial.append(fill("bias", outputs, with: element("initial_bias[i]", "int32_t"))) }
    initial += clearMoments
    if plan.learning != nil {
      initial += ["net->piece = DO_nothing;", "net->updates = 0;", "net->skipped = 0;", "net->schedule = 65536U;"]
    }
    initial.append("trial_reset(net);")
    text.function("", "void \(p)_init(\(net) *net)", initial.joined(separator: "\n"))
  }
}
