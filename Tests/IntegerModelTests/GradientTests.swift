import IntegerModel
import Planning
import TestSupport
import Testing

/// Carried blocks have the gradient of one block, but for rounding.
@Suite struct GradientTests {
  /// With a window, or a window of 0, the blocks are those of a stream.
  private func gradients(_ block: Int, window: Int? = nil, adaptive: Bool, seed: UInt64) -> [[Int64]] {
    var plan = PatternPlan.make(neurons: 40, steps: 400, block: block, adaptive: adaptive)
    plan.projections[0].shift = 4
    plan.learning?.populations[0].rate = nil
    plan.learning?.populations[0].traceFractionBits = 0
    if let window {
      plan.learning?.isStream = true
      plan.learning?.windowSteps = window
      plan.learning?.updateTime = .block
      plan.learning?.inputEventCapacity = 8000
      plan.learning?.spikeCapacity = 16000
      for p in plan.projections.indices { plan.projections[p].step = .factored(unit: [0], limit: [0]) }
      plan.readout.biasStep = .factored(unit: [0], limit: [0])
    }
    let fades = plan.fades(0)
    plan.learning?.populations[0].deltaShift = fades ? 16 : 7
    // As large as S that fades may be with three readouts.
    if fades { plan.learning?.populations[0].feedbackShift = 5 }
    let network = IntegerNetwork(plan)
    network.keepsGradients = true
    network.addsGradients = window != nil
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

  /// A window as long as the stream is no approximation: all that errors are credited to is in it.
  @Test func aWindowOverAllIsOneBlock() {
    let whole = gradients(400, adaptive: false, seed: 3)
    let windowed = gradients(50, window: 350, adaptive: false, seed: 3)
    for (a, b) in zip(whole, windowed) { expectSame(a, b) }
  }

  @Test(arguments: [1, 3, 7, 50, 399], [false, true]) func carriedBlocksAgree(block: Int, adaptive: Bool) {
    let whole = gradients(400, adaptive: adaptive, seed: 3)
    let carried = gradients(block, adaptive: adaptive, seed: 3)
    for (a, b) in zip(whole, carried) { expectSame(a, b) }
  }

  /// The gradient of a stream with carried traces is that of one block, as long as nothing is learnt.
  @Test(arguments: [7, 50], [false, true]) func streamsAgree(block: Int, adaptive: Bool) {
    let whole = gradients(400, adaptive: adaptive, seed: 4)
    let stream = gradients(block, window: 0, adaptive: adaptive, seed: 4)
    for (a, b) in zip(whole, stream) { expectSame(a, b) }
  }

  private func expectSame(_ a: [Int64], _ b: [Int64]) {
    do {
      let (x, y) = (a.map { Double($0) }, b.map { Double($0) })
      let dot = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
      let (xx, yy) = (x.reduce(0) { $0 + $1 * $1 }, y.reduce(0) { $0 + $1 * $1 })
      let cosine = dot / (xx * yy).squareRoot()
      #expect(cosine > 0.999, "\(cosine) of \(xx.squareRoot()) and \(yy.squareRoot())")
      #expect(abs((xx / yy).squareRoot() - 1) < 0.01)
    }
  }
}
