public import Diagnostics
public import Networks

/// The ways of compiling a network within what is pinned, weighed against a budget.
public struct Alternatives: Sendable {
  public let network: String
  public let budget: Budget
  public let activity: Activity
  public let core: Core
  /// The best first.
  public let all: [Alternative]
  /// The one that is compiled: the best that fits, or without any limit what the options say.
  public let chosen: Alternative?
  /// Where nothing fits: what would help, as sentences.
  public let remedies: [String]

  /// Plans every alternative of `network` and weighs it.
  ///
  /// - Parameters:
  ///   - options: what the user asked for; what `pins` names stays.
  ///   - progress: is told how many of how many plans are made.
  public init(
    _ network: SpikingNetwork, options: PlanOptions, pins: Set<Pin>, budget: Budget, activity: Activity = Activity(),
    core: Core = .cortexM4, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(Findings) {
    self.network = network.name
    self.budget = budget
    self.activity = activity
    self.core = core
    var found: [Alternative] = []
    var refused: Findings?
    let candidates = candidateOptions(network, options, pins)
    for (index, candidate) in candidates.enumerated() {
      progress(index, candidates.count)
      do throws(Findings) {
        let plan = try FixedPlan(network, options: candidate)
        for tile in candidateTiles(plan, options, pins) {
          var plan = plan
          var options = candidate
          options.tile = tile
          if plan.hasSweeps { plan.layout.tile = tile }
          var alternative = Alternative(plan, options: options, activity: activity, core: core)
          alternative.excess = budget.excess(alternative)
          found.append(alternative)
        }
      } catch {
        refused = refused ?? error
      }
    }
    if found.isEmpty, let refused { throw refused }
    all = found.sorted(by: Alternative.isBetter)
    if budget.isEmpty {
      chosen = all.first { $0.options == options } ?? all.first { $0.blockSteps == 0 }
    } else {
      chosen = all.first(where: \.fits)
    }
    remedies = chosen == nil ? sparing(network, all, options, budget) : []
  }
}

/// What is tried: everything that is not pinned, but for the tile.
private func candidateOptions(_ network: SpikingNetwork, _ options: PlanOptions, _ pins: Set<Pin>) -> [PlanOptions] {
  let learns =
    !options.inferenceOnly && (network.projections.contains(where: \.isPlastic) || network.readout.biasIsPlastic)
  var candidates = [options]
  func vary<Value>(_ pin: Pin, _ values: [Value], _ field: WritableKeyPath<PlanOptions, Value>) {
    guard learns || pin == .weights, !pins.contains(pin) else { return }
    candidates = candidates.flatMap { candidate in
      values.map { value in
        var candidate = candidate
        candidate[keyPath: field] = value
        return candidate
      }
    }
  }
  var blocks: [PlanOptions.Block] = [.trial]
  // No block ends while an input is held.
  var steps = network.inputs.holdSteps
  while steps < network.maximumSteps {
    blocks.append(.steps(steps))
    steps *= 4
  }
  vary(.block, blocks, \.block)
  vary(.weights, [8, 16], \.weightBits)
  vary(.history, [.storedSurrogate, .replay], \.history)
  if case .adam = network.optimiser.kind { vary(.moments, [16, 8], \.momentBits) }
  if case .factored = network.optimiser.kind { vary(.secondMoments, [.described, .postsynaptic], \.secondMoments) }
  return candidates
}

/// A tile changes the layout and nothing else.
private func candidateTiles(_ plan: FixedPlan, _ options: PlanOptions, _ pins: Set<Pin>) -> [Int] {
  pins.contains(.tile) || !plan.hasSweeps ? [options.tile] : [1, 2, 4, 8]
}
