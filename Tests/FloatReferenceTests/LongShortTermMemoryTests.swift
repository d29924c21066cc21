import FloatReference
import Foundation
import Randomness
import Testing

@Suite("Long short-term memory: e-prop 1 against backpropagation, and that against differences")
struct LongShortTermMemoryTests {
  private struct Problem {
    var network: LongShortTermMemory
    var inputs: [Double]
    var targets: [Double]

    init(_ cellOutput: LongShortTermMemory.CellOutput, isRecurrent: Bool, steps: Int = 25) {
      var generator = SplitMix64(seed: 8, stream: "lstm")
      let (n, units, outputs) = (3, 4, 2)
      func draw(_ count: Int) -> [Double] { (0..<count).map { _ in generator.normal() } }
      var weights = (0..<4).map { _ in draw(units * (n + units + 1)) }
      if !isRecurrent {
        for gate in 0..<4 {
          for j in 0..<units { for i in 0..<units { weights[gate][j * (n + units + 1) + n + i] = 0 } }
        }
      }
      network = LongShortTermMemory(
        inputCount: n, unitCount: units, outputCount: outputs, cellOutput: cellOutput, readoutDecay: 0.7,
        weights: weights, readout: draw(outputs * units))
      inputs = draw(steps * n)
      targets = draw(steps * outputs)
    }
  }

  @Test(arguments: [LongShortTermMemory.CellOutput.identity, .tanh])
  func backpropagationMatchesDifferences(_ cellOutput: LongShortTermMemory.CellOutput) {
    let problem = Problem(cellOutput, isRecurrent: true)
    let exact = problem.network.gradients(problem.inputs, targets: problem.targets)
    let size = exact.weights.flatMap { $0 }.reduce(0) { max($0, abs($1)) }
    func slope(_ change: (inout LongShortTermMemory, Double) -> Void) -> Double {
      let losses = [1e-5, -1e-5].map { step in
        var moved = problem.network
        change(&moved, step)
        return moved.loss(problem.inputs, targets: problem.targets)
      }
      return (losses[0] - losses[1]) / 2e-5
    }
    for gate in 0..<4 {
      for index in exact.weights[gate].indices {
        let found = slope { $0.weights[gate][index] += $1 }
        #expect(abs(found - exact.weights[gate][index]) < 1e-7 * size)
      }
    }
    for index in exact.readout.indices {
      #expect(abs(slope { $0.readout[index] += $1 } - exact.readout[index]) < 1e-7 * size)
    }
  }

  @Test(arguments: [LongShortTermMemory.CellOutput.identity, .tanh])
  func ePropIsExactWithoutRecurrence(_ cellOutput: LongShortTermMemory.CellOutput) {
    for isRecurrent in [false, true] {
      let problem = Problem(cellOutput, isRecurrent: isRecurrent)
      let exact = problem.network.gradients(problem.inputs, targets: problem.targets)
      let found = problem.network.ePropGradients(problem.inputs, targets: problem.targets)
      #expect(zip(found.readout, exact.readout).allSatisfy { abs($0 - $1) < 1e-11 })
      let size = exact.weights.flatMap { $0 }.reduce(0) { max($0, abs($1)) }
      let difference = zip(found.weights.flatMap { $0 }, exact.weights.flatMap { $0 }).reduce(0) {
        max($0, abs($1.0 - $1.1))
      }
      #expect((difference < 1e-12 * size) == !isRecurrent)
      #expect(!isRecurrent || difference > 1e-2 * size)
    }
  }

  /// With recurrence e-prop 1 is the gradient of a network to which its own h come as inputs from outside: derivatives do
  /// not pass through them. The sequence of h is computed here a second time.
  @Test(arguments: [LongShortTermMemory.CellOutput.identity, .tanh])
  func ePropIsTheGradientWithGivenHiddenStates(_ cellOutput: LongShortTermMemory.CellOutput) {
    let problem = Problem(cellOutput, isRecurrent: true)
    let (network, n, units) = (problem.network, problem.network.inputCount, problem.network.unitCount)
    let hidden = Self.hidden(network, problem.inputs)
    let inputs = hidden.indices.flatMap { t in Array(problem.inputs[t * n..<(t + 1) * n]) + hidden[t] }
    let columns = n + units
    let weights = network.weights.map { matrix in
      (0..<units).flatMap { j -> [Double] in
        let row = Array(matrix[j * (columns + 1)..<(j + 1) * (columns + 1)])
        return Array(row.prefix(columns)) + [Double](repeating: 0, count: units) + [row[columns]]
      }
    }
    let given = LongShortTermMemory(
      inputCount: columns, unitCount: units, outputCount: network.outputCount, cellOutput: cellOutput,
      readoutDecay: network.readoutDecay, weights: weights, readout: network.readout)
    let exact = given.gradients(inputs, targets: problem.targets)
    let found = network.ePropGradients(problem.inputs, targets: problem.targets)
    #expect(
      abs(given.loss(inputs, targets: problem.targets) - network.loss(problem.inputs, targets: problem.targets)) < 1e-11
    )
    let size = found.weights.flatMap { $0 }.reduce(0) { max($0, abs($1)) }
    for gate in 0..<4 {
      for j in 0..<units {
        for source in 0...columns {
          let expected = exact.weights[gate][j * (columns + units + 1) + (source < columns ? source : columns + units)]
          #expect(abs(found.weights[gate][j * (columns + 1) + source] - expected) < 1e-12 * size)
        }
      }
    }
  }

  /// h^{t−1} before every step t.
  private static func hidden(_ network: LongShortTermMemory, _ inputs: [Double]) -> [[Double]] {
    let (n, units) = (network.inputCount, network.unitCount)
    var (h, c) = ([Double](repeating: 0, count: units), [Double](repeating: 0, count: units))
    var before: [[Double]] = []
    for t in 0..<inputs.count / n {
      before.append(h)
      let p = Array(inputs[t * n..<(t + 1) * n]) + h + [1]
      for j in 0..<units {
        let drives = network.weights.map { w in p.indices.reduce(0) { $0 + w[j * p.count + $1] * p[$1] } }
        let gates = drives.dropFirst().map { 1 / (1 + exp(-$0)) }
        c[j] = gates[1] * c[j] + gates[0] * tanh(drives[0])
        h[j] = gates[2] * (network.cellOutput == .identity ? c[j] : tanh(c[j]))
      }
    }
    return before
  }
}
