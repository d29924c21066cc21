public import Networks
public import OnlineRules
public import Trials

/// Runs a rate network with any number of rules beside each other, step by step, and learns by one of them if asked to.
///
/// Every rule sees the same run, so their gradients can be compared. Not thread-safe: one engine per task.
public final class RateEngine {
  /// The rules, in the order of `gradients`.
  public let rules: [OnlineRule]
  /// The weights as they are now.
  public let weights: RateParameters
  /// Of the latest step, one per rule.
  public let gradients: [RateParameters]

  /// What a step came to, before its update.
  public struct Step: Sendable, Hashable {
    /// From 0.
    public var number: Int
    /// L^t.
    public var loss: Double
  }

  private let start: RateNetwork
  private let cell: RateCell
  private let learners: [any OnlineLearner]
  private let existing: RateMask
  private let recorded: RecordedDraws?
  private let teacher: Int?
  private let update: RateUpdate?

  /// - Parameters:
  ///   - settings: what the rules leave open; a recorded run's own settings go before them.
  ///   - recorded: a recorded run to replay.
  ///   - seed: of what is drawn.
  ///   - learning: the rule, one of `rules`, whose gradient moves the weights after every step; nil: they stay.
  public init(
    _ network: RateNetwork, rules: [OnlineRule], settings: OnlineRuleSettings = .init(), recorded: RecordedDraws? = nil,
    seed: UInt64 = 1, learning: OnlineRule? = nil
  ) {
    let weights = RateParameters(shapedLike: network)
    weights.read(from: network)
    let cell = RateCell(network, parameters: weights)
    (start, self.rules, self.weights, self.cell, self.recorded) = (network, rules, weights, cell, recorded)
    gradients = rules.map { _ in RateParameters(shapedLike: network) }
    learners = rules.map { rule in
      let own = recorded?.settings(of: rule, over: settings) ?? settings
      return Self.learner(rule, cell, Draws(rule, recorded: recorded, seed: seed), own)
    }
    existing = RateMask(existingOf: network)
    teacher = learning.flatMap { rule in rules.firstIndex(of: rule) }
    update = teacher == nil ? nil : RateUpdate(network)
  }

  private static func learner(
    _ rule: OnlineRule, _ cell: RateCell, _ draws: Draws, _ settings: OnlineRuleSettings
  ) -> any OnlineLearner {
    switch rule {
    case .backpropagation: Backpropagation(cell, horizon: settings.horizon, splitsByError: settings.splitsByError)
    case .futureBackpropagation: FutureBackpropagation(cell, horizon: settings.horizon)
    case .kernl: KeRNL(cell, draws: draws, settings: settings)
    case .rflo: RFLO(cell, draws: draws)
    case .rtrl: OnlineLearners.rtrl(cell)
    case .uoro: OnlineLearners.uoro(cell, draws: draws)
    case .kfRTRL: OnlineLearners.kfRTRL(cell, draws: draws)
    case .reverseKF: OnlineLearners.reverseKF(cell, draws: draws)
    case .dni: OnlineLearners.dni(cell, draws: draws, settings: settings, learnsJacobian: false)
    case .dniB: OnlineLearners.dni(cell, draws: draws, settings: settings, learnsJacobian: true)
    case .fixedW: OnlineLearners.fixedW()
    }
  }

  /// The network as it is now.
  public var network: RateNetwork {
    var network = start
    weights.write(to: &network)
    return network
  }

  /// a^t, y^t and err^t of the latest step.
  public var activity: [Double] { Array(cell.activity.elements.prefix(cell.units)) }
  public var readout: [Double] { cell.readout.elements }
  public var error: [Double] { cell.error.elements }

  /// All steps of a trial.
  ///
  /// - Parameters:
  ///   - number: the trial's number from 0, as a recorded run counts.
  ///   - continuing: go on from where the trial before ended, as if it were longer.
  ///   - isLast: the trial ends with its last step; otherwise another one continues it.
  ///   - observe: called after each step, before the weights move.
  /// - Returns: Σ_t L^t.
  @discardableResult
  public func run(
    _ trial: Trial, number: Int = 0, continuing: Bool = false, isLast: Bool = true, observe: (Step) -> Void = { _ in }
  ) -> Double {
    if !continuing {
      cell.begin(trial, activity: recorded?.row("activity", trial: number))
      for learner in learners { learner.begin(trial: number, cell) }
    }
    var sum = 0.0
    for step in 0..<trial.steps {
      cell.advance(trial, step: step)
      learn(isLast: isLast && step == trial.steps - 1)
      sum += cell.stepLoss
      observe(Step(number: step, loss: cell.stepLoss))
      if let teacher { update?.apply(gradients[teacher], to: weights) }
    }
    return sum
  }

  private func learn(isLast: Bool) {
    for (learner, gradient) in zip(learners, gradients) {
      learner.learn(cell, isLast: isLast, into: gradient.recurrent)
      fillOutput(gradient)
      existing.apply(to: gradient)
    }
  }

  /// The rules once more on the latest step, as if it had come again: for their times alone.
  func learnAgain() {
    cell.forgetJacobian()
    learn(isLast: false)
  }

  /// ∂L/∂[W_out | b_out] = err [a; 1]ᵀ, the same for every rule.
  private func fillOutput(_ gradient: RateParameters) {
    let width = cell.units + 1
    for k in 0..<cell.outputs {
      Kernels.assign(
        cell.activity.base, times: cell.error.base[k], to: gradient.output.base + k * width, count: width)
    }
  }
}
