import Foundation
public import Networks
public import Planning
import Randomness
import Tasks
public import Trials

/// The trials of a generated suite: a stretch of the task's own where `network` is that of a built-in task, and synthetic
/// ones that reach further than a task does. They are short, so that the suite of a large network is small.
public func goldenTrials(_ network: SpikingNetwork, plan: FixedPlan) -> TrialSet {
  let steps = min(200, plan.maximumSteps)
  var trials = [0, 1].map { number in
    syntheticTrial(plan, steps: number == 0 ? max(1, steps * 3 / 4) : steps, number: number)
  }
  if let natural = naturalTrial(network, steps: steps) { trials.insert(natural, at: 0) }
  return TrialSet(inputCount: plan.inputs.count, outputCount: plan.readout.count, trials: trials)
}

/// A stretch of the first trial of the built-in task that `network` is for: one with targets in its second half.
private func naturalTrial(_ network: SpikingNetwork, steps: Int) -> Trial? {
  let name = network.name.replacing("_", with: "-")
  guard let task = BuiltInTasks.named(name) else { return nil }
  let set = task.trials(seed: 1, count: 1)
  guard set.inputCount == network.inputs.count, set.outputCount == network.readout.count, let whole = set.trials.first,
    whole.steps <= network.maximumSteps, case .spikes(let train) = whole.inputs
  else { return nil }
  let wanted = whole.mask?.firstIndex(of: true) ?? whole.steps / 4
  let start = max(0, min(whole.steps - steps, wanted - steps / 2))
  let range = start..<min(whole.steps, start + steps)
  let events = EventTrain(
    offsets: train.offsets[range.lowerBound...range.upperBound].map { $0 - train.offsets[start] },
    sources: Array(train.sources[train.offsets[start]..<train.offsets[range.upperBound]]))
  let outputs = set.outputCount
  return Trial(
    steps: range.count, inputs: .spikes(events),
    targets: Array(whole.targets[start * outputs..<range.upperBound * outputs]),
    mask: whole.mask.map { Array($0[range]) })
}

/// Random inputs as busy as the record allows, targets that change every few steps, and no target at some steps.
private func syntheticTrial(_ plan: FixedPlan, steps: Int, number: Int) -> Trial {
  var generator = SplitMix64(seed: UInt64(number + 1), stream: "golden " + plan.name)
  let inputs: Trial.Inputs
  switch plan.inputs.kind {
  case .spikes: inputs = .spikes(syntheticEvents(plan, steps: steps, &generator))
  case .analog(let fractionBits):
    let top = 127 / Double(1 << fractionBits)
    inputs = .analog((0..<steps * plan.inputs.count).map { _ in top * (2 * generator.uniform() - 1) })
  }
  let outputs = plan.readout.count
  var targets: [Double] = []
  var current = [Double](repeating: 0, count: outputs)
  for step in 0..<steps {
    if step % 10 == 0 { current = syntheticTarget(plan, &generator) }
    targets += current
  }
  let mask = (0..<steps).map { $0 % 7 != 3 && ($0 >= steps / 4 || number == 1) }
  return Trial(steps: steps, inputs: inputs, targets: targets, mask: mask)
}

private func syntheticTarget(_ plan: FixedPlan, _ generator: inout SplitMix64) -> [Double] {
  let outputs = plan.readout.count
  if plan.learning?.loss == .crossEntropy {
    let wanted = Int(generator.uniform() * Double(outputs))
    return (0..<outputs).map { $0 == wanted ? 1 : 0 }
  }
  return (0..<outputs).map { _ in 2 * generator.uniform() - 1 }
}

/// Half of what the record of a block holds, in every block.
private func syntheticEvents(_ plan: FixedPlan, steps: Int, _ generator: inout SplitMix64) -> EventTrain {
  let inputs = plan.inputs.count
  let block = plan.learning?.blockSteps ?? steps
  let capacity = plan.recordsInputs ? plan.learning?.inputEventCapacity ?? 0 : inputs * steps
  let rate = min(inputs > 4 ? 0.1 : 0.4, 0.75 * Double(capacity) / Double(inputs * min(block, steps)))
  var train = EventTrain(offsets: [0], sources: [])
  var left = capacity
  for step in 0..<steps {
    if step % block == 0 { left = capacity }
    for source in 0..<inputs where generator.uniform() < rate && left > 0 {
      train.sources.append(UInt16(source))
      left -= 1
    }
    train.offsets.append(train.sources.count)
  }
  return train
}
