import Diagnostics
import Foundation
import Networks
import OnlineRules
import Randomness
import RateReference
import Safetensors
import Testing
import Trials

/// Replays with given draws against the rules written a second time, step by step.
@Suite struct ReplayTests {
  static let steps = 9
  let network = Literal.network(units: 4, alpha: 0.7)
  var trial: Trial { Literal.trial(steps: Self.steps, for: network) }
  var run: LiteralRun { LiteralRun(network: network) }
  var n: Int { run.n }
  var m: Int { run.m }

  private func normals(_ count: Int, _ name: String, scale: Double = 1) -> [Double] {
    var generator = SplitMix64(seed: 77, stream: name)
    return (0..<count).map { _ in scale * generator.normal() }
  }

  private func signs(_ count: Int, _ name: String) -> [Double] { normals(count, name).map { $0 < 0 ? -1 : 1 } }

  /// The gradients of every step in a replay.
  private func replay(
    _ rule: OnlineRule, settings: OnlineRuleSettings = .init(), _ tensors: [(String, [Int], [Double])]
  ) throws -> [[Double]] {
    var writer = SafetensorsWriter()
    for (name, shape, values) in tensors { writer.add(name, shape: shape, values, as: .float64) }
    let draws = try RecordedDraws(
      SafetensorsFile(bytes: writer.bytes()), for: RateReference.sizes(network), rules: [rule], trials: 1,
      steps: Self.steps)
    let engine = RateEngine(network, rules: [rule], settings: settings, recorded: draws)
    var gradients: [[Double]] = []
    engine.run(trial) { _ in
      gradients.append(rows(engine.gradients[0]))
    }
    return gradients
  }

  /// [W_rec | W_in | b], row by row.
  private func rows(_ found: RateParameters) -> [Double] {
    let inputs = network.inputs.count
    let (recurrent, input) = (found.matrix(.recurrent), found.matrix(.input))
    var row: [Double] = []
    for i in 0..<n {
      row += recurrent[i * n..<(i + 1) * n]
      row += input[i * inputs..<(i + 1) * inputs]
      row.append(found.bias[i])
    }
    return row
  }

  private func compare(_ found: [[Double]], _ expected: [[[Double]]]) {
    #expect(found.count == expected.count)
    for (step, pair) in zip(found, expected).enumerated() {
      #expect(distance(pair.0, pair.1.flatMap { $0 }) < 1e-12, "step \(step)")
    }
  }

  @Test func uoro() throws {
    let (a0, b0) = (normals(n, "a"), normals(n * m, "b"))
    let nu = signs(Self.steps * n, "nu")
    let found = try replay(
      .uoro, [("uoro.a", [1, n], a0), ("uoro.b", [1, n, m], b0), ("uoro.nu", [1, Self.steps, n], nu)])
    var (a, b) = (a0, b0)
    let expected = run.steps(trial).enumerated().map { t, step -> [[Double]] in
      let forward = run.apply(step.jacobian, a)
      let drawn = Array(nu[t * n..<(t + 1) * n])
      let projection = (0..<n * m).map { drawn[$0 / m] * step.slope[$0 / m] * step.hat[$0 % m] }
      let p0 = (run.norm(b) / run.norm(forward)).squareRoot()
      let p1 = (run.norm(projection) / Double(n).squareRoot()).squareRoot()
      a = zip(forward, drawn).map { p0 * $0 + p1 * $1 }
      b = zip(b, projection).map { $0 / p0 + $1 / p1 }
      return run.project(step.signal) { k, i, j in a[k] * b[i * m + j] }
    }
    compare(found, expected)
  }

  @Test func kfRTRL() throws {
    let (a0, b0) = (normals(m, "a"), normals(n * n, "b"))
    let nu = signs(Self.steps * 2, "nu")
    let found = try replay(
      .kfRTRL, [("kf-rtrl.a", [1, m], a0), ("kf-rtrl.b", [1, n, n], b0), ("kf-rtrl.nu", [1, Self.steps, 2], nu)])
    var (a, b) = (a0, b0)
    let expected = run.steps(trial).enumerated().map { t, step -> [[Double]] in
      let forward = (0..<n * n).map { e in (0..<n).reduce(0) { $0 + step.jacobian[e / n][$1] * b[$1 * n + e % n] } }
      let p0 = (run.norm(forward) / run.norm(a)).squareRoot()
      let p1 = (run.norm(step.slope) / run.norm(step.hat)).squareRoot()
      let (nu0, nu1) = (nu[2 * t], nu[2 * t + 1])
      a = zip(a, step.hat).map { nu0 * p0 * $0 + nu1 * p1 * $1 }
      b = (0..<n * n).map { e in
        nu0 / p0 * forward[e] + (e / n == e % n ? nu1 / p1 * step.slope[e / n] : 0)
      }
      return run.project(step.signal) { k, i, j in a[j] * b[k * n + i] }
    }
    compare(found, expected)
  }

  @Test func reverseKF() throws {
    let (a0, b0) = (normals(n, "a"), normals(n * m, "b"))
    let nu = signs(Self.steps * n, "nu")
    let found = try replay(
      .reverseKF, [("r-kf.a", [1, n], a0), ("r-kf.b", [1, n, m], b0), ("r-kf.nu", [1, Self.steps, n], nu)])
    var (a, b) = (a0, b0)
    let expected = run.steps(trial).enumerated().map { t, step -> [[Double]] in
      let forward = (0..<n * m).map { e in (0..<n).reduce(0) { $0 + step.jacobian[e / m][$1] * b[$1 * m + e % m] } }
      let drawn = Array(nu[t * n..<(t + 1) * n])
      let projection = (0..<n * m).map { drawn[$0 / m] * step.slope[$0 / m] * step.hat[$0 % m] }
      let p0 = (run.norm(forward) / run.norm(a)).squareRoot()
      let p1 = (run.norm(projection) / Double(n).squareRoot()).squareRoot()
      a = zip(a, drawn).map { p0 * $0 + p1 * $1 }
      b = zip(forward, projection).map { $0 / p0 + $1 / p1 }
      return run.project(step.signal) { k, i, j in a[i] * b[k * m + j] }
    }
    compare(found, expected)
  }

  @Test func rflo() throws {
    let b0 = normals(n * m, "b")
    let found = try replay(.rflo, [("rflo.b", [1, n, m], b0)])
    var b = b0
    let expected = run.steps(trial).map { step -> [[Double]] in
      b = (0..<n * m).map { (1 - network.population.alpha) * b[$0] + step.slope[$0 / m] * step.hat[$0 % m] }
      return run.project(step.signal) { k, i, j in k == i ? b[i * m + j] : 0 }
    }
    compare(found, expected)
    // Without recurrent weights the leak is the whole Jacobian, and RFLO is exact.
    var apart = network
    apart.projections[1].weights = [Double](repeating: 0, count: n * n)
    let both = RateReference.evaluate(apart, [trial], rules: [.rflo, .rtrl]).rules.map { recurrent($0.total) }
    #expect(distance(both[0], both[1]) < 1e-13)
  }

  @Test(arguments: [false, true])
  func kernl(resetting: Bool) throws {
    let deviation = 0.01
    let noise = normals((Self.steps + 1) * n, "noise", scale: deviation)
    let (a0, gamma0) = (normals(n * n, "a"), normals(n, "gamma").map { 0.5 + 0.2 * $0 })
    var tensors: [(String, [Int], [Double])] = [
      ("kernl.noise", [1, Self.steps + 1, n], noise), ("kernl.a", [n, n], a0), ("kernl.gamma", [n], gamma0),
      ("kernl.learning_rate", [], [20]),
    ]
    if resetting { tensors.append(("kernl.reset", [1], [4])) }
    let found = try replay(.kernl, tensors)
    var (a, gamma) = (a0, gamma0)
    var perturbed = [Double](repeating: 0, count: n)
    var (omega, derivative) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    var b = [Double](repeating: 0, count: n * m)
    let expected = run.steps(trial).enumerated().map { t, step -> [[Double]] in
      if resetting, t % 4 == 0 {
        perturbed = step.activity
        omega = omega.map { _ in 0 }
        derivative = omega
        b = b.map { _ in 0 }
      }
      perturbed = run.next(zip(perturbed, noise[t * n..<(t + 1) * n]).map(+), step.input).a
      let kernel = gamma.map { max(0, 1 - $0) }
      derivative = (0..<n).map { kernel[$0] * derivative[$0] - omega[$0] }
      omega = (0..<n).map { kernel[$0] * omega[$0] + noise[(t + 1) * n + $0] }
      b = (0..<n * m).map { kernel[$0 / m] * b[$0] + step.slope[$0 / m] * step.hat[$0 % m] }
      let error = (0..<n).map { k in
        (0..<n).reduce(step.activity[k] - perturbed[k]) { $0 + a[k * n + $1] * omega[$1] }
      }
      let slope = (0..<n).map { i in (0..<n).reduce(0) { $0 + error[$1] * a[$1 * n + i] } * derivative[i] }
      a = (0..<n * n).map { a[$0] - 20 * error[$0 / n] * omega[$0 % n] }
      gamma = (0..<n).map { gamma[$0] - 20 * slope[$0] }
      return run.project(step.signal) { k, i, j in a[k * n + i] * b[i * m + j] }
    }
    compare(found, expected)
  }

  @Test(arguments: [false, true])
  func dni(learnsJacobian: Bool) throws {
    let outputs = network.readout.count
    let width = n + outputs + 1
    let (a0, j0) = (normals(n * width, "a", scale: 0.3), normals(n * n, "j", scale: 0.5))
    let rule: OnlineRule = learnsJacobian ? .dniB : .dni
    var tensors: [(String, [Int], [Double])] = [
      ("\(rule.rawValue).a", [n, width], a0), ("\(rule.rawValue).learning_rate", [1], [0.05]),
      ("\(rule.rawValue).interval", [], [3]),
    ]
    if learnsJacobian { tensors += [("dni-b.jacobian", [n, n], j0), ("dni-b.jacobian_rate", [], [0.02])] }
    let found = try replay(rule, tensors)
    var (a, fixed, learnt) = (a0, a0, j0)
    var (signal, target) = ([Double](repeating: 0, count: n), [Double]?.none)
    func guess(_ a: [Double], _ state: [Double]) -> [Double] {
      (0..<n).map { i in (0..<width).reduce(0) { $0 + a[i * width + $1] * state[$1] } }
    }
    let expected = run.steps(trial).enumerated().map { t, step -> [[Double]] in
      if learnsJacobian {
        let error = (0..<n).map { k in (0..<n).reduce(-step.activity[k]) { $0 + learnt[k * n + $1] * step.previous[$1] }
        }
        learnt = (0..<n * n).map { learnt[$0] - 0.02 * error[$0 / n] * step.previous[$0 % n] }
      }
      let before = step.previous + (target ?? step.target) + [1]
      let now = step.activity + step.target + [1]
      let ahead = guess(fixed, now).map { learnsJacobian ? tanh($0) : $0 }
      let goal = (0..<n).map { l in
        (0..<n).reduce(signal[l]) {
          $0 + ahead[$1] * (learnsJacobian ? learnt[$1 * n + l] : step.jacobian[$1][l])
        }
      }
      let error = zip(guess(a, before), goal).map { $0 - $1 }
      a = (0..<n * width).map { a[$0] - 0.05 * error[$0 / width] * before[$0 % width] }
      if t % 3 == 2 { fixed = a }
      (signal, target) = (step.signal, step.target)
      let credit = guess(a, now)
      return (0..<n).map { i in step.hat.map { credit[i] * step.slope[i] * $0 } }
    }
    compare(found, expected)
  }

  @Test func theStartOfTheNetwork() throws {
    let start = normals(n, "start", scale: 0.5)
    var writer = SafetensorsWriter()
    writer.add("activity", shape: [1, n], start, as: .float64)
    let draws = try RecordedDraws(
      SafetensorsFile(bytes: writer.bytes()), for: RateReference.sizes(network), rules: [.rtrl], trials: 1,
      steps: Self.steps)
    let engine = RateEngine(network, rules: [], recorded: draws)
    var first: [Double]?
    engine.run(trial) { _ in first = first ?? engine.activity }
    guard case .analog(let x) = trial.inputs else { return }
    let expected = run.next(start, Array(x.prefix(network.inputs.count))).a
    #expect(distance(try #require(first), expected) < 1e-14)
  }

  @Test func everythingWrongIsFoundAtOnce() throws {
    var writer = SafetensorsWriter()
    writer.add("uoro.a", shape: [1, n + 1], normals(n + 1, "a"))
    writer.add("uoro.n", shape: [1], [0])
    writer.add("activity", shape: [1, n], [Double](repeating: .nan, count: n))
    writer.add("dni.interval", shape: [], [0])
    let file = try SafetensorsFile(bytes: writer.bytes())
    #expect {
      try RecordedDraws(file, file: "d", for: RateReference.sizes(network), rules: [.uoro], trials: 1, steps: 9)
    } throws: { error in
      let ids = (error as? Findings)?.all.map(\.id).sorted()
      return ids == [
        "draws.missing", "draws.missing", "draws.not-finite", "draws.setting", "draws.shape", "draws.unknown",
      ]
    }
  }
}
