extension FixedPlan {
  /// Whether the weights that arrive at a population are summed in the halves of words, two sums to a word, and its
  /// potentials advance there too: narrow plain neurons that decay alike, four to a word of weights, whose sums of w + 128
  /// ≤ 255, and so on with compressed columns, never exceed 2^16 − 1, and sums of w an int16.
  public func sumsInLanes(_ index: Int) -> Bool {
    let population = populations[index]
    let incoming = projections.filter { $0.target == .population(index) }
    let largest = incoming.reduce(Int64(laneStart(index)) << Int64(coarsest(index))) { $0 + mostInLane($1) }
    let fromSpikes = incoming.allSatisfy { $0.weightBits == 8 && ($0.source != .inputs || inputs.kind == .spikes) }
    guard case .common = population.leak else { return false }
    return population.isNarrow && !hearsBoth(index) && population.bias == nil && population.hasCommonReset
      && population.count % 4 == 0
      && !incoming.isEmpty && fromSpikes
      && (0...7).contains(population.driveShift) && largest << Int64(population.driveShift) <= 255 << 8
  }

  /// What the sums of a population in lanes begin with. Weights of a matrix are summed as w + 128, but those of compressed
  /// columns as they are: each target has 128 for each of its synapses beforehand, in weights of the coarsest projection,
  /// so that no sum is ever negative.
  public func laneStart(_ index: Int) -> Int {
    let first = coarsest(index)
    return projections.filter { $0.isCompressed && $0.target == .population(index) }.reduce(0) { start, projection in
      start + (128 * mostSynapses(projection) + (1 << (first - projection.shift)) - 1) >> (first - projection.shift)
    }
  }

  /// The shift of the projection into a population whose weights mean most.
  private func coarsest(_ index: Int) -> Int {
    projections.filter { $0.target == .population(index) }.map(\.shift).max() ?? 0
  }

  /// The most that a projection adds to a sum beyond where it begins, if all sources fire.
  private func mostInLane(_ projection: ProjectionPlan) -> Int64 {
    let most = projection.isCompressed ? 127 * mostSynapses(projection) : 255 * projection.preCount
    return Int64(most) << Int64(projection.shift)
  }

  /// Synapses onto the target that has most.
  private func mostSynapses(_ projection: ProjectionPlan) -> Int {
    projection.sparsity?.fanIn(postCount: projection.postCount).max() ?? projection.preCount
  }
}
