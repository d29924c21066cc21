import Foundation
import Networks

extension Planner {
  /// ẑ, z̄ and c̄ in 32 bits, for blocks with carried traces.
  mutating func proveTraces(
    _ populations: [PopulationPlan], _ projections: [ProjectionPlan], _ readout: ReadoutPlan
  ) {
    for projection in projections where projection.isPlastic {
      let (decay, unit): (Decays, Double)
      switch projection.target {
      case .readout: (decay, unit) = (readout.decay, exp2(Double(Fixed.readoutTraceBits)))
      case .population(let index):
        let isAnalog = projection.source == .inputs && network.inputs.kind != .spikes
        let largest = isAnalog ? exp2(Double(7 - inputKind().fractionBits)) : 1
        let throughCurrent = populations[index].current.map { min(horizon, 1 / $0.decay.slowestRate) + 1 } ?? 1
        (decay, unit) = (populations[index].traceDecay, exp2(Double(Fixed.traceBits)) * largest * throughCurrent)
      }
      let bound = unit * (min(horizon, 1 / decay.slowestRate) + 1)
      prove(
        "trace of \(projection.name)", Int64(min(0x1p60, bound)), Int64(Int32.max),
        "a source that arrives at every step",
        "plan.trace.range", "a time constant is too long for carried traces")
    }
    let bias = exp2(Double(Fixed.readoutTraceBits)) * (min(horizon, 1 / readout.decay.slowestRate) + 1)
    if readout.biasIsPlastic {
      prove(
        "trace of the bias", Int64(min(0x1p60, bias)), Int64(Int32.max), "a unit that arrives at every step",
        "plan.trace.range", "a time constant is too long for carried traces")
    }
  }

  /// How much credit a window cuts off, which is what it approximates.
  mutating func noteWindow(_ populations: [PopulationPlan], _ readout: ReadoutPlan) {
    for population in populations {
      let lost = creditBeyond(
        keeps: [population.slowestKeep, 1 - readout.decay.slowestRate]
          + (population.current.map { [1 - $0.decay.slowestRate] } ?? []),
        window: windowSteps, block: blockSteps)
      notes.append(
        "\(population.name): windowed credit is an approximation. Of what an error is owed by arrivals that were all alike it leaves out "
          + "at most \(String(format: "%.3g", 100 * lost.largest)) %, for an error in the first step of a block, "
          + "and \(String(format: "%.3g", 100 * lost.mean)) % in the mean over a block")
    }
  }
}

/// The share of an error's credit that lies before its window: of the sum over all lags of the impulse response from an arrival through v,
/// the readout and whatever else keeps a part `keeps` of itself from step to step, the part with lags above W′ + τ for an error in step τ of a
/// block.
///
/// - Returns: the share for the first step of a block, and its mean over the `block` steps.
public func creditBeyond(keeps: [Double], window: Int, block: Int) -> (largest: Double, mean: Double) {
  // The filters in a row, fed with one unit. What each has still to give is what it keeps and what those before it have still to give.
  var states = keeps.map { _ in 0.0 }
  var (first, sum) = (0.0, 0.0)
  for lag in 0..<window + block {
    var x = lag == 0 ? 1.0 : 0
    for (index, keep) in keeps.enumerated() {
      states[index] = keep * states[index] + x
      x = states[index]
    }
    guard lag >= window else { continue }
    var (rest, share) = (0.0, 1.0)
    for (keep, state) in zip(keeps, states) {
      rest = (keep * state + rest) / (1 - keep)
      share *= 1 - keep
    }
    rest *= share
    if lag == window { first = rest }
    sum += rest
  }
  return (first, sum / Double(block))
}
