import Foundation
import Networks

extension Planner {
  /// ẑ, z̄ and c̄ in 32 bits, for blocks with carried traces.
  mutating func proveTraces(
    _ populations: [PopulationPlan], _ projections: [ProjectionPlan], _ readout: ReadoutPlan
  ) {
    for projection in projections where projection.isPlastic {
      let (decay, unit): (DecayPlan, Double)
      switch projection.target {
      case .readout: (decay, unit) = (readout.decay, exp2(Double(Fixed.readoutTraceBits)))
      case .population(let index):
        let isAnalog = projection.source == .inputs && network.inputs.kind != .spikes
        let largest = isAnalog ? exp2(Double(7 - inputKind().fractionBits)) : 1
        (decay, unit) = (populations[index].traceDecay, exp2(Double(Fixed.traceBits)) * largest)
      }
      let bound = unit * (min(horizon, 1 / decay.rate) + 1)
      prove(
        "trace of \(projection.name)", Int64(min(0x1p60, bound)), Int64(Int32.max),
        "a source that arrives at every step",
        "plan.trace.range", "a time constant is too long for carried traces")
    }
    let bias = exp2(Double(Fixed.readoutTraceBits)) * (min(horizon, 1 / readout.decay.rate) + 1)
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
        keep: Double(population.leak) / 32768, keepReadout: 1 - readout.decay.rate, window: windowSteps,
        block: blockSteps)
      notes.append(
        "\(population.name): windowed credit is an approximation. Of what an error is owed by arrivals that were all alike it leaves out "
          + "at most \(String(format: "%.3g", 100 * lost.largest)) %, for an error in the first step of a block, "
          + "and \(String(format: "%.3g", 100 * lost.mean)) % in the mean over a block")
    }
  }
}

/// The share of an error's credit that lies before its window: of the sum over all lags d of Σ_{a + b = d} κ^a α^b, the impulse
/// response from an arrival through v and the readout, the part with d > W′ + τ for an error in step τ of a block.
///
/// - Returns: the share for the first step of a block, and its mean over the `block` steps.
public func creditBeyond(
  keep: Double, keepReadout: Double, window: Int, block: Int
) -> (largest: Double, mean: Double) {
  // Σ_{d > n} of the convolution of two geometric series.
  func tail(_ n: Int) -> Double {
    let (a, k) = (keep, keepReadout)
    let lags = Double(n + 1)
    if abs(a - k) < 1e-9 { return pow(a, lags) * (1 + lags * (1 - a)) }
    let (x, y) = (pow(a, lags + 1) / (1 - a), pow(k, lags + 1) / (1 - k))
    return (x - y) / (a - k) * (1 - a) * (1 - k)
  }
  let shares = (0..<block).map { tail(window + $0) }
  return (shares[0], shares.reduce(0, +) / Double(block))
}
