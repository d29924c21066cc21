import Descriptions
import Diagnostics
import Foundation
import Networks
import Testing

@Suite struct NetworkRuleTests {
  @Test(arguments: invalidNetworks)
  func invalidFixture(expected: Expected) throws {
    let file = Fixtures.invalid(expected.id + ".json")
    let found = try allFindings(file)
    #expect(found.map(\.id).sorted() == ([expected.id] + expected.also).sorted())
    let finding = try #require(found.first { $0.id == expected.id })
    let isElsewhere = expected.id == "network.tensor.unused"
    #expect(finding.location?.file == (isElsewhere ? Fixtures.invalid(expected.id + ".safetensors") : file))
    #expect(finding.location?.line == expected.line)
    #expect(finding.location?.column == expected.column)
    #expect(finding.location?.path == expected.path)
  }

  @Test(arguments: invalidNetworks)
  func validFixture(expected: Expected) throws {
    #expect(try allFindings(Fixtures.valid(expected.id + ".json")) == [])
  }

  /// Errors if there are any, and the warnings otherwise.
  private func allFindings(_ file: String) throws -> [Finding] {
    var warnings: [Finding] = []
    let errors = findings { () throws(Findings) in _ = try SpikingNetwork.read(path: file, warnings: &warnings) }
    return errors + warnings
  }

  @Test func everyRuleHasBothFixturesAndNoFixtureIsForgotten() throws {
    let listed = Set(invalidNetworks.map(\.id))
    #expect(Set(NetworkRules.ids).subtracting(listed) == [])
    #expect(listed.count == invalidNetworks.count)
    #expect(Set(NetworkRules.ids).count == NetworkRules.ids.count)
    let others = Set((invalidSafetensors + invalidTrials).map(\.id))
    for folder in ["valid", "invalid"] {
      #expect(try Fixtures.names(in: folder, ending: ".json") == listed)
      #expect(try Fixtures.names(in: folder, ending: ".safetensors").subtracting(listed) == others)
    }
  }

  @Test func everythingIsReportedAtOnce() throws {
    let text = try String(contentsOfFile: Fixtures.valid("network.schedule.json"), encoding: .utf8)
    let broken =
      text
      .replacingOccurrences(of: "\"version\": 1", with: "\"version\": 7")
      .replacingOccurrences(of: "\"small\"", with: "\"goto\"")
      .replacingOccurrences(of: "\"paper-2019\"", with: "\"paper-2018\"")
      .replacingOccurrences(of: "\"tau_out_ms\": 20", with: "\"tau_out_ms\": -20, \"tau\": 3")
      .replacingOccurrences(of: "\"every\": 100", with: "\"every\": \"often\"")
      .replacingOccurrences(of: "\"bias\": [0, 0.5]", with: "\"bias\": \"b\"")
      .replacingOccurrences(of: "\"maximum_steps\": 1000", with: "\"maximum_steps\": 0, \"maximum_steps\": 1")
    let description = try NetworkDescription(json: Array(broken.utf8), file: "n.json")
    let found = findings { () throws(Findings) in _ = try SpikingNetwork.validating(description) }
    // In the order of the document, the reader's findings between those of the rules.
    #expect(
      found.map(\.id)
        == [
          "description.version", "network.name.reserved", "network.value.unknown", "network.time-constant",
          "description.field.unknown", "network.tensor.missing", "network.field.needed", "description.type",
          "json.duplicate-key", "network.limit.steps",
        ].reordered(like: found.map(\.id)))
    #expect(found.count == 10)
    #expect(found.allSatisfy { $0.location?.file == "n.json" && $0.location?.line != nil && !$0.message.isEmpty })
    #expect(found.first { $0.id == "network.value.unknown" }?.help == "did you mean \"paper-2019\"?")
  }

  @Test func unknownNamesGetTheNearestValidOne() throws {
    func help(_ id: String) throws -> String? {
      try #require(allFindings(Fixtures.invalid(id + ".json")).first { $0.id == id }).help
    }
    #expect(try help("description.field.unknown") == "did you mean \"tau_m_ms\"?")
    #expect(try help("network.projection.from") == "did you mean \"plain\"?")
    #expect(try help("network.projection.to") == "did you mean \"plain\"?")
    #expect(try help("network.value.unknown") == "did you mean \"zero\"?")
    #expect(Nearest.name(to: "Threshhold", among: ["dampening", "threshold"]) == "threshold")
    #expect(Nearest.name(to: "xyz", among: ["dampening", "threshold"]) == nil)
  }

  @Test(arguments: [
    "goto", "class", "co_await", "_small", "small_", "sm__all", "", "a b", "größe", "a-b", "9a", "@", "[", "`",
    String(repeating: "a", count: 64),
  ])
  func namesThatAreNoIdentifiers(name: String) {
    var network = exampleNetwork()
    network.name = name
    let found = findings { () throws(Findings) in try network.validated() }
    #expect(found.count == 1)
    #expect(found.allSatisfy { ["network.name.identifier", "network.name.reserved"].contains($0.id) })
  }

  @Test(arguments: ["A", "z", "Z9", "a_b", String(repeating: "a", count: 63)])
  func namesThatAreIdentifiers(name: String) {
    var network = exampleNetwork()
    network.name = name
    #expect(findings { () throws(Findings) in try network.validated() } == [])
  }

  /// Networks that code builds obey the same rules, and no mistake of that code is a crash.
  @Test func builtNetworks() {
    func ids(_ change: (inout SpikingNetwork) -> Void) -> Set<String> {
      var network = exampleNetwork()
      change(&network)
      return Set(findings { () throws(Findings) in try network.validated() }.map(\.id))
    }
    #expect(ids { _ in } == [])
    #expect(ids { $0.projections[1].weights[0] = .nan } == ["network.weights.not-finite", "network.weights.diagonal"])
    #expect(ids { $0.projections[1].weights.removeLast() } == ["network.weights.shape"])
    #expect(ids { $0.projections[1].target = .population(9) } == ["network.projection.to"])
    #expect(ids { $0.projections[1].source = .population(-1) } == ["network.projection.from"])
    #expect(ids { $0.populations[0].count = .max }.contains("network.limit.neurons"))
    #expect(ids { $0.populations[0].count = -5 }.contains("network.count"))
    #expect(ids { $0.populations[0].refractorySteps = -1 } == ["network.refractory"])
    #expect(ids { $0.populations[0].timeConstant = .common(.infinity) } == ["network.time-constant"])
    #expect(ids { $0.populations[0].timeConstant = 1e300 } == ["network.time-constant"])
    #expect(ids { $0.populations[0].timeConstant = .each([20, 5, 7.25, 1, 9]) } == [])
    #expect(ids { $0.populations[0].timeConstant = .each([20, 5, 7.25, 1]) } == ["network.per-unit.shape"])
    #expect(ids { $0.populations[0].timeConstant = .each([20, 5, 0, 1, 9]) } == ["network.time-constant"])
    #expect(ids { $0.populations[0].timeConstant = .each([20, 5, .nan, 1, 9]) } == ["network.weights.not-finite"])
    #expect(ids { $0.populations[1].adaptation?.timeConstant = .each([20, 1e300]) } == ["network.time-constant"])
    #expect(ids { $0.readout.timeConstant = .each([20, 5, 3]) } == [])
    #expect(ids { $0.timeStep = .nan }.contains("network.time-step"))
    #expect(ids { $0.readout.bias = [] } == ["network.bias.shape"])
    #expect(ids { $0.feedback = .fixed([1], origin: "x") } == ["network.feedback.shape"])
    #expect(ids { $0.inputs.kind = .analog(low: 2, high: 2) } == ["network.inputs.range"])
    #expect(ids { $0.optimiser.schedule = .linearToZero(trials: 0) } == ["network.schedule"])
    #expect(ids { $0.optimiser.schedule = .linearToFloor(trials: 5, floor: 0) } == ["network.schedule"])
    #expect(ids { $0.optimiser.kind = .postsynaptic(clip: 0) } == ["network.optimiser.parameter"])
    #expect(ids { $0.optimiser.kind = .factored(clip: .nan) } == ["network.optimiser.parameter"])
  }

  /// A damaged document is a finding or another network, and never a crash.
  @Test func everyDamageIsSurvived() throws {
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.valid("network.inputs.range.json"))))
    func outcome(_ bytes: [UInt8]) -> [Finding] {
      findings { () throws(Findings) in _ = try SpikingNetwork.validating(NetworkDescription(json: bytes)) }
    }
    #expect(outcome(bytes) == [])
    let end = try #require(bytes.lastIndex(of: UInt8(ascii: "}")))
    for count in 0..<end { #expect(!outcome(Array(bytes[..<count])).isEmpty) }
    var refused = 0
    for index in bytes.indices {
      for replacement in ["", "9", "\""] {
        let damaged = bytes[..<index] + replacement.utf8 + bytes[(index + 1)...]
        if !outcome(Array(damaged)).isEmpty { refused += 1 }
      }
    }
    #expect(refused > bytes.count * 3 / 2)
  }

  @Test func listsAreBounded() throws {
    func id(_ count: Int) throws -> Bool {
      let elements = String(repeating: "{},", count: count - 1) + "{}"
      let description = try NetworkDescription(json: Array("{\"projections\":[\(elements)]}".utf8))
      return description.findings.contains { $0.id == "description.limit" && $0.location?.path == "projections" }
    }
    #expect(try !id(4096))
    #expect(try id(4097))
  }

  @Test func aFolderStandsForTheNetworkInIt() throws {
    try withTemporaryFolder { folder in
      try exampleNetwork().write(toDirectory: folder)
      #expect(try SpikingNetwork.read(path: folder) == exampleNetwork())
      #expect(try SpikingNetwork.read(path: folder + "/") == exampleNetwork())
      let missing = findings { () throws(Findings) in _ = try SpikingNetwork.read(path: folder + "/none.json") }
      #expect(missing.map(\.id) == ["file.missing"])
      try FileManager.default.removeItem(atPath: folder + "/weights.safetensors")
      let found = findings { () throws(Findings) in _ = try SpikingNetwork.read(path: folder) }
      #expect(found.map(\.id) == ["file.missing"])
      #expect(found.first?.location?.file == folder + "/weights.safetensors")
    }
  }

  @Test(arguments: ["/etc/passwd", "..", ".", "", "a/b", "a\\\\b", "C:x", "..\\\\x"])
  func weightsStayBesideTheNetwork(name: String) throws {
    let text = try String(contentsOfFile: Fixtures.valid("description.weights-file.json"), encoding: .utf8)
    try withTemporaryFolder { folder in
      let changed = text.replacingOccurrences(of: "description.weights-file.safetensors", with: name)
      try changed.write(toFile: folder + "/network.json", atomically: true, encoding: .utf8)
      let found = findings { () throws(Findings) in _ = try SpikingNetwork.read(path: folder) }
      #expect(found.map(\.id) == ["description.weights-file"])
    }
  }
}

extension [String] {
  /// The same ids in the order of `others`, so that a comparison shows what is missing and what is too much.
  fileprivate func reordered(like others: [String]) -> [String] {
    sorted { (others.firstIndex(of: $0) ?? .max) < (others.firstIndex(of: $1) ?? .max) }
  }
}
