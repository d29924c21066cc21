import Planning

extension IntegerNetwork {
  /// v of every neuron, after resets.
  public var potentials: [Int16] { neurons.v.array }
  /// v of every neuron in the last step, before resets.
  public var potentialsBeforeReset: [Int16] { neurons.unreset.array }
  /// b of the adaptive neurons, in order.
  public var thresholdRaises: [Int32] { neurons.adaptation.array }
  /// I of the neurons that have a synaptic current, in order.
  public var currents: [Int32] { neurons.currents.array }
  /// The first step at which each neuron may fire again.
  public var readySteps: [Int64] { neurons.ready.array }
  /// The neurons that fired in the last step, ascending.
  public var spikes: [UInt16] { Array(neurons.spikes.buffer[..<neurons.spikeCount]) }
  /// The length of `spikes`.
  public var spikeCount: Int { neurons.spikeCount }
  /// ψ of every neuron in the last step.
  public var surrogates: [UInt8] { neurons.psi.array }
  /// y.
  public var outputs: [Int32] { readout.y.array }
  /// err of the last step.
  public var errors: [Int16] { readout.error.array }
  /// The bias of every output.
  public var bias: [Int32] { readout.bias.array }
  /// The stepwise schedule's factor, Q16.
  public var stepwiseFactor: UInt32 { scheduleFactor }
  /// Whether the trial can no longer be learnt from.
  public var isSpoilt: Bool { learner?.isSpoilt ?? false }
  /// Whether pieces of a block or an update are left for `updateSlice`.
  public var isUpdating: Bool { !(learner?.pieces.isEmpty ?? true) }
  /// Steps in the record of the current block, with those kept of earlier ones.
  public var recordedSteps: Int { learner?.record.steps ?? 0 }

  /// The weights of a projection, [pre × post].
  public func weights(of projection: Int) -> [Int16] {
    let state = projections[projection]
    return (0..<state.pre * state.post).map { Int16(state.weights[$0]) }
  }
  /// Second moments per presynaptic neuron; empty unless the projection's step is factored.
  public func rowMoments(of projection: Int) -> [UInt32] { projections[projection].rows.array }
  /// Second moments per postsynaptic neuron.
  public func columnMoments(of projection: Int) -> [UInt32] { projections[projection].columns.array }
  /// e of every projection whose step is factored, and of the bias if its step is.
  public var exponents: [UInt8] {
    guard let learner else { return [] }
    return projections.filter(\.isFactored).map(\.exponent)
      + (learner.biasMoment.count > 0 ? [learner.biasExponent] : [])
  }
  /// Adam's first moment over the root of the second, 2^-12, and the second, of a synapse; nil unless it has them.
  public func adamMoments(of projection: Int, synapse: Int) -> (ratio: Int64, square: UInt32)? {
    projections[projection].adam?[synapse]
  }
  /// Adam's exponents + 13 per postsynaptic neuron; 0: nothing is known.
  public func adamExponents(of projection: Int) -> [UInt8] { projections[projection].adam?.exponents.array ?? [] }
  /// Second moments of the bias.
  public var biasMoments: [UInt32] { learner?.biasMoment.array ?? [] }
  /// ẑ of a projection into a population, z̄ of one into the readout; empty unless blocks are carried.
  public func traces(of projection: Int) -> [Int32] { projections[projection].traces.array }
  /// ζ of a projection onto neurons with a synaptic current; empty unless blocks are carried.
  public func currentTraces(of projection: Int) -> [Int32] { projections[projection].currentTraces.array }
  /// c̄.
  public var biasTrace: Int32 { learner?.biasTrace ?? 0 }
  /// ē, [pre × post].
  public func eligibilities(of projection: Int) -> [Int16] { projections[projection].eligibility.array }
  /// ε, [pre × post].
  public func adaptationEligibilities(of projection: Int) -> [Int32] {
    projections[projection].adaptationEligibility.array
  }
  /// What carried blocks have accumulated in this trial, [pre × post].
  public func accumulators(of projection: Int) -> [Int32] { projections[projection].accumulator.array }
  /// g of the last update, [pre × post]; nil unless it was kept.
  public func gradients(of projection: Int) -> [Int64]? { projections[projection].gradient?.array }
  /// g of the bias at the last update; nil unless it was kept.
  public var biasGradients: [Int64]? {
    guard let learner, !learner.biasGradient.isEmpty else { return nil }
    return learner.biasGradient
  }
}
