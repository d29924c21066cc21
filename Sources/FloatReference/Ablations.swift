public import Networks

extension SpikingNetwork {
  /// The network without any projection between neurons.
  public var withoutRecurrence: SpikingNetwork {
    var network = self
    network.projections.removeAll {
      switch ($0.source, $0.target) {
      case (.population, .population): true
      default: false
      }
    }
    return network
  }

  /// The network in which only the projections onto the readout (and its bias, if it was plastic) still learn.
  public var learningReadoutOnly: SpikingNetwork {
    var network = self
    for index in network.projections.indices where network.projections[index].target != .readout {
      network.projections[index].isPlastic = false
    }
    return network
  }

  /// The network with plain LIF neurons throughout.
  public var withoutAdaptation: SpikingNetwork {
    var network = self
    for index in network.populations.indices { network.populations[index].adaptation = nil }
    return network
  }
}
