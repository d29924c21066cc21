extension SpikingNetwork.Population.Reset {
  /// What a spike does to v, with W p^t the drive:
  ///
  ///     subtract           v^{t+1} = α v^t − v_th z^t + W p^{t+1}            (the paper; snnTorch)
  ///     subtract-at-once   v^{t+1} = α (v^t − v_th z^t) + W p^{t+1}
  ///     zero               v^{t+1} = α (1 − z^t) v^t + W p^{t+1}
  ///     value              v^{t+1} = α ((1 − z^t) v^t + v_reset z^t) + W p^{t+1}   (Norse)
  ///     hold               v^{t+1} = (1 − z^t) (α v^t + W p^{t+1})             (recurrent and synaptic neurons of snnTorch)
  ///     none               v^{t+1} = α v^t + W p^{t+1}
  ///
  /// With `hold` the neuron cannot fire in the step after a spike, and what drives it then is lost.
  ///
  /// Whether v^{t+1} does not know the v^t of a step with a spike.
  public var forgetsPotential: Bool { self == .zero || self == .value || self == .hold }
}
