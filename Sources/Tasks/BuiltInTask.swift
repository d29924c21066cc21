public import Networks
public import Trials

/// A task that comes with the compiler: a network to start from, trials without end, and a score.
public protocol BuiltInTask: Sendable {
  /// How the command line calls it.
  var name: String { get }
  /// One line.
  var summary: String { get }
  /// What a run of it takes: neurons, steps, batch, iterations.
  var needs: String { get }
  /// How many trials go into one iteration, and how many iterations a training has.
  var batch: Int { get }
  var iterations: Int { get }
  var score: TaskScore { get }
  /// What a compiled network of this task learns with on the device.
  var deviceOptimiser: SpikingNetwork.Optimiser { get }
  /// The untrained network with its initial weights drawn.
  func network(seed: UInt64) -> SpikingNetwork
  /// The trials of a seed, from the first.
  func stream(seed: UInt64) -> TrialStream
}

extension BuiltInTask {
  /// The first `count` trials of a seed's stream.
  public func trials(seed: UInt64, count: Int) -> TrialSet {
    let network = network(seed: seed)
    var stream = stream(seed: seed)
    return TrialSet(
      inputCount: network.inputs.count, outputCount: network.readout.count, trials: stream.next(count))
  }
}

/// Trials one after the other: the same sequence for the same seed, however it is cut into batches.
public struct TrialStream: Sendable {
  private let make: @Sendable (Int) -> Trial
  private var position = 0

  /// `make` gives the trial of each number from 0.
  public init(_ make: @escaping @Sendable (Int) -> Trial) { self.make = make }

  /// The trial of a number from 0, wherever the stream stands.
  public subscript(number: Int) -> Trial { make(number) }

  /// The next `count` trials.
  public mutating func next(_ count: Int) -> [Trial] {
    defer { position += count }
    return (position..<position + count).map(make)
  }
}

/// The built-in tasks.
public enum BuiltInTasks {
  public static let all: [any BuiltInTask] = [
    PatternGeneration(), StoreRecall(), StoreRecall(size: .small), EvidenceAccumulation(), Blink(), SteadyLoad(),
  ]

  /// The task of a name, or nil.
  public static func named(_ name: String) -> (any BuiltInTask)? { all.first { $0.name == name } }
}
