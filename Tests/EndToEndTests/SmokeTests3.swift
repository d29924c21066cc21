import Conformance
import Foundation
import Networks
import Planning
import Tasks
import Testing
import Trials

@Test func drift() async throws {
  for task in BuiltInTasks.all {
  for block in [PlanOptions.Block.trial, .steps(50), .steps(1)] {
    if task.name == "pattern-generation" && block != .trial { continue }
    var network = task.network(seed: 1)
    network.optimiser = .init(kind: .factored(clip: 1), learningRate: 0.01, schedule: .linearToZero(trials: 1000))
    if block != .trial { network.rateRegularisation = nil }
    var o = PlanOptions()
    o.block = block
    let plan = try FixedPlan(network, options: o)
    let d = FloatDrift(network, plan: plan, trial: task.trials(seed: 1, count: 1).trials[0])
    print(task.name, block)
    for s in d.signals { print("SIG", s) }
    for s in d.gradients { print("GRAD", s) }
    print("DEC", d.decisionsDiffering, d.decisions, d.firstDifferingStep as Any, d.integerRate, d.floatRate)
    if let l = plan.learning { for p in l.populations { print("POP", p) }; print("ERR", l.errorFractionBits, l.errorShift, l.filteredShift) }
    print("SHIFTS", plan.projections.map { ($0.name, $0.shift, $0.lsb[0]) }, plan.populations.map { ($0.driveShift, $0.threshold[0]) })
  }
  }
}
