import Networks
import Randomness

extension KernelBenchmark {
  /// The network that is measured: `KernelBenchmark.network`, or the same with `density` of its synapses and stronger
  /// weights, so that it fires about as often.
  var network: SpikingNetwork {
    var network = Self.network
    guard density < 1 else { return network }
    var random = SplitMix64(seed: 1, stream: "kernel benchmark, mask")
    for index in network.projections.indices where network.projections[index].target != .readout {
      let own = network.projections[index].source == .population(0)
      let pre = network.presynapticCount(of: network.projections[index])
      let mask = network.projections[index].weights.indices.map { pair in
        random.uniform() < density && !(own && pair / pre == pair % pre)
      }
      network.projections[index].mask = mask
      for pair in mask.indices {
        network.projections[index].weights[pair] *= mask[pair] ? 1 / density.squareRoot() : 0
      }
    }
    return network
  }
}
