import Diagnostics
import Networks

/// What a network or the options ask for that the compiler does not do, all at once.
func refusals(_ network: SpikingNetwork, _ options: PlanOptions) -> [Finding] {
  var findings: [Finding] = []
  func refuse(_ id: String, _ path: String, _ message: String, _ help: String? = nil) {
    findings.append(Finding("plan.\(id)", at: .init(path: path), message, help: help))
  }
  if network.convention.surrogateWidth == .adaptive {
    refuse(
      "surrogate.width", "convention.surrogate_width",
      "a surrogate derivative scaled by the adaptive threshold is not compiled, only one scaled by the base threshold",
      "use \"base\", or keep this network to `reference` and `train`")
  }
  if case .analog(let low, let high) = network.inputs.kind, max(abs(low), abs(high)) > 127 {
    refuse(
      "inputs.range", "inputs.range", "analog inputs beyond ±127 do not fit the 8-bit input format",
      "scale the inputs and their weights")
  }
  if !options.inferenceOnly {
    switch network.optimiser.kind {
    case .adam, .momentum:
      refuse(
        "optimiser.kind", "optimiser.kind", "the compiler has the optimisers sgd and factored, not the one named here",
        "set the optimiser to factored, or compile with --inference-only")
    case .sgd, .factored: break
    }
  }
  for (index, population) in network.populations.enumerated() {
    if network.maximumSteps + population.refractorySteps > 65534 {
      refuse(
        "steps", "maximum_steps", "a trial and the refractory period together have more than 65534 steps",
        "use shorter trials or a larger time step")
    }
    let keep = network.decay(timeConstant: population.timeConstant)
    if keep < 1.0 / 64 {
      refuse(
        "tau.short", "populations[\(index)].tau_m_ms",
        "a membrane time constant below a quarter of the time step leaves nothing to the next step",
        "use a smaller time step")
    }
  }
  if case .steps(let steps) = options.block, steps < 1 {
    refuse("block", "--block", "a block has at least one step", "give a number of steps or \"trial\"")
  }
  if ![8, 16].contains(options.weightBits) {
    refuse("weights", "--weights", "weights have 8 or 16 bits, not \(options.weightBits)")
  }
  if !(1...8).contains(options.tile) { refuse("tile", "--tile", "a tile has 1 to 8 neurons, not \(options.tile)") }
  if options.updateTime == .block, case .trial = options.block {
    refuse(
      "update", "--update", "an update per block needs blocks shorter than a trial", "give --block a number of steps")
  }
  if !(options.errorRange > 0 && options.errorRange < 0x1p14) {
    refuse("error-range", "--error-range", "the error range must be above 0 and below 16384")
  }
  return findings
}
