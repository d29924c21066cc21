public import Diagnostics
import FloatReference
public import LearningRules
import Networks
import Randomness
import Trials

/// Times learning rules on networks of growing size: n LIF neurons, all connected, n inputs, two readouts. Spikes are
/// given, so that one in five neurons and inputs fires at every step whatever the weights, and the work of a step does not
/// depend on luck.
public enum RuleBenchmark {
  private static let steps = 30
  private static let repeats = 5

  /// Times a rule on spiking networks at three sizes, smaller ones for rules that grow faster than n².
  ///
  /// - Throws: what `SpikingRules.rule` finds.
  public static func time(_ choice: RuleChoice) throws(Findings) -> RuleTiming {
    let sizes = choice.entry.cost.exponent > 2 ? [16, 32, 64] : [128, 256, 512]
    var times: [Double] = []
    for size in sizes {
      let network = network(neurons: size)
      times.append(time(network, try SpikingRules.rule(choice, on: network, steps: steps)))
    }
    return RuleTiming(sizes: sizes, microsecondsPerStep: times)
  }

  /// The fastest of several runs, of the whole less the forward pass.
  private static func time(_ network: SpikingNetwork, _ rule: LearningRule) -> Double {
    let engine = ReferenceEngine(network, rule: rule)
    let trial = trial(sources: network.neuronCount)
    let raster = spikes(sources: network.neuronCount, stream: "neurons")
    let whole = fastest { engine.evaluate([trial], forcing: [raster]) }
    let forward = fastest { _ = engine.run([trial], forcing: [raster]) }
    return max(whole - forward, 1e-6) * 1000 / Double(steps)
  }

  /// Times e-prop 1 of long short-term memory units, as many inputs as units.
  public static func timeLongShortTermMemory() -> RuleTiming {
    let sizes = [16, 32, 64]
    let times = sizes.map { n in
      var generator = SplitMix64(seed: 1, stream: "rule benchmark")
      func draw(_ count: Int) -> [Double] { (0..<count).map { _ in generator.normal() / Double(n) } }
      let network = LongShortTermMemory(
        inputCount: n, unitCount: n, outputCount: 2, cellOutput: .identity, readoutDecay: 0.9,
        weights: (0..<4).map { _ in draw(n * (2 * n + 1)) }, readout: draw(2 * n))
      let (inputs, targets) = (draw(n * steps), draw(2 * steps))
      let whole = fastest { _ = network.ePropGradients(inputs, targets: targets) }
      let forward = fastest { _ = network.loss(inputs, targets: targets) }
      return max(whole - forward, 1e-6) * 1000 / Double(steps)
    }
    return RuleTiming(sizes: sizes, microsecondsPerStep: times)
  }

  /// Milliseconds.
  private static func fastest(_ work: () -> Void) -> Double {
    work()
    return (0..<repeats).map { _ in
      let start = ProcessorTime.milliseconds()
      work()
      return ProcessorTime.milliseconds() - start
    }.min() ?? 0
  }

  private static func network(neurons n: Int) -> SpikingNetwork {
    var generator = SplitMix64(seed: 1, stream: "rule benchmark")
    func draw(_ count: Int, _ scale: Double) -> [Double] { (0..<count).map { _ in scale * generator.normal() } }
    let scale = 0.5 / Double(n).squareRoot()
    func projection(
      _ name: String, _ source: SpikingNetwork.Projection.Source, _ target: SpikingNetwork.Projection.Target,
      _ post: Int
    ) -> SpikingNetwork.Projection {
      .init(
        name: name, source: source, target: target, weights: draw(post * n, scale), isPlastic: true,
        autapses: source == .population(0) && target == .population(0))
    }
    return SpikingNetwork(
      unchecked: "benchmark", timeStep: 1, convention: .paper2019, inputs: .init(count: n, kind: .spikes),
      populations: [
        .init(
          name: "cells", count: n, timeConstant: 20, threshold: 0.5, reset: .subtract, refractorySteps: 0,
          adaptation: nil)
      ],
      projections: [
        projection("input", .inputs, .population(0), n), projection("recurrent", .population(0), .population(0), n),
        projection("output", .population(0), .readout, 2),
      ],
      readout: .init(name: "readout", count: 2, timeConstant: 20, bias: [0, 0], biasIsPlastic: true),
      loss: .squaredError, feedback: .fixed(draw(2 * n, 1), origin: "random"),
      surrogate: .piecewiseLinear(dampening: 0.3), rateRegularisation: nil,
      optimiser: .init(kind: .sgd, learningRate: 0.01, schedule: .constant), maximumSteps: steps)
  }

  private static func trial(sources: Int) -> Trial {
    Trial(
      steps: steps, inputs: .spikes(spikes(sources: sources, stream: "inputs")),
      targets: [Double](repeating: 0.5, count: 2 * steps), mask: nil)
  }

  private static func spikes(sources: Int, stream: String) -> EventTrain {
    var generator = SplitMix64(seed: 1, stream: stream)
    var train = EventTrain(offsets: [0], sources: [])
    for _ in 0..<steps {
      for source in 0..<sources where generator.uniform() < 0.2 { train.sources.append(UInt16(source)) }
      train.offsets.append(train.sources.count)
    }
    return train
  }
}
