/// What a plan's learning needs, so that nothing else is recorded, kept or computed.
extension FixedPlan {
  /// Whether any projection into the population is plastic.
  public func learnsInto(_ population: Int) -> Bool {
    learning != nil && projections.contains { $0.isPlastic && $0.target == .population(population) }
  }

  /// Whether anything but the readout learns, so that there are backward sweeps.
  public var hasSweeps: Bool { populations.indices.contains(where: learnsInto) }

  /// Whether inputs have to be recorded for what learns: for its gradients, or to replay the neurons that they drive.
  public func needsInputs(history: Layout.History) -> Bool {
    projections.contains { projection in
      guard projection.source == .inputs, case .population(let target) = projection.target else { return false }
      return projection.isPlastic || (history == .replay && learnsInto(target))
    }
  }

  /// Whether the inputs of a block are recorded.
  public var recordsInputs: Bool { learning?.recordsInputs ?? false }

  /// Whether gradients are formed from the recorded inputs, so that they are sorted by source.
  public var gathersInputs: Bool { projections.contains { $0.isPlastic && $0.source == .inputs } }

  /// Whether gradients of a tile are summed in the order of the record, into an array of all sources, instead of source by
  /// source from a sorted record. With the smallest tiles that is the smaller array by far; traces need the sorted one, and so do
  /// spikes of which some arrive in their own step.
  public var scattersGradients: Bool {
    learning != nil && !hasBlocks && layout.tile <= 2 && projections.contains(where: \.isPlastic)
      && !projections.contains(where: \.isImmediate)
  }

  /// Whether gradients of a tile are summed two neurons to a word as long as they are small: factored steps from a sorted record
  /// of spikes, whole trials, tiles that are a whole part of the neurons that share a hash, matrices of whole weights in which every synapse exists.
  public var packsGradients: Bool {
    guard let learning, !hasBlocks, !scattersGradients, layout.tile == 4 || layout.tile == 8,
      inputs.kind == .spikes || !gathersInputs
    else { return false }
    let plastic = projections.filter(\.isPlastic)
    return hasRows && !plastic.isEmpty
      && plastic.allSatisfy { $0.sparsity == nil && !$0.isPacked && !$0.isImmediate }
      && Int64(learning.recordSteps) << 15 <= Int64(learning.gradientLimit)
  }

  /// Whether packed deltas are signed and stand in rows of eight, which instructions of Armv7E-M add as they are.
  public var addsRows: Bool {
    packsGradients && hasSweeps && layout.kernels == .armv7em && layout.tile == 8
  }

  /// Rows of the array that gradients are scattered into: inputs whose events are gathered, then the neurons.
  public var scatteredInputs: Int { inputs.kind == .spikes && gathersInputs ? inputs.count : 0 }

  /// Whether the spikes of each neuron in a trial are counted apart, because the record is not sorted.
  public var countsScattered: Bool {
    scattersGradients && (learning?.populations.contains { $0.rate != nil } ?? false)
  }

  /// Whether the record has a byte with the number of events of each step, instead of where they end: for the smallest
  /// tiles of a replay, which go through the record in its order only.
  public var countsEvents: Bool {
    scattersGradients && layout.history == .replay && neuronCount <= 255
      && (inputs.kind != .spikes || inputs.count <= 255)
  }

  /// Whether recorded input events are brought into the order of their sources: for gradients, and for a replay.
  public var sortsInputs: Bool {
    inputs.kind == .spikes && recordsInputs && !scattersGradients && (gathersInputs || layout.history == .replay)
  }

  /// Width of the number of an input, and of a neuron, in the record.
  public var inputEventBits: Int { inputs.count <= 256 ? 8 : 16 }
  public var spikeEventBits: Int { neuronCount <= 256 ? 8 : 16 }

  /// Whether held inputs are replayed neuron by neuron, so that a tile has sums of them.
  public var replaysHeldInputs: Bool {
    learning != nil && layout.history == .replay && holdsInputs
      && populations.indices.contains { learnsInto($0) && hearsInputs($0) }
  }

  /// Whether neurons with synaptic currents are replayed, so that a tile has them.
  public var replaysCurrents: Bool {
    learning != nil && layout.history == .replay
      && populations.indices.contains { learnsInto($0) && populations[$0].current != nil }
  }

  /// Whether ψ of every step is kept until the update.
  public var storesSurrogate: Bool { learning != nil && layout.history == .storedSurrogate && hasSweeps }

  /// Whether every step is divided by a root mean square of gradients.
  public var isNormalised: Bool {
    projections.allSatisfy { projection in
      switch projection.step {
      case .factored, .postsynaptic, .adam, nil: true
      case .sgd: false
      }
    }
  }
}

extension StepPlan {
  /// Whether there is a mean of g² per postsynaptic neuron.
  public var keepsColumns: Bool {
    switch self {
    case .factored, .postsynaptic: true
    case .adam, .sgd: false
    }
  }

  /// Whether there is one per presynaptic neuron.
  public var keepsRows: Bool { if case .factored = self { true } else { false } }
}
