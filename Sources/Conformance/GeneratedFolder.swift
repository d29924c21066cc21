import CBackend
public import Diagnostics
public import Networks
public import Planning
public import Trials

/// Everything that a compiled network's folder holds, by path in it, in the order of the paths: the description with its
/// weights, the C, the plan as text, and the tests with their Makefile.
///
/// - Parameter trials: what the tests run; by default `goldenTrials`.
/// - Throws: what the rules find in the trials.
public func generatedFiles(
  network: SpikingNetwork, plan: FixedPlan, trials: TrialSet? = nil
) throws(Findings) -> [(path: String, bytes: [UInt8])] {
  let trials = trials ?? goldenTrials(network, plan: plan)
  try check(trials, plan)
  let stimulus = Stimulus(trials, plan: plan, updates: plan.learning != nil)
  var files = network.files().map { (path: $0.name, bytes: $0.bytes) }
  func add(_ path: String, _ text: String) { files.append((path, Array(text.utf8))) }
  for file in GeneratedNetwork(plan).files { add(file.path, file.text) }
  add("\(plan.name).plan.txt", plan.text)
  for file in GoldenSuite(plan, stimulus: stimulus).files { add(file.path, file.text) }
  add("test/selftest.c", GoldenSelfTest(plan, stimulus: stimulus).source)
  return files.sorted { $0.path < $1.path }
}

private func check(_ trials: TrialSet, _ plan: FixedPlan) throws(Findings) {
  var findings: [Finding] = []
  func report(_ id: String, _ message: String) {
    findings.append(Finding(id, at: Finding.Location(path: "trials"), message))
  }
  if trials.trials.count < 2 {
    report("generate.trials.count", "the tests need at least 2 trials, there is \(trials.trials.count)")
  }
  if trials.inputCount != plan.inputs.count || trials.outputCount != plan.readout.count {
    report(
      "generate.trials.shape",
      "the trials have \(trials.inputCount) inputs and \(trials.outputCount) outputs, the network "
        + "\(plan.inputs.count) and \(plan.readout.count)")
  }
  if let longest = trials.trials.map(\.steps).max(), longest > plan.maximumSteps {
    report("generate.trials.length", "a trial has \(longest) steps, the network takes \(plan.maximumSteps)")
  }
  if !findings.isEmpty { throw Findings(findings) }
}
