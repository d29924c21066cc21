import Diagnostics
import Networks
import Planning
import Tasks
import Testing

/// The planner under a budget: exact bytes, the best that fits, and what to do where nothing does.
@Suite struct AlternativesTests {
  static func network(_ task: String = "store-recall") throws -> SpikingNetwork {
    let task = try #require(BuiltInTasks.named(task))
    var network = task.network(seed: 1)
    network.optimiser = task.deviceOptimiser
    return network
  }

  private func weigh(
    _ network: SpikingNetwork, _ budget: Budget = Budget(), pins: Set<Pin> = [],
    _ change: (inout PlanOptions) -> Void = { _ in }
  ) throws -> Alternatives {
    var options = PlanOptions()
    change(&options)
    return try Alternatives(network, options: options, pins: pins, budget: budget)
  }

  /// Each alternative's options, given to the planner as they stand, make a plan of those bytes.
  @Test(arguments: [false, true]) func bytesAreThoseOfThePlan(_ readoutAlone: Bool) throws {
    var network = try Self.network("blink")
    for p in network.projections.indices where readoutAlone && network.projections[p].target != .readout {
      network.projections[p].isPlastic = false
    }
    let all = try weigh(network).all
    #expect(all.count >= (readoutAlone ? 8 : 31))
    for one in all {
      let memory = try FixedPlan(network, options: one.options).memory
      #expect(one.ram == memory.structBytes && one.flash == memory.flashBytes)
      #expect(one.ramByPurpose.values.reduce(0, +) == one.ram)
    }
  }

  @Test func withoutALimitNothingChanges() throws {
    let weighed = try weigh(try Self.network("blink"))
    #expect(weighed.chosen?.options == PlanOptions())
  }

  /// Over many budgets: what is chosen keeps the limit, and nothing that keeps it is better.
  @Test func theBestThatFitsIsChosen() throws {
    let network = try Self.network()
    let unlimited = try weigh(network)
    let sizes = unlimited.all.map(\.ram).sorted()
    for limit in [sizes[0], sizes[sizes.count / 4], sizes[sizes.count / 2], sizes[sizes.count - 1]] {
      let weighed = try weigh(network, Budget(ram: limit))
      let chosen = try #require(weighed.chosen)
      #expect(chosen.ram <= limit)
      for other in weighed.all where other.ram <= limit {
        #expect(chosen.quality <= other.quality)
        #expect(chosen.quality < other.quality || chosen.instructionsPerStep <= other.instructionsPerStep)
      }
      let best = try #require(weighed.all.first)
      #expect(weighed.binding.map(\.constraint) == (best.ram > limit ? [.ram] : []))
      #expect(weighed.verdict.contains { $0.hasPrefix("RAM binds") } == (best.ram > limit))
    }
  }

  @Test func whatIsPinnedStays() throws {
    let network = try Self.network()
    let weighed = try weigh(network, Budget(ram: 1 << 20), pins: [.block, .weights]) {
      $0.block = .steps(50)
      $0.weightBits = 8
    }
    #expect(weighed.all.allSatisfy { $0.blockSteps == 50 && $0.options.weightBits == 8 })
    #expect(Set(weighed.all.map(\.options.tile)) == [1, 2, 4, 8])
    let tile = try weigh(network, Budget(ram: 1 << 20), pins: [.tile, .history]) { $0.tile = 3 }
    #expect(tile.all.allSatisfy { $0.options.tile == 3 && $0.options.history == .storedSurrogate })
  }

  /// One byte less than the least: the finding says which limit, by how much, and what would help.
  @Test func nothingFits() throws {
    let network = try Self.network()
    let least = try #require(try weigh(network).all.map(\.ram).min())
    let weighed = try weigh(network, Budget(ram: least - 1))
    #expect(weighed.chosen == nil)
    #expect(weighed.finding.id == "plan.budget.ram")
    #expect(weighed.finding.message.contains("takes 1 bytes more"))
    #expect(weighed.remedies.contains { $0.hasPrefix("freezing ") && $0.hasSuffix("which fits") })
    #expect(weighed.remedies.contains { $0.hasPrefix("no learning") && $0.hasSuffix("which fits") })
  }

  /// What a remedy says is what planning it gives.
  @Test func remediesAreExact() throws {
    let network = try Self.network()
    let weighed = try weigh(network, Budget(ram: 1))
    let smallest = try #require(weighed.all.min { $0.ram < $1.ram })
    var frozen = network
    frozen.projections[0].isPlastic = false
    let bytes = try FixedPlan(frozen, options: smallest.options).memory.structBytes
    #expect(weighed.remedies.contains("freezing \(frozen.projections[0].name) leaves \(bytes) bytes"))
  }

  @Test func latencyBinds() throws {
    let network = try Self.network()
    let unlimited = try weigh(network)
    let whole = try #require(unlimited.chosen).estimate.latencySteps
    let weighed = try weigh(network, Budget(latencySteps: whole / 4))
    let chosen = try #require(weighed.chosen)
    #expect(chosen.estimate.latencySteps <= whole / 4)
    // Shorter blocks or narrower tiles have shorter pieces.
    #expect(chosen.blockSteps < network.maximumSteps || chosen.options.tile < 8)
    #expect(weighed.binding.map(\.constraint) == [.latency])
  }

  /// The optimiser's form is the planner's choice where the description leaves one, and nobody's where it is pinned.
  @Test func optimisersAreChosen() throws {
    var network = try Self.network()
    #expect(Set(try weigh(network).all.map(\.optimiser)) == ["factored", "postsynaptic"])
    #expect(Set(try weigh(network, pins: [.secondMoments]).all.map(\.optimiser)) == ["factored"])
    network.optimiser.kind = .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
    let adam = try weigh(network)
    #expect(Set(adam.all.map(\.optimiser)) == ["adam 16", "adam 8"])
    for one in adam.all where one.options.block == .trial && one.options.weightBits == 8 {
      let wanted = one.options.momentBits == 16 ? 5.0 : 3.0
      #expect(one.bytesPerSynapse.map { abs($0 - wanted) < 0.7 } == true, "\(one.bytesPerSynapse ?? 0)")
    }
    #expect(Set(try weigh(network, pins: [.moments]).all.map(\.optimiser)) == ["adam 16"])
    // What fits with eight bits alone is planned with eight bits.
    let narrow = try #require(adam.all.filter { $0.options.momentBits == 8 }.map(\.ram).min())
    let chosen = try #require(try weigh(network, Budget(ram: narrow)).chosen)
    #expect(chosen.optimiser == "adam 8" && chosen.commandLine.contains("--moments int8"))
  }
}
