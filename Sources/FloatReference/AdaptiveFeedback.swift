import Networks

/// Adaptive feedback: B learns what W_outᵀ learns, and both decay, so that they meet.
///
///     W_out ← W_out + ΔW_out − η c W_out
///     B     ← B + ΔW_outᵀ   − η c B
///
/// ΔW_out is what the optimiser does with the gradient of W_out, η its learning rate of the trial, c the decay. Then
/// B − W_outᵀ shrinks by 1 − η c at every update, whatever is learnt. Neurons without a plastic projection onto the
/// readout keep their B.
///
/// Source: Kolen and Pollack, "Backpropagation without weight transport" (1994); as "adaptive e-prop" in Bellec, Scherr
/// et al., "A solution to the learning dilemma for recurrent networks of spiking neurons" (2020), Supplementary Note 2.
/// Cost: that of e-prop 1, and O(n) per update. Memory: O(n) for B.
public final class AdaptiveFeedback {
  private let wiring: Wiring
  /// B, [outputs × neurons].
  private let matrix: Buffer<Double>
  /// c.
  private let decay: Double
  /// W_out before the update, per link; empty for links that do not matter here.
  private var before: [[Double]] = []

  init(_ network: SpikingNetwork, _ wiring: Wiring, matrix: Buffer<Double>, decay: Double) {
    self.wiring = wiring
    self.matrix = matrix
    self.decay = decay
  }

  /// B, [neurons × outputs], row major.
  public var rows: [Double] {
    (0..<matrix.count).map { matrix.base[($0 % wiring.outputCount) * wiring.neuronCount + $0 / wiring.outputCount] }
  }

  /// To be called before the optimiser moves the weights.
  public func remember(_ weights: ParameterBuffers) {
    before = wiring.links.indices.map { learns($0) ? Array(weights.projections[$0]) : [] }
  }

  /// To be called after the optimiser has moved the weights with the learning rate η.
  public func follow(_ weights: ParameterBuffers, learningRate: Double) {
    let loss = learningRate * decay
    for (index, link) in wiring.links.enumerated() where learns(index) {
      let readout = weights.projections[index]
      for i in 0..<link.preCount {
        for k in 0..<link.postCount {
          let (synapse, place) = (i * link.postCount + k, k * wiring.neuronCount + link.preFirst + i)
          let (old, fedBack) = (before[index][synapse], matrix.base[place])
          matrix.base[place] += readout[synapse] - old - loss * fedBack
          readout[synapse] -= loss * old
        }
      }
    }
  }

  private func learns(_ link: Int) -> Bool {
    wiring.links[link].targetGroup == nil && wiring.links[link].sourceGroup != nil && wiring.links[link].isPlastic
  }
}
