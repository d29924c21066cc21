public import Diagnostics
import Foundation
public import Networks

extension FixedPlan {
  /// Decides everything about `network`, or says why it cannot be compiled.
  ///
  /// The same network and options give the same plan, bit for bit.
  public init(_ network: SpikingNetwork, options: PlanOptions = PlanOptions()) throws(Findings) {
    let findings = refusals(network, options)
    if !findings.isEmpty { throw Findings(findings) }
    var planner = Planner(network: network, options: options)
    self = try planner.run()
  }
}

/// The decisions in the order in which they depend on each other; each group is a file.
struct Planner {
  let network: SpikingNetwork
  let options: PlanOptions
  var bounds: [Bound] = []
  var notes: [String] = []
  var findings: [Finding] = []

  init(network: SpikingNetwork, options: PlanOptions) {
    self.network = network
    self.options = options
  }

  /// Whether a projection learns under these options.
  func isPlastic(_ projection: SpikingNetwork.Projection) -> Bool { projection.isPlastic && !options.inferenceOnly }

  var learns: Bool {
    !options.inferenceOnly && (network.projections.contains(where: \.isPlastic) || network.readout.biasIsPlastic)
  }

  /// W.
  var blockSteps: Int {
    switch options.block {
    case .trial: network.maximumSteps
    case .steps(let steps): min(steps, network.maximumSteps)
    }
  }

  /// W′; 0 without a window.
  var windowSteps: Int { options.isStream ? options.window ?? 0 : 0 }

  /// Whether there are several blocks.
  var hasBlocks: Bool { options.isStream || blockSteps < network.maximumSteps }

  /// Whether traces are carried from block to block.
  var isCarried: Bool { hasBlocks && windowSteps == 0 }

  /// Steps that a filter of the forward pass can sum over: those of a trial, or of a stream that never ends.
  var horizon: Double { options.isStream ? .infinity : Double(network.maximumSteps) }

  /// The same for a backward sweep, which begins anew with every record.
  var sweepHorizon: Double { Double(max(network.maximumSteps, blockSteps + windowSteps)) }

  mutating func run() throws(Findings) -> FixedPlan {
    let inputs = InputPlan(count: network.inputs.count, kind: inputKind(), holdSteps: network.inputs.holdSteps)
    var populations: [PopulationPlan] = []
    var projections: [ProjectionPlan] = []
    for index in network.populations.indices {
      let (population, incoming) = planPopulation(index, inputs: inputs)
      populations.append(population)
      projections += incoming
    }
    var (readout, outgoing) = planReadout()
    projections += outgoing
    for index in projections.indices { projections[index].roundingSalt = UInt32(index + 1) << 24 }
    let learning = learns ? planLearning(populations, &projections, &readout) : nil
    if !findings.isEmpty { throw Findings(findings) }
    let plan = FixedPlan(
      name: network.name, timeStep: network.timeStep, maximumSteps: network.maximumSteps, inputs: inputs,
      populations: populations, projections: projections, readout: readout, learning: learning,
      layout: Layout(history: options.history, tile: tile(projections), kernels: options.kernels), bounds: bounds,
      notes: notes)
    if plan.memory.structBytes >= 1 << 31 {
      refuse("memory", "maximum_steps", "the network needs \(plan.memory.structBytes) bytes, more than 32 bits address")
      throw Findings(findings)
    }
    return plan
  }

  /// Where the readout alone learns there are no more lanes than readouts.
  private func tile(_ projections: [ProjectionPlan]) -> Int {
    let sweeps = projections.contains { $0.isPlastic && $0.target != .readout }
    return sweeps || !learns ? options.tile : max(1, min(options.tile, network.readout.count))
  }

  func inputKind() -> InputPlan.Kind {
    guard case .analog(let low, let high) = network.inputs.kind else { return .spikes }
    // The range of an int8 is not symmetric: −1 … 127/128 has seven fraction bits, −1 … 1 six.
    var bits = 12
    while bits > 0, min(low, 0) * Double(1 << bits) < -128 || max(high, 0) * Double(1 << bits) > 127 { bits -= 1 }
    return .analog(fractionBits: bits)
  }
}
