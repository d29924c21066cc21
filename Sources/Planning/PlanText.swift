import Foundation

extension FixedPlan {
  /// The plan for readers: every format with its real value, every byte with its purpose, every bound with its margin.
  /// The same plan gives the same text, which holds no date and no path.
  public var text: String {
    var layout = PlanTextLayout()
    describeNetwork(&layout)
    for population in populations { describe(population, &layout) }
    for projection in projections { describe(projection, &layout) }
    describeReadout(&layout)
    if let learning { describe(learning, &layout) }
    describeMemory(&layout)
    describeBounds(&layout)
    if !notes.isEmpty {
      layout.section("Notes")
      for note in notes { layout.sentence(note) }
    }
    return layout.text
  }

  /// The hash in 16 hexadecimal digits.
  public var hashText: String { PlanFigure.hexadecimal(hash) }

  private func describeNetwork(_ layout: inout PlanTextLayout) {
    layout.section("Plan of \(name)")
    layout.line("hash", "\(hashText), the same hash gives the same bits")
    layout.line("time step", "\(PlanFigure.real(timeStep)) ms")
    if learning?.isStream ?? false {
      layout.line(
        "trials", "none: a stream; rates are those of periods of up to \(PlanFigure.count(maximumSteps, "step"))")
    } else {
      layout.line("T, the longest trial", PlanFigure.count(maximumSteps, "step"))
    }
    if let learning {
      let block = PlanFigure.count(learning.blockSteps, "step")
      layout.line("W, the block", describeCredit(learning, block))
      layout.line("history", describeHistory(learning))
      layout.line("tile", "\(PlanFigure.count(self.layout.tile, "neuron")) per pass of the update")
    } else {
      layout.line("learning", "none: inference only")
    }
    if self.layout.kernels != .portable {
      layout.line("kernels", "\(self.layout.kernels.rawValue): fast there, the same bits everywhere")
    }
    switch inputs.kind {
    case .spikes: layout.line("inputs", "\(inputs.count), spikes")
    case .analog(let bits):
      layout.line("inputs", "\(inputs.count), int8, one LSB is 2^-\(bits) = \(PlanFigure.real(exp2(-Double(bits))))")
      if holdsInputs { layout.line("input hold", "\(inputs.holdSteps) steps") }
    }
    layout.line("neurons", "\(neuronCount)")
  }

  private func describeCredit(_ learning: LearningPlan, _ block: String) -> String {
    if learning.windowSteps > 0 {
      return "\(block); W′, the window: errors are credited to those and the "
        + "\(PlanFigure.count(learning.windowSteps, "step")) before (approximate, see the notes)"
    }
    return isCarried ? "\(block), with exact carry" : "\(block): a trial is one block"
  }

  private func describeHistory(_ learning: LearningPlan) -> String {
    if layout.history == .replay { return "events; ψ is computed again" }
    return switch learning.surrogateBits {
    case 8: "ψ of every neuron and step"
    case 4: "ψ of every neuron and step in 4 bits, to the nearest of 16 levels: an approximation"
    default: "whether ψ > 0, of every neuron and step, in 1 bit: an approximation"
    }
  }

  private func describeReadout(_ layout: inout PlanTextLayout) {
    layout.section("Readout \(readout.name)")
    layout.line("outputs", "\(readout.count)")
    layout.line("decay", describe(readout.decay, of: "κ"))
    layout.line("y", "int32, one LSB is 2^-\(readout.fractionBits) = \(unit(readout.fractionBits))")
    layout.line("weights", "enter y times 2^\(readout.shift)")
    layout.line("bias", "\(PlanFigure.range(readout.bias.map(Int.init))) LSB of y, at most ± \(readout.biasLimit)")
    layout.line("bias learns", readout.biasStep.map { describe($0, unit: "LSB of y") } ?? "no")
  }

  func unit(_ bits: Int) -> String { PlanFigure.real(exp2(-Double(bits))) }

  /// A decay with the time constant that it realises.
  func describe(_ decay: DecayPlan, of symbol: String) -> String {
    let keep = 1 - decay.rate
    return "1 − \(symbol) = \(decay.factor) / 2^\(15 + decay.shift) = \(PlanFigure.real(decay.rate)), "
      + "τ = \(PlanFigure.real(realisedTimeConstant(keep: keep, timeStep: timeStep))) ms"
  }

  /// The decay of all units, or how far their own reach.
  func describe(_ decays: Decays, of symbol: String) -> String {
    guard case .each(let list) = decays else { return describe(decays[0], of: symbol) }
    let taus = list.map { realisedTimeConstant(keep: 1 - $0.rate, timeStep: timeStep) }
    return "each unit's own: 1 − \(symbol) = \(PlanFigure.range(list.map(\.rate))), τ = \(PlanFigure.range(taus)) ms"
  }

  func describe(_ step: StepPlan, unit: String) -> String {
    switch step {
    case .factored(let first, let limit):
      "factored: \(PlanFigure.range(first.map(Int.init))) \(unit) where g is its root mean square, at most "
        + PlanFigure.range(limit.map(Int.init))
    case .postsynaptic(let first, let limit):
      "postsynaptic: \(PlanFigure.range(first.map(Int.init))) \(unit) where g is its root mean square, at most "
        + PlanFigure.range(limit.map(Int.init))
    case .adam(let adam):
      "Adam: m / √v, at most \(adam.ratioLimit) / 2^\(Fixed.ratioBits), times \(PlanFigure.range(adam.unit.map(Int.init))) \(unit); "
        + "moments of \(adam.momentBits) bits, β₁ = \(adam.firstKept) / 2^32, β₂ = \(adam.secondKept) / 2^32, "
        + "ε = \(adam.epsilon) / 2^8 LSB of g"
    case .sgd(let multiplier, let exponent):
      "sgd: g · \(PlanFigure.range(multiplier.map(Int.init))) / 2^\(exponent) \(unit)"
    }
  }
}
