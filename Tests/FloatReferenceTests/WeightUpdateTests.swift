import FloatReference
import Networks
import Testing
import Training
import Trials

@Suite("Optimisers and schedules")
struct WeightUpdateTests {
  private func network(_ kind: SpikingNetwork.Optimiser.Kind) -> SpikingNetwork {
    var network = Tiny.network(Tiny.settings[0])
    network.optimiser = .init(kind: kind, learningRate: 0.01, schedule: .stepwise(factor: 0.5, every: 2))
    return network
  }

  /// Three updates with made-up gradients, and the network before and after.
  private func update(_ network: SpikingNetwork) -> (gradients: [Gradients], after: SpikingNetwork) {
    let (weights, gradient) = (ParameterBuffers(shapedLike: network), ParameterBuffers(shapedLike: network))
    weights.read(from: network)
    let update = WeightUpdate(network)
    var gradients: [Gradients] = []
    for round in 0..<3 {
      var made = network
      for p in made.projections.indices {
        made.projections[p].weights = Tiny.normals(made.projections[p].weights.count, 2, 40, "\(round) \(p)")
      }
      made.readout.bias = Tiny.normals(made.readout.bias.count, 2, 40, "\(round) bias")
      gradient.read(from: made)
      gradients.append(Gradients(projections: made.projections.map(\.weights), bias: made.readout.bias))
      update.apply(gradient, to: weights)
    }
    var after = network
    weights.write(to: &after)
    return (gradients, after)
  }

  private func check(_ network: SpikingNetwork, _ expected: (_ gradients: [Double]) -> Double) {
    let (gradients, after) = update(network)
    for p in network.projections.indices {
      for s in network.projections[p].weights.indices {
        let step = expected(gradients.map { $0.projections[p][s] })
        #expect(abs(after.projections[p].weights[s] - network.projections[p].weights[s] + step) < 1e-15)
      }
    }
    for k in network.readout.bias.indices {
      #expect(abs(after.readout.bias[k] - network.readout.bias[k] + expected(gradients.map { $0.bias[k] })) < 1e-15)
    }
  }

  @Test func sgd() { check(network(.sgd)) { 0.01 * $0[0] + 0.01 * $0[1] + 0.005 * $0[2] } }

  @Test func momentum() {
    check(network(.momentum(0.9))) { g in
      0.01 * g[0] + 0.01 * (g[1] + 0.9 * g[0]) + 0.005 * (g[2] + 0.9 * g[1] + 0.81 * g[0])
    }
  }

  @Test func adam() {
    check(network(.adam(beta1: 0.9, beta2: 0.99, epsilon: 1e-8))) { g in
      var (m, u, sum) = (0.0, 0.0, 0.0)
      for (n, rate) in [0.01, 0.01, 0.005].enumerated() {
        m = 0.9 * m + 0.1 * g[n]
        u = 0.99 * u + 0.01 * g[n] * g[n]
        let corrections = ([0.1, 0.19, 0.271][n], [0.01, 0.0199, 0.029701][n])
        sum += rate * (m / corrections.0) / ((u / corrections.1).squareRoot() + 1e-8)
      }
      return sum
    }
  }

  /// Statistics of the trials before; the first trial moves nothing.
  @Test func factored() {
    let start = network(.factored(clip: 1))
    let (gradients, after) = update(start)
    for p in start.projections.indices {
      let (pre, post) = (
        start.presynapticCount(of: start.projections[p]), start.postsynapticCount(of: start.projections[p])
      )
      func mean(_ round: Int, _ indices: [Int]) -> Double {
        indices.reduce(0) { $0 + gradients[round].projections[p][$1] * gradients[round].projections[p][$1] }
          / Double(indices.count)
      }
      func steps(_ round: Int, _ i: Int, _ j: Int) -> Double {
        let earlier = 0..<round
        let row = { (i: Int) in
          earlier.reduce(0) { $0 + mean($1, (0..<post).map { $0 * pre + i }) } / Double(round)
        }
        let column = earlier.reduce(0) { $0 + mean($1, (0..<pre).map { j * pre + $0 }) } / Double(round)
        let square = row(i) * column / ((0..<pre).reduce(0) { $0 + row($1) } / Double(pre))
        return min(max(gradients[round].projections[p][j * pre + i] / square.squareRoot(), -1), 1)
      }
      for j in 0..<post {
        for i in 0..<pre {
          let moved = start.projections[p].weights[j * pre + i] - after.projections[p].weights[j * pre + i]
          #expect(abs(moved - 0.01 * steps(1, i, j) - 0.005 * steps(2, i, j)) < 1e-12)
        }
      }
    }
  }

  @Test func schedules() {
    func rates(_ schedule: SpikingNetwork.Optimiser.Schedule) -> [Double] {
      let optimiser = SpikingNetwork.Optimiser(kind: .sgd, learningRate: 8, schedule: schedule)
      return (1...6).map(optimiser.learningRate(trial:))
    }
    #expect(rates(.constant) == [8, 8, 8, 8, 8, 8])
    #expect(rates(.linearToZero(trials: 4)) == [8, 6, 4, 2, 0, 0])
    #expect(rates(.linearToFloor(trials: 4, floor: 0.375)) == [8, 6, 4, 3, 3, 3])
    #expect(rates(.stepwise(factor: 0.5, every: 2)) == [8, 8, 4, 4, 2, 2])
  }

  @Test func frozenWeightsAndDiagonalsStay() {
    for kind in [
      SpikingNetwork.Optimiser.Kind.sgd, .momentum(0.9), .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8),
      .factored(clip: 1),
    ] {
      var network = network(kind)
      network.projections[0].isPlastic = false
      network.readout.biasIsPlastic = false
      let trials = [Tiny.trial(Tiny.settings[0], steps: 100)]
      let run = TrainingRun(network)
      run.run(iterations: 3) { _ in trials }
      let after = run.network
      #expect(after.projections[0] == network.projections[0])
      #expect(after.readout.bias == network.readout.bias)
      for (old, new) in zip(network.projections, after.projections).dropFirst() {
        #expect(old.weights != new.weights)
        #expect(zip(old.weights, new.weights).allSatisfy { $0 != 0 || $1 == 0 })
      }
    }
  }

  @Test func aRunReportsAndStops() {
    let trials = [Tiny.trial(Tiny.settings[0], steps: 100)]
    let run = TrainingRun(network(.sgd), score: { _, readouts in Double(readouts[0].count) })
    var seen: [TrainingRun.Iteration] = []
    run.run(
      iterations: 10, batch: { _ in trials },
      report: { iteration in
        seen.append(iteration)
        return iteration.iteration < 4
      })
    #expect(seen.map(\.iteration) == [1, 2, 3, 4])
    #expect(seen.allSatisfy { $0.score == 200 && $0.loss > 0 && $0.meanRate ?? 0 > 0 })
  }
}
