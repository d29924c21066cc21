import FloatReference
import LearningRules
import Networks
import OnlineRules
import Testing
import Trials

@Suite("Learning rules against other derivations")
struct RuleTests {
  @Test(arguments: Tiny.settings)
  func realTimeEqualsBackpropagation(_ setting: Tiny.Setting) {
    let network = Tiny.network(setting)
    let trials = [Tiny.trial(setting, steps: 60), Tiny.trial(setting, steps: 47, seed: 6)]
    for resetPath in [true, false] {
      let expected = Reference.evaluate(network, trials, rule: .backpropagation(resetPath: resetPath))
      let found = Reference.evaluate(network, trials, rule: .realTime(resetPath: resetPath))
      #expect(found.gradients.distance(from: expected.gradients) < 1e-10, "reset path \(resetPath)")
    }
  }

  /// m = T (and beyond) is the whole gradient.
  @Test(arguments: Tiny.settings)
  func highestOrderEqualsBackpropagation(_ setting: Tiny.Setting) {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 60))
    for resetPath in [true, false] {
      let expected = Reference.evaluate(network, [trial], rule: .backpropagation(resetPath: resetPath))
      for order in [60, 75] {
        let found = Reference.evaluate(network, [trial], rule: .mOrder(order, resetPath: resetPath))
        #expect(found.gradients.distance(from: expected.gradients) < 1e-10, "reset path \(resetPath)")
      }
    }
  }

  /// m = 1 is e-prop 1 with symmetric feedback, where that is a derivative of the loss at all.
  @Test(arguments: Tiny.ePropSettings)
  func firstOrderEqualsEProp(_ setting: Tiny.Setting) {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 60))
    let expected = Reference.evaluate(network, [trial], rule: .eProp1(EProp1(feedback: .symmetric)))
    for resetPath in [true, false] {
      let found = Reference.evaluate(network, [trial], rule: .mOrder(1, resetPath: resetPath))
      #expect(found.gradients.distance(from: expected.gradients) < 1e-10)
    }
  }

  /// Where each recurrence multiplies a tangent by x, the derivative is a polynomial Σ_h x^h g_h, and m-order e-prop
  /// Σ_{h<m} g_h. The trial is short enough to find g_h from as many values of x as it has steps.
  @Test(arguments: Tiny.settings.filter { ["as printed", "reset to zero", "preset nest"].contains($0.label) })
  func ordersBetween(_ setting: Tiny.Setting) {
    let steps = 10
    var slow = setting
    slow.isAnalog = true
    var network = Tiny.network(slow)
    // Strong enough an input that ψ is there within so short a trial.
    for index in 0..<3 { network.projections[index].weights = network.projections[index].weights.map { 2 * $0 } }
    let trial = Tiny.trial(slow, steps: steps)
    let points = (0..<steps).map { 0.2 * Double($0) - 0.9 }
    let values = points.map { x in
      ForwardMode(network: network, recurrenceGain: x).gradients(trial).projections
    }
    let coefficients = points.indices.map { Self.coefficients(of: points, basis: $0) }
    for order in [2, 3, 5] {
      let found = Reference.evaluate(network, [trial], rule: .mOrder(order, resetPath: true)).gradients
      var expected = found
      for p in expected.projections.indices {
        for index in expected.projections[p].indices {
          expected.projections[p][index] = points.indices.reduce(0) { sum, point in
            sum + values[point][p][index] * coefficients[point][..<order].reduce(0, +)
          }
        }
      }
      #expect(found.distance(from: expected) < 1e-9, "m = \(order)")
      let lower = Reference.evaluate(network, [trial], rule: .mOrder(order - 1, resetPath: true)).gradients
      // Behind so few steps there are hardly four recurrences.
      #expect(order == 5 || found.distance(from: lower) > 1e-6)
    }
  }

  /// The coefficients of the polynomial that is 1 at one of the points and 0 at the others.
  private static func coefficients(of points: [Double], basis: Int) -> [Double] {
    var polynomial = [1.0]
    for (index, point) in points.enumerated() where index != basis {
      var product = [Double](repeating: 0, count: polynomial.count + 1)
      for (power, value) in polynomial.enumerated() {
        product[power + 1] += value / (points[basis] - point)
        product[power] -= value * point / (points[basis] - point)
      }
      polynomial = product
    }
    return polynomial
  }

  /// Three populations with connections in every direction: depth 3.
  @Test(arguments: Tiny.settings)
  func deepEPropMatchesForwardModeWithCuts(_ setting: Tiny.Setting) {
    let (network, trial) = (Tiny.network(setting), Tiny.trial(setting, steps: 60))
    let expected = ForwardMode(network: network, resetPath: false, passes: { $0 < $1 }).gradients(trial)
    let found = Reference.evaluate(network, [trial], rule: .deepEProp)
    #expect(found.gradients.distance(from: expected) < 1e-12)
    let shallow = ForwardMode(network: network, resetPath: false, recurrentPath: false).gradients(trial)
    #expect(found.gradients.distance(from: shallow) > 1e-6)
  }

  /// Two layers, and one layer, where it is e-prop 1.
  @Test(arguments: [1, 2]) func deepEPropOfFewerLayers(_ depth: Int) {
    let setting = Tiny.Setting(label: "as printed")
    var network = Tiny.network(setting)
    network.populations.removeLast(3 - depth)
    network.projections.removeAll { projection in
      if case .population(let source) = projection.source, source >= depth { return true }
      if case .population(let target) = projection.target, target >= depth { return true }
      return false
    }
    network.feedback = .symmetric
    let trial = Tiny.trial(setting, steps: 80)
    let found = Reference.evaluate(network, [trial], rule: .deepEProp).gradients
    let expected = ForwardMode(network: network, resetPath: false, passes: { $0 < $1 }).gradients(trial)
    #expect(found.distance(from: expected) < 1e-12)
    let shallow = Reference.evaluate(network, [trial], rule: .eProp1(EProp1())).gradients
    #expect((found.distance(from: shallow) < 1e-12) == (depth == 1))
  }

  /// Without connections within a layer or back, nothing is cut but the reset.
  @Test func deepEPropOfAStackIsExact() {
    let setting = Tiny.Setting(label: "as printed")
    var network = Tiny.network(setting)
    network.projections.removeAll { projection in
      guard case (.population(let source), .population(let target)) = (projection.source, projection.target) else {
        return false
      }
      return source >= target
    }
    let trial = Tiny.trial(setting, steps: 80)
    let expected = Reference.evaluate(network, [trial], rule: .backpropagation(resetPath: false)).gradients
    #expect(Reference.evaluate(network, [trial], rule: .deepEProp).gradients.distance(from: expected) < 1e-12)
  }

  /// What the steps contribute adds up to the gradient; the exact rules agree on every step.
  @Test(
    arguments: Tiny.settings.filter {
      ["as printed", "cross-entropy, masked", "rate term sum", "preset nest"].contains($0.label)
    })
  func contributions(_ setting: Tiny.Setting) throws {
    let network = Tiny.network(setting)
    let trials = [Tiny.trial(setting, steps: 40), Tiny.trial(setting, steps: 31, seed: 6)]
    var exact: [[[Double]]] = []
    for entry in SpikingRules.entries + (OnlineRule.ofSpikes + [.rflo]).map(\.entry) {
      let choice = RuleChoice(entry, parameter: entry.name == "e-prop-1-windows" ? 7 : nil)
      let rule = try SpikingRules.rule(choice, on: network, steps: 40)
      let run = SpikingRuleRun(network, trials, rule, named: choice.text)
      #expect(run.steps == 40)
      let steps = (0..<40).map { run.contribution(of: $0) }
      let sum = run.parameters.indices.map { p in steps[0][p].indices.map { i in steps.reduce(0) { $0 + $1[p][i] } } }
      #expect(Self.distance(sum, run.total()) < 1e-11, "\(entry.name)")
      if entry.name == "bptt" { exact = steps }
      if entry.name == "rtrl" {
        let scale = sum.flatMap { $0 }.reduce(0) { max($0, abs($1)) }
        #expect(zip(steps, exact).allSatisfy { Self.difference($0, $1) < 1e-11 * scale })
      }
    }
  }

  private static func difference(_ a: [[Double]], _ b: [[Double]]) -> Double {
    zip(a.flatMap { $0 }, b.flatMap { $0 }).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  private static func distance(_ a: [[Double]], _ b: [[Double]]) -> Double {
    difference(a, b) / b.flatMap { $0 }.reduce(0) { max($0, abs($1)) }
  }
}
