import IntegerModel
import Planning
import TestSupport
import Testing

/// Runs trials on the model and on the literal network, and expects every number to be equal.
struct Comparison {
  let plan: FixedPlan
  let model: IntegerNetwork
  let literal: LiteralNetwork

  init(_ plan: FixedPlan) {
    self.plan = plan
    model = IntegerNetwork(plan)
    model.keepsGradients = true
    literal = LiteralNetwork(plan)
  }

  /// One trial; false after the first difference.
  func trial(_ stimulus: RandomStimulus, forced: [[UInt16]]? = nil, reset: Bool = true) -> Bool {
    if reset {
      model.reset()
      literal.reset()
    }
    for t in stimulus.spikes.indices {
      step(stimulus, t, forced?[t])
      guard sameState("step \(t)") else { return false }
    }
    let (result, expected) = (model.update(), literal.update())
    let names: [UpdateResult: String] = [.learnt: "learnt", .nothingRecorded: "nothing", .spoilt: "spoilt"]
    #expect(names[result] == expected)
    return names[result] == expected && sameState("update") && sameGradients()
  }

  func step(_ stimulus: RandomStimulus, _ t: Int, _ forced: [UInt16]? = nil) {
    let marked = forced.map { Set($0.map { Int($0) }) }
    if plan.inputs.kind == .spikes {
      model.step(spikes: stimulus.spikes[t], forcedSpikes: forced)
      literal.step((0..<plan.inputs.count).map { stimulus.spikes[t].contains(UInt16($0)) ? 1 : 0 }, forced: marked)
    } else {
      model.step(analog: stimulus.analog[t], forcedSpikes: forced)
      literal.step(stimulus.analog[t].map { Int($0) }, forced: marked)
    }
    if t % 5 != 3 {
      model.learn(target: stimulus.targets[t])
      literal.learn(stimulus.targets[t]?.map { Int($0) })
    }
  }

  func sameState(_ place: String) -> Bool {
    same("v", place, model.potentials, literal.v)
      && same("spikes", place, model.spikes, literal.z.indices.filter { literal.z[$0] == 1 })
      && same("psi", place, model.surrogates, literal.psi) && same("ready", place, model.readySteps, literal.ready)
      && same("I", place, model.currents, filtered(literal.current))
      && same("b", place, model.thresholdRaises, adaptive(literal.b)) && same("y", place, model.outputs, literal.y)
      && same("error", place, model.errors, literal.error) && same("bias", place, model.bias, literal.bias)
      && same(
        "counters", place, [Int(model.updates), Int(model.skippedTrials), Int(model.stepwiseFactor), model.time],
        [literal.updates, literal.skipped, literal.factor, literal.t])
      && plan.projections.indices.allSatisfy { sameProjection($0, place) }
      && (model.biasMoments.isEmpty || same("var", place, model.biasMoments, literal.biasMoment))
      && same("exponent", place, model.exponents, literalExponents)
      && (!literal.carried || !plan.readout.biasIsPlastic
        || same("bias trace", place, [model.biasTrace], [literal.biasTrace]))
  }

  private var literalExponents: [Int] {
    func isFactored(_ step: StepPlan?) -> Bool { step?.keepsColumns ?? false }
    return literal.projections.filter { isFactored($0.plan.step) }.map(\.exponent)
      + (isFactored(plan.readout.biasStep) ? [literal.biasExponent] : [])
  }

  private func sameProjection(_ p: Int, _ place: String) -> Bool {
    let projection = literal.projections[p]
    guard same("weights \(p)", place, model.weights(of: p), projection.weights) else { return false }
    guard projection.plan.isPlastic else { return true }
    if let step = projection.plan.step, step.keepsColumns {
      let rows = step.keepsRows ? projection.rows : []
      guard same("row \(p)", place, model.rowMoments(of: p), rows) else { return false }
      guard same("col \(p)", place, model.columnMoments(of: p), projection.columns) else { return false }
    }
    guard literal.carried else { return true }
    guard same("trace \(p)", place, model.traces(of: p), projection.traces.flatMap { $0 }) else { return false }
    if plan.learning?.updateTime != .block {
      let total = projection.accumulator.flatMap { $0 }
      guard same("accumulator \(p)", place, model.accumulators(of: p), total) else { return false }
    }
    guard case .population(let index) = projection.plan.target else { return true }
    if plan.populations[index].current != nil {
      guard same("current trace \(p)", place, model.currentTraces(of: p), projection.currentTraces.flatMap { $0 })
      else {
        return false
      }
    }
    let e = projection.eligibility.flatMap { $0 }
    guard same("eligibility \(p)", place, model.eligibilities(of: p), e) else { return false }
    guard plan.populations[index].adaptation != nil else { return true }
    let epsilon = projection.epsilon.flatMap { $0 }
    return same("adaptation eligibility \(p)", place, model.adaptationEligibilities(of: p), epsilon)
  }

  private func sameGradients() -> Bool {
    guard literal.updates > 0 else { return true }
    let isSame = plan.projections.indices.allSatisfy { p in
      !plan.projections[p].isPlastic
        || same("gradient \(p)", "update", model.gradients(of: p) ?? [], literal.projections[p].gradient.flatMap { $0 })
    }
    return isSame
      && (!plan.readout.biasIsPlastic
        || same("bias gradient", "update", model.biasGradients ?? [], literal.biasGradient))
  }

  private func adaptive(_ values: [Int]) -> [Int] {
    plan.populations.filter { $0.adaptation != nil }.flatMap { values[$0.first..<$0.first + $0.count] }
  }

  private func filtered(_ values: [Int]) -> [Int] {
    plan.populations.filter { $0.current != nil }.flatMap { values[$0.first..<$0.first + $0.count] }
  }

  private func same<A: BinaryInteger, B: BinaryInteger>(_ name: String, _ place: String, _ a: [A], _ b: [B]) -> Bool {
    let equal = a.count == b.count && zip(a, b).allSatisfy { Int128($0) == Int128($1) }
    if !equal { Issue.record("\(name) at \(place): \(a) instead of \(b)") }
    return equal
  }
}
