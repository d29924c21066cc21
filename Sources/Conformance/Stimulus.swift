public import Planning
public import Trials

/// Trials as the integers that a compiled network takes, and the order in which they are run.
public struct Stimulus: Sendable {
  public struct QuantisedTrial: Sendable {
    public var steps: Int
    /// Per step, the inputs that spike.
    public var spikes: [[UInt16]]
    /// Per step, the analog inputs; empty for spikes.
    public var values: [[Int8]]
    /// Per step, the targets, or nil where the loss does not count.
    public var targets: [[Int32]?]

    public init(steps: Int, spikes: [[UInt16]], values: [[Int8]], targets: [[Int32]?]) {
      self.steps = steps
      self.spikes = spikes
      self.values = values
      self.targets = targets
    }
  }

  /// Each distinct trial once.
  public var trials: [QuantisedTrial]
  /// Numbers of the trials that are run, one after the other.
  public var order: [Int]
  /// Whether the network learns after each trial.
  public var updates: Bool
  /// Whether every trial begins with a reset, or only the first: then they are stretches of one stream.
  public var resets = true
  /// 0, or the seed by which a machine cuts its updates into slices, of which the model knows nothing.
  public var slices: UInt32 = 0
  /// Places in `order` of trials that are run without learning all the same.
  public var withoutUpdate: Set<Int> = []

  /// Rounds inputs and targets into the plan's formats.
  public init(_ set: TrialSet, plan: FixedPlan, order: [Int]? = nil, updates: Bool) {
    trials = set.trials.map { Stimulus.quantise($0, plan: plan, outputs: set.outputCount) }
    self.order = order ?? Array(set.trials.indices)
    self.updates = updates && plan.learning != nil
  }

  /// Trials that are integers already.
  public init(quantised trials: [QuantisedTrial], order: [Int], updates: Bool) {
    self.trials = trials
    self.order = order
    self.updates = updates
  }

  /// Whether the network learns after the trial at a place in `order`.
  public func learns(at position: Int) -> Bool { updates && !withoutUpdate.contains(position) }

  /// Steps of the whole run.
  public var totalSteps: Int { order.reduce(0) { $0 + trials[$1].steps } }

  static func quantise(_ trial: Trial, plan: FixedPlan, outputs: Int) -> QuantisedTrial {
    var result = QuantisedTrial(steps: trial.steps, spikes: [], values: [], targets: [])
    let unit =
      plan.learning?.loss == .crossEntropy
      ? 32768 : Double(sign: .plus, exponent: plan.readout.fractionBits, significand: 1)
    let limit = Double(Fixed.targetLimit)
    var held: [Int8] = []
    for step in 0..<trial.steps {
      switch trial.inputs {
      case .spikes(let train):
        result.spikes.append(Array(train.sources[train.offsets[step]..<train.offsets[step + 1]]))
      case .analog(let values):
        let scale = Double(sign: .plus, exponent: plan.inputs.kind.fractionBits, significand: 1)
        let row = trial.row(of: step)
        if row * trial.holdSteps == step {
          held = values[row * plan.inputs.count..<(row + 1) * plan.inputs.count].map {
            Int8(max(-128, min(127, ($0 * scale).rounded())))
          }
        }
        result.values.append(held)
      }
      if trial.mask?[step] ?? true {
        result.targets.append(
          trial.targets[step * outputs..<(step + 1) * outputs].map {
            Int32(max(-limit, min(limit, ($0 * unit).rounded())))
          })
      } else {
        result.targets.append(nil)
      }
    }
    return result
  }
}

/// Which digests a run writes.
public struct DigestRhythm: Sendable, Hashable {
  /// Every n-th step, and the last of a trial.
  public var every: Int
  /// The learnt arrays every n-th step too; 0: only after updates.
  public var learntEvery: Int

  public init(every: Int = 1, learntEvery: Int = 0) {
    self.every = every
    self.learntEvery = learntEvery
  }

  /// Every array at every step for networks small enough, learnt arrays after updates for the others.
  public static func fitting(_ plan: FixedPlan, interval: Int = 1) -> DigestRhythm {
    let learnt = plan.memory.ram.filter { [.weight, .trace, .accumulator, .optimiser].contains($0.purpose) }
    let bytes = learnt.reduce(0) { $0 + $1.bytes }
    return DigestRhythm(every: interval, learntEvery: bytes <= 65536 ? interval * (bytes <= 4096 ? 1 : 50) : 0)
  }

  func isDue(_ step: Int, of steps: Int) -> Bool { step % every == 0 || step + 1 == steps }
  func learntIsDue(_ step: Int) -> Bool { learntEvery != 0 && step % learntEvery == 0 }
}

extension Stimulus {
  /// The bytes that a driver reads (`GeneratedNetwork.driver`).
  public func bytes(rhythm: DigestRhythm, dumpAt: Int? = nil) -> [UInt8] {
    var bytes = Self.header(
      trials: order.count, rhythm: rhythm, dumpAt: dumpAt, slices: slices, resets: resets)
    bytes.reserveCapacity(order.count * 16 * 1024)
    let encoded = trials.map(\.bytes)
    for (position, index) in order.enumerated() {
      bytes += encoded[index]
      bytes.append(learns(at: position) ? 1 : 0)
    }
    return bytes
  }

  /// What a stimulus of so many trials begins with.
  static func header(
    trials: Int, rhythm: DigestRhythm, dumpAt: Int? = nil, slices: UInt32 = 0, resets: Bool = true
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(0x5453_5045, 4)
    bytes.put(UInt32(truncatingIfNeeded: dumpAt ?? -1), 4)
    bytes.put(slices, 4)
    bytes.put(resets ? 1 : 0, 4)
    bytes.put(UInt32(rhythm.every), 4)
    bytes.put(UInt32(rhythm.learntEvery), 4)
    bytes.put(UInt32(trials), 4)
    return bytes
  }
}

extension Stimulus.QuantisedTrial {
  /// The trial as it stands in a stimulus, and whether the network learns from it.
  func bytes(learns: Bool) -> [UInt8] { bytes + [learns ? 1 : 0] }

  /// The trial alone.
  fileprivate var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(UInt32(steps), 4)
    for step in 0..<steps {
      if values.isEmpty {
        bytes.put(UInt32(spikes[step].count), 2)
        for source in spikes[step] { bytes.put(UInt32(source), 2) }
      } else {
        for value in values[step] { bytes.append(UInt8(bitPattern: value)) }
      }
      bytes.put(targets[step] == nil ? 0 : 1, 1)
      for value in targets[step] ?? [] { bytes.put(UInt32(bitPattern: value), 4) }
    }
    return bytes
  }
}

extension [UInt8] {
  /// Appends the lowest `count` bytes of a number, little-endian.
  fileprivate mutating func put(_ value: UInt32, _ count: Int) {
    for k in 0..<count { append(UInt8(truncatingIfNeeded: value >> UInt32(8 * k))) }
  }
}
