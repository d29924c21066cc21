import Diagnostics
import Foundation
import NIR
import Networks
import Safetensors
import Trials

/// A `.nir` file with the inputs and the spikes of the framework that wrote it (Tests/Extras/nir_fixtures.py).
struct ExportedNetwork: Decodable, Sendable, CustomStringConvertible {
  var file: String
  var trials: String
  var from: String
  /// In ms.
  var timeStep: Double
  var reset: String?

  private enum CodingKeys: String, CodingKey {
    case file, trials, from, reset
    case timeStep = "dt_ms"
  }

  var description: String { file }

  static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/nir").path

  /// Those that a folder's manifest lists.
  static func all(in folder: String) throws -> [ExportedNetwork] {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/manifest.json"))
    return try JSONDecoder().decode([ExportedNetwork].self, from: data)
  }

  var options: ImportOptions {
    var options = ImportOptions(timeStep: timeStep)
    options.exporter = ImportOptions.Exporter(rawValue: from)
    if file.contains("analog") { options.inputs = .analog(low: 0, high: 1) }
    options.reset = reset.flatMap { ImportOptions.Reset(rawValue: $0) }
    return options
  }

  func lowering(in folder: String, _ change: (inout ImportOptions) -> Void = { _ in }) throws -> Lowering {
    var options = options
    change(&options)
    return Lowering(try NIRGraph.read(path: folder + "/" + file), options: options, file: file)
  }

  func network(in folder: String, _ change: (inout ImportOptions) -> Void = { _ in }) throws -> SpikingNetwork {
    var warnings: [Finding] = []
    return try lowering(in: folder, change).network(warnings: &warnings)
  }

  /// The trial for a network with so many outputs, and the spikes [steps × neurons] that its framework gave.
  func trial(in folder: String, outputs: Int) throws -> (Trial, spikes: [Double], readouts: [Double]?) {
    let content = try SafetensorsFile(path: folder + "/" + trials)
    guard let inputs = content.tensor(named: "inputs"), let spikes = content.tensor(named: "spikes") else {
      throw CocoaError(.fileReadCorruptFile)
    }
    var train = EventTrain(offsets: [0], sources: [])
    let readouts = content.tensor(named: "outputs")?.doubles()
    let (steps, width, values) = (inputs.shape[0], inputs.shape[1], inputs.doubles())
    for step in 0..<steps {
      for source in 0..<width where values[step * width + source] != 0 { train.sources.append(UInt16(source)) }
      train.offsets.append(train.sources.count)
    }
    let targets = [Double](repeating: 0, count: steps * outputs)
    let given: Trial.Inputs = file.contains("analog") ? .analog(values) : .spikes(train)
    return (Trial(steps: steps, inputs: given, targets: targets, mask: nil), spikes.doubles(), readouts)
  }
}
