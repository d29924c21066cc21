/// A recurrent network of leaky tanh units that has passed every rule. The float reference learns with it by every rule of
/// the literature; it is no network for a device, because nothing in it spikes.
///
/// The dynamics (Marschall, Cho and Savin, "A unified framework of online learning algorithms for training recurrent
/// neural networks", JMLR 21, 2020, eqs 1 and 2):
///
///     h^t = W_rec a^{t−1} + W_in x^t + b
///     a^t = (1 − α) a^{t−1} + α tanh h^t           a^{−1} = 0 unless given
///     y^t = W_out a^t + b_out
///
/// The loss is that of every step alone, ½ Σ_k (y_k − y*_k)² or −Σ_k y*_k log softmax(y)_k, summed over the steps.
public struct RateNetwork: Sendable, Hashable {
  public typealias Projection = SpikingNetwork.Projection

  /// A C identifier, like every network's.
  public var name: String
  public var inputs: SpikingNetwork.Inputs
  public var population: Population
  /// At most one from the inputs to the population, one of the population onto itself, and one to the readout.
  public var projections: [Projection]
  public var readout: Readout
  public var loss: SpikingNetwork.Loss
  /// B of the learning signal q_j = Σ_k B_jk err_k.
  public var feedback: SpikingNetwork.Feedback
  /// Its schedule counts updates; streaming learning makes one at every step.
  public var optimiser: SpikingNetwork.Optimiser
  /// Trials may have at most this many steps.
  public var maximumSteps: Int

  /// The units.
  public struct Population: Sendable, Hashable {
    public var name: String
    /// n.
    public var count: Int
    /// α in (0, 1]: the share of a unit's activity that is new at every step.
    public var alpha: Double
    /// b, one per unit.
    public var bias: [Double]
    public var biasIsPlastic: Bool

    public init(name: String, count: Int, alpha: Double, bias: [Double], biasIsPlastic: Bool) {
      self.name = name
      self.count = count
      self.alpha = alpha
      self.bias = bias
      self.biasIsPlastic = biasIsPlastic
    }
  }

  /// Readouts without memory.
  public struct Readout: Sendable, Hashable {
    public var name: String
    public var count: Int
    /// b_out, one per readout.
    public var bias: [Double]
    public var biasIsPlastic: Bool

    public init(name: String, count: Int, bias: [Double], biasIsPlastic: Bool) {
      self.name = name
      self.count = count
      self.bias = bias
      self.biasIsPlastic = biasIsPlastic
    }
  }

  /// Without rules: for `Networks` itself, and for the built-in tasks. Everybody else validates a description.
  public init(
    unchecked name: String, inputs: SpikingNetwork.Inputs, population: Population, projections: [Projection],
    readout: Readout, loss: SpikingNetwork.Loss, feedback: SpikingNetwork.Feedback,
    optimiser: SpikingNetwork.Optimiser, maximumSteps: Int
  ) {
    self.name = name
    self.inputs = inputs
    self.population = population
    self.projections = projections
    self.readout = readout
    self.loss = loss
    self.feedback = feedback
    self.optimiser = optimiser
    self.maximumSteps = maximumSteps
  }
}

extension RateNetwork {
  /// What a projection is to the equations.
  public enum Role: Sendable, Hashable { case input, recurrent, output }

  /// W_in, W_rec or W_out.
  public static func role(of projection: Projection) -> Role {
    switch (projection.source, projection.target) {
    case (_, .readout): .output
    case (.inputs, .population): .input
    case (.population, .population): .recurrent
    }
  }

  /// The projection with this role, if there is one.
  public func projection(_ role: Role) -> Projection? { projections.first { Self.role(of: $0) == role } }
}
