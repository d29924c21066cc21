/// What `epropc rules` says of a learning rule. Every module that has rules lists its entries; this type is all that the
/// tools know of them.
public struct RuleEntry: Sendable, Hashable {
  /// What `--rule` and `--rules` call it: lower case, words joined by hyphens. A rule with a parameter is called
  /// `name:value`.
  public var name: String
  /// One line, for people.
  public var summary: String
  /// What it computes, in the symbols of the sources.
  public var equation: String
  /// Where it was published, with the number of the equation or section where there is one.
  public var source: String
  /// Operations per step, beyond those of the forward pass.
  public var cost: Growth
  /// Numbers that are kept beyond the weights and the gradient.
  public var memory: Growth
  /// The networks that it is defined for.
  public var networks: [NetworkKind]
  /// Why it is not defined for others, as the end of a sentence.
  public var elsewhere: String?
  /// Whether `epropc train` can train with it.
  public var trains: Bool
  /// The number behind the colon, for rules that have one.
  public var parameter: Parameter?
  /// The tensors that a file of `--draws` may hold for it.
  public var draws: [Draw]

  public init(
    name: String, summary: String, equation: String, source: String, cost: Growth, memory: Growth,
    networks: [NetworkKind], elsewhere: String? = nil, trains: Bool = true, parameter: Parameter? = nil,
    draws: [Draw] = []
  ) {
    self.name = name
    self.summary = summary
    self.equation = equation
    self.source = source
    self.cost = cost
    self.memory = memory
    self.networks = networks
    self.elsewhere = elsewhere
    self.trains = trains
    self.parameter = parameter
    self.draws = draws
  }

  /// How something grows with the number n of neurons; inputs are taken to grow with them, readouts not.
  public struct Growth: Sendable, Hashable {
    /// What stands in O(…), as `n⁴`, `m n²` or `n T`.
    public var order: String
    /// The exponent of n in it.
    public var exponent: Double
    public init(_ order: String, exponent: Double) {
      self.order = order
      self.exponent = exponent
    }
  }

  /// The one whole number that a rule may have.
  public struct Parameter: Sendable, Hashable {
    /// What it is, as `steps per window`.
    public var meaning: String
    public var least: Int
    /// Without a colon.
    public var byDefault: Int
    public init(_ meaning: String, least: Int, byDefault: Int) {
      self.meaning = meaning
      self.least = least
      self.byDefault = byDefault
    }
  }

  /// A tensor of random numbers or initial values that can be given in place of drawn ones.
  public struct Draw: Sendable, Hashable {
    /// The tensor's name behind `<rule>.`.
    public var tensor: String
    /// Its shape in words, as `[windows, neurons, outputs]`.
    public var shape: String
    public var meaning: String
    public init(tensor: String, shape: String, meaning: String) {
      self.tensor = tensor
      self.shape = shape
      self.meaning = meaning
    }
  }
}

/// The kinds of network that there are rules for.
public enum NetworkKind: String, Sendable, Hashable, CaseIterable {
  /// LIF and adaptive LIF neurons: what `epropc compile` takes.
  case spiking
  /// Leaky tanh units.
  case rate
  /// Long short-term memory units, in the reference only.
  case lstm
}
