import Diagnostics
import Foundation
import Safetensors
import Testing
import Trials

@Suite struct TrialTests {
  @Test(arguments: invalidTrials)
  func invalidFixture(expected: Expected) {
    let file = Fixtures.invalid(expected.id + ".safetensors")
    let found = findings { () throws(Findings) in _ = try TrialSet.read(path: file) }
    #expect(found.map(\.id) == [expected.id])
    #expect(found.first?.location == Finding.Location(file: file, path: expected.path))
  }

  @Test(arguments: invalidTrials)
  func validFixture(expected: Expected) {
    #expect(throws: Never.self) { try TrialSet.read(path: Fixtures.valid(expected.id + ".safetensors")) }
  }

  private static let spiking = TrialSet(
    inputCount: 3, outputCount: 2,
    trials: [
      Trial(
        steps: 2, inputs: .spikes(EventTrain(offsets: [0, 2, 2], sources: [0, 2])), targets: [1, 0, 0, 1], mask: nil),
      Trial(
        steps: 3, inputs: .spikes(EventTrain(offsets: [0, 0, 1, 4], sources: [1, 0, 1, 2])),
        targets: [0.1, 1, 2, 3, 4, 5], mask: [true, false, true]),
    ])

  private static let analog = TrialSet(
    inputCount: 1, outputCount: 1,
    trials: [Trial(steps: 2, inputs: .analog([0.5, -0.1]), targets: [1, 2], mask: nil)])

  @Test(arguments: [spiking, analog])
  func roundTrip(trials: TrialSet) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/t.safetensors"
      try trials.write(path: path)
      #expect(try TrialSet.read(path: path) == trials)
      #expect(try Files.read(path, limit: 1 << 20) == trials.fileBytes())
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["t.safetensors"])
    }
  }

  @Test func theFileHoldsWhatTheFormatSays() throws {
    let file = try SafetensorsFile(bytes: Self.spiking.fileBytes())
    #expect(file.tensor(named: "inputs")?.shape == [2, 3, 3])
    #expect(file.tensor(named: "inputs")?.bytes() == [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1, 1])
    #expect(file.tensor(named: "targets")?.elementType == .float64)
    #expect(file.tensor(named: "mask")?.bytes() == [1, 1, 0, 1, 0, 1])
    #expect(file.tensor(named: "lengths")?.doubles() == [2, 3])
    let plain = try SafetensorsFile(bytes: Self.analog.fileBytes())
    #expect(plain.tensors.map(\.name).sorted() == ["inputs", "targets"])
  }

  @Test func whatLiesBeyondATrialsLengthIsDropped() throws {
    let trials = try TrialSet.read(path: Fixtures.valid("trials.not-finite.safetensors"))
    #expect(trials.trials.map(\.steps) == [3, 2])
    #expect(trials.trials[1].targets == [1, 0.5])
    let spikes = try TrialSet.read(path: Fixtures.valid("trials.inputs.not-binary.safetensors"))
    #expect(spikes.trials[0].inputs == .spikes(EventTrain(offsets: [0, 1, 2], sources: [0, 1])))
    #expect(spikes.trials[1].inputs == .spikes(EventTrain(offsets: [0, 1, 2, 4], sources: [0, 1, 0, 1])))
  }

  /// A shape with a 0 in it bounds none of its other extents.
  @Test func enormousEmptyTensors() {
    var writer = SafetensorsWriter()
    writer.add("inputs", shape: [1 << 52, 0, 3], bytes: [])
    writer.add("targets", shape: [1 << 52, 0, 1], [])
    let found = findings { () throws(Findings) in _ = try TrialSet(SafetensorsFile(bytes: writer.bytes())) }
    #expect(found.map(\.id) == ["trials.empty"])
  }

  @Test(arguments: [0, -1, 3, 1 << 62])
  func lengthsLieBetweenOneAndT(length: Int) {
    var writer = SafetensorsWriter()
    writer.add("inputs", shape: [2, 2, 1], bytes: [0, 1, 1, 0])
    writer.add("targets", shape: [2, 2, 1], [1, 2, 3, 4])
    writer.add("lengths", shape: [2], [2, Double(length)], as: .int64)
    let found = findings { () throws(Findings) in _ = try TrialSet(SafetensorsFile(bytes: writer.bytes())) }
    #expect(found.map(\.id) == ["trials.lengths"])
    #expect(found.first?.location?.path == "lengths[1]")
  }

  @Test func severalFindingsAtOnce() {
    var writer = SafetensorsWriter()
    writer.add("inputs", shape: [1, 2, 1], [.nan, 1])
    writer.add("targets", shape: [1, 2, 1], [.infinity, -.infinity])
    writer.add("mask", shape: [1, 2], bytes: [1, 2])
    let found = findings { () throws(Findings) in _ = try TrialSet(SafetensorsFile(bytes: writer.bytes())) }
    #expect(found.map(\.id) == ["trials.not-finite", "trials.not-finite", "trials.mask"])
    #expect(found.map(\.location?.path) == ["inputs[0, 0, 0]", "targets[0, 0, 0]", "mask[0, 1]"])
    #expect(found[1].message.hasSuffix("; so are 1 more"))
  }

  @Test func trialsAndNetworkMustFit() {
    typealias Expectation = TrialSet.Expectation
    func ids(_ trials: TrialSet, _ expectation: Expectation) -> [String] {
      trials.findings(for: expectation, file: "t").map(\.id)
    }
    let spikes = Expectation(inputCount: 3, analogRange: nil, outputCount: 2, maximumSteps: 3)
    #expect(ids(Self.spiking, spikes) == [])
    var other = Expectation(inputCount: 4, analogRange: 0...1, outputCount: 3, maximumSteps: 2, classTargets: true)
    #expect(
      ids(Self.spiking, other) == [
        "trials.input-count", "trials.output-count", "trials.inputs.kind", "trials.too-long",
      ])
    other = spikes
    other.classTargets = true
    let found = Self.spiking.findings(for: other, file: "t")
    #expect(found.map(\.id) == ["trials.targets.not-one-hot"])
    #expect(found.first?.location == Finding.Location(file: "t", path: "targets[1, 0]"))
    let range = Expectation(inputCount: 1, analogRange: 0...1, outputCount: 1, maximumSteps: 3)
    #expect(ids(Self.analog, range) == ["trials.inputs.range"])
  }

  @Test func builtTrialsMustBeConsistent() {
    func ids(_ change: (inout TrialSet) -> Void) -> [String] {
      var trials = Self.spiking
      change(&trials)
      return findings { () throws(Findings) in _ = try trials.fileBytes() }.map(\.id)
    }
    #expect(ids { _ in } == [])
    #expect(ids { $0.trials = [] } == ["trials.empty"])
    #expect(ids { $0.inputCount = 2 } == ["trials.inconsistent", "trials.inconsistent"])
    #expect(ids { $0.trials[0].targets = [1] } == ["trials.inconsistent"])
    #expect(ids { $0.trials[1].mask = [true] } == ["trials.inconsistent"])
    #expect(ids { $0.trials[0].targets[3] = .nan } == ["trials.not-finite"])
    #expect(ids { $0.trials[0].steps = 0 } == ["trials.inconsistent"])
    #expect(
      ids { $0.trials[1].inputs = .spikes(EventTrain(offsets: [0, 9, 1, 4], sources: [1, 0, 1, 2])) }
        == ["trials.inconsistent"])
    #expect(
      ids { $0.trials[1].inputs = .spikes(EventTrain(offsets: [0, 0, 1, 4], sources: [1, 2, 1, 0])) }
        == ["trials.inconsistent"])
    #expect(ids { $0.trials[1].inputs = .analog([Double](repeating: 0, count: 9)) } == ["trials.inputs.mixed"])
  }
}
