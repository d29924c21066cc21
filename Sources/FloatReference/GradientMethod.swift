import Trials

/// One way to form the gradient of a trial that has run.
protocol GradientMethod: AnyObject {
  /// Whether the tape must hold v and a.
  var needsStates: Bool { get }
  /// r: what the rate regulariser adds to the derivative by z_j at every step of the trial.
  var rateTerm: Buffer<Double> { get }
  /// Called once for every batch, before the first `add`, with the weights as they are.
  func prepare()
  /// Adds `factor` times the gradient of a trial, or what one of its steps contributes, to `gradient`. The steps of a
  /// tape are asked for in their order, from 0.
  func add(_ tape: TrialTape, _ trial: Trial, _ part: TrialPart, factor: Double, to gradient: ParameterBuffers)
}

extension GradientMethod {
  func prepare() {}
}

/// Which errors a gradient is of.
enum TrialPart: Hashable {
  case whole
  /// Only the errors of this step, and the rate regulariser's derivative by the z of this step.
  case step(Int)

  /// The steps in which a weight can matter to the part.
  func steps(of trial: Trial) -> Range<Int> {
    switch self {
    case .whole: 0..<trial.steps
    case .step(let step): 0..<step + 1
    }
  }

  /// Whether the errors of a step count.
  func counts(_ step: Int) -> Bool {
    switch self {
    case .whole: true
    case .step(let only): step == only
    }
  }
}
