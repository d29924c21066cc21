import Foundation
public import Networks
import Randomness
import Trials

/// Accumulation of evidence (Bellec, Scherr et al. 2020, figure 3 and the authors' tutorial for it): seven cues, each on the
/// left or on the right, and after a delay the side with more of them has to be recalled.
///
/// 40 Poisson inputs in four groups of 10: left, right, recall, background. A trial favours one side, drawn evenly; each
/// cue is on that side with probability 0.7. A cue lasts 100 ms in an interval of 150 ms (silent first) and its group fires
/// at 40 Hz; 1,200 ms follow, in the last 150 of which the recall group fires at 40 Hz; the background fires at 10 Hz
/// throughout. The loss and the decision are on the recall.
///
/// 50 LIF and 50 adaptive LIF neurons with τ_a = 2,000 ms, drawn as there: W ~ N(0, 1/fan-in), W_out uniform in
/// ±√(6 / 102), B ~ N(0, 1). The loss is the sum over the 150 steps of the recall, where the tutorial has the mean, and the
/// coefficient of the rate regulariser is 150 times the tutorial's 1: with Adam that is the same learning, and it can be
/// compiled.
public struct EvidenceAccumulation: BuiltInTask {
  public let name = "evidence-accumulation"
  public let summary = "count cues on two sides and recall the winner a second later (2020 paper, figure 3)"
  public let needs =
    "50 LIF and 50 adaptive LIF neurons, 40 inputs, 2 readouts; 200 iterations of 64 trials of 2,250 steps"
  public let batch = 64
  public let iterations = 200
  public let score = TaskScore.misclassification
  public let deviceOptimiser = SpikingNetwork.Optimiser(
    kind: .factored(clip: 10), learningRate: 0.0005, schedule: .linearToZero(trials: 12800))

  static let cues = 7
  static let cueSteps = 100
  static let intervalSteps = 150
  static let steps = cues * intervalSteps + 1200
  static let recallSteps = 150
  static let groupSize = 10
  static let perPopulation = 50
  static let outputs = 2
  static let adaptationTimeConstant = 2000.0
  static let membraneTimeConstant = 20.0

  public init() {}

  public func network(seed: UInt64) -> SpikingNetwork {
    let (neurons, outputs) = (2 * Self.perPopulation, Self.outputs)
    // Chosen by the authors so that a neuron's threshold stays in the range of its potential.
    let strength = 1.7 * rate(Self.adaptationTimeConstant) / rate(Self.membraneTimeConstant)
    var convention = Convention.tfEvidenceAccumulation
    convention.lossReduction = .sum
    return SpikingNetwork(
      unchecked: "evidence_accumulation", timeStep: 1, convention: convention,
      inputs: .init(count: 4 * Self.groupSize, kind: .spikes),
      populations: [
        Self.population("lif", nil),
        Self.population("alif", .init(strength: strength, timeConstant: .common(Self.adaptationTimeConstant))),
      ],
      projections: Self.projections(seed: seed),
      readout: .init(
        name: "side", count: outputs, timeConstant: 20, bias: Array(repeating: 0, count: outputs), biasIsPlastic: false),
      loss: .crossEntropy,
      feedback: .fixed(
        Drawing.normals(neurons * outputs, variance: 1, seed: seed, stream: "feedback"), origin: "random, seed \(seed)"),
      surrogate: .piecewiseLinear(dampening: 0.3),
      rateRegularisation: .init(coefficient: Double(Self.recallSteps), target: 10),
      optimiser: .init(
        kind: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), learningRate: 0.005, schedule: .constant),
      maximumSteps: Self.steps)
  }

  /// 1 − exp(−Δt/τ).
  private func rate(_ timeConstant: Double) -> Double { 1 - exp(-1 / timeConstant) }

  private static func population(
    _ name: String, _ adaptation: SpikingNetwork.Population.Adaptation?
  ) -> SpikingNetwork.Population {
    .init(
      name: name, count: perPopulation, timeConstant: .common(membraneTimeConstant), threshold: 0.6, reset: .subtract,
      refractorySteps: 5, adaptation: adaptation)
  }

  private static func projections(seed: UInt64) -> [SpikingNetwork.Projection] {
    let (names, count, inputs) = (["lif", "alif"], perPopulation, 4 * groupSize)
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
            variance: 1 / Double(2 * count), seed: seed))
      }
    }
    for pre in 0..<2 { projections.append(readoutProjection(pre, named: "\(names[pre])_to_side", seed: seed)) }
    return projections
  }

  private static func readoutProjection(
    _ population: Int, named name: String, seed: UInt64
  ) -> SpikingNetwork.Projection {
    let bound = (6 / Double(2 * perPopulation + outputs)).squareRoot()
    var generator = SplitMix64(seed: seed, stream: name)
    return SpikingNetwork.Projection(
      name: name, source: .population(population), target: .readout,
      weights: (0..<perPopulation * outputs).map { _ in bound * (2 * generator.uniform() - 1) }, isPlastic: true,
      autapses: false)
  }

  public func stream(seed: UInt64) -> TrialStream {
    TrialStream { number in Self.trial(seed: seed, number: number) }
  }

  static func trial(seed: UInt64, number: Int) -> Trial {
    var generator = SplitMix64(seed: seed, stream: "trial \(number)")
    let favoursRight = generator.uniform() < 0.5
    let sides = (0..<cues).map { _ in (generator.uniform() < 0.7) == favoursRight ? 1 : 0 }
    let winner = 2 * sides.reduce(0, +) > cues ? 1 : 0
    var (offsets, sources) = ([0], [UInt16]())
    var targets = [Double](repeating: 0, count: steps * outputs)
    for step in 0..<steps {
      let (interval, within) = (step / intervalSteps, step % intervalSteps)
      if interval < cues, within >= intervalSteps - cueSteps { fire(sides[interval], 0.04, &generator, &sources) }
      if step >= steps - recallSteps {
        fire(2, 0.04, &generator, &sources)
        targets[step * outputs + winner] = 1
      }
      fire(3, 0.01, &generator, &sources)
      offsets.append(sources.count)
    }
    return Trial(
      steps: steps, inputs: .spikes(EventTrain(offsets: offsets, sources: sources)), targets: targets,
      mask: (0..<steps).map { $0 >= steps - recallSteps })
  }

  /// One step of a group whose members fire with the given probability.
  private static func fire(
    _ group: Int, _ probability: Double, _ generator: inout SplitMix64, _ sources: inout [UInt16]
  ) {
    for member in 0..<groupSize where generator.uniform() < probability {
      sources.append(UInt16(truncatingIfNeeded: group * groupSize + member))
    }
  }
}
