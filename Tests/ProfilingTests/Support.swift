import Foundation
import Networks
import Planning
import Profiling
import Tasks
import Testing
import Toolchains

/// A built-in task's network with what the options say.
struct Case: Sendable, CustomTestStringConvertible {
  var task: String
  var block: PlanOptions.Block
  var weightBits: Int
  var inferenceOnly = false

  var testDescription: String {
    let block = if case .steps(let steps) = block { "W = \(steps)" } else { "trial" }
    return "\(task), \(inferenceOnly ? "inference only" : block), int\(weightBits)"
  }

  /// The tasks in a few shapes of which the plan's account is tried.
  static let tasks: [String] = ["pattern-generation", "store-recall", "blink"]

  /// Every such task, block length and weight width.
  static let all: [Case] = tasks.flatMap { task in
    [8, 16].flatMap { bits in
      [PlanOptions.Block.trial, .steps(50), .steps(1)].map { Case(task: task, block: $0, weightBits: bits) }
        + [Case(task: task, block: .trial, weightBits: bits, inferenceOnly: true)]
    }
  }

  func plan() throws -> FixedPlan {
    guard let task = BuiltInTasks.named(task) else { throw CocoaError(.featureUnsupported) }
    var network = task.network(seed: 1)
    network.optimiser = task.deviceOptimiser
    var options = PlanOptions()
    options.block = block
    options.weightBits = weightBits
    options.inferenceOnly = inferenceOnly
    return try FixedPlan(network, options: options)
  }
}

enum Targets {
  static let directory =
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path + "/targets"

  /// The target, or nil with a visible note where its compiler is not installed.
  static func ready(_ name: String) async throws -> Target? {
    let target = try Target.named(name, in: directory)
    let missing = await target.missingCompilers()
    for tool in missing { print("SKIPPED: \(name) needs \(tool.command) (package \(tool.package))") }
    return missing.isEmpty ? target : nil
  }
}

/// Runs the body with an empty folder, which is removed afterwards.
func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("epropc-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder.path)
}
