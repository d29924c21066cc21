import Foundation

/// A network that has passed every rule: later stages need not ask again.
///
/// Only `SpikingNetwork.validating(_:)` makes one from a description (and reports all findings at once); code that
/// builds networks itself (the built-in tasks) goes through the same rules.
///
/// The dynamics, with the scalings of `convention` left out (LEARNING.md of the project, paper eqs 20–28, 41):
///
///     v^t = α v^{t−1} + W p^t − v_th z^{t−1}          p^t = concat(x^t, z^{t−1})
///     a^t = ρ a^{t−1} + z^{t−1},  A^t = v_th + β a^t   (β = 0: plain LIF)
///     z^t = [v^t ≥ A^t and not refractory]
///     y^t = κ y^{t−1} + W_out z^t + b
public struct SpikingNetwork: Sendable, Hashable {
  /// A C identifier: it prefixes everything that is generated.
  public var name: String
  /// Δt in ms.
  public var timeStep: Double
  public var convention: Convention
  public var inputs: Inputs
  /// In the order of the description; neurons are numbered through all of them.
  public var populations: [Population]
  public var projections: [Projection]
  public var readout: Readout
  public var loss: Loss
  public var feedback: Feedback
  public var surrogate: Surrogate
  public var rateRegularisation: RateRegularisation?
  public var optimiser: Optimiser
  /// Trials may have at most this many steps.
  public var maximumSteps: Int

  /// What drives the network from outside.
  public struct Inputs: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
      /// 0 or 1 per input and step.
      case spikes
      /// Real values within the given range at every step.
      case analog(low: Double, high: Double)
    }
    public var count: Int
    public var kind: Kind
    /// H ≥ 1, for how many steps an analog input stays: x^t of t = 0, 1, … is what was given for step H ⌊t / H⌋.
    public var holdSteps: Int
    public init(count: Int, kind: Kind, holdSteps: Int = 1) {
      self.count = count
      self.kind = kind
      self.holdSteps = holdSteps
    }
  }

  /// Neurons with common parameters.
  public struct Population: Sendable, Hashable {
    /// What a spike does to v (`ResetMechanism.swift`).
    public enum Reset: String, Sendable, Hashable, CaseIterable, BitwiseCopyable {
      case subtract, zero, value, hold, none
      case subtractAtOnce = "subtract-at-once"
    }
    /// Adaptive threshold A = v_th + β a.
    public struct Adaptation: Sendable, Hashable {
      /// β, in units of the membrane potential.
      public var strength: Double
      /// τ_a in ms.
      public var timeConstant: PerUnit
      public init(strength: Double, timeConstant: PerUnit) {
        self.strength = strength
        self.timeConstant = timeConstant
      }
    }
    public var name: String
    public var count: Int
    /// τ_m in ms.
    public var timeConstant: PerUnit
    /// v_th.
    public var threshold: Double
    public var reset: Reset
    /// Where v starts after a spike, with the reset `value`; 0 elsewhere.
    public var resetPotential: PerUnit
    /// τ_syn in ms of the synaptic current; nil where the drive acts on v itself.
    public var synapticTimeConstant: PerUnit?
    /// A current that flows at every step, one per neuron, unscaled; empty for none.
    public var bias: [Double]
    /// The refractory period in steps, counted as the convention says.
    public var refractorySteps: Int
    /// nil for a plain LIF population.
    public var adaptation: Adaptation?
    public init(
      name: String, count: Int, timeConstant: PerUnit, threshold: Double, reset: Reset, refractorySteps: Int,
      adaptation: Adaptation?, resetPotential: PerUnit = 0, synapticTimeConstant: PerUnit? = nil, bias: [Double] = []
    ) {
      self.name = name
      self.count = count
      self.timeConstant = timeConstant
      self.threshold = threshold
      self.reset = reset
      self.refractorySteps = refractorySteps
      self.adaptation = adaptation
      self.resetPotential = resetPotential
      self.synapticTimeConstant = synapticTimeConstant
      self.bias = bias
    }
  }

  /// A weight matrix from the inputs or a population to a population or the readout.
  public struct Projection: Sendable, Hashable {
    public enum Source: Sendable, Hashable {
      case inputs
      case population(Int)
    }
    public enum Target: Sendable, Hashable {
      case population(Int)
      case readout
    }
    public var name: String
    public var source: Source
    public var target: Target
    /// [post × pre], row major: `weights[post * preCount + pre]`. On the diagonal of a population's projection onto
    /// itself the weights are 0 unless `autapses`.
    public var weights: [Double]
    /// Which synapses exist, [post × pre]; nil: all of them (but for a diagonal without `autapses`). The weights of
    /// those that do not are 0 and stay so.
    public var mask: [Bool]?
    /// Whether learning changes the weights.
    public var isPlastic: Bool
    /// Whether a population's projection onto itself has its diagonal. False elsewhere.
    public var autapses: Bool
    /// Steps that a spike takes from population to population: 1, or 0 from an earlier one to a later one. Without a meaning
    /// elsewhere: inputs drive in their own step, and a readout sees the spikes of its own step.
    public var delaySteps: Int
    public init(
      name: String, source: Source, target: Target, weights: [Double], mask: [Bool]? = nil, isPlastic: Bool,
      autapses: Bool, delaySteps: Int = 1
    ) {
      self.name = name
      self.source = source
      self.target = target
      self.weights = weights
      self.mask = mask
      self.isPlastic = isPlastic
      self.autapses = autapses
      self.delaySteps = delaySteps
    }
  }

  /// Leaky readouts y.
  public struct Readout: Sendable, Hashable {
    public var name: String
    public var count: Int
    /// τ_out in ms.
    public var timeConstant: PerUnit
    /// b, one per readout.
    public var bias: [Double]
    public var biasIsPlastic: Bool
    public init(name: String, count: Int, timeConstant: PerUnit, bias: [Double], biasIsPlastic: Bool) {
      self.name = name
      self.count = count
      self.timeConstant = timeConstant
      self.bias = bias
      self.biasIsPlastic = biasIsPlastic
    }
  }

  /// E, summed over outputs, over steps as the convention's `lossReduction` says, and averaged over the trials of a batch.
  public enum Loss: Sendable, Hashable {
    /// E = ½ Σ (y − y*)²; the error is y − y*.
    case squaredError
    /// E = −Σ_k target_k log softmax(y)_k; the error is softmax(y) − target.
    case crossEntropy
  }

  /// The matrix B that broadcasts the errors: L_j = Σ_k B_jk err_k.
  public enum Feedback: Sendable, Hashable {
    /// B = W_outᵀ at every moment.
    case symmetric
    /// A fixed B, [neurons × outputs], row major over all neurons. Random feedback has been drawn by the time a network
    /// exists; `origin` remembers how ("random, seed 3", "given", "initial readout").
    case fixed([Double], origin: String)
  }

  /// The surrogate derivative ψ = ∂z/∂v = γ f(u), u = (v − A) / width; 0 while refractory. The convention may divide γ by
  /// a threshold.
  public struct Surrogate: Sendable, Hashable {
    /// f.
    public enum Shape: String, Sendable, Hashable, CaseIterable, BitwiseCopyable {
      /// max(0, 1 − |u|) (Bellec et al. 2018).
      case piecewiseLinear = "piecewise-linear"
      /// exp(−|u|) (Shrestha & Orchard 2018).
      case exponential
      /// (1 + |u|)⁻², the derivative of the fast sigmoid u / (1 + |u|) (Zenke & Ganguli 2018).
      case fastSigmoid = "fast-sigmoid"
      /// (1 / π) / (1 + (π u)²), the derivative of arctan(π u) / π² (Fang et al. 2021; scaled as in NEST).
      case arctan
      /// (1 + h) N(u; 0, 1) − h N(u; 1, s²) − h N(u; −1, s²) with normal densities N, h = 0.15 and s = 6: negative away
      /// from the threshold (Yin, Corradi & Bohté 2021). The width is the standard deviation of the first.
      case multiGaussian = "multi-gaussian"
    }
    public var shape: Shape
    /// γ.
    public var dampening: Double
    /// The divisor of v − A, in units of the membrane potential. nil: a threshold, as the convention says.
    public var width: Double?

    public init(shape: Shape, dampening: Double, width: Double? = nil) {
      self.shape = shape
      self.dampening = dampening
      self.width = width
    }

    /// The paper's, as wide as the threshold is high.
    public static func piecewiseLinear(dampening: Double) -> Surrogate {
      Surrogate(shape: .piecewiseLinear, dampening: dampening)
    }
  }

  /// Pulls the mean rate of each neuron towards a target; `Convention.RateTerm` says how.
  public struct RateRegularisation: Sendable, Hashable {
    public var coefficient: Double
    /// f⁰ in Hz.
    public var target: Double
    public init(coefficient: Double, target: Double) {
      self.coefficient = coefficient
      self.target = target
    }
  }

  /// How gradients become weight changes, on the device and in the float reference.
  public struct Optimiser: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
      case sgd
      case momentum(Double)
      case adam(beta1: Double, beta2: Double, epsilon: Double)
      /// Second moment factored into a mean of g² per presynaptic and per postsynaptic neuron; the step is
      /// η · clamp(g / rms, ±clip).
      case factored(clip: Double)
      /// The same with a mean of g² per postsynaptic neuron alone.
      case postsynaptic(clip: Double)
    }
    /// The learning rate of trial n = 1, 2, … is η times a factor.
    public enum Schedule: Sendable, Hashable {
      case constant
      /// (total − n + 1) / total, and 0 afterwards.
      case linearToZero(trials: Int)
      /// The same, but never below `floor`: for devices that never stop learning.
      case linearToFloor(trials: Int, floor: Double)
      /// factor^⌊(n − 1) / every⌋.
      case stepwise(factor: Double, every: Int)
    }
    public var kind: Kind
    /// η in real weight units.
    public var learningRate: Double
    public var schedule: Schedule
    public init(kind: Kind, learningRate: Double, schedule: Schedule) {
      self.kind = kind
      self.learningRate = learningRate
      self.schedule = schedule
    }
  }

  /// Without rules: for `Networks` itself and for tests of later stages. Everybody else validates a description.
  public init(
    unchecked name: String, timeStep: Double, convention: Convention, inputs: Inputs, populations: [Population],
    projections: [Projection], readout: Readout, loss: Loss, feedback: Feedback, surrogate: Surrogate,
    rateRegularisation: RateRegularisation?, optimiser: Optimiser, maximumSteps: Int
  ) {
    self.name = name
    self.timeStep = timeStep
    self.convention = convention
    self.inputs = inputs
    self.populations = populations
    self.projections = projections
    self.readout = readout
    self.loss = loss
    self.feedback = feedback
    self.surrogate = surrogate
    self.rateRegularisation = rateRegularisation
    self.optimiser = optimiser
    self.maximumSteps = maximumSteps
  }
}

extension SpikingNetwork {
  /// N, over all populations.
  public var neuronCount: Int { populations.reduce(0) { $0 + $1.count } }

  /// The number of the first neuron of a population.
  public func firstNeuron(of population: Int) -> Int {
    populations[..<population].reduce(0) { $0 + $1.count }
  }

  /// How many sources a projection reads.
  public func presynapticCount(of projection: Projection) -> Int {
    switch projection.source {
    case .inputs: inputs.count
    case .population(let index): populations[index].count
    }
  }

  /// How many neurons (or readouts) a projection drives.
  public func postsynapticCount(of projection: Projection) -> Int {
    switch projection.target {
    case .population(let index): populations[index].count
    case .readout: readout.count
    }
  }

  /// exp(−Δt / τ): α, κ and ρ.
  public func decay(timeConstant: Double) -> Double { exp(-timeStep / timeConstant) }

  /// The decay of each unit.
  public func decays(timeConstant: PerUnit) -> PerUnit { timeConstant.map { decay(timeConstant: $0) } }

  /// What is added to the learning signal of a neuron's unfiltered trace per Hz of rate error, at each of `steps` steps.
  /// 0 without regularisation. See `Convention.RateTerm`.
  public func rateSignalPerHertz(steps: Int) -> Double {
    guard let regulariser = rateRegularisation else { return 0 }
    let perStep = timeStep / 1000 / Double(steps)
    return switch convention.rateTerm {
    case .learningSignal: regulariser.coefficient
    case .halfSum, .paper: regulariser.coefficient * perStep
    case .sum: 2 * regulariser.coefficient * perStep
    }
  }
}
