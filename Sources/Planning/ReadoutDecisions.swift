import Foundation
import Networks

extension Planner {
  /// Formats of the readout and of the projections into it.
  mutating func planReadout() -> (ReadoutPlan, [ProjectionPlan]) {
    let readout = network.readout
    let decay = decays(readout.timeConstant, count: readout.count, of: "\(readout.name): τ_out")
    let scaling =
      network.convention.readoutScaling == .one ? 1 : 1 - network.decays(timeConstant: readout.timeConstant)[0]
    let outgoing = network.projections.filter { $0.target == .readout }
    let top = options.coveredMagnitude(of: outgoing.flatMap(\.weights), unit: 1 / scaling) * scaling
    let range = top > 0 ? exponent(covering: top) : 0
    let magnitudeBits = options.weightBits - 1
    let size = Double(sign: .plus, exponent: range - magnitudeBits, significand: 1)
    var plans: [ProjectionPlan] = []
    for projection in outgoing { plans.append(quantise(projection, lsb: [size / scaling], shift: 0)) }

    // Half of y's range is for spikes: all neurons firing together as often as they can; half for the bias.
    let spikes = outgoing.indices.reduce(0.0) { sum, index in
      guard case .population(let source) = plans[index].source else { return sum }
      let period = Double(refractorySteps(network.populations[source]) + 1)
      let gain = min(horizon, 1 / (1 - pow(1 - decay.slowestRate, period))) + 1
      return sum + Double(largestSum(plans[index])) * gain
    }
    var shift = 20 - options.weightBits
    while shift > 0 && (spikes * Double(1 << shift) >= 0x1p29 || magnitudeBits - range + shift > 24) { shift -= 1 }
    let fraction = magnitudeBits - range + shift
    if fraction < 0 || fraction > 24 {
      refuse(
        "readout.range", "readout",
        "the readout weights (up to \(top)) do not fit y's format; scale them and the targets")
    }
    prove(
      "|y| from spikes", Int64(min(0x1p60, spikes * Double(1 << shift))), 1 << 29,
      "all neurons fire together as often as their refractory period allows", "plan.readout.sum",
      "too many neurons drive the readout")
    let biasLimit = Int32((0x1p29 * decay.slowestRate).rounded(.down))
    bounds.append(
      Bound(
        quantity: "|y| from the bias", largest: Int64(Double(biasLimit) / decay.slowestRate), limit: 1 << 29,
        reason: "|bias| is clamped to \(biasLimit)"))
    let unit = Double(sign: .plus, exponent: max(0, min(24, fraction)), significand: 1)
    let bias = readout.bias.map { value -> Int32 in
      let exact = (value * unit).rounded()
      if abs(exact) > Double(biasLimit) { notes.append("\(readout.name): bias \(value) clipped") }
      return Int32(max(-Double(biasLimit), min(Double(biasLimit), exact)))
    }
    let plan = ReadoutPlan(
      name: readout.name, count: readout.count, decay: decay, fractionBits: max(0, min(24, fraction)), shift: shift,
      bias: bias, biasIsPlastic: readout.biasIsPlastic && !options.inferenceOnly, biasLimit: biasLimit, biasStep: nil)
    return (plan, plans)
  }
}
