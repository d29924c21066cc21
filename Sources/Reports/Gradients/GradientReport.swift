public import LearningRules

/// The gradients of several rules on one network and one batch of trials, each against that of a reference rule.
public struct GradientReport: Sendable {
  /// At most this many numbers go into a document.
  public static let maximumNumbers = 8_000_000

  /// One rule's part.
  struct Comparison: Sendable {
    let rule: String
    /// The gradient, per parameter.
    let gradient: [[Double]]
    /// Everything together, everything but the readout's own weights, and each parameter alone.
    let all: Alignment
    let hidden: Alignment
    let parameters: [Alignment]
    /// The same of each step's contribution; empty where steps were not asked for.
    fileprivate(set) var steps: [Alignment] = []
    fileprivate(set) var hiddenSteps: [Alignment] = []
    fileprivate(set) var parameterSteps: [[Alignment]] = []
    /// The contributions themselves, per step and parameter, where they were asked for.
    fileprivate(set) var contributions: [[[Double]]] = []
  }

  /// How much is looked at.
  public enum Depth: Int, Sendable, Hashable {
    /// The gradients of the trials.
    case totals
    /// How the contributions of each step compare, too.
    case steps
    /// And the contributions themselves.
    case contributions
  }

  let network: String
  let trialCount: Int
  let reference: String
  let parameters: [RuleParameter]
  let depth: Depth
  /// The parameters behind the readout: with its own, most rules are exact.
  private let hidden: [Int]
  private(set) var comparisons: [Comparison]

  /// Runs the rules.
  ///
  /// - Parameters:
  ///   - network: its name.
  ///   - reference: what the others are compared with; it is listed too if it is among `runs`.
  ///   - progress: called with the number of steps done and of all.
  public init(
    network: String, trialCount: Int, runs: [any RuleRun], reference: any RuleRun, depth: Depth,
    progress: (Int, Int) -> Void = { _, _ in }
  ) {
    self.network = network
    self.trialCount = trialCount
    self.reference = reference.rule
    self.depth = depth
    parameters = reference.parameters
    let hidden = parameters.indices.filter { !["W_out", "b_out"].contains(reference.parameters[$0].symbol) }
    self.hidden = hidden
    let exact = reference.total()
    comparisons = runs.map { run in
      let gradient = run.rule == reference.rule ? exact : run.total()
      return Comparison(
        rule: run.rule, gradient: gradient, all: Alignment(gradient, against: exact),
        hidden: Alignment(hidden.map { gradient[$0] }, against: hidden.map { exact[$0] }),
        parameters: zip(gradient, exact).map { Alignment([$0], against: [$1]) })
    }
    guard depth != .totals else { return }
    for step in 0..<reference.steps {
      addStep(step, runs, reference)
      progress(step + 1, reference.steps)
    }
  }

  private mutating func addStep(_ step: Int, _ runs: [any RuleRun], _ reference: any RuleRun) {
    let exact = reference.contribution(of: step)
    for (index, run) in runs.enumerated() {
      let gradient = run === reference ? exact : run.contribution(of: step)
      comparisons[index].steps.append(Alignment(gradient, against: exact))
      comparisons[index].hiddenSteps.append(
        Alignment(hidden.map { gradient[$0] }, against: hidden.map { exact[$0] }))
      comparisons[index].parameterSteps.append(zip(gradient, exact).map { Alignment([$0], against: [$1]) })
      if depth == .contributions { comparisons[index].contributions.append(gradient) }
    }
  }

  /// How many numbers a document would hold.
  public static func numbers(parameters: [RuleParameter], steps: Int, rules: Int, depth: Depth) -> Int {
    let elements = parameters.reduce(0) { $0 + $1.shape.reduce(1, *) }
    let perStep =
      switch depth {
      case .totals: 0
      case .steps: 2 * (parameters.count + 2)
      case .contributions: 2 * (parameters.count + 2) + elements
      }
    return rules * (elements + steps * perStep)
  }
}
