public import Conformance
import Diagnostics
import IntegerModel
public import Planning
public import Trials

/// One trial and its update, on which a plan's instructions are counted, and how busy it is.
public struct Workload: Sendable {
  /// Its layout may be changed, which changes no bit.
  public var plan: FixedPlan
  public let stimulus: Stimulus
  /// Of the trial.
  public let steps: Int
  /// Input events: spikes, or values that are not spikes.
  public let inputEvents: Int
  public let spikes: Int
  /// Arrivals at synapses: an event counts once for each synapse of its source.
  public let synapticEvents: Double

  /// The first trial of `trials`.
  ///
  /// - Precondition: there is one, and the network can run it.
  public init(_ plan: FixedPlan, trials: TrialSet) {
    self.plan = plan
    stimulus = Stimulus(trials, plan: plan, order: [0], updates: true)
    let trial = stimulus.trials[0]
    steps = trial.steps
    let network = IntegerNetwork(plan)
    var spikesOf = [Int](repeating: 0, count: plan.populations.count)
    network.reset()
    for step in 0..<trial.steps {
      if trial.values.isEmpty {
        network.step(spikes: trial.spikes[step])
      } else {
        network.step(analog: trial.values[step])
      }
      for (index, population) in plan.populations.enumerated() {
        let range = population.first..<population.first + population.count
        spikesOf[index] += network.spikes.reduce(0) { $0 + (range.contains(Int($1)) ? 1 : 0) }
      }
    }
    spikes = spikesOf.reduce(0, +)
    let events =
      trial.values.isEmpty ? trial.spikes.reduce(0) { $0 + $1.count } : trial.steps * plan.inputs.count
    inputEvents = events
    synapticEvents = plan.projections.reduce(0) { sum, projection in
      let arrivals = if case .population(let source) = projection.source { spikesOf[source] } else { events }
      return sum + Double(arrivals) * Double(plan.synapseCount(projection)) / Double(max(1, projection.preCount))
    }
  }

  /// Synapses that learn.
  public var plasticSynapses: Int {
    plan.learning == nil ? 0 : plan.projections.filter(\.isPlastic).reduce(0) { $0 + plan.synapseCount($1) }
  }
}

extension FixedPlan {
  /// The same network without learning: every step has the same bits until the first update.
  var withoutLearning: FixedPlan {
    var plan = self
    plan.learning = nil
    for index in plan.projections.indices {
      plan.projections[index].isPlastic = false
      plan.projections[index].step = nil
    }
    plan.readout.biasIsPlastic = false
    plan.readout.biasStep = nil
    return plan
  }
}
