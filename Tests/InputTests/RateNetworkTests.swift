import Descriptions
import Diagnostics
import Foundation
import Networks
import Testing

@Suite struct RateNetworkTests {
  static let text = """
    {
      "format": "epropc-network", "version": 1, "name": "pair",
      "inputs": { "count": 2, "kind": "spikes" },
      "populations": [
        { "name": "units", "count": 2, "model": "leaky-tanh", "alpha": 0.5, "bias": [0, 0.1], "plastic_bias": true }
      ],
      "projections": [
        { "name": "input", "from": "inputs", "to": "units", "weights": [[1, 0], [0, 1]], "plastic": true },
        {
          "name": "recurrent", "from": "units", "to": "units", "weights": [[0.5, 1], [-1, 0.5]], "plastic": true,
          "autapses": true
        },
        { "name": "output", "from": "units", "to": "guess", "weights": [[1, -1], [-1, 1]], "plastic": true }
      ],
      "readout": { "name": "guess", "count": 2, "bias": [0, 0], "plastic_bias": true },
      "loss": "cross-entropy",
      "feedback": { "kind": "initial-readout" },
      "optimiser": { "kind": "sgd", "learning_rate": 0.01, "schedule": { "kind": "constant" } },
      "maximum_steps": 1000
    }
    """

  private func read(_ text: String) throws -> RateNetwork {
    var warnings: [Finding] = []
    return try RateNetwork.validating(
      NetworkDescription(json: Array(text.utf8), file: "n.json"), warnings: &warnings)
  }

  private func ids(_ changes: [(String, String)]) throws -> [String] {
    let changed = changes.reduce(Self.text) { text, change in
      #expect(text.contains(change.0))
      return text.replacingOccurrences(of: change.0, with: change.1)
    }
    do {
      _ = try read(changed)
      return []
    } catch let findings as Findings { return findings.all.map(\.id) }
  }

  @Test func isReadAndWritten() throws {
    let network = try read(Self.text)
    #expect(network.population.alpha == 0.5 && network.population.bias == [0, 0.1])
    #expect(network.feedback == .fixed([1, -1, -1, 1], origin: "initial readout"))
    let folder = NSTemporaryDirectory() + "/epropc-rate-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for file in network.files() { try Data(file.bytes).write(to: URL(fileURLWithPath: folder + "/" + file.name)) }
    var warnings: [Finding] = []
    guard case .rate(let again) = try DescribedNetwork.read(path: folder, warnings: &warnings) else {
      Issue.record("read as spiking")
      return
    }
    #expect(again == network && warnings == [])
  }

  @Test func isNoNetworkOfSpikes() throws {
    let description = try NetworkDescription(json: Array(Self.text.utf8), file: "n.json")
    #expect {
      try SpikingNetwork.validating(description)
    } throws: { error in
      let all = (error as? Findings)?.all ?? []
      return all.map(\.id) == ["network.model.rate"] && all[0].help != nil && all[0].location?.line == 5
    }
  }

  @Test func whatIsWrongIsFound() throws {
    #expect(try ids([("\"alpha\": 0.5", "\"alpha\": 1.5")]) == ["network.rate.alpha"])
    #expect(try ids([("\"alpha\": 0.5, ", "")]) == ["network.field.needed"])
    #expect(try ids([("\"alpha\": 0.5", "\"alpha\": 0.5, \"threshold\": 1")]) == ["network.field.not-applicable"])
    #expect(try ids([("\"loss\"", "\"time_step_ms\": 1, \"loss\"")]) == ["network.field.not-applicable"])
    #expect(try ids([("[0, 0.1]", "[0]")]) == ["network.bias.shape"])
    #expect(try ids([("[0, 0.1]", "[0, 1e999]")]) == ["network.weights.not-finite"])
    #expect(try ids([("\"kind\": \"sgd\"", "\"kind\": \"factored\", \"clip\": 3")]) == ["network.rate.optimiser"])
    let second = """
      "plastic_bias": true },
        { "name": "more", "count": 1, "model": "lif", "tau_m_ms": 20, "threshold": 1, "reset": "zero", "refractory_ms": 0 }
      ],
      "projections"
      """
    #expect(
      try ids([("\"plastic_bias\": true }\n  ],\n  \"projections\"", second)])
        == ["network.rate.populations", "network.population.undriven"])
  }

  @Test func idsAreDocumented() throws {
    let format = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/Descriptions/Format.md").standardizedFileURL
    let text = try String(contentsOf: format, encoding: .utf8)
    for id in NetworkRules.rateIDs + ["network.model.rate"] { #expect(text.contains("`\(id)`")) }
  }
}
