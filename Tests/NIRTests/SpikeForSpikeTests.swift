import Diagnostics
import FloatReference
import Foundation
import NIR
import Networks
import Testing
import Toolchains
import Trials

@Suite("Files of snnTorch and Norse give the spikes of snnTorch and Norse")
struct SpikeForSpikeTests {
  static let fixtures = (try? ExportedNetwork.all(in: ExportedNetwork.fixtures)) ?? []

  @Test func fixturesAreThere() { #expect(Self.fixtures.count >= 15) }

  @Test(arguments: fixtures)
  func sameSpikes(_ export: ExportedNetwork) throws {
    try compare(export, in: ExportedNetwork.fixtures)
  }

  /// With a step from layer to layer a chain of layers does the same, each a step later than the one before; but for a bias,
  /// which does not wait, and then the verdict says so.
  @Test(arguments: fixtures)
  func layersAStepApart(_ export: ExportedNetwork) throws {
    let folder = ExportedNetwork.fixtures
    let lowering = try export.lowering(in: folder) { $0.layerDelay = 1 }
    let network = try export.network(in: folder) { $0.layerDelay = 1 }
    guard network.populations.dropFirst().allSatisfy(\.bias.isEmpty) else {
      #expect(lowering.verdicts.contains { $0.kind == .approximated && $0.became.contains("population") })
      return
    }
    // A layer and a readout have nothing between them.
    guard network.populations.count == 2 else { return }
    let (trial, spikes, _) = try export.trial(in: folder, outputs: network.readout.count)
    let raster = Reference.run(network, trial).spikeRaster
    let (neurons, first) = (network.neuronCount, network.populations[0].count)
    for step in 0..<trial.steps - 1 {
      for neuron in 0..<neurons {
        let later = neuron < first ? step : step + 1
        #expect(raster[later * neurons + neuron] == spikes[step * neurons + neuron])
      }
    }
  }

  /// What `--from` knows matters: without it each of these networks fires otherwise, or is refused.
  @Test(arguments: fixtures)
  func withoutTheExporterTheyDiffer(_ export: ExportedNetwork) throws {
    let folder = ExportedNetwork.fixtures
    var warnings: [Finding] = []
    let lowering = try export.lowering(in: folder) { $0.exporter = nil }
    guard let network = try? lowering.network(warnings: &warnings) else { return }
    let (trial, spikes, _) = try export.trial(in: folder, outputs: network.readout.count)
    #expect(Reference.run(network, trial).spikeRaster != spikes)
  }

  /// Many more, where Python has snnTorch and Norse.
  @Test func manyDrawnNetworks() async throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let environments = [
      ProcessInfo.processInfo.environment["EPROPC_EXTRAS"] ?? "",
      root.deletingLastPathComponent().appendingPathComponent(".build/extras").path,
    ]
    let candidates = environments.filter { !$0.isEmpty }.map { $0 + "/bin/python3" } + ["python3"]
    guard
      let python = await PythonExtra.first(
        of: candidates, importing: ["torch", "snntorch", "norse", "nir", "safetensors"])
    else {
      print("SKIPPED: no Python with torch, snntorch, norse and nir (`make extras`): drawn networks are not compared")
      return
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nir-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    _ = try await python.run(
      root.appendingPathComponent("Extras/nir_fixtures.py").path, [folder, "--count", "3", "--seed", "100"])
    let exports = try ExportedNetwork.all(in: folder)
    #expect(exports.count >= 42)
    for export in exports { try compare(export, in: folder) }
  }

  private func compare(_ export: ExportedNetwork, in folder: String) throws {
    let network = try export.network(in: folder)
    let (trial, spikes, readouts) = try export.trial(in: folder, outputs: network.readout.count)
    let recording = Reference.run(network, trial)
    let found = recording.spikeRaster
    #expect(spikes.contains(1), "\(export.file) has no spikes")
    let first = zip(found, spikes).enumerated().first { $1.0 != $1.1 }?.offset
    #expect(
      found == spikes, "\(export.file): they part at step \((first ?? 0) / network.neuronCount)")
    guard let readouts else { return }
    #expect(zip(recording.readouts, readouts).allSatisfy { abs($0 - $1) < 1e-5 }, "\(export.file): the readout differs")
  }
}
