import Foundation
import Safetensors
import Testing

/// `bench digits` on made-up features, and on real ones where there are some.
@Suite struct DigitsTests {
  /// Recordings of `speakers` speakers, each of 3 digits in `takes` takes of 6 to 9 frames.
  private static func write(_ path: String, speakers: Int, takes: Int) throws {
    var (inputs, lengths, labels, names) = ([UInt8](), [UInt8](), [UInt8](), [UInt8]())
    for speaker in 0..<speakers {
      for label in 0..<3 {
        for take in 0..<takes {
          let length = 6 + (speaker + label + take) % 4
          for frame in 0..<9 {
            for i in 0..<39 {
              let value = i % 3 == label ? 230 - 10 * speaker : 40 + 5 * take + frame
              inputs.append(frame < length ? UInt8(value) : 0)
            }
          }
          lengths.append(UInt8(length))
          labels.append(UInt8(label))
          names.append(UInt8(speaker))
        }
      }
    }
    var writer = SafetensorsWriter(metadata: ["speakers": "ann,bob"])
    writer.add("inputs", shape: [lengths.count, 9, 39], bytes: inputs)
    for (name, values) in [("lengths", lengths), ("label", labels), ("speaker", names)] {
      writer.add(name, shape: [values.count], bytes: values)
    }
    try writer.write(path: path)
  }

  /// Everything runs, the C has the model's bits, and the same seed gives the same figures.
  @Test func runsOnAnyRecordings() throws {
    try withTemporaryFolder { folder in
      try Self.write(folder + "/few-train.safetensors", speakers: 2, takes: 4)
      try Self.write(folder + "/few-test.safetensors", speakers: 2, takes: 2)
      func bench(_ more: String...) throws -> Run {
        try epropc(["bench", "digits", "--data", folder, "--seeds", "5", "--epochs", "3"] + more, in: root)
      }
      let run = try bench("--json", "--networks", folder + "/networks")
      #expect(run.status == 0, "\(run.errors)")
      let document = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
      let trainings = try #require(document["trainings"] as? [[String: Any]])
      #expect(trainings.map { $0["rule"] as? String } == ["e-prop 1", "readout only", "BPTT"])
      #expect(trainings[0]["int8_accuracy"] is Double)
      let speakers = try #require(document["speakers"] as? [[String: Any]])
      #expect(speakers.map { $0["name"] as? String } == ["ann", "ann", "bob", "bob"])
      #expect(speakers.allSatisfy { $0["learnt"] as? Int == 12 && $0["spoilt"] as? Int == 0 })
      for outcome in speakers {
        for field in ["before", "after", "others_before", "others_after"] {
          #expect((outcome[field] as? Double).map { (0...1).contains($0) } == true)
        }
      }
      let table = try bench("--part", "training", "--rule", "e-prop")
      #expect(table.output.contains("int8, as C") && !table.output.contains("BPTT"))
      let accuracy = try #require(trainings[0]["accuracy"] as? Double)
      #expect(table.output.contains(String(format: "%.2f %%", accuracy * 100)))
      let network = folder + "/networks/digits-5"
      #expect(try epropc("plan", network, in: folder).output.contains("input hold"))
    }
  }

  @Test func whatIsMissing() throws {
    try withTemporaryFolder { folder in
      let run = try epropc("bench", "digits", "--data", folder, in: root)
      #expect(run.status == 1)
      #expect(run.errors.components(separatedBy: "[digits.files]").count == 3)
      #expect(try epropc("bench", "digits", "--data", folder, "--epochs", "0", in: root).status == 2)
    }
  }

  /// e-prop 1 recognises 95 % of the digits of all speakers, in the mean of three seeds that nothing was chosen on.
  @Test func recognisesDigits() throws {
    guard let data = ProcessInfo.processInfo.environment["EPROPC_DIGITS"] else {
      print("SKIPPED: spoken digits, because EPROPC_DIGITS names no folder of features (README, Spoken digits)")
      return
    }
    let run = try epropc(
      "bench", "digits", "--data", data, "--part", "training", "--rule", "e-prop", "--json", in: root)
    #expect(run.status == 0, "\(run.errors)")
    let document = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let trainings = try #require(document["trainings"] as? [[String: Any]])
    func mean(_ field: String) -> Double {
      trainings.reduce(0) { $0 + ($1[field] as? Double ?? 0) } / Double(trainings.count)
    }
    #expect(trainings.count == 3)
    #expect(mean("accuracy") >= 0.95)
    #expect(abs(mean("accuracy") - mean("int8_accuracy")) < 0.01)
  }

  /// The top of the package, where the targets are.
  private var root: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .path
  }
}
