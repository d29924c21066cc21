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

  @Test func everyRuleTrainsOrIsRefused() throws {
    try withTemporaryFolder { folder in
      for rule in try Self.rules() {
        let name = try #require(rule["name"] as? String)
        let fits = rule["trains"] as? Bool == true && (rule["networks"] as? [String])?.contains("spiking") == true
        let run = try epropc("train", "blink", "--rule", name, "--iterations", "2", "-o", "out-" + name, in: folder)
        #expect(run.status == (fits ? 0 : 1), "\(name): \(run.errors)")
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
            #expect(abs(steps.reduce(0) { $0 + $1[index] } - total[index]) < 1e-11)
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

      for (name, shape, id) in [
        ("e-prop-1-windows.feedback", [3, 2, 1], "draws.shape"),
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

  /// How close the slopes come to the theory is for a quiet machine to say: tests run beside other tests.
  @Test func everyRuleIsMeasured() throws {
    try withTemporaryFolder { folder in
      let run = try epropc("rules", "--measure", "--json", in: folder)
      #expect(run.status == 0)
      let rules = try #require(try object(Data(run.output.utf8))["rules"] as? [JSONObject])
      for rule in rules {
        let (cost, measured) = (
          try #require(rule["cost"] as? JSONObject), try #require(rule["measured"] as? JSONObject)
        )
        let (theory, slope) = (try #require(cost["exponent"] as? Double), try #require(measured["exponent"] as? Double))
        #expect(theory >= 1 && slope.isFinite, "\(rule["name"] ?? "")")
      }
    }
  }

  /// Only where `make extras` has been.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: package + "/.build/extras/bin/python3")))
  func agreesWithAutomaticDifferentiation() throws {
    let run = try epropc("bench", "reference", "--iterations", "5", in: Self.package)
    #expect(run.status == 0, "\(run.errors)")
    let line = try #require(run.output.split(separator: "\n").first { $0.hasPrefix("PyTorch") })
    let words = line.split(separator: " ")
    let times = try #require(words.firstIndex(of: "times").flatMap { Double(words[$0 - 1]) })
    #expect(times >= 20)
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
      let lstm = try epropc("gradients", "out/initial", "--trials", "trials", "--rules", "lstm-e-prop-1", in: folder)
      #expect(lstm.status == 1)
      #expect(lstm.errors.contains("[rule.not-applicable]"))
    }
  }
}
