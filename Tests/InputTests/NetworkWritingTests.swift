import Descriptions
import Diagnostics
import Foundation
import Networks
import Randomness
import Safetensors
import Testing

@Suite struct NetworkWritingTests {
  private static let conventions: [Convention] = {
    var mixed = Convention.nest
    mixed.spikeCondition = .above
    return Convention.Preset.allCases.map(\.convention) + [mixed]
  }()

  @Test(arguments: conventions)
  func roundTrip(convention: Convention) throws {
    let network = exampleNetwork(convention: convention)
    try withTemporaryFolder { folder in
      try network.write(toDirectory: folder + "/new/folder")
      let again = try SpikingNetwork.read(path: folder + "/new/folder")
      #expect(again == network)
      #expect(again.projections[3].weights[3].sign == .minus)
      #expect(again.files().map(\.bytes) == network.files().map(\.bytes))
    }
  }

  @Test func everyOptimiserAndScheduleRoundTrips() throws {
    let kinds: [SpikingNetwork.Optimiser.Kind] = [
      .sgd, .momentum(0.9), .adam(beta1: 0, beta2: 0.5, epsilon: 1e-5), .factored(clip: 3),
      .postsynaptic(clip: 2),
    ]
    let schedules: [SpikingNetwork.Optimiser.Schedule] = [
      .constant, .linearToZero(trials: 1000), .stepwise(factor: 0.3, every: 1), .linearToFloor(trials: 9, floor: 0.25),
    ]
    for kind in kinds {
      for schedule in schedules {
        var network = exampleNetwork()
        network.optimiser = SpikingNetwork.Optimiser(kind: kind, learningRate: 0.1, schedule: schedule)
        network.feedback = .symmetric
        network.rateRegularisation = nil
        network.inputs = .init(count: network.inputs.count, kind: .spikes)
        #expect(try reread(network) == network)
      }
    }
  }

  @Test func sparseProjectionsRoundTrip() throws {
    var network = exampleNetwork()
    let exists = (0..<25).map { $0 % 6 != 0 && $0 % 3 != 1 }
    network.projections[1].mask = exists
    network.projections[1].weights = (0..<25).map { exists[$0] ? network.projections[1].weights[$0] : 0 }
    // Sixteen values or fewer stand in the document.
    network.projections[4].mask = [true, true, true, true, true, false]
    network.projections[4].weights[5] = 0
    #expect(try reread(network) == network)
    #expect(network.files().map(\.bytes) == (try reread(network)).files().map(\.bytes))
  }

  @Test func listsOfSynapsesAreThoseOfAMask() throws {
    let text = try String(contentsOfFile: Fixtures.valid("network.synapses.shape.json"), encoding: .utf8)
    let masked = text.replacingOccurrences(
      of: "\"synapses\": { \"post\": [0, 1], \"pre\": [1, 0], \"weights\": [1, 2] }",
      with: "\"weights\": [[0, 1], [2, 0]], \"mask\": [[0, 1], [1, 0]]")
    #expect(masked != text)
    func network(_ text: String) throws -> SpikingNetwork {
      try .validating(NetworkDescription(json: Array(text.utf8)))
    }
    #expect(try network(text) == network(masked))
    // Everything but the diagonal exists: that is no sparse projection.
    #expect(try network(text).projections[2].mask == nil)
    let one = text.replacingOccurrences(
      of: "[0, 1], \"pre\": [1, 0], \"weights\": [1, 2]", with: "[1], \"pre\": [0], \"weights\": [2]")
    #expect(try network(one).projections[2].mask == [false, false, true, false])
    #expect(try network(one).projections[2].weights == [0, 0, 2, 0])
  }

  @Test func presetsStandForTheirSettings() throws {
    let text = try String(contentsOfFile: Fixtures.valid("network.weights.shape.json"), encoding: .utf8)
    func optimiser(_ fields: String) throws -> SpikingNetwork.Optimiser {
      let changed = text.replacingOccurrences(of: "\"kind\": \"sgd\", \"learning_rate\": 0.01,", with: fields)
      #expect(changed != text)
      return try SpikingNetwork.validating(NetworkDescription(json: Array(changed.utf8))).optimiser
    }
    #expect(try optimiser("\"preset\": \"default\",") == .init(.standard, schedule: .constant))
    #expect(try optimiser("\"preset\": \"regression\",") == .init(.regression, schedule: .constant))
    #expect(
      try optimiser("\"preset\": \"regression\", \"clip\": 3, \"learning_rate\": 0.5,")
        == .init(kind: .factored(clip: 3), learningRate: 0.5, schedule: .constant))
    #expect(
      findings { () throws(Findings) in
        let changed = text.replacingOccurrences(
          of: "\"kind\": \"sgd\"", with: "\"preset\": \"regressive\", \"momentum\": 1")
        _ = try SpikingNetwork.validating(NetworkDescription(json: Array(changed.utf8)))
      }.map(\.id).contains("network.value.unknown"))
  }

  private func reread(_ network: SpikingNetwork) throws -> SpikingNetwork {
    try withTemporaryFolder { folder in
      try network.write(toDirectory: folder)
      return try SpikingNetwork.read(path: folder)
    }
  }

  @Test func whatIsWrongIsNotWritten() throws {
    try withTemporaryFolder { folder in
      var network = exampleNetwork()
      network.readout.bias[0] = .nan
      let found = findings { () throws(Findings) in try network.write(toDirectory: folder + "/n") }
      #expect(found.map(\.id) == ["network.weights.not-finite"])
      #expect(found.first?.location?.path == "readout.bias")
      #expect(!FileManager.default.fileExists(atPath: folder + "/n"))
    }
  }

  @Test func longArraysGoToTheWeightsFile() throws {
    let files = exampleNetwork().files()
    #expect(files.map(\.name) == ["weights.safetensors", "network.json"])
    let weights = try SafetensorsFile(bytes: files[0].bytes)
    #expect(weights.tensors.map(\.name) == ["plain_plain.weights", "feedback.matrix"])
    #expect(weights.tensors.map(\.elementType) == [.float64, .float32])
  }

  @Test func randomFeedbackIsDrawnFromItsOwnStream() throws {
    let path = Fixtures.valid("network.feedback.standard-deviation.json")
    let network = try SpikingNetwork.read(path: path)
    var generator = SplitMix64(seed: 1, stream: "feedback")
    let matrix = (0..<6).map { _ in 0.5 * generator.normal() }
    #expect(network.feedback == .fixed(matrix, origin: "random, seed 1"))
  }

  @Test func initialReadoutFeedbackIsTheTransposeOverAllNeurons() throws {
    let text = try String(contentsOfFile: Fixtures.valid("network.schedule.json"), encoding: .utf8)
    let changed = text.replacingOccurrences(of: "\"symmetric\"", with: "\"initial-readout\"")
    let network = try SpikingNetwork.validating(NetworkDescription(json: Array(changed.utf8)))
    #expect(network.feedback == .fixed([1, 3, 2, 4, 1, -1], origin: "initial readout"))
  }

  @Test func aConventionMayDepartFromItsPreset() throws {
    let text = try String(contentsOfFile: Fixtures.valid("network.schedule.json"), encoding: .utf8)
    let changed = text.replacingOccurrences(
      of: "\"paper-2019\"", with: "{ \"preset\": \"tf-light-alif\", \"spike_condition\": \"at-or-above\" }")
    let network = try SpikingNetwork.validating(NetworkDescription(json: Array(changed.utf8)))
    var expected = Convention.tfLightALIF
    expected.spikeCondition = .atOrAbove
    #expect(network.convention == expected)
  }

  @Test func presetsDifferAndNamesAreStable() {
    let names = Convention.Preset.allCases.map(\.rawValue)
    #expect(names == ["paper-2019", "tf-pattern-generation", "tf-evidence-accumulation", "tf-light-alif", "nest"])
    #expect(Set(Convention.Preset.allCases.map(\.convention)).count == names.count)
  }

  /// The example of Format.md is a network.
  @Test func theDocumentedExampleIsValid() throws {
    let document = URL(fileURLWithPath: Fixtures.root).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/Descriptions/Format.md")
    let text = try String(contentsOf: document, encoding: .utf8)
    let example = try #require(
      text.components(separatedBy: "## An example").last?.components(separatedBy: "```json\n")
        .dropFirst().first)
    let json = try #require(example.components(separatedBy: "```").first)
    let network = try SpikingNetwork.validating(NetworkDescription(json: Array(json.utf8)))
    #expect(network.name == "blink")
    #expect(network.populations[0].refractorySteps == 2)
    for id in NetworkRules.ids { #expect(text.contains("`\(id)`"), "Format.md does not list \(id)") }
  }
}

@Suite struct RandomnessTests {
  /// The reference values of the generator's authors for the seed 1234567.
  @Test func splitMix64() {
    var generator = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in generator.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
  }

  @Test func normalDraws() {
    var generator = SplitMix64(seed: 1, stream: "test")
    let draws = (0..<20_000).map { _ in generator.normal() }
    let mean = draws.reduce(0, +) / 20_000
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean) < 0.03)
    #expect(abs(variance - 1) < 0.05)
    #expect(abs(Double(draws.count { $0 < 1 }) / 20_000 - 0.8413) < 0.01)
    var other = SplitMix64(seed: 1, stream: "other")
    #expect(other.normal() != draws[0])
  }
}
