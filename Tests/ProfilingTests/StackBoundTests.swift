import Networks
import Planning
import Profiling
import Tasks
import Testing
import Toolchains

/// No call of a network that learns from whole trials takes more than 256 bytes of stack, on any machine whose compiler
/// reports the whole of it.
struct StackBoundTests {
  static let most = 256
  /// AVR's compiler and clang do not say who calls whom.
  static let reporting = [
    "host-gcc", "cortex-m0", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55", "rv32imc", "big-endian",
  ]

  struct Shape: Sendable, CustomTestStringConvertible {
    var name: String
    var history = Layout.History.storedSurrogate
    /// Time constant of synaptic currents, in ms.
    var current: Double?
    /// Machines on which it is more as yet, and how much.
    var more: [String: Int] = [:]
    var testDescription: String { "\(name), \(history)\(current.map { ", currents of \($0) ms" } ?? "")" }

    func plan() throws -> FixedPlan {
      var network = try network()
      if let current {
        for index in network.populations.indices { network.populations[index].synapticTimeConstant = .common(current) }
      }
      var options = PlanOptions()
      options.history = history
      options.recordedRate = 60
      return try FixedPlan(network, options: options)
    }

    private func network() throws -> SpikingNetwork {
      if name == "spoken-digits" {
        var network = SpokenDigits().network(seed: 1, updates: 1000)
        network.optimiser.kind = .factored(clip: 3)
        return network
      }
      let task = try #require(BuiltInTasks.named(name))
      var network = task.network(seed: 1)
      network.optimiser = task.deviceOptimiser
      return network
    }
  }

  @Test(arguments: [
    Shape(name: "blink"), Shape(name: "blink", history: .replay),
    Shape(name: "store-recall"), Shape(name: "store-recall", history: .replay),
    Shape(name: "store-recall", current: 5),
    Shape(name: "store-recall", history: .replay, current: 5),
    Shape(name: "steady-load"), Shape(name: "steady-load", history: .replay),
    Shape(name: "spoken-digits", history: .replay, more: ["host-gcc": 304]),
  ])
  func noCallTakesMore(_ shape: Shape) async throws {
    let plan = try shape.plan()
    for name in Self.reporting {
      guard let target = try await Targets.ready(name) else { continue }
      try await withFolder { folder in
        let profile = try await measure(plan, on: target, in: folder)
        let deepest = try #require(profile.deepestStack)
        #expect(deepest <= shape.more[name] ?? Self.most, "\(shape.testDescription) on \(name)")
      }
    }
  }
}
