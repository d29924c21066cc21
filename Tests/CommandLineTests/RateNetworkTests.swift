import Foundation
import Randomness
import Safetensors
import Testing

/// `gradients` and `train` on a network of leaky tanh units.
@Suite struct RateNetworkTests {
  private static let rules = [
    "bptt", "f-bptt", "rtrl", "uoro", "kf-rtrl", "r-kf", "kernl", "rflo", "dni", "dni-b", "fixed-w",
  ]
  private static let (units, columns, steps, trials) = (3, 6, 10, 2)

  /// `net/network.json` and `trials` in a folder: three units, two inputs, two readouts.
  private static func prepare(_ folder: String, optimiser: String = #"{ "kind": "sgd", "learning_rate": 0.05 }"#) throws
  {
    var generator = SplitMix64(seed: 4, stream: "rate network")
    func matrix(_ rows: Int, _ columns: Int) -> String {
      let lines = (0..<rows).map { _ in
        "[" + (0..<columns).map { _ in "\(generator.normal())" }.joined(separator: ",") + "]"
      }
      return "[" + lines.joined(separator: ",") + "]"
    }
    let kind = optimiser.replacingOccurrences(of: " }", with: #", "schedule": { "kind": "constant" } }"#)
    let network = """
      { "format": "epropc-network", "version": 1, "name": "rates", "inputs": { "count": 2, "kind": "spikes" },
        "populations": [{ "name": "units", "count": 3, "model": "leaky-tanh", "alpha": 0.6, "bias": [0.1, 0, -0.2],
          "plastic_bias": true }],
        "projections": [
          { "name": "in", "from": "inputs", "to": "units", "weights": \(matrix(3, 2)), "plastic": true },
          { "name": "rec", "from": "units", "to": "units", "weights": \(matrix(3, 3)), "plastic": true, "autapses": true },
          { "name": "out", "from": "units", "to": "y", "weights": \(matrix(2, 3)), "plastic": true }],
        "readout": { "name": "y", "count": 2, "bias": [0, 0], "plastic_bias": true },
        "loss": "squared-error", "feedback": { "kind": "symmetric" }, "optimiser": \(kind), "maximum_steps": 100 }
      """
    try FileManager.default.createDirectory(atPath: folder + "/net", withIntermediateDirectories: true)
    try network.write(toFile: folder + "/net/network.json", atomically: false, encoding: .utf8)
    var file = SafetensorsWriter()
    let count = trials * steps * 2
    file.add(
      "inputs", shape: [trials, steps, 2], (0..<count).map { _ in generator.uniform() < 0.5 ? 1 : 0 }, as: .uint8)
    file.add("targets", shape: [trials, steps, 2], (0..<count).map { _ in generator.normal() })
    try file.write(path: folder + "/trials")
  }

  @Test func comparesEveryRule() throws {
    try withTemporaryFolder { folder in
      try Self.prepare(folder)
      let run = try epropc(
        "gradients", "net", "--trials", "trials", "--rules", Self.rules.joined(separator: ","), "--json", "g.json",
        "--per-step", in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let document = try object(at: folder + "/g.json")
      let rules = try #require(document["rules"] as? [JSONObject])
      #expect(rules.compactMap { $0["rule"] as? String } == Self.rules)
      #expect(
        (document["parameters"] as? [JSONObject])?.compactMap { $0["parameter"] as? String } == [
          "W_in", "W_rec", "W_out", "b", "b_out",
        ])
      for rule in rules {
        let cosine = try #require(rule["cosine"] as? Double)
        if ["bptt", "f-bptt", "rtrl"].contains(rule["rule"] as? String) { #expect(abs(cosine - 1) < 1e-12) }
        for parameter in try #require(rule["parameters"] as? [JSONObject]) {
          let total = try #require(parameter["gradient"] as? [Double])
          let steps = try #require(parameter["step_gradient"] as? [[Double]])
          #expect(steps.count == Self.steps)
          for index in total.indices {
            let size = steps.reduce(1) { max($0, abs($1[index])) }
            #expect(abs(steps.reduce(0) { $0 + $1[index] } - total[index]) < 1e-11 * size)
          }
        }
      }
      let text = try epropc("gradients", "net", "--trials", "trials", in: folder)
      #expect(text.status == 0 && text.output.contains("kf-rtrl"))
      let spiking = try epropc("gradients", "net", "--trials", "trials", "--rules", "e-prop-1", in: folder)
      #expect(spiking.status == 1 && spiking.errors.contains("[rule.not-applicable]"))
    }
  }

  /// Everything that rules draw is given: the seed decides nothing. What is missing or wrong is said by name.
  @Test func replaysDraws() throws {
    try withTemporaryFolder { folder in
      try Self.prepare(folder)
      let (n, m, t, k) = (Self.units, Self.columns, Self.steps, Self.trials)
      var generator = SplitMix64(seed: 6, stream: "draws")
      func draws(without missing: String? = nil, wrong: String? = nil) -> SafetensorsWriter {
        var file = SafetensorsWriter()
        func add(_ name: String, _ shape: [Int], signs: Bool = false, scale: Double = 1) {
          guard name != missing else { return }
          let shape = name == wrong ? shape + [1] : shape
          let values = (0..<shape.reduce(1, *)).map { _ in scale * generator.normal() }
          file.add(name, shape: shape, signs ? values.map { $0 < 0 ? -1 : 1 } : values)
        }
        add("uoro.a", [k, n])
        add("uoro.b", [k, n, m])
        add("uoro.nu", [k, t, n], signs: true)
        add("kf-rtrl.a", [k, m])
        add("kf-rtrl.b", [k, n, n])
        add("kf-rtrl.nu", [k, t, 2], signs: true)
        add("r-kf.a", [k, n])
        add("r-kf.b", [k, n, m])
        add("r-kf.nu", [k, t, n], signs: true)
        add("kernl.noise", [k, t + 1, n], scale: 0.001)
        add("dni.a", [n, n + 3])
        add("dni-b.a", [n, n + 3])
        add("activity", [k, n])
        return file
      }
      let rules = ["uoro", "kf-rtrl", "r-kf", "kernl", "dni", "dni-b", "rflo"].joined(separator: ",")
      func run(_ seed: String, _ more: String...) throws -> Run {
        try epropc(
          [
            "gradients", "net", "--trials", "trials", "--rules", rules, "--learn", "rtrl", "--json", "-", "--seed",
            seed,
          ]
            + more, in: folder)
      }
      try draws().write(path: folder + "/draws")
      let first = try run("1", "--draws", "draws")
      #expect(first.status == 0, "\(first.errors)")
      #expect(try run("2", "--draws", "draws").output == first.output)
      #expect(try run("1").output != run("2").output)
      try draws(without: "r-kf.nu").write(path: folder + "/missing")
      let missing = try run("1", "--draws", "missing")
      #expect(missing.status == 1 && missing.errors.contains("[draws.missing]") && missing.errors.contains("r-kf.nu"))
      try draws(wrong: "kernl.noise").write(path: folder + "/wrong")
      let wrong = try run("1", "--draws", "wrong")
      #expect(wrong.status == 1 && wrong.errors.contains("[draws.shape]"))
    }
  }

  /// The record of a training: each gradient leads from one row of weights to the next, and the last is what is written.
  @Test(arguments: ["rtrl", "uoro", "kf-rtrl", "r-kf", "kernl", "rflo", "dni", "dni-b", "fixed-w", "bptt", "f-bptt"])
  func recordOfTraining(_ rule: String) throws {
    try withTemporaryFolder { folder in
      try Self.prepare(folder)
      let common = [
        "train", "--network", "net", "--trials", "trials", "--rule", rule, "--iterations", "3", "--batch", "2",
      ]
      let run = try epropc(
        common + ["--updates", "trial", "-o", "out", "--record", "record", "--log", "log"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let record = try SafetensorsFile(path: folder + "/record")
      let loss = try #require(record.tensor(named: "loss")).doubles()
      let logged = try lines(at: folder + "/log").compactMap { $0["loss"] as? Double }
      #expect(logged.count == 3 && zip(logged, loss).allSatisfy { abs($0 - $1) < 1e-12 * $1 })
      #expect(try lines(at: folder + "/log").allSatisfy { $0["rate_hz"] == nil })
      for (name, size) in [("in.weights", 6), ("rec.weights", 9), ("out.weights", 6), ("units.bias", 3), ("y.bias", 2)]
      {
        let gradients = try #require(record.tensor(named: "gradients." + name)).doubles()
        let parameters = try #require(record.tensor(named: "parameters." + name)).doubles()
        #expect(gradients.count == 3 * size && parameters.count == 4 * size)
        for index in gradients.indices {
          #expect(abs(parameters[index + size] - (parameters[index] - 0.05 * gradients[index])) < 1e-15)
        }
      }
      let written = try object(at: folder + "/out/network.json")
      let projections = try #require(written["projections"] as? [JSONObject])
      let weights = try #require(projections[1]["weights"] as? [[Double]]).flatMap { $0 }
      let last = try #require(record.tensor(named: "parameters.rec.weights")).doubles().suffix(9)
      #expect(zip(last, weights).allSatisfy { abs($0 - $1) < 1e-12 })

      let streaming = try epropc(common + ["-o", "stream", "--record", "steps"], in: folder)
      #expect(streaming.status == 0, "\(streaming.errors)")
      let steps = try SafetensorsFile(path: folder + "/steps")
      #expect(steps.tensor(named: "gradients.rec.weights") == nil)
      #expect(steps.tensor(named: "parameters.rec.weights")?.shape == [4, 3, 3])
    }
  }

  @Test func refusals() throws {
    try withTemporaryFolder { folder in
      try Self.prepare(folder)
      let train = ["train", "--network", "net", "--trials", "trials", "-o", "out"]
      let factored = try epropc(train + ["--optimizer", "factored"], in: folder)
      #expect(factored.status == 1 && factored.errors.contains("[network.rate.optimiser]"))
      let record = try epropc(train + ["--updates", "trial", "--iterations", "100000000", "--record", "r"], in: folder)
      #expect(record.status == 1 && record.errors.contains("[train.record-size]"))
      let updates = try epropc("train", "blink", "--updates", "step", "-o", "out", in: folder)
      #expect(updates.status == 1 && updates.errors.contains("[rule.not-applicable]"))
      #expect(try contents(folder) == ["net", "trials"])
    }
  }
}
