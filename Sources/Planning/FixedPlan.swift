/// Everything decided: every format, shift, table, bound, schedule and initial integer of a network.
///
/// What the integers of a plan mean, step by step, is `Semantics.md` beside this file; the integer model and the C back
/// end both follow it and share nothing else. Fields that change memory or speed but no bit of any result are in
/// `Layout`.
public struct FixedPlan: Sendable, Hashable {
  /// The network's name, a C identifier.
  public var name: String
  /// Δt in ms, for people only.
  public var timeStep: Double
  /// T, the longest trial in steps.
  public var maximumSteps: Int
  public var inputs: InputPlan
  public var populations: [PopulationPlan]
  /// First those into populations, in the order of the populations, then those into the readout.
  public var projections: [ProjectionPlan]
  public var readout: ReadoutPlan
  /// nil: inference only.
  public var learning: LearningPlan?
  public var layout: Layout
  /// What the planner proved, with the figure; the generated code prints these.
  public var bounds: [Bound]
  /// What a reader of the plan should know: time constants as realised, weights clipped, …
  public var notes: [String]

  /// N.
  public var neuronCount: Int { populations.reduce(0) { $0 + $1.count } }

  package init(
    name: String, timeStep: Double, maximumSteps: Int, inputs: InputPlan, populations: [PopulationPlan],
    projections: [ProjectionPlan], readout: ReadoutPlan, learning: LearningPlan?, layout: Layout, bounds: [Bound],
    notes: [String]
  ) {
    self.name = name
    self.timeStep = timeStep
    self.maximumSteps = maximumSteps
    self.inputs = inputs
    self.populations = populations
    self.projections = projections
    self.readout = readout
    self.learning = learning
    self.layout = layout
    self.bounds = bounds
    self.notes = notes
  }
}

/// One value for all neurons of a population, or one for each.
public enum PerNeuron: Sendable, Hashable {
  case common(Int32)
  case each([Int32])

  /// The common value where all are equal.
  package init(_ values: [Int32]) {
    self = Set(values).count == 1 ? .common(values[0]) : .each(values)
  }

  /// The value of neuron `index` of the population.
  public subscript(index: Int) -> Int32 {
    switch self {
    case .common(let value): value
    case .each(let values): values[index]
    }
  }
}

/// A decay by the fraction `factor` / 2^(15 + shift) per step (`decay` of Arithmetic.md).
public struct DecayPlan: Sendable, Hashable {
  public var factor: Int32
  public var shift: Int

  package init(
    factor: Int32, shift: Int
  ) {
    self.factor = factor
    self.shift = shift
  }
}

/// The decay of all units of a population or of the readout, or one for each of them.
public enum Decays: Sendable, Hashable {
  case common(DecayPlan)
  case each([DecayPlan])

  /// The common decay where all are equal.
  package init(_ decays: [DecayPlan]) {
    self = Set(decays).count == 1 ? .common(decays[0]) : .each(decays)
  }

  /// The decay of unit `index`.
  public subscript(index: Int) -> DecayPlan {
    switch self {
    case .common(let decay): decay
    case .each(let decays): decays[index]
    }
  }

  /// The decays there are: one for all, or those of all units.
  public var all: [DecayPlan] {
    switch self {
    case .common(let decay): [decay]
    case .each(let decays): decays
    }
  }

  /// Of the slowest: the least 1 − κ as realised.
  public var slowestRate: Double { all.map(\.rate).min() ?? 1 }
}

public struct InputPlan: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case spikes
    /// An int8 in format Q`fractionBits`, 0 … 12.
    case analog(fractionBits: Int)
  }
  public var count: Int
  public var kind: Kind
  /// H, for how many steps analog inputs stay: they are taken in the steps whose t is a multiple of it. 1 … 255.
  public var holdSteps: Int

  package init(
    count: Int, kind: Kind, holdSteps: Int = 1
  ) {
    self.count = count
    self.kind = kind
    self.holdSteps = holdSteps
  }
}

extension FixedPlan {
  /// Whether analog inputs stay for more than a step.
  public var holdsInputs: Bool { inputs.kind != .spikes && inputs.holdSteps > 1 }

  /// How many values of each input a record of so many steps has.
  public func frameCount(steps: Int) -> Int { (steps + inputs.holdSteps - 1) / inputs.holdSteps }
}

public struct PopulationPlan: Sendable, Hashable {
  public enum Reset: Sendable, Hashable {
    /// v − amount, the amount being v_th / α so that the decay of the next step makes it v_th.
    case subtract(PerNeuron)
    case zero
    /// v is this after a spike.
    case value(PerNeuron)
    /// v is 0 after a spike and in the step behind it; `refractorySteps` is at least 1.
    case hold
  }

  public var name: String
  /// Number of the first neuron.
  public var first: Int
  public var count: Int
  /// α in Q15.
  public var leak: PerNeuron
  /// 1 − α, for the presynaptic traces of a block length below T.
  public var traceDecay: Decays
  /// v_th in LSB of v; between 2^8 and 2^14.
  public var threshold: PerNeuron
  /// 2^24 / v_th, nearest: turns LSB of v into steps of ψ.
  public var surrogateScale: PerNeuron
  /// v = A fires.
  public var firesAtThreshold: Bool
  public var reset: Reset
  /// Steps after a spike in which the neuron is silent.
  public var refractorySteps: Int
  public var adaptation: AdaptationPlan?
  /// I, through which the drive flows; nil where it goes to v at once.
  public var current: CurrentPlan?
  /// The drive in LSB of v (of I where there is a current) is the accumulator times 2^driveShift; negative: rounded to nearest.
  public var driveShift: Int
  /// What is added to v (to I where there is a current) at every step, in LSB of it; nil for nothing.
  public var bias: PerNeuron?
  /// Largest |accumulator|, proven from the weight range; decides its width in C.
  public var accumulatorBound: Int64
  /// Real value of one LSB of v.
  public var lsb: [Double]

  package init(
    name: String, first: Int, count: Int, leak: PerNeuron, traceDecay: Decays, threshold: PerNeuron,
    surrogateScale: PerNeuron, firesAtThreshold: Bool, reset: Reset, refractorySteps: Int, adaptation: AdaptationPlan?,
    current: CurrentPlan? = nil, driveShift: Int, bias: PerNeuron? = nil, accumulatorBound: Int64, lsb: [Double]
  ) {
    self.name = name
    self.first = first
    self.count = count
    self.leak = leak
    self.traceDecay = traceDecay
    self.threshold = threshold
    self.surrogateScale = surrogateScale
    self.firesAtThreshold = firesAtThreshold
    self.reset = reset
    self.refractorySteps = refractorySteps
    self.adaptation = adaptation
    self.current = current
    self.driveShift = driveShift
    self.bias = bias
    self.accumulatorBound = accumulatorBound
    self.lsb = lsb
  }
}

public struct AdaptationPlan: Sendable, Hashable {
  public var decay: Decays
  /// β in LSB of the adaptation.
  public var increment: PerNeuron
  /// Fraction bits of the adaptation below the LSB of v.
  public var fractionBits: Int
  /// γ_eff β in Q15: how strongly a neuron's own spike raises its threshold, seen through ψ.
  public var surrogateStrength: Int32

  package init(
    decay: Decays, increment: PerNeuron, fractionBits: Int, surrogateStrength: Int32
  ) {
    self.decay = decay
    self.increment = increment
    self.fractionBits = fractionBits
    self.surrogateStrength = surrogateStrength
  }
}

public struct ProjectionPlan: Sendable, Hashable {
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
  /// Its spikes arrive in their own step instead of the next; the target is a later population than the source.
  public var isImmediate: Bool
  public var preCount: Int
  public var postCount: Int
  /// 4, 6, 8 or 16.
  public var weightBits: Int
  /// [pre × post]: the column of a presynaptic neuron is contiguous. Initial values.
  public var weights: [Int16]
  /// Which synapses exist; nil: all (but for a skipped diagonal).
  public var sparsity: SparsityPlan?
  public var isPlastic: Bool
  /// A population onto itself without its diagonal.
  public var skipsDiagonal: Bool
  /// Shift of this projection's sum on its way into the accumulator, ≥ 0.
  public var shift: Int
  /// Real weight of one LSB, one value or one per postsynaptic neuron.
  public var lsb: [Double]
  /// Real gradient dE/dW of one LSB of g; 0 without learning.
  public var gradientLSB: Double
  /// How g becomes a step; nil for frozen projections.
  public var step: StepPlan?
  /// Added to `pre · postCount + post` to give the key of a synapse's rounding threshold.
  public var roundingSalt: UInt32

  package init(
    name: String, source: Source, target: Target, isImmediate: Bool = false, preCount: Int, postCount: Int,
    weightBits: Int, weights: [Int16], sparsity: SparsityPlan? = nil, isPlastic: Bool, skipsDiagonal: Bool, shift: Int,
    lsb: [Double], gradientLSB: Double, step: StepPlan?,
    roundingSalt: UInt32
  ) {
    self.name = name
    self.source = source
    self.target = target
    self.isImmediate = isImmediate
    self.preCount = preCount
    self.postCount = postCount
    self.weightBits = weightBits
    self.weights = weights
    self.sparsity = sparsity
    self.isPlastic = isPlastic
    self.skipsDiagonal = skipsDiagonal
    self.shift = shift
    self.lsb = lsb
    self.gradientLSB = gradientLSB
    self.step = step
    self.roundingSalt = roundingSalt
  }
}

extension ProjectionPlan {
  /// The second moments of large projections are estimated from every n-th row of eight synapses in turn, where all synapses
  /// exist.
  public var momentStride: Int { sparsity == nil && preCount >= 32 && postCount >= 32 ? 4 : 1 }
  /// Steps are in units of 2^-stepBits LSB.
  public var stepBits: Int { if case .sgd = step { 16 } else { weightBits <= 8 ? 16 : 8 } }
}

/// Learning rates as integers. Both are multiplied by the schedule's factor (Q16) before use.
public enum StepPlan: Sendable, Hashable {
  /// Per postsynaptic neuron (or one for all), in 2^-16 LSB: the step at g = rms, and the largest step.
  case factored(unit: [UInt32], limit: [UInt32])
  /// The same without means of g² per presynaptic neuron.
  case postsynaptic(unit: [UInt32], limit: [UInt32])
  /// Two moments per synapse, in units of their own for each postsynaptic neuron.
  case adam(AdamPlan)
  /// step = g · multiplier / 2^exponent in 2^-16 LSB, per postsynaptic neuron (or one for all).
  case sgd(multiplier: [UInt32], exponent: Int)
}

public struct ReadoutPlan: Sendable, Hashable {
  public var name: String
  public var count: Int
  public var decay: Decays
  /// y in Q`fractionBits`, int32.
  public var fractionBits: Int
  /// Shift of a readout weight on its way into y, ≥ 0.
  public var shift: Int
  /// b in y's format.
  public var bias: [Int32]
  public var biasIsPlastic: Bool
  /// |b| never exceeds this.
  public var biasLimit: Int32
  /// For a plastic bias: unit and limit, or multiplier and exponent, in LSB (not 2^-16 LSB) of b.
  public var biasStep: StepPlan?

  package init(
    name: String, count: Int, decay: Decays, fractionBits: Int, shift: Int, bias: [Int32], biasIsPlastic: Bool,
    biasLimit: Int32, biasStep: StepPlan?
  ) {
    self.name = name
    self.count = count
    self.decay = decay
    self.fractionBits = fractionBits
    self.shift = shift
    self.bias = bias
    self.biasIsPlastic = biasIsPlastic
    self.biasLimit = biasLimit
    self.biasStep = biasStep
  }
}

public struct LearningPlan: Sendable, Hashable {
  public enum Loss: Sendable, Hashable {
    /// err = (y − y*) / 2^errorShift.
    case squaredError
    /// err = softmax(y) − target, in Q15.
    case crossEntropy
  }
  public enum UpdateTime: Sendable, Hashable {
    /// In `update`, from all of the trial.
    case trial
    /// As soon as a block is processed.
    case block
    /// After every so many blocks of a trial, and in `update` from what is left; at least 2.
    case blocks(Int)
  }
  public enum Feedback: Sendable, Hashable {
    /// B, [neurons × outputs] of the whole network.
    case fixed([Int8])
    /// B = W_out at the time of use; 16-bit weights give their upper 8 bits.
    case symmetric
  }
  public enum Schedule: Sendable, Hashable {
    case constant
    case linearToZero(trials: UInt32)
    /// The same, but the factor is never below `floor` / 2^16.
    case linearToFloor(trials: UInt32, floor: UInt32)
    /// The factor is multiplied by `factor` / 2^16 every `every` updates.
    case stepwise(factor: UInt32, every: UInt32)
  }
  /// Pulls the spike count of a neuron towards a target.
  public struct RatePlan: Sendable, Hashable {
    /// reg = (count · (perSpike / steps) − constant) / 2^8.
    public var perSpike: Int64
    public var constant: Int64
    /// |reg| never exceeds this.
    public var limit: Int32

    package init(
      perSpike: Int64, constant: Int64, limit: Int32
    ) {
      self.perSpike = perSpike
      self.constant = constant
      self.limit = limit
    }
  }
  public struct PopulationLearning: Sendable, Hashable {
    /// H = Σ B F / 2^feedbackShift, nearest.
    public var feedbackShift: Int
    /// δ = S / 2^deltaShift: nearest and saturated to int16; 16, the upper half, where S fades (`FixedPlan.fades`).
    public var deltaShift: Int
    /// P, the worth of a synaptic current, is in units of 2^currentShift of those of S; 0 without a current.
    public var currentShift: Int
    /// Of the filtered trace ē, for a block length below T.
    public var traceFractionBits: Int
    public var rate: RatePlan?
    /// Real learning signal of one LSB of H.
    public var signalLSB: Double
    /// Real ψ of one step of ψ.
    public var surrogateLSB: Double

    package init(
      feedbackShift: Int, deltaShift: Int, currentShift: Int = 0, traceFractionBits: Int, rate: RatePlan?,
      signalLSB: Double,
      surrogateLSB: Double
    ) {
      self.feedbackShift = feedbackShift
      self.deltaShift = deltaShift
      self.currentShift = currentShift
      self.traceFractionBits = traceFractionBits
      self.rate = rate
      self.signalLSB = signalLSB
      self.surrogateLSB = surrogateLSB
    }
  }

  /// W, the block length in steps; T when a trial is one block.
  public var blockSteps: Int
  /// No trials: blocks follow each other for ever, and the weights change after each.
  public var isStream: Bool
  /// W′, the steps before a block that its errors are credited to besides its own, of a stream without carried traces; 0: all
  /// steps, by carried traces.
  public var windowSteps: Int
  /// Bits in which ψ is recorded: 8, 4 or 1.
  public var surrogateBits: Int
  public var updateTime: UpdateTime
  public var loss: Loss
  /// y to err, for the squared error.
  public var errorShift: Int
  /// Real value of one LSB of err is 2^-errorFractionBits.
  public var errorFractionBits: Int
  /// F = Ē / 2^filteredShift, nearest, saturated to int16.
  public var filteredShift: Int
  public var feedback: Feedback
  public var populations: [PopulationLearning]
  public var schedule: Schedule
  /// Number of updates over which the second moments are averaged.
  public var momentWindow: UInt32
  /// |g| never exceeds this when it is used.
  public var gradientLimit: Int32
  /// Events that the record of one block holds; a fuller block is not learnt from.
  public var inputEventCapacity: Int
  public var spikeCapacity: Int
  /// Whether inputs are recorded at all.
  public var recordsInputs: Bool

  /// Whether traces are carried from block to block: a trial can have several, and credit is not cut off by a window.
  public func carries(maximumSteps: Int) -> Bool { (isStream || blockSteps < maximumSteps) && windowSteps == 0 }

  /// Steps that the record holds.
  public var recordSteps: Int { blockSteps + windowSteps }

  package init(
    blockSteps: Int, isStream: Bool = false, windowSteps: Int = 0, surrogateBits: Int = 8, updateTime: UpdateTime,
    loss: Loss, errorShift: Int, errorFractionBits: Int, filteredShift: Int,
    feedback: Feedback, populations: [PopulationLearning], schedule: Schedule, momentWindow: UInt32,
    gradientLimit: Int32, inputEventCapacity: Int, spikeCapacity: Int, recordsInputs: Bool = true
  ) {
    self.blockSteps = blockSteps
    self.isStream = isStream
    self.windowSteps = windowSteps
    self.surrogateBits = surrogateBits
    self.updateTime = updateTime
    self.loss = loss
    self.errorShift = errorShift
    self.errorFractionBits = errorFractionBits
    self.filteredShift = filteredShift
    self.feedback = feedback
    self.populations = populations
    self.schedule = schedule
    self.momentWindow = momentWindow
    self.gradientLimit = gradientLimit
    self.inputEventCapacity = inputEventCapacity
    self.spikeCapacity = spikeCapacity
    self.recordsInputs = recordsInputs
  }
}

/// Choices that change bytes and instructions and no result.
public struct Layout: Sendable, Hashable {
  public enum History: Sendable, Hashable {
    /// ψ of every neuron and step, in `LearningPlan.surrogateBits` bits each.
    case storedSurrogate
    /// Events only; v and ψ are computed again when a neuron's turn comes.
    case replay
  }
  /// What the kernels are made of. The C is C99 either way and runs everywhere.
  public enum Kernels: String, Sendable, Hashable, CaseIterable {
    /// Plain C.
    case portable
    /// The DSP instructions of Armv7E-M, each by a function of `eprop_armv7em.h` that is defined in C.
    case armv7em = "armv7e-m"
  }
  public var history: History
  /// Neurons per pass of the update.
  public var tile: Int
  public var kernels: Kernels

  package init(
    history: History, tile: Int, kernels: Kernels = .portable
  ) {
    self.history = history
    self.tile = tile
    self.kernels = kernels
  }
}

/// One thing that the planner proved.
public struct Bound: Sendable, Hashable {
  /// What is bounded, in the words of Semantics.md.
  public var quantity: String
  public var largest: Int64
  /// The type that holds it.
  public var limit: Int64
  /// Why.
  public var reason: String

  package init(
    quantity: String, largest: Int64, limit: Int64, reason: String
  ) {
    self.quantity = quantity
    self.largest = largest
    self.limit = limit
    self.reason = reason
  }
}

/// Format constants that Semantics.md fixes for every plan.
public enum Fixed {
  /// Fraction bits of a presynaptic trace ẑ.
  public static let traceBits = 12
  /// Fraction bits of a coefficient in a carry sweep.
  public static let coefficientBits = 12
  /// Fraction bits of ε.
  public static let adaptationTraceBits = 4
  /// |ε| never exceeds this.
  public static let adaptationTraceLimit: Int64 = 1 << 24
  /// |S| and |Q| of an adaptive neuron never exceed this.
  public static let sweepLimit: Int64 = 1 << 30
  /// Fraction bits of the presynaptic traces of the readout.
  public static let readoutTraceBits = 8
  /// What ψ > 0 counts for where ψ is recorded in one bit: the mean of ψ over the potentials at which it is not 0.
  public static let surrogateLevel: Int32 = 128
  /// Targets are saturated to ± this before they are compared with y.
  public static let targetLimit: Int32 = 1 << 30
  /// Quantised gradients t are in −2^11 … 2^11 − 1.
  public static let quantisedGradientLimit = 2048
  /// Fraction bits of the second moments.
  public static let momentBits = 8
  /// The exponent of quantised gradients never exceeds this.
  public static let exponentLimit = 18
  /// The gradients' exponent rises from this mean square of t on, in the moments' format, and falls below a quarter of it.
  public static let momentTop: UInt64 = 1 << 22
  /// Fraction bits of the ratio of Adam's first moment to the root of the second.
  public static let ratioBits = 12
  /// Bits below the highest one in a code of Adam's second moment, of 16 and of 8 bits.
  public static let wideMantissaBits = 11
  public static let narrowMantissaBits = 3
  /// Fraction bits of the shares by which Adam's moments move.
  public static let firstShareBits = 20
  public static let secondShareBits = 30
  /// Adam's exponents are kept with this added, as 1 to `adamExponentLimit`; 0: nothing is known.
  public static let adamExponentOffset = 13
  public static let adamExponentLimit = 31
  /// The largest gradient of a neuron of which nothing was known has so many bits in the units of the exponent that follows.
  public static let adamGradientBits = 12
  /// Adam's exponents rise where a neuron's largest second moment has come to this, and sink where it is below a quarter.
  public static let adamTop: UInt32 = 1 << 24
  /// Added to a word of thresholds to make another one.
  public static let quarterTurn: UInt32 = 1 << 30
  /// Synapses of a source onto neighbours that share one hash.
  public static let hashedLanes = 8
}
