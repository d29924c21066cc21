/// What the user of the compiler may ask for; everything else follows from the network.
public struct PlanOptions: Sendable, Hashable {
  public enum Block: Sendable, Hashable {
    /// A trial is one block: no per-synapse state but the weight.
    case trial
    /// Blocks of so many steps, with exact carry.
    case steps(Int)
  }
  public enum Scale: String, Sendable, Hashable, CaseIterable {
    /// Per postsynaptic neuron where nothing that drives the population is plastic, else common.
    case automatic
    /// One weight LSB per projection, a power of two times v_th.
    case common
    /// One weight LSB per postsynaptic neuron: its threshold in LSB of v is fitted to its largest weight.
    case perNeuron = "per-neuron"
  }

  public enum SecondMoments: String, Sendable, Hashable, CaseIterable {
    /// As the network's optimiser has them.
    case described
    /// Of the factored optimiser those per postsynaptic neuron alone: fewer bytes, steps a little less well scaled.
    case postsynaptic
  }

  public var inferenceOnly = false
  public var weightBits = 8
  /// Bits of each of a synapse's two moments, with Adam: 16 or 8.
  public var momentBits = 16
  public var secondMoments = SecondMoments.described
  public var block = Block.trial
  public var updateTime = LearningPlan.UpdateTime.trial
  /// An update every so many steps of a trial, a multiple of the block's; nil: as `updateTime` says.
  public var updateSteps: Int?
  public var scale = Scale.automatic
  /// No trials: blocks of `block` steps follow each other for ever, each learnt from at once.
  public var isStream = false
  /// W′: errors of a stream are credited to the last so many steps only, without carried traces; nil: to all, exactly.
  public var window: Int?
  public var history = Layout.History.storedSurrogate
  /// Bits in which the surrogate derivatives of a block are stored: 8, 4 or 1.
  public var surrogateBits = 8
  public var tile = 8
  public var kernels = Layout.Kernels.portable
  /// Largest |y − y*| that the squared error need represent; beyond it the error saturates.
  public var errorRange = 32.0
  /// Room in the record of a block, as a rate per input and per neuron in Hz; at least four events each.
  public var recordedRate = 100.0
  /// The same for the inputs alone; nil: as `recordedRate`.
  public var recordedInputRate: Double?
  /// v_th is at least 2^thresholdBits LSB of v.
  public var thresholdBits = 8

  public init() {}
}
