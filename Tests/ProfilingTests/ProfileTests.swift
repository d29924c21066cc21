import Planning
import Profiling
import Tasks
import Testing

/// Bytes per synapse, and where the rest goes.
@Suite struct ProfileTests {
  @Test(arguments: Case.tasks, [8, 16])
  func aSynapseCostsItsWeightAlone(_ task: String, bits: Int) throws {
    let profile = Profile(try Case(task: task, block: .trial, weightBits: bits).plan())
    let bytes = Double(bits / 8)
    let total = try #require(profile.synapses.perPlastic)
    // What is above is the diagonal, which is stored and is no synapse.
    #expect(total >= bytes && total < 1.01 * bytes)
    #expect(profile.synapses.perPlastic(.weight) == total)
    for purpose in [Memory.Purpose.trace, .accumulator, .optimiser] {
      #expect(profile.synapses.perPlastic(purpose) == 0)
    }
  }

  @Test func tracesAndAccumulatorsAreCounted() throws {
    let synapses = Profile(try Case(task: "pattern-generation", block: .steps(50), weightBits: 8).plan()).synapses
    let trace = try #require(synapses.perPlastic(.trace))
    let accumulator = try #require(synapses.perPlastic(.accumulator))
    // The readout's synapses have no trace of their own.
    #expect(trace > 1.98 && trace < 2.01)
    #expect(accumulator > 3.99 && accumulator < 4.01)
  }

  @Test(arguments: Case.all) func sharesAreTheStruct(_ network: Case) throws {
    let plan = try network.plan()
    let profile = Profile(plan)
    let shares = Profile.Share.allCases.reduce(0) { $0 + profile.ram($1) }
    #expect(shares == plan.memory.structBytes)
    let tables = profile.synapses.plasticFlash + profile.synapses.frozenFlash + profile.otherTables
    #expect(tables == plan.memory.flashBytes)
    let synapses = plan.projections.reduce(0) { $0 + plan.synapseCount($1) }
    #expect(profile.synapses.plasticCount + profile.synapses.frozenCount == synapses)
    #expect(network.inferenceOnly == (profile.synapses.plasticCount == 0))
  }

  @Test func frozenSynapsesCostFlashOnly() throws {
    let profile = Profile(try Case(task: "store-recall", block: .trial, weightBits: 16, inferenceOnly: true).plan())
    #expect(profile.synapses.perPlastic == nil)
    #expect(profile.ram(.synapses) == 0 && profile.ram(.learning) == 0 && profile.ram(.history) == 0)
    #expect(profile.synapses.perFrozen.map { $0 >= 2 && $0 < 2.02 } == true)
  }
}
