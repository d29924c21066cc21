import CBackend
import Conformance
import IntegerModel
import Networks
import Planning
import Tasks
import Testing
import Trials

/// The C of Generated/, compiled into this process, beside the integer model.
@Suite struct InProcessTests {
  /// The task's own trials, whole: potentials, spikes and readouts at every step, and all that is learnt.
  @Test(arguments: [("blink", 20), ("pattern_generation", 3), ("store_recall", 4)])
  func learnsAsTheModelDoes(name: String, trials: Int) throws {
    let network = try Generated.network(name)
    let plan = try FixedPlan(network)
    let task = try #require(BuiltInTasks.named(name.replacing("_", with: "-")))
    let stimulus = Stimulus(task.trials(seed: 1, count: trials), plan: plan, updates: true)
    let model = IntegerNetwork(plan)
    let compiled = CompiledNetwork(plan)
    #expect(compiled.functions.size == plan.memory.structBytes)
    let fresh = compiled.image
    for trial in stimulus.trials {
      model.reset()
      compiled.reset()
      for step in 0..<trial.steps {
        model.step(spikes: trial.spikes[step])
        compiled.step(trial.spikes[step])
        if let target = trial.targets[step] {
          model.learn(target: target)
          compiled.learn(target)
        }
        try #require(compiled.member("v", as: Int16.self) == model.potentials, "step \(step)")
        try #require(compiled.spikes == model.spikes, "step \(step)")
        try #require(compiled.readout == model.outputs, "step \(step)")
      }
      #expect(model.update() == .learnt)
      #expect(compiled.update() == 0)
      try #require(compiled.image == model.save())
    }
    #expect(compiled.image != fresh)
  }

  /// An image of one side is taken over by the other.
  @Test(arguments: Generated.names) func imagesAreInterchangeable(name: String) throws {
    let plan = try FixedPlan(try Generated.network(name))
    let trials = goldenTrials(try Generated.network(name), plan: plan)
    let trial = Stimulus(trials, plan: plan, updates: true).trials[0]
    let model = IntegerNetwork(plan)
    let compiled = CompiledNetwork(plan)
    for step in 0..<trial.steps {
      compiled.step(trial.spikes[step])
      if let target = trial.targets[step] { compiled.learn(target) }
    }
    #expect(compiled.update() == 0)
    try model.load(compiled.image)
    #expect(model.save() == compiled.image)
    let other = CompiledNetwork(plan)
    #expect(other.load(model.save()) == 0)
    #expect(other.image == model.save())
    #expect(other.load(Array(model.save().dropLast())) < 0)
  }
}
