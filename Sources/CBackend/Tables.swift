import CSyntax
import Foundation
import Planning

extension Emitter {
  mutating func emitTables() {
    text.section("Tables")
    for projection in plan.projections {
      let bits = projection.weightBits
      let unit = projection.lsb.count == 1 ? format(projection.lsb[0]) : "one value per column, see the plan"
      text.table(
        "\(projection.isPlastic ? "Initial weights" : "Weights") of \(projection.name), "
          + "\(projection.preCount) columns of \(projection.postCount). One LSB is \(unit).",
        "static const int\(bits)_t initial_\(projection.name)[\(count(projection.weights.count))] EPROP_TABLE"
          + (isReadByWords(projection) ? " EPROP_ALIGNED" : ""),
        projection.weights.map { bits == 16 && $0 == -32768 ? "-32767 - 1" : String($0) })
    }
    text.table(
      "\(plan.readout.biasIsPlastic ? "Initial bias" : "Bias") of the readouts, in units of 2^-\(plan.readout.fractionBits).",
      "static const int32_t initial_bias[\(outputs)] EPROP_TABLE", plan.readout.bias.map { int(Int($0)) })
    for (index, population) in plan.populations.enumerated() { emitNeuronTables(population, index: index) }
    guard let learning = plan.learning else { return }
    if case .fixed(let matrix) = learning.feedback {
      text.table(
        "B, which broadcasts the errors: a row of \(outputs) for each neuron.",
        "static const int8_t feedback[\(count(matrix.count))] EPROP_TABLE", matrix.map { String($0) })
    }
    for projection in plan.projections { emitRateTables(projection) }
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
    if case .subtract(let amount) = population.reset {
      table("reset", "int16_t", amount, "v_th / alpha: what a spike takes from v before it decays.")
    }
    if let adaptation = population.adaptation {
      table("increment", "int32_t", adaptation.increment, "beta: what a spike adds to the neuron's threshold.")
    }
  }

  mutating func emitRateTables(_ projection: ProjectionPlan) {
    func table(_ name: String, _ values: [UInt32], _ remark: String) {
      guard values.count > 1 else { return }
      text.table(
        "\(remark) of \(projection.name), per postsynaptic neuron, in 2^-16 LSB.",
        "static const uint32_t \(name)_\(projection.name)[\(count(values.count))] EPROP_TABLE",
        values.map { String($0) })
    }
    switch projection.step {
    case .factored(let unit, let limit)?:
      table("unit", unit, "Steps at g = rms")
      table("limit", limit, "Largest steps")
    case .sgd(let multiplier, _)?: table("multiplier", multiplier, "Step per unit of gradient")
    case nil: break
    }
  }

  func format(_ value: Double) -> String { String(format: "%.9g", value) }
}
