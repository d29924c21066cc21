public import Diagnostics
public import LearningRules
import Safetensors

/// The file of `train --record`: every loss, gradient and weight of a training, as `Format.md` describes it.
public struct TrainingRecord: Sendable {
  /// The most numbers that a record may hold.
  public static let maximumNumbers = 1 << 26

  private let parameters: [RuleParameter]
  private let hasGradients: Bool
  private var losses: [Double] = []
  private var gradients: [[Double]]
  private var values: [[Double]]

  /// - Parameters:
  ///   - weights: those before the first iteration, cut as `parameters` says.
  ///   - hasGradients: whether iterations have a gradient of their own.
  /// - Throws: `train.record-size`.
  public init(
    _ parameters: [RuleParameter], weights: [[Double]], iterations: Int, hasGradients: Bool
  ) throws(Findings) {
    let size = parameters.reduce(0.0) { $0 + Double($1.shape.reduce(1, *)) }
    let count = size * (Double(iterations) * (hasGradients ? 2 : 1) + 1)
    guard count <= Double(Self.maximumNumbers) else {
      throw Findings(
        Finding(
          "train.record-size", at: Finding.Location(path: "--record"),
          "the record would hold \(Int(count)) numbers; at most \(Self.maximumNumbers) are written",
          help: "choose fewer --iterations"))
    }
    (self.parameters, self.hasGradients) = (parameters, hasGradients)
    gradients = parameters.map { _ in [] }
    values = weights
  }

  /// Takes an iteration down: its loss and gradient, and the weights after its update.
  public mutating func add(loss: Double, gradient: [[Double]]?, weights: [[Double]]) {
    losses.append(loss)
    for index in parameters.indices {
      if let gradient { gradients[index] += gradient[index] }
      values[index] += weights[index]
    }
  }

  /// Writes the file, all in F64.
  ///
  /// - Throws: `file.unwritable`.
  public func write(path: String) throws(Findings) {
    var writer = SafetensorsWriter()
    writer.add("loss", shape: [losses.count], losses, as: .float64)
    for (index, parameter) in parameters.enumerated() {
      let name = parameter.name + (parameter.symbol.hasPrefix("b") ? ".bias" : ".weights")
      if hasGradients {
        writer.add("gradients." + name, shape: [losses.count] + parameter.shape, gradients[index], as: .float64)
      }
      writer.add("parameters." + name, shape: [losses.count + 1] + parameter.shape, values[index], as: .float64)
    }
    try writer.write(path: path)
  }
}
