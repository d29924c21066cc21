import Conformance
import Diagnostics
import Networks
import Planning
import Tasks
import Testing
import Toolchains

/// Networks of which not every synapse exists, from the description to the machine.
@Suite struct SparseNetworkTests {
  static let task = PatternGeneration(neurons: 64)

  private func network(_ share: Double = 0.1) -> SpikingNetwork {
    var network = deviceNetwork(Self.task, seed: 3)
    network.prune(to: share, seed: 3)
    return network
  }

  @Test(arguments: [Layout.History.storedSurrogate, .replay])
  func machineAgreesWithModelAndDoublePrecision(_ history: Layout.History) async throws {
    let network = network()
    var options = PlanOptions()
    options.history = history
    let plan = try FixedPlan(network, options: options)
    #expect(plan.projections.count(where: \.isCompressed) == 2)
    try await inTemporaryFolder { folder in
      let report = try await Verification(
        network: network, plan: plan, trials: Self.task.trials(seed: 3, count: 1), order: Array(repeating: 0, count: 5),
        targets: [try Target.named("host-gcc", in: root + "/targets")], directory: folder
      ).run()
      #expect(report.bitExact, "\(String(describing: report.machines.first?.comparison.divergence))")
      #expect(report.model.learnt == 5)
      for gradient in report.drift.gradients { #expect(gradient.cosine >= 0.999, "\(gradient.name)") }
    }
  }

  /// A byte in RAM and a byte of index for each synapse that exists, nothing for the others.
  @Test func bytesAreThoseOfTheSynapsesThatExist() throws {
    let sparse = network()
    let plan = try FixedPlan(sparse)
    let exist = sparse.projections.reduce(0) { $0 + ($1.mask?.count { $0 } ?? $1.weights.count) }
    let bytes = SynapseBytes(plan, plan.memory)
    #expect(bytes.plasticCount == exist)
    #expect(bytes.perPlastic == 1)
    let indexed = plan.projections.filter(\.isCompressed).reduce(0) { $0 + ($1.sparsity?.count ?? 0) }
    #expect(bytes.plasticIndex == indexed)
    #expect(bytes.plasticFlash == exist)
  }

  @Test func denseIsChosenWhereItIsSmaller() throws {
    func storage(_ share: Double, _ bits: Int = 8) throws -> SparsityPlan.Storage? {
      var options = PlanOptions()
      options.weightBits = bits
      return try FixedPlan(network(share), options: options).projections[1].sparsity?.storage
    }
    // A byte of weight in RAM, one in flash, and one of index or an eighth.
    #expect(try storage(0.1) == .columns)
    #expect(try storage(0.6) == .columns)
    #expect(try storage(0.75) == .matrix)
    #expect(try storage(0.1, 6) == .matrix)
  }

  /// Traces are carried for every pair of a matrix: more bytes, the same learning.
  @Test func blocksShorterThanATrialKeepTheMatrix() throws {
    var options = PlanOptions()
    options.block = .steps(50)
    let plan = try FixedPlan(network(), options: options)
    #expect(plan.projections.prefix(2).allSatisfy { $0.sparsity?.storage == .matrix })
    #expect(plan.notes.contains { $0.contains("since blocks shorter than a trial carry traces") })
  }

  /// 10 % of 100 + 100: what of an update depends on the synapses, all but the sweep of the neurons, is less than 60 % of that of a
  /// matrix. What is left is that of the sources, whose arrivals are looked up for each tile.
  @Test func prunedSynapsesAreNotLearnt() async throws {
    let target = try Target.named("host-gcc", in: root + "/targets")
    try await inTemporaryFolder { folder in
      var benchmark = KernelBenchmark(directory: folder + "/dense")
      let dense = try await benchmark.run(on: target, kernels: .portable)
      benchmark.density = 0.1
      benchmark.directory = folder + "/sparse"
      let sparse = try await benchmark.run(on: target, kernels: .portable)
      print(
        "forward \(sparse.forward) of \(dense.forward), update stored \(sparse.stored) of \(dense.stored), "
          + "replay \(sparse.replay) of \(dense.replay) instructions per step")
      func ofSynapses(_ counts: KernelCounts) throws -> Double {
        let sweep = try #require(counts.units.first { $0.name.hasPrefix("sweep") }).count
        return counts.stored - sweep * Double(SteadyLoad.neurons)
      }
      #expect(try ofSynapses(sparse) < 0.6 * ofSynapses(dense))
    }
  }
}
