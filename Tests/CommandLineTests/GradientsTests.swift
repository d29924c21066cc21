import Foundation
import Randomness
import Safetensors
import Testing

@Suite struct GradientsTests {
  /// The untrained network of a task in `out/initial`, and the trials of its first iteration.
  private static func prepare(_ folder: String) throws {
    let run = try epropc(
      "train", "blink", "--iterations", "1", "-o", "out", "--keep-initial", "--save-trials", "trials", in: folder)
    #expect(run.status == 0)
  }

  private static func rules() throws -> [JSONObject] {
    try withTemporaryFolder { folder in
      let run = try epropc("rules", "--json", in: folder)
      #expect(run.status == 0)
      return try #require(try object(Data(run.output.utf8))["rules"] as? [JSONObject])
    }
  }

  @Test func everyRuleIsDescribed() throws {
    let rules = try Self.rules()
    #expect(Set(rules.compactMap { $0["name"] as? String }).count == rules.count)
    for rule in rules {
      for field in ["summary", "equation", "source"] { #expect((rule[field] as? String)?.isEmpty == false) }
      for field in ["cost", "memory"] {
        let growth = try #require(rule[field] as? JSONObject)
        #expect((growth["exponent"] as? Double ?? 0) >= 0 && growth["order"] is String)
      }
      #expect((rule["networks"] as? [String])?.isEmpty == false)
    }
    let text = try withTemporaryFolder { try epropc("rules", in: $0).output }
    for rule in rules { #expect(text.contains(try #require(rule["name"] as? String))) }
  }

  @Test(arguments: [("spiking", "blink"), ("rate", "add")])
  func everyRuleTrainsOrIsRefused(kind: String, task: String) throws {
    try withTemporaryFolder { folder in
      for rule in try Self.rules() {
        let name = try #require(rule["name"] as? String)
        let fits = rule["trains"] as? Bool == true && (rule["networks"] as? [String])?.contains(kind) == true
        let run = try epropc("train", task, "--rule", name, "--iterations", "1", "-o", "out-" + name, in: folder)
        #expect(run.status == (fits ? 0 : 1), "\(name): \(run.errors)")
        // The refusal says why.
        #expect(fits || run.errors.contains("and this is a \(kind) network: "), "\(name): \(run.errors)")
        #expect(fits || run.errors.contains("[rule.not-applicable]"))
        #expect(FileManager.default.fileExists(atPath: folder + "/out-\(name)/network.json") == fits)
      }
    }
  }

  @Test func comparesEveryRule() throws {
    try withTemporaryFolder { folder in
      try Self.prepare(folder)
      let names = try Self.rules().filter { ($0["networks"] as? [String])?.contains("spiking") == true }
        .compactMap { $0["name"] as? String }
      let run = try epropc(
        "gradients", "out/initial", "--trials", "trials", "--rules", names.joined(separator: ","), "--json", "g.json",
        "--per-step", "--data", "g.dat", in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let document = try object(at: folder + "/g.json")
      let rules = try #require(document["rules"] as? [JSONObject])
      #expect(rules.compactMap { ($0["rule"] as? String)?.split(separator: ":").first.map(String.init) } == names)
      for rule in rules {
        let name = try #require(rule["rule"] as? String)
        let cosine = try #require(rule["cosine"] as? Double)
        if ["bptt", "rtrl"].contains(name) { #expect(abs(cosine - 1) < 1e-12) }
        let parameters = try #require(rule["parameters"] as? [JSONObject])
        #expect(parameters.count == (document["parameters"] as? [JSONObject])?.count)
        for parameter in parameters {
          let total = try #require(parameter["gradient"] as? [Double])
          let steps = try #require(parameter["step_gradient"] as? [[Double]])
          #expect(steps.count == 24)
          for index in total.indices {
            let size = steps.reduce(1) { max($0, abs($1[index])) }
            #expect(abs(steps.reduce(0) { $0 + $1[index] } - total[index]) < 1e-11 * size)
          }
        }
      }
      let lines = try String(contentsOfFile: folder + "/g.dat", encoding: .utf8).split(separator: "\n")
      #expect(lines.count == 25)
      #expect(lines.allSatisfy { $0.split(separator: " ").filter { $0 != "#" }.count == 1 + 2 * names.count })
    }
  }

  /// Draws that are given stand for draws that are made.
  @Test func replaysDraws() throws {
    try withTemporaryFolder { folder in
      try Self.prepare(folder)
      var generator = SplitMix64(seed: 5, stream: "draws")
      let values = (0..<4 * 2).map { _ in generator.normal() }
      var file = SafetensorsWriter()
      file.add("e-prop-1-windows.feedback", shape: [4, 2, 1], values)
      try file.write(path: folder + "/draws.safetensors")
      func gradient(_ arguments: [String]) throws -> Run {
        try epropc(
          ["gradients", "out/initial", "--trials", "trials", "--rules", "e-prop-1-windows:6", "--json", "-"]
            + arguments,
          in: folder)
      }
      let drawn = try gradient(["--seed", "2"])
      let given = try gradient(["--seed", "2", "--draws", "draws.safetensors"])
      #expect(drawn.status == 0 && given.status == 0)
      #expect(drawn.output != given.output)
      #expect(try gradient(["--seed", "3", "--draws", "draws.safetensors"]).output == given.output)
      #expect(try gradient(["--seed", "3"]).output != drawn.output)

      // The same of an online rule: blink has 2 neurons with 3 numbers of state and 2 inputs.
      var online = SafetensorsWriter()
      func draw(_ name: String, _ shape: [Int], signs: Bool = false) {
        let values = (0..<shape.reduce(1, *)).map { _ in generator.normal() }
        online.add(name, shape: shape, signs ? values.map { $0 < 0 ? -1 : 1 } : values)
      }
      draw("uoro.a", [1, 6])
      draw("uoro.b", [1, 2, 4])
      draw("uoro.nu", [1, 24, 6], signs: true)
      try online.write(path: folder + "/uoro.safetensors")
      func uoro(_ seed: String, _ more: [String]) throws -> Run {
        try epropc(
          ["gradients", "out/initial", "--trials", "trials", "--rules", "uoro", "--json", "-", "--seed", seed] + more,
          in: folder)
      }
      let replayed = try uoro("2", ["--draws", "uoro.safetensors"])
      #expect(replayed.status == 0, "\(replayed.errors)")
      #expect(try uoro("3", ["--draws", "uoro.safetensors"]).output == replayed.output)
      #expect(try uoro("2", []).output != replayed.output)
      let incomplete = try uoro("2", ["--draws", "draws.safetensors"])
      #expect(incomplete.status == 1 && incomplete.errors.contains("[draws.missing]"))

      for (name, shape, id) in [
        ("e-prop-1-windows.feedback", [3, 2, 1], "draws.shape"), ("kernl.noise", [4, 2], "draws.unknown"),
        ("e-prop-1-window.feedback", [4, 2, 1], "draws.unknown"),
      ] {
        var wrong = SafetensorsWriter()
        wrong.add(name, shape: shape, Array(values.prefix(shape.reduce(1, *))))
        try wrong.write(path: folder + "/wrong.safetensors")
        let run = try gradient(["--draws", "wrong.safetensors"])
        #expect(run.status == 1)
        #expect(run.errors.contains("[\(id)]"))
      }
    }
  }

  /// Load on the machine only makes a run slower, so of several measurements the fastest of each size is kept; what is
  /// then 0.8 of a power of n away from the theory is another growth. (What a step costs besides, of order n, keeps the
  /// exponents of the cheaper rules below the theory's at the sizes that are measured.)
  @Test func timeGrowsAsItShould() throws {
    try withTemporaryFolder { folder in
      var fastest: [String: [Double]] = [:]
      var wrong: [String] = []
      for _ in 0..<3 {
        let run = try epropc("rules", "--measure", "--json", in: folder)
        #expect(run.status == 0)
        wrong = []
        for rule in try #require(try object(Data(run.output.utf8))["rules"] as? [JSONObject]) {
          let name = try #require(rule["name"] as? String)
          let (cost, measured) = (
            try #require(rule["cost"] as? JSONObject), try #require(rule["measured"] as? JSONObject)
          )
          let theory = try #require(cost["exponent"] as? Double)
          let sizes = try #require(measured["sizes"] as? [Int])
          let times = try #require(measured["microseconds_per_step"] as? [Double])
          #expect(sizes.count >= 3 && times.allSatisfy { $0 > 0 })
          let least = zip(fastest[name] ?? times, times).map { min($0, $1) }
          fastest[name] = least
          let slope = Self.slope(sizes.map { log(Double($0)) }, least.map { log($0) })
          if abs(slope - theory) > 0.8 { wrong.append("\(name): n^\(slope) for n^\(theory)") }
        }
        if wrong.isEmpty { return }
      }
      Issue.record("\(wrong)")
    }
  }

  /// Of y over x, by least squares.
  private static func slope(_ x: [Double], _ y: [Double]) -> Double {
    let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    return covariance / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
  }

  /// Only where `make extras` has been.
  @Test(.enabled(if: hasExtras, "SKIPPED: PyTorch is not there; `make extras` installs it"))
  func agreesWithAutomaticDifferentiation() throws {
    let run = try epropc("bench", "reference", "--iterations", "5", in: Self.package)
    #expect(run.status == 0, "\(run.errors)")
    let line = try #require(run.output.split(separator: "\n").first { $0.hasPrefix("PyTorch") })
    let words = line.split(separator: " ")
    let times = try #require(words.firstIndex(of: "times").flatMap { Double(words[$0 - 1]) })
    #expect(times >= 20)
  }

  /// Other systems in NumPy and JAX, repeated from the documented files alone.
  @Test(
    .enabled(if: hasExtras, "SKIPPED: NumPy and JAX are not there; `make extras` installs them"),
    arguments: ["conventions.py", "online.py"])
  func repeatsRunsOfOtherSystems(_ script: String) throws {
    try withTemporaryFolder { folder in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: Self.package + "/.build/extras/bin/python3")
      process.arguments = [Self.package + "/Tests/Extras/" + script, executable.path]
      try Data().write(to: URL(fileURLWithPath: folder + "/output"))
      process.standardOutput = FileHandle(forWritingAtPath: folder + "/output")
      process.standardError = process.standardOutput
      try process.run()
      process.waitUntilExit()
      let output = try String(contentsOfFile: folder + "/output", encoding: .utf8)
      if process.terminationStatus == 77 {
        print("\(script): \(output)")
      } else {
        #expect(process.terminationStatus == 0, "\(output)")
      }
    }
  }

  private static var hasExtras: Bool {
    FileManager.default.fileExists(atPath: package + "/.build/extras/bin/python3")
  }

  /// The top of the package: the test is run from there, or its sources are above it.
  private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  @Test func textAndRefusals() throws {
    try withTemporaryFolder { folder in
      try Self.prepare(folder)
      let run = try epropc("gradients", "out/initial", "--trials", "trials", in: folder)
      #expect(run.status == 0)
      #expect(run.output.contains("m-order:2") && run.output.contains("steps 0–2, mean"))
      let totals = try epropc("gradients", "out/initial", "--trials", "trials", "--totals", in: folder)
      #expect(!totals.output.contains("steps 0"))
      for rules in ["magic", "e-prop-1,", "bptt:3", "m-order:0"] {
        let wrong = try epropc("gradients", "out/initial", "--trials", "trials", "--rules", rules, in: folder)
        #expect(wrong.status == 2, "\(rules)")
      }
      // Any order is allowed, and those beyond the trial's steps cost no more than those within.
      let highest = try epropc(
        "gradients", "out/initial", "--trials", "trials", "--rules", "m-order:1048576", "--json", "-", in: folder)
      let rules = try #require(try object(Data(highest.output.utf8))["rules"] as? [JSONObject])
      #expect(abs(try #require(rules.first?["cosine"] as? Double) - 1) < 1e-12)
      let learn = try epropc("gradients", "out/initial", "--trials", "trials", "--learn", "rflo", in: folder)
      #expect(learn.status == 1 && learn.errors.contains("[rule.not-applicable]"))
      let lstm = try epropc("gradients", "out/initial", "--trials", "trials", "--rules", "lstm-e-prop-1", in: folder)
      #expect(lstm.status == 1)
      #expect(lstm.errors.contains("[rule.not-applicable]"))
    }
  }
}
