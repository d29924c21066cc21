import Diagnostics
import Safetensors
import Testing
import Trials

/// Trials of networks that hold their inputs, and files with labels and attributes.
@Suite struct HeldTrialTests {
  private func set(_ lengths: [Int], hold: Int, mask: Bool = false) -> TrialSet {
    TrialSet(
      inputCount: 2, outputCount: 3,
      trials: lengths.enumerated().map { index, rows in
        let targets = (0..<rows * hold).flatMap { step in (0..<3).map { Double((step / hold + index + $0) % 5) } }
        let inputs = (0..<rows * 2).map { Double($0) / 8 - 1 }
        return Trial(
          steps: rows * hold, inputs: .analog(inputs), targets: targets,
          mask: mask ? (0..<rows * hold).map { $0 / hold != 1 } : nil, holdSteps: hold)
      }, attributes: ["speaker": lengths.indices.map { $0 * 7 }])
  }

  @Test(arguments: [1, 2, 5], [false, true]) func roundTrip(hold: Int, mask: Bool) throws {
    let trials = set([4, 2, 3], hold: hold, mask: mask)
    let file = try SafetensorsFile(bytes: trials.fileBytes())
    #expect(file.tensor(named: "inputs")?.shape == [3, 4, 2])
    #expect(file.tensor(named: "lengths")?.doubles() == [4, 2, 3])
    #expect(try TrialSet(file, as: .init(holdSteps: hold)) == trials)
  }

  /// A file has one row for each input, so targets that change with every step have no place in it.
  @Test func onlyWholeRowsAreWritten() {
    var trials = set([4], hold: 5)
    trials.trials[0].targets[4] += 1
    #expect(findings { () throws(Findings) in _ = try trials.fileBytes() }.map(\.id) == ["trials.inconsistent"])
    trials = set([4], hold: 5)
    trials.trials[0].steps = 19
    trials.trials[0].targets.removeLast(3)
    #expect(findings { () throws(Findings) in _ = try trials.fileBytes() }.map(\.id) == ["trials.inconsistent"])
    trials = set([4], hold: 5)
    trials.attributes["speaker"] = [1, 2]
    #expect(findings { () throws(Findings) in _ = try trials.fileBytes() }.map(\.id) == ["trials.inconsistent"])
  }

  @Test func bytesSpanTheRangeAndLabelsAreOneHot() throws {
    var writer = SafetensorsWriter()
    writer.add("inputs", shape: [2, 2, 1], bytes: [0, 128, 255, 9])
    writer.add("label", shape: [2], bytes: [2, 0])
    writer.add("lengths", shape: [2], bytes: [2, 1])
    writer.add("take", shape: [2], bytes: [3, 4])
    let content = try SafetensorsFile(bytes: writer.bytes())
    let trials = try TrialSet(content, as: .init(analogRange: -1...(127.0 / 128), outputCount: 3, holdSteps: 2))
    #expect(trials.trials[0].inputs == .analog([-1, 0]))
    #expect(trials.trials[1].inputs == .analog([127.0 / 128]))
    #expect(trials.trials[0].targets == [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1])
    #expect(trials.trials[1].targets == [1, 0, 0, 1, 0, 0])
    #expect(trials.trials.map(\.steps) == [4, 2])
    #expect(trials.attributes == ["take": [3, 4]])
    #expect(trials.filtered { $0 == 1 }.attributes == ["take": [4]])
    let few = findings { () throws(Findings) in _ = try TrialSet(content, as: .init(analogRange: 0...1, outputCount: 2))
    }
    #expect(few.map(\.id) == ["trials.label"])
    #expect(few.first?.location?.path == "label[0]")
  }

  /// 2^25 rows of nothing would become 2^40 numbers.
  @Test func targetsAreBounded() throws {
    var writer = SafetensorsWriter()
    writer.add("inputs", shape: [1 << 16, 64, 1], bytes: [UInt8](repeating: 0, count: 1 << 22))
    writer.add("label", shape: [1 << 16], bytes: [UInt8](repeating: 0, count: 1 << 16))
    let content = try SafetensorsFile(bytes: writer.bytes())
    let found = findings { () throws(Findings) in
      _ = try TrialSet(content, as: .init(analogRange: 0...1, outputCount: 32_767, holdSteps: 255))
    }
    #expect(found.map(\.id) == ["trials.limit.targets"])
  }

  @Test func theHoldOfNetworkAndTrialsMustAgree() {
    let expectation = TrialSet.Expectation(
      inputCount: 2, analogRange: -1...1, outputCount: 3, maximumSteps: 100, holdSteps: 4)
    #expect(set([4], hold: 4).findings(for: expectation).isEmpty)
    #expect(set([4], hold: 5).findings(for: expectation).map(\.id) == ["trials.inputs.hold"])
  }

  @Test func whatIsNearlyANameIsNoAttribute() throws {
    var writer = SafetensorsWriter()
    writer.add("inputs", shape: [1, 1, 1], bytes: [0])
    writer.add("labels", shape: [1], bytes: [0])
    writer.add("targets", shape: [1, 1, 1], [0])
    let content = try SafetensorsFile(bytes: writer.bytes())
    let found = findings { () throws(Findings) in _ = try TrialSet(content) }
    #expect(found.map(\.id) == ["trials.tensor.unknown"])
    #expect(found.first?.help == "did you mean \"label\"?")
  }
}
