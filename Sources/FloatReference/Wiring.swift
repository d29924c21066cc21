import Networks

/// The constants of a network, derived once and laid out for the inner loops.
///
/// Neurons are numbered through all populations. A `Group` is a population, a `Link` a projection. Where a constant may differ from neuron
/// to neuron, it is read by the neuron's number.
struct Wiring {
  /// The constants of one population.
  struct Group {
    var first: Int
    var count: Int
    /// α = exp(−Δt/τ_m) of each neuron, by its number in the network; so are the others below.
    var membraneDecay: UnsafePointer<Double>
    /// v_th.
    var threshold: Double
    var reset: SpikingNetwork.Population.Reset
    /// v_reset.
    var resetPotential: UnsafePointer<Double>
    /// α_s = exp(−Δt/τ_syn); nil where the drive acts on v itself.
    var synapticDecay: UnsafePointer<Double>?
    /// Whether a current flows at every step.
    var hasBias: Bool
    /// For how many steps after the step of a spike z is 0.
    var silentSteps: Int
    /// Whether there is an adaptive threshold.
    var isAdaptive: Bool
    /// β; 0 for plain LIF.
    var adaptationStrength: Double
    /// ρ = exp(−Δt/τ_a); 0 for plain LIF.
    var adaptationDecay: UnsafePointer<Double>
    /// What z is multiplied by in a: 1 or 1 − ρ.
    var adaptationScale: Double
    var surrogate: SurrogateDerivative

    var end: Int { first + count }
    /// Whether all neurons filter what arrives alike.
    var filtersAlike: Bool

    /// −∂v^{t+1}/∂z^t of neuron j at a given v^t: the reset path. 0 with `hold`, where what is lost is not known.
    func resetSlope(_ v: Double, of j: Int) -> Double {
      switch reset {
      case .subtract: threshold
      case .subtractAtOnce: membraneDecay[j] * threshold
      case .zero: membraneDecay[j] * v
      case .value: membraneDecay[j] * (v - resetPotential[j])
      case .hold, .none: 0
      }
    }
  }

  /// The constants of one projection.
  struct Link {
    /// nil: the network's inputs.
    var sourceGroup: Int?
    /// nil: the readout.
    var targetGroup: Int?
    var preCount: Int
    var postCount: Int
    /// The number of the first target: a neuron, or 0 for readouts.
    var postFirst: Int
    /// The number of the first source: a neuron, or 0 for inputs.
    var preFirst: Int
    /// What W is multiplied by: 1, 1 − α or 1 − κ.
    var scale: Double
    var isPlastic: Bool
    /// Whether the diagonal stays 0.
    var lacksDiagonal: Bool
    /// Steps from an event at the source to its arrival: 0 from inputs and to readouts, 0 or 1 between populations.
    var delay: Int
    /// The pairs without a synapse, as positions in [pre × post]; empty where all exist.
    var absent: [Int]
  }

  var groups: [Group]
  var links: [Link]
  /// The current at every step, over all neurons.
  var bias: [Double]
  var inputCount: Int
  var neuronCount: Int
  var outputCount: Int
  /// κ = exp(−Δt/τ_out) of each readout.
  var readoutDecays: Buffer<Double>
  /// Whether it is the same for all.
  var readsAlike: Bool
  private let neurons: NeuronConstants
  /// What e is multiplied by in ē: 1 or 1 − κ.
  var traceScale: Double
  /// Whether v = A fires.
  var firesAtThreshold: Bool
  /// Whether ∂z/∂A is −ψ v / A, and not −ψ.
  var scalesThresholdDerivative: Bool
  /// Whether the rate regulariser sees each trial's own rates.
  var ratesAreOfTrial: Bool
  /// Whether the loss of a trial is the mean over its steps, and not their sum.
  var averagesLoss: Bool

  init(_ network: SpikingNetwork) {
    let convention = network.convention
    let outputs = network.readout.count
    let kappa = network.decays(timeConstant: network.readout.timeConstant)
    let neurons = NeuronConstants(network)
    self.neurons = neurons
    groups = network.populations.indices.map { Wiring.group($0, of: network, neurons) }
    inputCount = network.inputs.count
    neuronCount = network.neuronCount
    outputCount = network.readout.count
    readoutDecays = Buffer((0..<outputs).map { kappa[$0] }, orIfEmpty: 0)
    readsAlike = (0..<outputs).allSatisfy { kappa[$0] == kappa[0] }
    traceScale = Wiring.factor(convention.traceScaling, decay: kappa[0])
    firesAtThreshold = convention.spikeCondition == .atOrAbove
    scalesThresholdDerivative = convention.thresholdDerivative == .scale
    ratesAreOfTrial = convention.rateAverage == .trial
    averagesLoss = convention.lossReduction == .mean
    let groups = groups
    bias = network.populations.flatMap { $0.bias.isEmpty ? [Double](repeating: 0, count: $0.count) : $0.bias }
    links = network.projections.map { Wiring.link($0, of: network, groups: groups, readoutDecay: kappa[0]) }
  }

  /// κ, of methods for readouts that are all alike.
  var readoutDecay: Double {
    precondition(readsAlike, "the readouts have time constants of their own")
    return readoutDecays.base[0]
  }

  private static func factor(_ scaling: Convention.Scaling, decay: Double) -> Double {
    scaling == .one ? 1 : 1 - decay
  }

  /// Scalings by decays are those of the first unit: where they are not one, the rules see to it that all are alike.
  private static func group(_ index: Int, of network: SpikingNetwork, _ neurons: NeuronConstants) -> Group {
    let population = network.populations[index]
    let convention = network.convention
    let adaptation = population.adaptation
    let first = network.firstNeuron(of: index)
    let alphas = network.decays(timeConstant: population.timeConstant).values
    let synaptic = population.synapticTimeConstant.map { network.decays(timeConstant: $0).values } ?? []
    let spikeCounts = convention.refractoryCount == .including && population.refractorySteps > 0
    return Group(
      first: first, count: population.count, membraneDecay: UnsafePointer(neurons.membraneDecays.base),
      threshold: population.threshold, reset: population.reset,
      resetPotential: UnsafePointer(neurons.resetPotentials.base),
      synapticDecay: population.synapticTimeConstant == nil ? nil : UnsafePointer(neurons.synapticDecays.base),
      hasBias: !population.bias.isEmpty,
      silentSteps: max(population.refractorySteps - (spikeCounts ? 1 : 0), population.reset == .hold ? 1 : 0),
      isAdaptive: adaptation != nil, adaptationStrength: adaptation?.strength ?? 0,
      adaptationDecay: UnsafePointer(neurons.adaptationDecays.base),
      adaptationScale: factor(convention.adaptationScaling, decay: neurons.adaptationDecays.base[first]),
      surrogate: SurrogateDerivative(network.surrogate, convention, threshold: population.threshold),
      filtersAlike: Set(alphas).count == 1 && Set(synaptic).count <= 1)
  }

  private static func absentPairs(_ projection: SpikingNetwork.Projection, pre: Int) -> [Int] {
    guard let mask = projection.mask else { return [] }
    let post = mask.count / max(1, pre)
    return mask.indices.filter { !mask[$0] }.map { ($0 % pre) * post + $0 / pre }
  }

  private static func link(
    _ projection: SpikingNetwork.Projection, of network: SpikingNetwork, groups: [Group], readoutDecay: Double
  ) -> Link {
    var sourceGroup: Int?
    var targetGroup: Int?
    if case .population(let index) = projection.source { sourceGroup = index }
    if case .population(let index) = projection.target { targetGroup = index }
    let convention = network.convention
    let scale =
      if let targetGroup {
        factor(
          sourceGroup == nil ? convention.inputScaling : convention.recurrentScaling,
          decay: groups[targetGroup].membraneDecay[groups[targetGroup].first])
      } else {
        factor(convention.readoutScaling, decay: readoutDecay)
      }
    return Link(
      sourceGroup: sourceGroup, targetGroup: targetGroup, preCount: network.presynapticCount(of: projection),
      postCount: network.postsynapticCount(of: projection), postFirst: targetGroup.map { groups[$0].first } ?? 0,
      preFirst: sourceGroup.map { groups[$0].first } ?? 0, scale: scale, isPlastic: projection.isPlastic,
      lacksDiagonal: sourceGroup != nil && sourceGroup == targetGroup && !projection.autapses,
      delay: sourceGroup != nil && targetGroup != nil ? projection.delaySteps : 0,
      absent: absentPairs(projection, pre: network.presynapticCount(of: projection)))
  }
}

/// Constants of every neuron; 0 where a neuron has none.
private final class NeuronConstants {
  let membraneDecays, synapticDecays, adaptationDecays, resetPotentials: Buffer<Double>

  init(_ network: SpikingNetwork) {
    func all(_ value: (SpikingNetwork.Population) -> PerUnit?) -> Buffer<Double> {
      let values = network.populations.flatMap { population in
        let own = value(population) ?? 0
        return (0..<population.count).map { own[$0] }
      }
      return Buffer(values, orIfEmpty: 0)
    }
    membraneDecays = all { network.decays(timeConstant: $0.timeConstant) }
    synapticDecays = all { $0.synapticTimeConstant.map { network.decays(timeConstant: $0) } }
    adaptationDecays = all { $0.adaptation.map { network.decays(timeConstant: $0.timeConstant) } }
    resetPotentials = all(\.resetPotential)
  }
}
