import CSyntax
import Foundation
import Planning

extension Emitter {
  mutating func emitTables() {
    text.section("Tables")
    for projection in plan.projections {
      let values =
        projection.isPacked
        ? packedBytes(projection).map { String($0) }
        : zip(projection.weights, projection.sparsity?.mask ?? Array(repeating: true, count: projection.weights.count))
          .filter { $1 || !projection.isCompressed }
          .map { $0.0 == -32768 ? "-32767 - 1" : String($0.0) }
      let shape =
        projection.isCompressed
        ? "of the synapses of each of \(projection.preCount) sources"
        : "\(projection.preCount) columns of \(projection.postCount)"
          + (projection.isPacked ? " of \(projection.weightBits) bits each, in \(projection.columnBytes) bytes" : "")
      let unit = projection.lsb.count == 1 ? format(projection.lsb[0]) : "one value per column, see the plan"
      text.table(
        "\(projection.isPlastic ? "Initial weights" : "Weights") of \(projection.name), "
          + "\(shape). One LSB is \(unit).",
        "static const \(weightType(projection)) initial_\(projection.name)[\(count(values.count))] EPROP_TABLE"
          + (isReadByWords(projection) ? " EPROP_ALIGNED" : ""),
        values)
      emitSparseTables(projection)
    }
    text.table(
      "\(plan.readout.biasIsPlastic ? "Initial bias" : "Bias") of the readouts, in units of 2^-\(plan.readout.fractionBits).",
      "static const int32_t initial_bias[\(outputs)] EPROP_TABLE", plan.readout.bias.map { int(Int($0)) })
    emitDecays("readout", plan.readout.decay, "1 - kappa of each readout")
    for (index, population) in plan.populations.enumerated() {
      emitDynamics(population, index: index)
      emitNeuronTables(population, index: index)
    }
    guard let learning = plan.learning else { return }
    if case .fixed(let matrix) = learning.feedback, plan.hasSweeps {
      text.table(
        "B, which broadcasts the errors: a row of \(outputs) for each neuron.",
        "static const int8_t feedback[\(count(matrix.count))] EPROP_TABLE", matrix.map { String($0) })
    }
    emitRateTables()
    if learning.loss == .crossEntropy {
      text.table(
        "2^(16 - n/32), rounded: the fractional powers of two behind the softmax.",
        "static const uint32_t exp2_table[33] EPROP_TABLE",
        (0...32).map { String(Int(exp2(16 - Double($0) / 32).rounded())) })
    }
  }

  /// Whether a frozen projection's weights are read four at a time.
  private func isReadByWords(_ projection: ProjectionPlan) -> Bool {
    guard case .population(let target) = projection.target else { return false }
    return !projection.isPlastic && plan.sumsInLanes(target)
  }

  mutating func emitNeuronTables(_ population: PopulationPlan, index: Int) {
    let n = population.name
    func table(_ name: String, _ type: String, _ values: PerNeuron, _ remark: String) {
      guard case .each(let list) = values else { return }
      text.table(
        remark, "static const \(type) \(name)_\(n)[\(count(population.count))] EPROP_TABLE", list.map { int(Int($0)) })
    }
    table("threshold", "int16_t", population.threshold, "v_th of each neuron of \(n), in LSB of its v.")
    if plan.computesSurrogate(index) {
      table("slope", "int32_t", population.surrogateScale, "2^24 / v_th: turns LSB of v into steps of psi.")
    }
    switch population.reset {
    case .subtract(let amount):
      table("reset", "int16_t", amount, "v_th / alpha: what a spike takes from v before it decays.")
    case .value(let potential): table("reset", "int16_t", potential, "v after a spike of each neuron of \(n).")
    case .zero, .hold: break
    }
    if let bias = population.bias {
      table(
        "current", population.current == nil ? "int16_t" : "int32_t", bias,
        "Bias current of each neuron of \(n): added to its \(population.current == nil ? "v" : "synaptic current") at every step."
      )
    }
    if let adaptation = population.adaptation {
      table("increment", "int32_t", adaptation.increment, "beta: what a spike adds to the neuron's threshold.")
    }
  }

  /// Two tables where units decay in their own ways.
  private mutating func emitDecays(_ name: String, _ decays: Decays, _ meaning: String, suffix: String = "") {
    guard case .each(let list) = decays else { return }
    let n = count(list.count)
    text.table(
      "\(meaning), in units of 2^-(15 + shift).", "static const int16_t \(name)_rate\(suffix)[\(n)] EPROP_TABLE",
      list.map { int(Int($0.factor)) })
    text.table(
      "The shifts of these.", "static const uint8_t \(name)_shift\(suffix)[\(n)] EPROP_TABLE",
      list.map { "\($0.shift)" })
  }

  /// Tables of the time constants that neurons have of their own.
  private mutating func emitDynamics(_ population: PopulationPlan, index: Int) {
    let n = population.name
    if case .each(let leaks) = population.leak {
      text.table(
        "alpha of each neuron of \(n), in 2^-15: what is left of its v after a step.",
        "static const int16_t leak_\(n)[\(count(population.count))] EPROP_TABLE", leaks.map { int(Int($0)) })
    }
    if let current = population.current {
      emitDecays("synaptic", current.decay, "1 - alpha_s of each neuron of \(n)", suffix: "_\(n)")
    }
    if let adaptation = population.adaptation {
      emitDecays("raise", adaptation.decay, "1 - rho of each neuron of \(n)", suffix: "_\(n)")
    }
    guard plan.hasTraceKinds(index) else { return }
    let kinds = population.traceKinds
    text.table(
      "Which of the traces of its sources is that of each neuron of \(n).",
      "static const uint\(kinds.bits)_t trace_kind_\(n)[\(count(population.count))] EPROP_TABLE",
      kinds.ofNeuron.map { "\($0)" })
    emitDecays("trace", .each(kinds.kinds.map(\.membrane)), "1 - alpha of these traces", suffix: "_\(n)")
    if population.current != nil {
      emitDecays(
        "trace_current", .each(kinds.kinds.compactMap(\.synaptic)), "1 - alpha_s of these traces", suffix: "_\(n)")
    }
  }

  /// Rates of a projection's neurons in 2⁻¹⁵ of the largest.
  private func shares(_ unit: [UInt32], _ projection: ProjectionPlan) -> [String] {
    if unit.count == 1 { return [String](repeating: "32768", count: projection.postCount) }
    let largest = UInt64(unit.max() ?? 0)
    return unit.map { String(min(32767, (UInt64($0) << 15) / max(1, largest))) }
  }

  /// Learning rates of each postsynaptic neuron, projection after projection.
  mutating func emitRateTables() {
    guard !plan.hasCommonRates else { return }
    func table(_ remark: String, _ type: String, _ name: String, _ values: [String]) {
      text.table(remark, "static const \(type) \(name)[\(count(values.count))] EPROP_TABLE", values)
    }
    func each(_ values: [UInt32], _ projection: ProjectionPlan) -> [UInt32] {
      values.count == 1 ? [UInt32](repeating: values[0], count: projection.postCount) : values
    }
    var (shares, limits, multipliers): ([String], [String], [String]) = ([], [], [])
    for projection in plastic {
      switch projection.step {
      case .factored(let unit, let limit)?, .postsynaptic(let unit, let limit)?:
        shares += self.shares(unit, projection)
        limits += each(limit, projection).map { "UINT32_C(\($0))" }
      case .adam(let adam)?:
        shares += self.shares(adam.unit, projection)
      case .sgd(let multiplier, _)?: multipliers += each(multiplier, projection).map { "UINT32_C(\($0))" }
      case nil: break
      }
    }
    if plan.isFactored || plan.learnsByAdam {
      table(
        "Learning rates of the postsynaptic neurons, in 2^-15 of a projection's largest.", "uint16_t", "shares", shares)
    }
    if plan.isFactored {
      table("Their largest steps, in 2^-16 LSB.", "uint32_t", "limits", limits)
    } else if !plan.learnsByAdam {
      table("Steps per unit of gradient of the postsynaptic neurons.", "uint32_t", "multipliers", multipliers)
    }
  }

  func format(_ value: Double) -> String { String(format: "%.9g", value) }
}
