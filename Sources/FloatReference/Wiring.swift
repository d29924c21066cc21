import Networks

/// The constants of a network, derived once and laid out for the inner loops.
///
/// Neurons are numbered through all populations. A `Group` is a population, a `Link` a projection.
struct Wiring {
  /// The constants of one population.
  struct Group {
    var first: Int
    var count: Int
    /// α = exp(−Δt/τ_m).
    var membraneDecay: Double
    /// v_th.
    var threshold: Double
    var reset: SpikingNetwork.Population.Reset
    /// v_reset.
    var resetPotential: Double
    /// α_s = exp(−Δt/τ_syn); nil where the drive acts on v itself.
    var synapticDecay: Double?
    /// Whether a current flows at every step.
    var hasBias: Bool
    /// For how many steps after the step of a spike z is 0.
    var silentSteps: Int
    /// Whether there is an adaptive threshold.
    var isAdaptive: Bool
    /// β; 0 for plain LIF.
    var adaptationStrength: Double
    /// ρ = exp(−Δt/τ_a); 0 for plain LIF.
    var adaptationDecay: Double
    /// What z is multiplied by in a: 1 or 1 − ρ.
    var adaptationScale: Double
    var surrogate: SurrogateDerivative

    var end: Int { first + count }

    /// −∂v^{t+1}/∂z^t at a given v^t: the reset path. 0 with `hold`, where what is lost is not known.
    func resetSlope(_ v: Double) -> Double {
      switch reset {
      case .subtract: threshold
      case .subtractAtOnce: membraneDecay * threshold
      case .zero: membraneDecay * v
      case .value: membraneDecay * (v - resetPotential)
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
  /// κ = exp(−Δt/τ_out).
  var readoutDecay: Double
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
    let readoutDecay = network.decay(timeConstant: network.readout.timeConstant)
    groups = network.populations.indices.map { Wiring.group($0, of: network) }
    inputCount = network.inputs.count
    neuronCount = network.neuronCount
    outputCount = network.readout.count
    self.readoutDecay = readoutDecay
    traceScale = Wiring.factor(convention.traceScaling, decay: readoutDecay)
    firesAtThreshold = convention.spikeCondition == .atOrAbove
    scalesThresholdDerivative = convention.thresholdDerivative == .scale
    ratesAreOfTrial = convention.rateAverage == .trial
    averagesLoss = convention.lossReduction == .mean
    let groups = groups
    bias = network.populations.flatMap { $0.bias.isEmpty ? [Double](repeating: 0, count: $0.count) : $0.bias }
    links = network.projections.map { Wiring.link($0, of: network, groups: groups, readoutDecay: readoutDecay) }
  }

  private static func factor(_ scaling: Convention.Scaling, decay: Double) -> Double {
    scaling == .one ? 1 : 1 - decay
  }

  private static func group(_ index: Int, of network: SpikingNetwork) -> Group {
    let population = network.populations[index]
    let convention = network.convention
    let adaptation = population.adaptation
    let adaptationDecay = adaptation.map { network.decay(timeConstant: $0.timeConstant) } ?? 0
    let spikeCounts = convention.refractoryCount == .including && population.refractorySteps > 0
    return Group(
      first: network.firstNeuron(of: index), count: population.count,
      membraneDecay: network.decay(timeConstant: population.timeConstant), threshold: population.threshold,
      reset: population.reset, resetPotential: population.resetPotential,
      synapticDecay: population.synapticTimeConstant.map { network.decay(timeConstant: $0) },
      hasBias: !population.bias.isEmpty,
      silentSteps: max(population.refractorySteps - (spikeCounts ? 1 : 0), population.reset == .hold ? 1 : 0),
      isAdaptive: adaptation != nil, adaptationStrength: adaptation?.strength ?? 0, adaptationDecay: adaptationDecay,
      adaptationScale: factor(convention.adaptationScaling, decay: adaptationDecay),
      surrogate: SurrogateDerivative(network.surrogate, convention, threshold: population.threshold))
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
          decay: groups[targetGroup].membraneDecay)
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
