import Foundation

extension FixedPlan {
  func describe(_ population: PopulationPlan, _ layout: inout PlanTextLayout) {
    let model = population.adaptation == nil ? "LIF" : "adaptive LIF"
    layout.section("Population \(population.name)")
    let last = population.first + population.count - 1
    layout.line("neurons", "\(population.count) \(model), numbers \(population.first) … \(last)")
    layout.line("threshold", "\(PlanFigure.range(population.threshold)) LSB of v, which is int16")
    layout.line("one LSB of v", PlanFigure.range(population.lsb))
    layout.line("leak", describeLeak(population))
    if isCarried { layout.line("presynaptic trace", describe(population.traceDecay, of: "α")) }
    layout.line("fires", population.firesAtThreshold ? "where v ≥ threshold" : "where v > threshold")
    switch population.reset {
    case .zero: layout.line("reset", "to 0")
    case .subtract(let amount): layout.line("reset", "subtracts \(PlanFigure.range(amount)) LSB, v_th / α")
    case .value(let potential): layout.line("reset", "to \(PlanFigure.range(potential)) LSB")
    case .hold: layout.line("reset", "to 0, where v is held for the step after")
    }
    if let bias = population.bias {
      layout.line("bias", "\(PlanFigure.range(bias)) LSB of \(population.current == nil ? "v" : "I") at every step")
    }
    layout.line("refractory", "\(PlanFigure.count(population.refractorySteps, "step")) after that of the spike")
    layout.line("ψ", "(v_th − |v − A|) · \(PlanFigure.range(population.surrogateScale)) / 2^16, 0 … 255")
    layout.line(
      "drive",
      "int\(accumulatorBits) accumulator, |sum| ≤ \(population.accumulatorBound), "
        + "times 2^\(population.driveShift)")
    if let current = population.current {
      layout.line("synaptic current", describe(current.decay, of: "α_s"))
      layout.line("one LSB of I", "2^-\(current.fractionBits) LSB of v; I is int32")
    }
    if let adaptation = population.adaptation { describe(adaptation, &layout) }
  }

  private func describeLeak(_ population: PopulationPlan) -> String {
    func tau(_ leak: Int32) -> Double { realisedTimeConstant(keep: Double(leak) / 32768, timeStep: timeStep) }
    switch population.leak {
    case .common(let leak):
      return "α = \(leak) / 2^15 = \(PlanFigure.real(Double(leak) / 32768)), τ = \(PlanFigure.real(tau(leak))) ms"
    case .each(let leaks):
      return
        "each neuron's own: α = \(PlanFigure.range(leaks.map(Int.init))) / 2^15, τ = \(PlanFigure.range(leaks.map(tau))) ms"
    }
  }

  private func describe(_ adaptation: AdaptationPlan, _ layout: inout PlanTextLayout) {
    layout.line("adaptation", describe(adaptation.decay, of: "ρ"))
    layout.line(
      "adaptation, a spike",
      "raises A by \(PlanFigure.range(adaptation.increment)) / 2^\(adaptation.fractionBits) LSB of v")
    let strength = Double(adaptation.surrogateStrength) / 32768
    layout.line("adaptation, through ψ", "\(adaptation.surrogateStrength) / 2^15 = \(PlanFigure.real(strength))")
  }

  func describe(_ projection: ProjectionPlan, _ layout: inout PlanTextLayout) {
    layout.section("Projection \(projection.name)")
    let source: String
    switch projection.source {
    case .inputs: source = "inputs"
    case .population(let index): source = populations[index].name
    }
    let target: String
    switch projection.target {
    case .readout: target = readout.name
    case .population(let index): target = populations[index].name
    }
    layout.line("leads", "from \(source) (\(projection.preCount)) to \(target) (\(projection.postCount))")
    if projection.isImmediate { layout.line("delay", "none: a spike arrives in its own step") }
    let diagonal = projection.skipsDiagonal ? ", without the diagonal" : ""
    layout.line("synapses", "\(synapseCount(projection)), \(projection.isPlastic ? "plastic" : "frozen")\(diagonal)")
    let largest = projection.weights.reduce(0) { max($0, abs(Int($1))) }
    if let sparsity = projection.sparsity {
      layout.line(
        "stored as",
        sparsity.storage == .columns
          ? "columns: for each source the synapses that exist, with targets of \(targetBits / 8) bytes"
          : "a matrix, with a bit for each synapse that exists")
    }
    layout.line("weights", "int\(projection.weightBits), largest |w| \(largest)")
    layout.line("one LSB of w", PlanFigure.range(projection.lsb))
    layout.line("sum", "times 2^\(projection.shift)")
    guard let step = projection.step else { return }
    layout.line("one LSB of g", PlanFigure.real(projection.gradientLSB))
    layout.line("step", describe(step, unit: "/ 2^16 LSB of w"))
    let salt = String(projection.roundingSalt, radix: 16, uppercase: true)
    layout.line("rounding", "stratified, salt 0x\(salt)")
  }
}
