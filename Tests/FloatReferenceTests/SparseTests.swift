import FloatReference
import Networks
import Randomness
import Tasks
import Testing
import Training
import Trials

/// Projections of which not every synapse exists.
@Suite struct SparseTests {
  /// Pattern generation with a third of the recurrent and half of the input synapses.
  private static func network(_ optimiser: SpikingNetwork.Optimiser) -> SpikingNetwork {
    var network = PatternGeneration(neurons: 30).network(seed: 5)
    var random = SplitMix64(seed: 5, stream: "mask")
    for (index, share) in [(0, 0.5), (1, 0.33)] {
      let pre = network.presynapticCount(of: network.projections[index])
      let mask = network.projections[index].weights.indices.map { pair in
        random.uniform() < share && (index == 0 || pair / pre != pair % pre)
      }
      network.projections[index].mask = mask
      for pair in mask.indices where !mask[pair] { network.projections[index].weights[pair] = 0 }
    }
    network.optimiser = optimiser
    return network
  }

  @Test(arguments: [
    LearningRule.eProp1(EProp1()), .eProp1(EProp1(form: .traces)), .eProp1(EProp1(form: .blocks(70))),
    .backpropagation(resetPath: true),
  ])
  func prunedSynapsesHaveNoGradient(_ rule: LearningRule) throws {
    let network = Self.network(.init(kind: .sgd, learningRate: 0.01, schedule: .constant))
    var dense = network
    for index in dense.projections.indices { dense.projections[index].mask = nil }
    let trials = PatternGeneration(neurons: 30).trials(seed: 5, count: 1).trials
    func gradient(_ network: SpikingNetwork) -> [[Double]] {
      let engine = ReferenceEngine(network, rule: rule)
      engine.evaluate(trials)
      return network.projections.indices.map { engine.gradient.rowMajor($0) }
    }
    let (sparse, full) = (gradient(network), gradient(dense))
    for (index, projection) in network.projections.enumerated() {
      for pair in sparse[index].indices {
        #expect(sparse[index][pair] == (projection.mask?[pair] ?? true ? full[index][pair] : 0))
      }
    }
    // Without the mask they would have one.
    #expect(full[1].indices.contains { network.projections[1].mask?[$0] == false && full[1][$0] != 0 })
  }

  @Test(arguments: [
    SpikingNetwork.Optimiser.Kind.sgd, .momentum(0.9), .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8),
    .factored(clip: 3),
  ])
  func prunedSynapsesStayZero(_ kind: SpikingNetwork.Optimiser.Kind) {
    let start = Self.network(.init(kind: kind, learningRate: kind == .sgd ? 1e-5 : 0.003, schedule: .constant))
    let trial = PatternGeneration(neurons: 30).trials(seed: 5, count: 1).trials[0]
    let run = TrainingRun(start)
    for _ in 0..<5 { _ = run.iterate([trial]) }
    for (before, after) in zip(start.projections, run.network.projections) {
      for pair in after.weights.indices where after.mask?[pair] == false { #expect(after.weights[pair] == 0) }
      #expect(after.mask == before.mask)
      #expect(before.weights != after.weights)
    }
  }

  /// With every synapse of the same size of gradient, the means of a sparse projection are those of a dense one.
  @Test func meansAreOverTheSynapsesThatExist() {
    let moment = FactoredMomentProbe.steps(mask: [true, false, false, true, true, true], pre: 3, post: 2)
    #expect(moment.allSatisfy { abs($0 - 1) < 1e-12 || $0 == 0 })
  }
}

/// The steps that the factored optimiser takes when every synapse that exists has the same gradient twice.
private enum FactoredMomentProbe {
  static func steps(mask: [Bool], pre: Int, post: Int) -> [Double] {
    var network = PatternGeneration(neurons: 2).network(seed: 1)
    network.inputs.count = pre
    network.projections[0].weights = Array(repeating: 0, count: pre * post)
    network.projections[0].mask = mask
    network.optimiser = .init(kind: .factored(clip: 100), learningRate: 1, schedule: .constant)
    let (update, gradient, weights) = (
      WeightUpdate(network), ParameterBuffers(shapedLike: network), ParameterBuffers(shapedLike: network)
    )
    for pair in mask.indices where mask[pair] { gradient.projections[0][pair % pre * post + pair / pre] = 0.25 }
    for _ in 0..<2 { update.apply(gradient, to: weights) }
    return weights.rowMajor(0).map { -$0 }
  }
}
