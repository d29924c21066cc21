public import Networks

/// One line of the learning benchmark: a task, and who learns it how.
public struct LearningCase: Sendable {
  /// What is learnt.
  public enum Work: String, Sendable, Hashable, CaseIterable {
    /// Task 1.1 from untrained weights: NMSE of the last 50 of 1,000 trials.
    case pattern
    /// Task 1.1 with another target, by a network that double precision has trained: NMSE of trials 251 to 300.
    case adaptation
    /// Task 1.2, a trial per update: wrong decisions over fresh trials after 3,000.
    case recall
  }
  /// Who learns it.
  public enum Learner: Sendable, Hashable {
    /// Adam in double precision, two moments per weight.
    case float
    /// The compiled network with weights of so many bits.
    case integer(weightBits: Int)
  }

  public var work: Work
  public var learner: Learner
  /// How the line is called.
  public var setting: String
  public var optimiser: SpikingNetwork.Optimiser
  /// What the mean over the seeds must not exceed.
  public var bar: Double?
  /// What each seed must stay below.
  public var barOfEach: Double?
  /// What the ratio to Adam under the linear schedule must not exceed.
  public var barOfRatio: Double?
  /// What would be good, where that is less.
  public var aim: String?

  /// Bytes of weights per plastic synapse; nil in double precision.
  public var bytes: Double? {
    if case .integer(let bits) = learner { Double(bits) / 8 } else { nil }
  }

  init(
    _ work: Work, _ learner: Learner, _ setting: String, _ optimiser: SpikingNetwork.Optimiser, bar: Double? = nil,
    barOfEach: Double? = nil, barOfRatio: Double? = nil, aim: String? = nil
  ) {
    self.work = work
    self.learner = learner
    self.setting = setting
    self.optimiser = optimiser
    self.bar = bar
    self.barOfEach = barOfEach
    self.barOfRatio = barOfRatio
    self.aim = aim
  }
}

extension LearningCase.Work {
  /// A heading.
  public var title: String {
    switch self {
    case .pattern: "task 1.1 from untrained weights, 1,000 trials: NMSE of the last 50"
    case .adaptation: "task 1.1, a trained network learns another target, 300 trials: NMSE of the last 50"
    case .recall: "task 1.2, one trial per update, 3,000 trials: wrong decisions over 150 fresh trials"
    }
  }

  /// Trials that are learnt from, trials at the end that count, and trials afterwards without learning.
  func trials(isQuick: Bool) -> (learning: Int, counted: Int, validation: Int) {
    switch (self, isQuick) {
    case (.pattern, false): (1000, 50, 0)
    case (.adaptation, false): (300, 50, 0)
    case (.recall, false): (3000, 0, 150)
    case (.pattern, true), (.adaptation, true): (40, 10, 0)
    case (.recall, true): (20, 0, 10)
    }
  }
}

extension LearningCase {
  /// The lines of `epropc bench learning`; those of one work stand together, Adam's linear schedule first.
  public static func all(isQuick: Bool = false) -> [LearningCase] {
    func adam(_ rate: Double, _ schedule: SpikingNetwork.Optimiser.Schedule) -> SpikingNetwork.Optimiser {
      .init(kind: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), learningRate: rate, schedule: schedule)
    }
    func linear(_ work: Work) -> SpikingNetwork.Optimiser.Schedule {
      .linearToZero(trials: work.trials(isQuick: isQuick).learning)
    }
    let paper = SpikingNetwork.Optimiser.Schedule.stepwise(factor: 0.7, every: 100)
    let regression = SpikingNetwork.Optimiser(.regression, schedule: linear(.pattern))
    // Roundings of larger steps need more of them to average out.
    let careful = SpikingNetwork.Optimiser(
      kind: .factored(clip: 1), learningRate: 0.006, schedule: linear(.pattern))
    let retraining = SpikingNetwork.Optimiser(
      kind: .factored(clip: 3), learningRate: 0.006, schedule: linear(.adaptation))
    return [
      .init(.pattern, .float, adamLinear, adam(0.003, linear(.pattern))),
      .init(.pattern, .float, adamPaper, adam(0.003, paper)),
      .init(.pattern, .integer(weightBits: 16), "regression", regression, barOfRatio: 1.15),
      .init(
        .pattern, .integer(weightBits: 8), "regression", regression, bar: 0.009, barOfRatio: 1.25, aim: "ratio 1.05"),
      .init(.pattern, .integer(weightBits: 8), "default", .init(.standard, schedule: linear(.pattern))),
      .init(.pattern, .integer(weightBits: 6), "clip 1, rate 0.006", careful, aim: "ratio 1.5"),
      .init(.pattern, .integer(weightBits: 4), "clip 1, rate 0.006", careful),
      .init(.adaptation, .float, adamLinear, adam(0.003, linear(.adaptation))),
      .init(.adaptation, .float, adamPaper, adam(0.003, paper)),
      .init(
        .adaptation, .integer(weightBits: 8), "clip 3, rate 0.006", retraining, bar: 0.015, barOfRatio: 1),
      .init(.recall, .float, adamLinear, adam(0.0015, linear(.recall))),
      .init(
        .recall, .integer(weightBits: 8), "default", .init(.standard, schedule: linear(.recall)), barOfEach: 0.05),
      .init(.recall, .integer(weightBits: 8), "regression", .init(.regression, schedule: linear(.recall))),
    ]
  }
}
