import Conformance
import FloatReference
import IntegerModel
import Networks
import Planning
import Testing
import Training
import Trials

/// Optimisers in integers against double precision, both fed with the integer gradients of a run.
@Suite struct OptimiserTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var kind: SpikingNetwork.Optimiser.Kind
    var momentBits = 16
    /// Least cosine between the weight changes of all trials, and by how much their lengths may differ.
    var cosine: Double
    var length: Double
    /// By how much roots of second moments may differ, as a root mean square over the synapses of relative errors.
    var moments: Double

    var testDescription: String { "\(kind), \(momentBits) bits" }

    static let adam = SpikingNetwork.Optimiser.Kind.adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
    static let all = [
      Case(kind: adam, cosine: 0.995, length: 0.03, moments: 0.02),
      // Eight bits are rounded at random: few updates of few synapses do not average that out.
      Case(kind: adam, momentBits: 8, cosine: 0.97, length: 0.08, moments: 0.15),
      // ε as large as the gradients, so that it decides the steps.
      Case(kind: .adam(beta1: 0.8, beta2: 0.99, epsilon: 5), cosine: 0.99, length: 0.03, moments: 0.02),
    ]
  }

  @Test(arguments: Case.all) func integersStepLikeDoubles(_ one: Case) throws {
    let network = Self.network(one.kind)
    var options = PlanOptions()
    (options.weightBits, options.scale, options.momentBits) = (16, .common, one.momentBits)
    let plan = try FixedPlan(network, options: options)
    let model = IntegerNetwork(plan)
    model.keepsGradients = true
    let stimulus = Stimulus(.drawn(for: network, count: 40, seed: 5), plan: plan, updates: true)
    let update = WeightUpdate(network)
    let (weights, gradient) = (ParameterBuffers(shapedLike: network), ParameterBuffers(shapedLike: network))
    // Both move from 0: only changes are compared.
    weights.clear()
    var squares = plan.projections.map { [Double](repeating: 0, count: $0.preCount * $0.postCount) }
    var (clipped, gradients) = (0, 0)
    for (number, trial) in stimulus.trials.enumerated() {
      Self.run(trial, on: model)
      let known = plan.projections.indices.map { model.adamExponents(of: $0) }
      #expect(model.update() == .learnt)
      // Adam's first update in integers only looks at the gradients.
      if number == 0 { continue }
      for p in plan.projections.indices {
        let g = try #require(model.gradients(of: p))
        for s in g.indices {
          let value = Self.counted(g[s], known[p][s % known[p].count])
          gradients += 1
          if value != 0 && value != Double(g[s]) { clipped += 1 }
          gradient.projections[p][s] = value * plan.projections[p].gradientLSB
          squares[p][s] += (1 - Self.beta2(one.kind)) * (value * value - squares[p][s])
        }
      }
      let learning = try #require(plan.learning)
      let unit = Double(sign: .plus, exponent: learning.filteredShift - learning.errorFractionBits, significand: 1)
      for (k, g) in try #require(model.biasGradients).enumerated() { gradient.bias[k] = Double(g) * unit }
      update.apply(gradient, to: weights)
    }
    for (p, projection) in plan.projections.enumerated() {
      let moved = zip(model.weights(of: p), projection.weights).map { Double(Int($0) - Int($1)) * projection.lsb[0] }
      expectAlike(moved, Array(weights.projections[p]), one, projection.name)
      expectMoments(model, p, squares[p], updates: stimulus.trials.count - 1, one)
    }
    #expect(clipped * 500 <= gradients, "\(clipped) of \(gradients) gradients are clipped")
    let unit = Double(sign: .plus, exponent: -plan.readout.fractionBits, significand: 1)
    let moved = zip(model.bias, plan.readout.bias).map { Double($0 - $1) * unit }
    expectAlike(moved, Array(weights.bias), one, "bias")
  }

  /// What a gradient counts as in integers: nothing in the first update with which its neuron has gradients, and then what
  /// 16 bits hold in units of 2^(exponent - 13).
  private static func counted(_ g: Int64, _ exponent: UInt8) -> Double {
    if exponent == 0 { return 0 }
    let largest = Double(sign: .plus, exponent: Int(exponent) - Fixed.adamExponentOffset, significand: 32767)
    return min(largest, max(-largest, Double(g)))
  }

  private static func beta2(_ kind: SpikingNetwork.Optimiser.Kind) -> Double {
    if case .adam(_, let beta2, _) = kind { beta2 } else { 0 }
  }

  private func expectAlike(_ integers: [Double], _ doubles: [Double], _ one: Case, _ name: String) {
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    let (a, b) = (dot(integers, integers).squareRoot(), dot(doubles, doubles).squareRoot())
    let cosine = dot(integers, doubles) / (a * b)
    #expect(cosine >= one.cosine, "\(one.testDescription), \(name): cosine \(cosine)")
    #expect(abs(a / b - 1) <= one.length, "\(one.testDescription), \(name): lengths \(a) and \(b)")
  }

  /// Roots of second moments, of synapses within a hundredth of their neuron's largest, in LSB of the gradient.
  private func expectMoments(_ model: IntegerNetwork, _ p: Int, _ squares: [Double], updates: Int, _ one: Case) {
    let exponents = model.adamExponents(of: p)
    var (sum, count, largestRatio) = (0.0, 0, Int64(0))
    for s in squares.indices {
      let j = s % exponents.count
      guard exponents[j] > 0, let moment = model.adamMoments(of: p, synapse: s) else { continue }
      largestRatio = max(largestRatio, abs(moment.ratio))
      let corrected = squares[s] / (1 - pow(Self.beta2(one.kind), updates))
      let column = stride(from: j, to: squares.count, by: exponents.count).map { squares[$0] }.max() ?? 0
      guard corrected > 0, squares[s] > column / 1e4 else { continue }
      let unit = Double(sign: .plus, exponent: Int(exponents[j]) - Fixed.adamExponentOffset, significand: 1)
      let error = Double(moment.square).squareRoot() * unit / corrected.squareRoot() - 1
      sum += error * error
      count += 1
    }
    let error = (sum / Double(max(1, count))).squareRoot()
    #expect(count > squares.count / 4)
    #expect(error <= one.moments, "\(one.testDescription), \(p): relative error \(error) of \(count) roots")
    let limit = Int64(model.plan.projections[p].step?.adam?.ratioLimit ?? 0)
    #expect(largestRatio <= (limit + 255) / 256 * 256, "\(largestRatio) passes \(limit)")
  }

  private func pow(_ x: Double, _ n: Int) -> Double { (0..<n).reduce(1) { product, _ in product * x } }

  /// The gradients that make the most of m / √v, for every number of updates: none passes the limit of the plan, and it is no
  /// larger than it has to be.
  @Test(arguments: [(0.9, 0.999), (0.8, 0.99), (0.9, 0.99), (0, 0.9), (0.5, 0.6), (0.95, 0.9999)])
  func ratiosHaveABound(_ beta1: Double, _ beta2: Double) {
    let limit = Double(AdamPlan.ratioLimit(beta1: beta1, beta2: beta2)) / 4096
    var largest = 0.0
    for n in 1...60 {
      let (first, second) = (1 - pow(beta1, n), 1 - pow(beta2, n))
      // Gradient k updates ago: a_k / b_k.
      let weights = (0..<n).map { k in
        ((1 - beta1) * pow(beta1, k) / first, (1 - beta2) * pow(beta2, k) / second)
      }
      let gradients = weights.map { $0.0 / $0.1 }
      let mean = zip(weights, gradients).reduce(0) { $0 + $1.0.0 * $1.1 }
      let square = zip(weights, gradients).reduce(0) { $0 + $1.0.1 * $1.1 * $1.1 }
      let ratio = mean / square.squareRoot()
      #expect(ratio <= limit + 1e-9 || limit == 32767.0 / 4096, "\(n): \(ratio) of \(limit)")
      largest = max(largest, ratio)
    }
    #expect(largest > 0.4 * limit || beta2 > 0.9, "\(largest) of \(limit)")
  }

  private static func network(_ kind: SpikingNetwork.Optimiser.Kind) -> SpikingNetwork {
    var made = BenchmarkNetwork()
    (made.inputs, made.plain, made.adaptive, made.steps, made.optimiser) = (30, 24, 16, 120, kind)
    var network = made.network
    // Steps so small that their limits in integers are no limits.
    network.optimiser.learningRate = 0.0003
    return network
  }

  private static func run(_ trial: Stimulus.QuantisedTrial, on model: IntegerNetwork) {
    model.reset()
    for step in 0..<trial.steps {
      model.step(spikes: trial.spikes[step])
      model.learn(target: trial.targets[step])
    }
  }
}
