import Diagnostics
import Networks

/// What a network or the options ask for that the compiler does not do, all at once.
func refusals(_ network: SpikingNetwork, _ options: PlanOptions) -> [Finding] {
  var findings: [Finding] = []
  func refuse(_ id: String, _ path: String, _ message: String, _ help: String? = nil) {
    findings.append(Finding("plan.\(id)", at: .init(path: path), message, help: help))
  }
  findings += surrogateRefusals(network, options)
  if case .analog(let low, let high) = network.inputs.kind, max(abs(low), abs(high)) > 127 {
    refuse(
      "inputs.range", "inputs.range", "analog inputs beyond ±127 do not fit the 8-bit input format",
      "scale the inputs and their weights")
  }
  if !options.inferenceOnly {
    switch network.optimiser.kind {
    case .momentum:
      refuse(
        "optimiser.kind", "optimiser.kind",
        "the compiler has the optimisers sgd, factored, postsynaptic and adam, not momentum",
        "set the optimiser to factored, or compile with --inference-only")
    case .sgd, .factored, .postsynaptic, .adam: break
    }
  }
  for (index, population) in network.populations.enumerated() {
    if network.maximumSteps + population.refractorySteps > 65534 {
      refuse(
        "steps", "maximum_steps", "a trial and the refractory period together have more than 65534 steps",
        "use shorter trials or a larger time step")
    }
    // Of neurons that all have their own, those that are too short are few.
    if population.reset == .subtract, case .common(let keep) = network.decays(timeConstant: population.timeConstant),
      keep < 1.0 / 64
    {
      refuse(
        "tau.short", "populations[\(index)].tau_m_ms",
        "a membrane time constant below a quarter of the time step leaves nothing to subtract the threshold from",
        "use a smaller time step, or the reset \"zero\" or \"subtract-at-once\"")
    }
  }
  if case .steps(let steps) = options.block, steps < 1 {
    refuse("block", "--block", "a block has at least one step", "give a number of steps or \"trial\"")
  }
  findings += holdRefusals(network, options)
  if ![4, 6, 8, 16].contains(options.weightBits) {
    refuse("weights", "--weights", "weights have 4, 6, 8 or 16 bits, not \(options.weightBits)")
  }
  if ![8, 16].contains(options.momentBits) {
    refuse("moments", "--moments", "Adam's moments have 8 or 16 bits, not \(options.momentBits)")
  }
  if !(1...8).contains(options.tile) { refuse("tile", "--tile", "a tile has 1 to 8 neurons, not \(options.tile)") }
  findings += historyRefusals(network, options)
  if options.updateTime == .block, case .trial = options.block {
    refuse(
      "update", "--update", "an update per block needs blocks shorter than a trial", "give --block a number of steps")
  }
  if let steps = options.updateSteps, !options.inferenceOnly {
    let block =
      if case .steps(let block) = options.block { min(block, network.maximumSteps) } else { network.maximumSteps }
    if steps < 1 || steps % max(1, block) != 0 {
      refuse(
        "update.steps", "--update",
        "an update every \(steps) steps is none after a whole number of blocks of \(block) steps",
        "give --block a length that divides \(steps)")
    }
  }
  if !(options.errorRange > 0 && options.errorRange < 0x1p14) {
    refuse("error-range", "--error-range", "the error range must be above 0 and below 16384")
  }
  return findings
}

/// A block begins with an input.
private func holdRefusals(_ network: SpikingNetwork, _ options: PlanOptions) -> [Finding] {
  let hold = network.inputs.holdSteps
  guard hold > 1, !options.inferenceOnly else { return [] }
  let place = Finding.Location(path: "inputs.hold_steps")
  if options.isStream {
    return [
      Finding(
        "plan.block.hold", at: place, "inputs that are held need trials: the blocks of a stream begin at any step",
        help: "give every step an input of its own")
    ]
  }
  guard case .steps(let steps) = options.block, steps >= 1, steps < network.maximumSteps, steps % hold != 0 else {
    return []
  }
  return [
    Finding(
      "plan.block.hold", at: place, "a block of \(steps) steps would end while an input of \(hold) steps is held",
      help: "give --block a multiple of \(hold), or \"trial\"")
  ]
}

/// The compiler has ψ = γ max(0, 1 − |v − A| / v_th), and γ / v_th for γ; other surrogates only infer.
private func surrogateRefusals(_ network: SpikingNetwork, _ options: PlanOptions) -> [Finding] {
  guard !options.inferenceOnly else { return [] }
  let (convention, surrogate) = (network.convention, network.surrogate)
  let help = "learn with `train` and compile with --inference-only, or change the description and train again"
  var findings: [Finding] = []
  func refuse(_ id: String, _ path: String, _ message: String) {
    findings.append(Finding("plan.\(id)", at: .init(path: path), message, help: help))
  }
  let isAdaptive = network.populations.contains { $0.adaptation != nil }
  if convention.surrogateWidth == .adaptive, isAdaptive {
    refuse(
      "surrogate.width", "convention.surrogate_width",
      "a surrogate derivative scaled by the adaptive threshold is not compiled, only one scaled by the base threshold")
  }
  if convention.surrogateHeight == .gammaOverAdaptiveThreshold, isAdaptive {
    refuse(
      "surrogate.height", "convention.surrogate_height",
      "a surrogate derivative divided by the adaptive threshold is not compiled")
  }
  if convention.thresholdDerivative == .scale, isAdaptive {
    refuse(
      "surrogate.threshold", "convention.threshold_derivative",
      "a derivative of the adaptive threshold other than that of the potential is not compiled")
  }
  if surrogate.shape != .piecewiseLinear {
    refuse(
      "surrogate.kind", "surrogate.kind",
      "the surrogate derivative \(surrogate.shape.rawValue) is not compiled, only piecewise-linear")
  }
  if let width = surrogate.width, network.populations.contains(where: { $0.threshold != width }) {
    refuse(
      "surrogate.width", "surrogate.width",
      "a surrogate derivative whose width is not the threshold of every population is not compiled")
  }
  if convention.lossReduction == .mean {
    findings.append(
      Finding(
        "plan.loss", at: .init(path: "convention.loss_reduction"),
        "a loss that is the mean over the steps needs their number before they happen",
        help: "use \"sum\" with the coefficient of the rate regulariser (and the learning rate of sgd) multiplied by "
          + "the steps that count"))
  }
  return findings
}
