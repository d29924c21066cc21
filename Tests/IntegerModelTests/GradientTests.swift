import IntegerModel
import Planning
import TestSupport
import Testing

/// Carried blocks have the gradient of one block, but for rounding.
@Suite struct GradientTests {
  private func gradients(_ block: Int, adaptive: Bool, seed: UInt64) -> [[Int64]] {
    var plan = PatternPlan.make(neurons: 40, steps: 400, block: block, adaptive: adaptive)
    plan.projections[0].shift = 4
    plan.learning?.populations[0].rate = nil
    plan.learning?.populations[0].traceFractionBits = 0
    let fades = plan.fades(0)
    plan.learning?.populations[0].deltaShift = fades ? 16 : 7
    // As large as S that fades may be with three readouts.
    if fades { plan.learning?.populations[0].feedbackShift = 5 }
    let network = IntegerNetwork(plan)
    network.keepsGradients = true
    network.countsSaturations = true
    #expect(LifecycleTests.run(network, RandomStimulus(plan, steps: 400, seed: seed, percent: 15)) == .learnt)
    // Clamped potentials belong to the forward pass, which is the same whatever the block length.
    network.saturations.potential = 0
    #expect(network.saturations == Saturations(), "\(network.saturations)")
    // In one unit, whatever that of δ is.
    let unit: Int64 = fades ? 32 : 1
    let gradients = plan.projections.indices.map { p in
      (network.gradients(of: p) ?? []).map { plan.projections[p].target == .readout ? $0 : unit * $0 }
    }
    #expect(gradients.allSatisfy { $0.contains { abs($0) > 1000 } })
    return gradients + [network.biasGradients ?? []]
  }

  @Test(arguments: [1, 3, 7, 50, 399], [false, true]) func carriedBlocksAgree(block: Int, adaptive: Bool) {
    let whole = gradients(400, adaptive: adaptive, seed: 3)
    let carried = gradients(block, adaptive: adaptive, seed: 3)
    for (a, b) in zip(whole, carried) {
      let (x, y) = (a.map { Double($0) }, b.map { Double($0) })
      let dot = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
      let (xx, yy) = (x.reduce(0) { $0 + $1 * $1 }, y.reduce(0) { $0 + $1 * $1 })
      let cosine = dot / (xx * yy).squareRoot()
      #expect(cosine > 0.999, "\(cosine) of \(xx.squareRoot()) and \(yy.squareRoot())")
      #expect(abs((xx / yy).squareRoot() - 1) < 0.01)
    }
  }
}
