import Networks
import OnlineRules
import Trials

/// An online rule of rate networks on a spiking one, over the state that `SpikingCell` says. What the rule knows of the
/// network and what it draws goes on from trial to trial and from batch to batch.
///
/// Sources and costs are those of the rules. A step's contribution is what the rule gives at that step; for `dni` and
/// `dni-b` it is the step's own influence on all losses to come.
final class OnlineMethod: GradientMethod {
  private let network: SpikingNetwork
  private let wiring: Wiring
  private let cell: SpikingCell
  private let learner: any OnlineLearner
  private let wanted: [Bool]
  /// The rule's ∂L^t/∂W, [n × m].
  private let influence: OnlineRules.Buffer
  /// Inputs as the readouts filter them, and the same of a constant 1, for the bias.
  private let filteredInputs: OnlineRules.Buffer
  private var filteredOne = 0.0
  /// Of the trials of a batch that is asked for step by step.
  private var contributions: [ObjectIdentifier: [ParameterBuffers]] = [:]
  private var trialsOfBatch = 0
  let rateTerm: Buffer<Double>
  let needsStates = true

  /// Bytes that a rule takes on a network.
  static func bytes(_ rule: OnlineRule, _ wiring: Wiring) -> Double { 8 * rule.numbers(SpikingCell.sizes(wiring)) }

  init(
    _ network: SpikingNetwork, _ wiring: Wiring, weights: ParameterBuffers, _ choice: OnlineChoice, wanted: [Bool]
  ) {
    self.network = network
    self.wiring = wiring
    self.wanted = wanted
    let cell = SpikingCell(wiring, weights: weights)
    let draws = Draws(choice.rule, recorded: choice.recorded, seed: choice.seed)
    var settings = choice.recorded?.settings(of: choice.rule, over: choice.settings) ?? choice.settings
    settings.dniNormalises = true
    self.cell = cell
    learner =
      switch choice.rule {
      case .uoro: OnlineLearners.uoro(cell, draws: draws)
      case .kfRTRL: OnlineLearners.kfRTRL(cell, draws: draws)
      case .reverseKF: OnlineLearners.reverseKF(cell, draws: draws)
      case .dni: OnlineLearners.dni(cell, draws: draws, settings: settings, learnsJacobian: false)
      case .dniB: OnlineLearners.dni(cell, draws: draws, settings: settings, learnsJacobian: true)
      case .rtrl: OnlineLearners.rtrl(cell)
      case .fixedW, .backpropagation, .futureBackpropagation, .kernl, .rflo: OnlineLearners.fixedW()
      }
    influence = OnlineRules.Buffer(cell.units * cell.columns)
    filteredInputs = OnlineRules.Buffer(wiring.inputCount)
    rateTerm = Buffer(wiring.neuronCount, filledWith: 0)
  }

  func prepare() {
    contributions = [:]
    trialsOfBatch = 0
  }

  func add(_ tape: TrialTape, _ trial: Trial, _ part: TrialPart, factor: Double, to gradient: ParameterBuffers) {
    switch part {
    case .whole: run(tape, trial) { add(tape, $0, factor: factor, to: gradient) }
    case .step(let step):
      let key = ObjectIdentifier(tape)
      if contributions[key] == nil {
        var steps: [ParameterBuffers] = []
        run(tape, trial) { number in
          let own = ParameterBuffers(shapedLike: network)
          add(tape, number, factor: 1, to: own)
          steps.append(own)
        }
        contributions[key] = steps
      }
      if let own = contributions[key]?[step] { gradient.add(own, times: factor) }
    }
  }

  /// All steps of a trial; `observe` is told the number of each.
  private func run(_ tape: TrialTape, _ trial: Trial, observe: (Int) -> Void) {
    cell.begin(trial)
    learner.begin(trial: trialsOfBatch, cell)
    trialsOfBatch += 1
    filteredInputs.fill(0)
    filteredOne = 0
    for step in 0..<trial.steps {
      cell.advance(tape, trial, step: step, rateTerm: rateTerm.base)
      learner.learn(cell, isLast: step == trial.steps - 1, into: influence)
      for i in 0..<wiring.inputCount {
        filteredInputs.base[i] = wiring.readoutDecay * filteredInputs.base[i] + cell.hat.base[cell.units + i]
      }
      filteredOne = wiring.readoutDecay * filteredOne + 1
      observe(step)
    }
  }

  /// What the step that was just made adds.
  private func add(_ tape: TrialTape, _ step: Int, factor: Double, to gradient: ParameterBuffers) {
    let errors = tape.errors.base + step * wiring.outputCount
    for (index, link) in wiring.links.enumerated() where wanted[index] {
      guard let sums = gradient.projections[index].baseAddress else { continue }
      let scale = factor * link.scale
      if link.targetGroup == nil {
        let sources = link.sourceGroup == nil ? filteredInputs.base : cell.filtered + link.preFirst
        for i in 0..<link.preCount where sources[i] != 0 {
          Kernels.add(errors, times: scale * sources[i], to: sums + i * link.postCount, count: link.postCount)
        }
        continue
      }
      let first = link.sourceGroup == nil ? cell.units : link.preFirst
      for j in 0..<link.postCount {
        let row = influence.base + (link.postFirst + j) * cell.columns + first
        for i in 0..<link.preCount where !(link.lacksDiagonal && i == j) {
          sums[i * link.postCount + j] += scale * row[i]
        }
      }
    }
    for k in 0..<wiring.outputCount { gradient.bias[k] += factor * errors[k] * filteredOne }
  }
}
