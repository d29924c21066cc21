import FloatReference
import Foundation
import Networks
import Testing
import Training
import Trials

@Suite("Feedback that changes, and another postsynaptic factor")
struct FeedbackTests {
  /// The errors of a window reach the weights through its matrix alone: e-prop 1 with that matrix and a mask. (A mean over
  /// the steps of a mask is no part of the mean over all.)
  @Test(arguments: Tiny.settings.filter { $0.rate == nil && $0.convention.lossReduction == .sum })
  func windowsAreASumOverMasks(_ setting: Tiny.Setting) {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 60))
    let windows = WindowedFeedback(stepsPerWindow: 11, seed: 3)
    let found = Reference.evaluate(network, [trial], rule: .eProp1(EProp1(feedback: .windows(windows)))).gradients
    var expected = found
    for p in expected.projections.indices { expected.projections[p] = expected.projections[p].map { _ in 0 } }
    for window in 0..<6 {
      var part = trial
      part.mask = (0..<60).map { $0 / 11 == window && trial.mask?[$0] ?? true }
      let matrix = windows.matrix(of: window, neurons: network.neuronCount, outputs: Tiny.outputs)
      let share = Reference.evaluate(network, [part], rule: .eProp1(EProp1(feedback: .fixed(matrix)))).gradients
      for p in expected.projections.indices {
        expected.projections[p] = zip(expected.projections[p], share.projections[p]).map(+)
      }
    }
    #expect(found.distance(from: expected) < 1e-12)
  }

  @Test func windowsAreDrawnOnceAndDiffer() {
    let windows = WindowedFeedback(stepsPerWindow: 20, seed: 3)
    let matrices = (0..<50).map { windows.matrix(of: $0, neurons: 100, outputs: 3) }
    #expect(matrices[7] == windows.matrix(of: 7, neurons: 100, outputs: 3))
    #expect(Set(matrices).count == 50)
    let values = matrices.flatMap { $0 }
    let variance = values.reduce(0) { $0 + $1 * $1 } / Double(values.count)
    // 15,000 draws: the standard error of the variance is 1.2 %.
    #expect(abs(variance * 100 - 1) < 0.05)
  }

  /// Kolen and Pollack: whatever the optimiser does, B − W_outᵀ shrinks by 1 − η c at every update.
  @Test(arguments: [
    SpikingNetwork.Optimiser.Kind.sgd, .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), .factored(clip: 10),
  ]) func adaptiveFeedbackApproachesTheReadout(_ kind: SpikingNetwork.Optimiser.Kind) throws {
    let setting = Tiny.Setting(label: "as printed")
    var network = Tiny.network(setting)
    network.optimiser = .init(kind: kind, learningRate: 0.001, schedule: .stepwise(factor: 0.5, every: 5))
    let engine = ReferenceEngine(network, rule: .eProp1(EProp1(feedback: .adaptive(decay: 20))))
    let update = WeightUpdate(network)
    let adaptive = try #require(engine.adaptiveFeedback)
    let trials = [Tiny.trial(setting, steps: 80)]
    func gap() -> [Double] {
      var now = network
      engine.weights.write(to: &now)
      return zip(adaptive.rows, Self.transposedReadout(now)).map(-)
    }
    let start = gap()
    var factor = 1.0
    for trial in 1...12 {
      engine.evaluate(trials)
      adaptive.remember(engine.weights)
      update.apply(engine.gradient, to: engine.weights)
      adaptive.follow(engine.weights, learningRate: update.learningRate)
      factor *= 1 - 20 * 0.001 * pow(0.5, Double((trial - 1) / 5))
    }
    #expect(zip(gap(), start).allSatisfy { abs($0 - factor * $1) < 1e-11 })
    #expect(start.contains { abs($0) > 0.1 })
  }

  /// The first gradient is the one of the network's own feedback; from the second on they differ.
  @Test func adaptiveFeedbackStartsAsDescribed() {
    let setting = Tiny.Setting(label: "as printed")
    let network = Tiny.network(setting)
    let trials = [Tiny.trial(setting, steps: 80)]
    let (fixed, adaptive) = (
      TrainingRun(network), TrainingRun(network, rule: .eProp1(EProp1(feedback: .adaptive(decay: 0))))
    )
    for _ in 0..<2 { _ = (fixed.iterate(trials), adaptive.iterate(trials)) }
    // Without decay, the readout learns alike in the first iteration, and the rest not in the second.
    #expect(fixed.network != adaptive.network)
    let first = [fixed, adaptive].map { _ in
      TrainingRun(network, rule: .eProp1(EProp1(feedback: .adaptive(decay: 0))))
    }
    _ = first[0].iterate(trials)
    let plain = TrainingRun(network)
    _ = plain.iterate(trials)
    #expect(plain.network == first[0].network)
  }

  /// The equation as a sum over all pairs of steps, for plain LIF neurons.
  @Test(arguments: [false, true]) func clopathFactorAsPrinted(_ isAnalog: Bool) {
    var setting = Tiny.Setting(label: "as printed")
    setting.isAnalog = isAnalog
    var network = Tiny.network(setting).withoutAdaptation
    network.feedback = .symmetric
    let trial = Tiny.trial(setting, steps: 70)
    let evaluation = Reference.evaluate(network, [trial], rule: .eProp1(EProp1(factor: .clopath)))
    let recording = evaluation.recordings[0]
    let (z, n) = (recording.spikeRaster, network.neuronCount)
    let feedback = Self.transposedReadout(network)
    let kappa = exp(-1.0 / 8)
    for (index, projection) in network.projections.enumerated() {
      guard case (.population(let from), .population(let to)) = (projection.source, projection.target) else { continue }
      let alpha = exp(-1 / network.populations[to].timeConstant[0])
      for (j, i) in [(0, 1), (1, 0)] {
        let (post, pre) = (network.firstNeuron(of: to) + j, network.firstNeuron(of: from) + i)
        var expected = 0.0
        for t in 0..<70 {
          let v = recording.voltages[t * n + post]
          let slow = (0...t).reduce(0) { sum, s in
            sum + (1 - exp(-0.1)) * exp(-0.1 * Double(t - s)) * recording.voltages[s * n + post]
          }
          let factor = max(v, 0) * max(slow - network.populations[to].threshold / 4, 0)
          let trace = (0..<t).reduce(0) { $0 + pow(alpha, Double(t - 1 - $1)) * z[$1 * n + pre] }
          for later in t..<70 {
            for k in 0..<2 {
              expected +=
                feedback[post * 2 + k] * recording.errors[later * 2 + k] * pow(kappa, Double(later - t)) * factor
                * trace
            }
          }
        }
        let found = evaluation.gradients.projections[index][j * network.populations[from].count + i]
        #expect(abs(found - expected) <= 1e-10 * max(abs(expected), 1e-3))
      }
    }
  }

  /// W_outᵀ, [neurons × outputs].
  private static func transposedReadout(_ network: SpikingNetwork) -> [Double] {
    var rows = [Double](repeating: 0, count: network.neuronCount * network.readout.count)
    for projection in network.projections where projection.target == .readout {
      guard case .population(let source) = projection.source else { continue }
      let (first, pre) = (network.firstNeuron(of: source), network.populations[source].count)
      for k in 0..<network.readout.count {
        for i in 0..<pre { rows[(first + i) * network.readout.count + k] = projection.weights[k * pre + i] }
      }
    }
    return rows
  }
}
