import Foundation
import Networks
import Trials

/// The errors err^t and the loss E of a trial, from its readouts:
///
///     squared error     err = y − y*                   E = ½ Σ_t Σ_k (y − y*)²
///     cross-entropy     err = softmax(y) − target      E = −Σ_t Σ_k target_k log softmax(y)_k
///
/// Both are 0 where the mask is. Where the convention says so, both are divided by the number of steps that the mask
/// counts. The rate regulariser is not part of E.
enum OutputErrors {
  static func fill(_ tape: TrialTape, for trial: Trial, loss kind: SpikingNetwork.Loss, isMean: Bool) {
    let outputs = tape.outputCount
    var loss = 0.0
    for step in 0..<trial.steps {
      let errors = tape.errors.base + step * outputs
      guard trial.mask.map({ $0[step] }) ?? true else {
        errors.update(repeating: 0, count: outputs)
        continue
      }
      let readouts = UnsafePointer(tape.readouts.base + step * outputs)
      trial.targets.withUnsafeBufferPointer { targets in
        guard let target = targets.baseAddress.map({ $0 + step * outputs }) else { return }
        switch kind {
        case .squaredError: loss += squaredError(readouts, target, errors, outputs)
        case .crossEntropy: loss += crossEntropy(readouts, target, errors, outputs)
        }
      }
    }
    tape.loss = loss
    if isMean { average(tape, over: trial.mask?.count(where: { $0 }) ?? trial.steps) }
  }

  private static func average(_ tape: TrialTape, over steps: Int) {
    let share = 1 / Double(max(steps, 1))
    tape.loss *= share
    Kernels.scale(tape.errors.base, by: share, count: tape.steps * tape.outputCount)
  }

  private static func squaredError(
    _ y: UnsafePointer<Double>, _ target: UnsafePointer<Double>, _ errors: UnsafeMutablePointer<Double>, _ count: Int
  ) -> Double {
    var sum = 0.0
    for k in 0..<count {
      errors[k] = y[k] - target[k]
      sum += errors[k] * errors[k]
    }
    return sum / 2
  }

  private static func crossEntropy(
    _ y: UnsafePointer<Double>, _ target: UnsafePointer<Double>, _ errors: UnsafeMutablePointer<Double>, _ count: Int
  ) -> Double {
    var top = y[0]
    for k in 1..<max(count, 1) { top = max(top, y[k]) }
    var sum = 0.0
    for k in 0..<count {
      errors[k] = exp(y[k] - top)
      sum += errors[k]
    }
    let normaliser = log(sum)
    var loss = 0.0
    for k in 0..<count {
      if target[k] != 0 { loss -= target[k] * (y[k] - top - normaliser) }
      errors[k] = errors[k] / sum - target[k]
    }
    return loss
  }
}
