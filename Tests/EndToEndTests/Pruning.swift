import Networks
import Randomness

extension SpikingNetwork {
  /// Takes synapses away until about `share` of them exist, at least one of each projection. Those that stay become
  /// stronger, so that the neurons go on firing.
  mutating func prune(to share: Double, seed: UInt64) {
    var random = SplitMix64(seed: seed, stream: "prune")
    for index in projections.indices where projections[index].target != .readout {
      let own = projections[index].source.isPopulation(projections[index].target)
      let pre = presynapticCount(of: projections[index])
      var mask = projections[index].weights.indices.map { pair in
        random.uniform() < share && !(own && pair / pre == pair % pre)
      }
      if !mask.contains(true) { mask[own ? 1 : 0] = true }
      projections[index].mask = mask
      for pair in mask.indices {
        projections[index].weights[pair] = mask[pair] ? projections[index].weights[pair] / share.squareRoot() : 0
      }
    }
  }
}

extension SpikingNetwork.Projection.Source {
  fileprivate func isPopulation(_ target: SpikingNetwork.Projection.Target) -> Bool {
    if case (.population(let from), .population(let to)) = (self, target) { from == to } else { false }
  }
}
