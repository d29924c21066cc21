import Diagnostics
import Networks

/// What is not compiled of streams, windows and the forms in which a block is remembered.
func historyRefusals(_ network: SpikingNetwork, _ options: PlanOptions) -> [Finding] {
  if options.inferenceOnly { return [] }
  var findings: [Finding] = []
  func refuse(_ id: String, _ path: String, _ message: String, _ help: String) {
    findings.append(Finding("plan.\(id)", at: .init(path: path), message, help: help))
  }
  if options.isStream, case .trial = options.block {
    refuse(
      "stream", "--stream", "a stream is learnt from in blocks of a fixed length", "give --block a number of steps")
  }
  if options.isStream, options.updateSteps != nil {
    refuse(
      "stream.update", "--update", "a stream is learnt from after every block", "leave out --update, and choose --block"
    )
  }
  if ![8, 4, 1].contains(options.surrogateBits) {
    refuse(
      "psi", "--psi", "surrogate derivatives are stored in 8, 4 or 1 bits, not \(options.surrogateBits)",
      "give --psi 8, 4 or 1")
  }
  if options.surrogateBits != 8, options.history == .replay {
    refuse(
      "psi.replay", "--psi", "replay stores no surrogate derivatives, so they have no width to choose",
      "leave out --psi, or give --history stored")
  }
  if !network.readout.timeConstant.isCommon, options.window == nil, carries(network, options) {
    refuse(
      "readout.carry", "readout.tau_out_ms",
      "blocks shorter than a trial carry one filtered trace per synapse, and these readouts filter each in its own way",
      "give --block trial, or --stream with a --window, or one time constant for all readouts (tau_out_ms of a learning file)"
    )
  }
  if let window = options.window { refuseWindow(window, network, options, refuse) }
  return findings
}

/// Whether there are several blocks that something is learnt from.
private func carries(_ network: SpikingNetwork, _ options: PlanOptions) -> Bool {
  guard network.readout.biasIsPlastic || network.projections.contains(where: \.isPlastic) else { return false }
  if options.isStream { return true }
  if case .steps(let steps) = options.block { return steps < network.maximumSteps }
  return false
}

private func refuseWindow(
  _ window: Int, _ network: SpikingNetwork, _ options: PlanOptions,
  _ refuse: (_ id: String, _ path: String, _ message: String, _ help: String) -> Void
) {
  if !options.isStream {
    refuse(
      "window.trial", "--window", "credit is cut off by a window in streams only; in trials it is exact at no cost",
      "add --stream, or leave out --window")
  }
  var steps = window
  if case .steps(let block) = options.block { steps += block }
  if window < 1 || steps > 65534 {
    refuse(
      "window.length", "--window", "a window has at least 1 step, and fewer than 65535 together with a block",
      "give --window a smaller number of steps")
  }
  if options.history == .replay {
    refuse(
      "window.replay", "--window",
      "the steps of a window ran with the weights of earlier blocks, with which they cannot be replayed",
      "give --history stored (with --psi 4 or 1 if RAM is short)")
  }
  for (index, population) in network.populations.enumerated() where population.adaptation != nil {
    let learns = network.projections.contains { $0.isPlastic && $0.target == .population(index) }
    guard learns else { continue }
    refuse(
      "window.adaptive", "populations[\(index)].adaptation",
      "the adaptation of \(population.name) remembers for longer than any window: cutting off its credit is no approximation",
      "leave out --window, so that traces are carried exactly")
  }
}
