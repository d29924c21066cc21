import Foundation
import Networks

/// A current between what arrives and the potential: I ← α_s I + drive + bias, v ← α v + I.
public struct CurrentPlan: Sendable, Hashable {
  /// 1 − α_s.
  public var decay: Decays
  /// Fraction bits of I, an int32, below the LSB of v.
  public var fractionBits: Int

  package init(decay: Decays, fractionBits: Int) {
    self.decay = decay
    self.fractionBits = fractionBits
  }
}

extension FixedPlan {
  /// Whether any population has a synaptic current.
  public var hasCurrents: Bool { populations.contains { $0.current != nil } }

  /// Whether spikes arrive at a population in their own step.
  public func hearsImmediately(_ population: Int) -> Bool {
    projections.contains { $0.isImmediate && $0.target == .population(population) }
  }

  /// Whether spikes arrive at a population in their own step, and others in the step after: what comes late is summed before anything
  /// fires, and the rest after the earlier populations have.
  public func hearsBoth(_ population: Int) -> Bool {
    hearsImmediately(population)
      && projections.contains {
        !$0.isImmediate && $0.source != .inputs && $0.target == .population(population)
      }
  }

  /// Whether the replay of a population sums what arrives in the lanes of words.
  public func replaysInLanes(_ population: Int) -> Bool {
    sumsInLanes(population) && layout.tile % 4 == 0 && !hearsImmediately(population)
  }
}

extension Planner {
  func isImmediate(_ projection: SpikingNetwork.Projection) -> Bool {
    guard case .population = projection.source, case .population = projection.target else { return false }
    return projection.delaySteps == 0
  }

  /// The decay of I, and as many fraction bits as it has room for when every source fires at every step.
  ///
  /// - Parameters:
  ///   - unit: real value of an LSB of v, per neuron.
  ///   - drive: the largest |drive| in LSB of v.
  mutating func planCurrent(_ population: SpikingNetwork.Population, _ unit: [Double], drive: Double) -> CurrentPlan? {
    guard let timeConstant = population.synapticTimeConstant else { return nil }
    let decay = decays(timeConstant, count: population.count, of: "\(population.name): τ_syn")
    let bias = zip(population.bias, unit).reduce(0) { max($0, abs($1.0 / $1.1)) }
    let gain = min(horizon, 1 / decay.slowestRate)
    var fraction = 12
    while fraction > 0 && ((drive + bias) * exp2(Double(fraction)) + 2) * gain > 0x1p30 { fraction -= 1 }
    return CurrentPlan(decay: decay, fractionBits: fraction)
  }

  /// |I| when every source fires at every step.
  mutating func proveCurrent(_ plan: PopulationPlan) {
    guard let current = plan.current else { return }
    let bias = (0..<plan.count).reduce(Int64(0)) { max($0, abs(Int64(plan.bias?[$1] ?? 0))) }
    let drive = scalbn(Double(plan.accumulatorBound), plan.driveShift) + Double(bias) + 2
    prove(
      "|I| of \(plan.name)", Int64(min(0x1p60, drive * min(horizon, 1 / current.decay.slowestRate))), 1 << 30,
      "every source fires at every step", "plan.current.range",
      "τ_syn is too long for the weights into \(plan.name), or they span too wide a range")
  }

  /// The shift of P and the largest |P|, for S that never exceeds `bound`; no shift, and S, without a current.
  ///
  /// P is S filtered by α_s, over 2^shift ≥ 1 / (1 − α_s): so S, which may be as large as 2³⁰, leaves P below 2³¹.
  func sweepThroughCurrent(_ population: PopulationPlan, _ bound: Double) -> (shift: Int, bound: Double) {
    guard let current = population.current else { return (0, bound) }
    let gain = min(sweepHorizon, 1 / current.decay.slowestRate)
    let shift = bits(gain)
    return (shift, (bound * exp2(-Double(shift)) + 2) * gain)
  }
}
