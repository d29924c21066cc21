import Diagnostics
import FloatReference
import Foundation
import Networks
import Reports
import Safetensors
import Tasks
import Toolchains
import Trials

/// The same e-prop 1 by PyTorch's automatic differentiation, in a process of its own: its time and its gradient.
struct TorchComparison {
  let version: String
  /// CPU milliseconds of the median iteration.
  let median: Double
  /// The largest difference of the two gradients over the largest element, the worst of all weights and the bias.
  let difference: Double

  private struct Answer: Decodable {
    let torch: String
    let milliseconds: [Double]
  }

  /// nil where no Python here can import torch.
  static func run(iterations: Int) async throws -> TorchComparison? {
    let script = "Tests/Extras/torch_eprop.py"
    guard let package = TargetOptions.folder(holding: script) else { return nil }
    guard let python = await PythonExtra.first(of: [package + "/.build/extras/bin/python3", "python3"]) else {
      return nil
    }
    let folder = NSTemporaryDirectory() + "/epropc-torch-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let task = PatternGeneration()
    let (network, trials) = (task.network(seed: 1), task.trials(seed: 1, count: 1))
    try Files.makeDirectory(folder)
    try Files.write(network.files().map { (folder + "/" + $0.name, $0.bytes) })
    try trials.write(path: folder + "/trials.safetensors")
    let output = folder + "/gradients.safetensors"
    let text = try await python.run(
      package + "/" + script, [folder, folder + "/trials.safetensors", output, String(iterations)])
    let answer = try JSONDecoder().decode(Answer.self, from: Data(text.utf8))
    let sorted = answer.milliseconds.sorted()
    return TorchComparison(
      version: answer.torch, median: sorted[sorted.count / 2],
      difference: try difference(network, trials.trials, SafetensorsFile(path: output)))
  }

  private static func difference(
    _ network: SpikingNetwork, _ trials: [Trial], _ theirs: SafetensorsFile
  ) throws(Findings) -> Double {
    let ours = Reference.evaluate(network, trials).gradients
    let names = network.projections.map(\.name) + [network.readout.name]
    var worst = 0.0
    for (name, gradient) in zip(names, ours.projections + [ours.bias]) {
      let other = theirs.tensor(named: name)?.doubles() ?? []
      guard other.count == gradient.count else {
        throw Findings(Finding("extras.failed", at: nil, "PyTorch gave no gradient of \(name)"))
      }
      let size = gradient.reduce(0) { max($0, abs($1)) }
      worst = max(worst, zip(gradient, other).reduce(0) { max($0, abs($1.0 - $1.1)) } / size)
    }
    return worst
  }

  /// One line beside the reference's own median.
  func text(besides median: Double) -> String {
    """
    PyTorch \(version), automatic differentiation, single precision, one thread: median \(Figure.short(self.median)) ms, \
    \(Figure.short(self.median / median)) times as long; its gradient in double precision differs by \
    \(Figure.short(difference)) of the largest element
    """
  }
}
