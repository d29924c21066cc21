import Foundation

extension FixedPlan {
  func describe(_ learning: LearningPlan, _ layout: inout PlanTextLayout) {
    layout.section("Learning by e-prop 1")
    switch learning.loss {
    case .squaredError: layout.line("loss", "squared error, err = (y − y*) / 2^\(learning.errorShift)")
    case .crossEntropy: layout.line("loss", "cross-entropy, err = softmax(y) − y*")
    }
    layout.line(
      "error", "int16, one LSB is 2^-\(learning.errorFractionBits) = \(unit(learning.errorFractionBits))")
    layout.line(
      "filtered error", "int16, one LSB is \(unit(learning.errorFractionBits - learning.filteredShift))")
    switch learning.feedback {
    case .fixed(let matrix):
      let largest = matrix.reduce(0) { max($0, abs(Int($1))) }
      layout.line("feedback", "fixed, int8, largest |B| \(largest)")
    case .symmetric: layout.line("feedback", "symmetric: the readout's weights at the time of use")
    }
    layout.line("update", describe(learning.updateTime))
    layout.line("learning rate", describe(learning.schedule))
    if isFactored { layout.line("second moments", "averaged over \(learning.momentWindow) updates") }
    layout.line("|g|", "at most \(learning.gradientLimit)")
    if !recordsInputs {
      layout.line("record of inputs", "none: nothing that learns needs it")
    } else if inputs.kind == .spikes {
      layout.line("record of input events", "\(learning.inputEventCapacity) per block")
    }
    layout.line("record of spikes", "\(learning.spikeCapacity) per block; a fuller one is not learnt from")
    for (index, population) in learning.populations.enumerated() {
      describe(population, of: populations[index].name, &layout)
    }
  }

  private func describe(
    _ population: LearningPlan.PopulationLearning, of name: String, _ layout: inout PlanTextLayout
  ) {
    layout.section("Learning of \(name)")
    layout.line(
      "learning signal H", "Σ B F / 2^\(population.feedbackShift), one LSB is \(PlanFigure.real(population.signalLSB))")
    layout.line("one step of ψ", PlanFigure.real(population.surrogateLSB))
    if population.currentShift > 0 {
      layout.line("worth of the current P", "S / 2^\(population.currentShift), filtered")
      layout.line("δ", "P / 2^\(population.deltaShift), int16")
    } else {
      layout.line("δ", "S / 2^\(population.deltaShift), int16")
    }
    if isCarried {
      layout.line(
        "filtered trace ē",
        "int16, 2^\(population.traceFractionBits) LSB per "
          + (population.currentShift > 0 ? "2^\(population.currentShift) steps of ψ" : "step of ψ"))
    }
    guard let rate = population.rate else { return }
    layout.line(
      "rate signal",
      "(spikes · (\(rate.perSpike) / steps) − \(rate.constant)) / 2^8, at most ± \(rate.limit)")
  }

  private func describe(_ time: LearningPlan.UpdateTime) -> String {
    switch time {
    case .trial: "at the end of a trial"
    case .block: "after every block"
    case .blocks(let count): "after every \(count) blocks, and at the end of a trial"
    }
  }

  private func describe(_ schedule: LearningPlan.Schedule) -> String {
    switch schedule {
    case .constant: "constant"
    case .linearToZero(let trials): "falls linearly to 0 over \(trials) updates"
    case .linearToFloor(let trials, let floor):
      "falls linearly over \(trials) updates, as far as \(floor) / 2^16, and stays there"
    case .stepwise(let factor, let every): "times \(factor) / 2^16 every \(every) updates"
    }
  }
}
