import CSyntax
import Planning

/// Synaptic currents: I between what arrives and v in the forward pass and the replay, and P behind S in the sweeps.
extension Emitter {
  /// The decay of neuron `index`'s current.
  private func decayCurrent(
    _ population: PopulationPlan, _ current: CurrentPlan, _ x: String, _ dither: String, index: String
  ) -> String {
    decay(current.decay, x, dither, table: "synaptic", suffix: "_\(population.name)", index: index)
  }

  /// The statement that moves I of a neuron on; nothing for a population without a current.
  func current(_ population: PopulationPlan, _ place: String, adding drive: String, index: String) -> String {
    guard let current = population.current else { return "" }
    return "\(place) = \(decayCurrent(population, current, place, "dither", index: index)) + \(drive);\n"
  }

  /// What I adds to v; nil for a population without a current.
  func driven(_ population: PopulationPlan, _ place: String) -> String? {
    population.current.map { $0.fractionBits == 0 ? place : "eprop_near32(\(place), \($0.fractionBits)U)" }
  }

  /// Whether the sweeps of a population need the dither of each step.
  func sweepsWithDither(_ population: PopulationPlan) -> Bool {
    population.adaptation != nil || population.current != nil
  }

  /// The name of what an arrival is worth in a sweep, S or P.
  func worth(_ population: PopulationPlan) -> String { population.current == nil ? "s" : "p" }

  /// The statement, on a line of its own, that moves P on after S of a step; nothing for a population without a current.
  func sweepCurrent(_ population: PopulationPlan, index: Int, subscript place: String = "") -> String {
    guard let current = population.current, let learning = plan.learning else { return "" }
    let p = "p\(place)"
    let shift = learning.populations[index].currentShift
    let s = shift == 0 ? "s\(place)" : "eprop_near32(s\(place), \(shift)U)"
    return "\n\(p) = \(decayCurrent(population, current, p, "dither", index: "j0 + lane")) + \(s);"
  }

  /// The statement that keeps P as it is one step before the block.
  func keepCurrent(_ population: PopulationPlan, _ p: String) -> String {
    guard let current = population.current else { return "" }
    let kept = decayCurrent(population, current, p, "eprop_dither(t0 + n)", index: "j0 + lane")
    return "\n    net->end_p[lane] = \(kept);"
  }

  /// What the presynaptic traces of source i are worth to a trace: S times that of the potential and P times that of the current.
  func carriedTraces(_ projection: ProjectionPlan, target: Int) -> String {
    let n = projection.name
    let shift = Fixed.traceBits + (plan.learning?.populations[target].currentShift ?? 0)
    let s = "eprop_asr64((int64_t)net->end_s[lane] * net->trace_\(n)[\(tracePlace(projection))], \(shift)U)"
    guard plan.populations[target].current != nil else { return s }
    return s
      + "\n              + eprop_asr64((int64_t)net->end_p[lane] * net->current_trace_\(n)[\(tracePlace(projection))], \(Fixed.traceBits)U)"
  }

  /// What the presynaptic trace of the current adds to a gradient.
  func throughCurrent(_ projection: ProjectionPlan, target: Int) -> String {
    guard plan.populations[target].current != nil, let learning = plan.learning else { return "" }
    let shift = Fixed.traceBits + learning.populations[target].deltaShift
    return
      "\n    sum += eprop_near64((int64_t)net->end_p[lane] * net->current_trace_\(projection.name)[\(tracePlace(projection))], \(shift)U);"
  }
}
