public import Networks
import Randomness
import Trials

/// Store and recall (Bellec, Scherr et al. 2019, task 1.2): keep a bit over periods of 200 ms.
///
/// Four groups of 25 Poisson inputs, 50 Hz while active: value 0, value 1, STORE, RECALL. Each of the 12 periods of a
/// trial shows a random bit; a STORE comes with probability 1/6 per period while nothing is stored, and a RECALL with
/// probability 1/6 in each later period until it has come. The loss and the decision are on the RECALL periods only.
///
/// What the paper leaves open: the value inputs are silent during RECALL; the value to keep is shown together with
/// STORE; a trial has at least one RECALL and no open STORE at its end; β = 0.1; a rate regulariser; and with so few
/// neurons a feedback fixed to the initial W_outᵀ is steadier than a random one.
public struct StoreRecall: BuiltInTask {
  /// The matrix B that a network starts with.
  public enum FeedbackChoice: String, Sendable, Hashable, CaseIterable {
    /// The transpose of the initial readout weights, fixed.
    case initialReadout = "initial-readout"
    /// N(0, 1/n), fixed.
    case random
  }

  /// How large the task is.
  public enum Size: String, Sendable, Hashable, CaseIterable {
    case paper
    /// Cut down until it can be learnt in the 2 KiB of RAM of the smallest boards: 3 + 3 neurons, 8 inputs, trials of 60
    /// steps, plain gradient descent.
    case small
  }

  public var feedback: FeedbackChoice
  public let size: Size
  public var name: String { size == .paper ? "store-recall" : "store-recall-small" }
  public var summary: String {
    size == .paper
      ? "store a bit and recall it seconds later (2019 paper, task 1.2)"
      : "the same in small, for boards with 2 KiB of RAM"
  }
  public var needs: String {
    size == .paper
      ? "10 LIF and 10 adaptive LIF neurons, 100 inputs, 2 readouts; 100 iterations of 128 trials of 2,400 steps"
      : "3 LIF and 3 adaptive LIF neurons, 8 inputs, 2 readouts; 100 iterations of 32 trials of 60 steps"
  }
  public var batch: Int { size == .paper ? 128 : 32 }
  public let iterations = 100
  public let score = TaskScore.misclassification
  public var deviceOptimiser: SpikingNetwork.Optimiser {
    size == .paper
      ? .init(kind: .factored(clip: 10), learningRate: 0.0015, schedule: .linearToZero(trials: 3000))
      : .init(kind: .sgd, learningRate: 0.01, schedule: .constant)
  }

  var periods: Int { size == .paper ? 12 : 4 }
  var periodSteps: Int { size == .paper ? 200 : 15 }
  var groupSize: Int { size == .paper ? 25 : 2 }
  var perPopulation: Int { size == .paper ? 10 : 3 }
  /// Of an active input, per step: 50 Hz; of the small one, whose groups are small and whose periods are short, 250 Hz.
  var probability: Double { size == .paper ? 0.05 : 0.25 }
  static let outputs = 2
  static let readoutTimeConstant = 20.0

  public init(feedback: FeedbackChoice = .initialReadout, size: Size = .paper) {
    self.feedback = feedback
    self.size = size
  }

  public func network(seed: UInt64) -> SpikingNetwork {
    let (count, inputs, outputs) = (perPopulation, 4 * groupSize, Self.outputs)
    let projections = projections(seed: seed)
    let matrix =
      switch feedback {
      case .initialReadout: transposedReadout(projections)
      case .random:
        Drawing.normals(2 * count * outputs, variance: 1 / Double(2 * count), seed: seed, stream: "feedback")
      }
    return SpikingNetwork(
      unchecked: name.replacing("-", with: "_"), timeStep: 1, convention: .paper2019,
      inputs: .init(count: inputs, kind: .spikes),
      populations: [
        population("lif", nil),
        population("alif", .init(strength: 0.1, timeConstant: size == .paper ? 1200 : 90)),
      ],
      projections: projections,
      readout: .init(
        name: "value", count: outputs, timeConstant: .common(Self.readoutTimeConstant),
        bias: Array(repeating: 0, count: outputs), biasIsPlastic: true),
      loss: .crossEntropy,
      feedback: .fixed(matrix, origin: feedback == .random ? "random, seed \(seed)" : "initial readout"),
      surrogate: .piecewiseLinear(dampening: 0.3), rateRegularisation: .init(coefficient: 5e-4, target: 10),
      optimiser: .init(
        kind: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), learningRate: 0.01,
        schedule: .stepwise(factor: 0.3, every: 100)),
      maximumSteps: periods * periodSteps)
  }

  private func population(
    _ name: String, _ adaptation: SpikingNetwork.Population.Adaptation?
  ) -> SpikingNetwork.Population {
    .init(
      name: name, count: perPopulation, timeConstant: 20, threshold: 0.5, reset: .subtract, refractorySteps: 5,
      adaptation: adaptation)
  }

  /// Onto each population from the inputs, N(0, 1/100), and from each population, N(0, 1/20); onto the readout N(0, 1/20).
  private func projections(seed: UInt64) -> [SpikingNetwork.Projection] {
    let (names, count, share) = (["lif", "alif"], perPopulation, 1 / Double(2 * perPopulation))
    let inputs = 4 * groupSize
    var projections: [SpikingNetwork.Projection] = []
    for post in 0..<2 {
      projections.append(
        .drawn(
          "input_to_\(names[post])", from: .inputs, inputs, to: .population(post), count,
          variance: 1 / Double(inputs), seed: seed))
    }
    for pre in 0..<2 {
      for post in 0..<2 {
        projections.append(
          .drawn(
            "\(names[pre])_to_\(names[post])", from: .population(pre), count, to: .population(post), count,
            variance: share, seed: seed))
      }
    }
    for pre in 0..<2 {
      projections.append(
        .drawn(
          "\(names[pre])_to_value", from: .population(pre), count, to: .readout, Self.outputs, variance: share,
          seed: seed))
    }
    return projections
  }

  /// W_outᵀ, [neurons × outputs], from the last two projections.
  private func transposedReadout(_ projections: [SpikingNetwork.Projection]) -> [Double] {
    projections.suffix(2).flatMap { projection in
      (0..<perPopulation).flatMap { i in (0..<Self.outputs).map { k in projection.weights[k * perPopulation + i] } }
    }
  }

  public func stream(seed: UInt64) -> TrialStream {
    TrialStream { number in trial(seed: seed, number: number) }
  }

  /// What happens in one period.
  struct Period {
    var bit: Int
    var stores = false
    /// The bit to recall.
    var recalls: Int?
  }

  func trial(seed: UInt64, number: Int) -> Trial {
    var generator = SplitMix64(seed: seed, stream: "trial \(number)")
    let script = drawScript(&generator)
    let steps = periods * periodSteps
    var (offsets, sources) = ([0], [UInt16]())
    var targets = [Double](repeating: 0, count: steps * Self.outputs)
    for step in 0..<steps {
      let period = script[step / periodSteps]
      fire(period.recalls != nil ? 3 : period.bit, &generator, &sources)
      if period.stores { fire(2, &generator, &sources) }
      offsets.append(sources.count)
      if let bit = period.recalls { targets[step * Self.outputs + bit] = 1 }
    }
    return Trial(
      steps: steps, inputs: .spikes(EventTrain(offsets: offsets, sources: sources)), targets: targets,
      mask: (0..<steps).map { script[$0 / periodSteps].recalls != nil })
  }

  /// One step of an active group.
  private func fire(_ group: Int, _ generator: inout SplitMix64, _ sources: inout [UInt16]) {
    for member in 0..<groupSize where generator.uniform() < probability {
      sources.append(UInt16(truncatingIfNeeded: group * groupSize + member))
    }
  }

  /// Drawn again until there is a RECALL and no STORE is left open.
  func drawScript(_ generator: inout SplitMix64) -> [Period] {
    while true {
      var (script, stored, recalls) = ([Period](), Int?.none, 0)
      for _ in 0..<periods {
        var period = Period(bit: generator.uniform() < 0.5 ? 0 : 1)
        if generator.uniform() < 1 / 6.0 {
          if let bit = stored {
            period.recalls = bit
            stored = nil
            recalls += 1
          } else {
            period.stores = true
            stored = period.bit
          }
        }
        script.append(period)
      }
      if recalls > 0, stored == nil { return script }
    }
  }
}
