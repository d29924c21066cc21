// swift-format does not know the operators of Bounded.swift.
// swift-format-ignore-file: NoAssignmentInExpressions

import FixedPoint
import Planning

extension IntegerNetwork {
  func indexEvents(_ learner: Learner) {
    let record = learner.record
    if !record.isAnalog {
      let bounds = Array(record.inputStarts.buffer[0...record.steps])
      learner.inputIndex.sort(record.inputEvents.base, bounds: bounds, firstTime: 0)
    }
    let bounds = [0] + Array(record.spikeStarts.buffer[0...record.steps])
    learner.spikeIndex.sort(record.spikes.base, bounds: bounds, firstTime: -1)
  }

  /// F of every step, and F⁻.
  func filterErrors(_ learner: Learner) {
    let (record, outputs) = (learner.record, readout.count)
    let running = learner.running.base
    learner.running.fill(0)
    for tau in stride(from: record.steps - 1, through: 0, by: -1) {
      let word = learner.dither(tau, firstNumber)
      decayEach(running, outputs, plan.readout.decay, word)
      for k in 0..<outputs {
        running[k] = running[k] +~ Int32(record.error.base[tau * outputs + k])
        learner.filtered.base[tau * outputs + k] = narrowed(running[k], learner.plan.filteredShift)
      }
    }
    let word = learner.dither(record.steps, firstNumber)
    guard learner.isCarried else { return }
    decayEach(running, outputs, plan.readout.decay, word)
    for k in 0..<outputs {
      learner.filteredBefore[k] = Int32(narrowed(running[k], learner.plan.filteredShift))
    }
  }

  private func narrowed(_ value: Int32, _ shift: Int) -> Int16 {
    let x = near(value, shift)
    let s = sat16(x)
    if countsSaturations, s != x { saturations.filteredError += 1 }
    return Int16(truncatingIfNeeded: s)
  }

  /// B as it stands before the update, and reg.
  func refreshFeedback(_ learner: Learner) {
    if learner.plan.feedback == .symmetric {
      learner.feedback.fill(0)
      for population in populations { copyReadoutWeights(learner, population) }
    }
    guard learner.isRegularised else { return }
    let counts = learner.hasBlocks ? learner.lastCounts : learner.counts
    let steps = learner.hasBlocks ? Int64(learner.lastSteps) : Int64(learner.record.steps)
    for population in populations {
      guard let rate = population.learning?.rate else { continue }
      for n in population.range {
        let pull = steps == 0 ? 0 : asr64(Int64(counts[n]) *~ (rate.perSpike / steps) -~ rate.constant, 8)
        learner.rate[n] = Int32(clamp64(pull, Int64(rate.limit)))
      }
    }
  }

  private func copyReadoutWeights(_ learner: Learner, _ population: PopulationState) {
    let source = ProjectionPlan.Source.population(population.index)
    guard let projection = projections.first(where: { $0.plan.target == .readout && $0.plan.source == source })
    else { return }
    let shift = projection.plan.weightBits == 16 ? 8 : 0
    for j in 0..<population.count {
      for k in 0..<readout.count {
        let weight = asr32(projection.weights[j * readout.count + k], shift)
        learner.feedback.base[k * neurons.count + population.first + j] = weight
      }
    }
  }
}
