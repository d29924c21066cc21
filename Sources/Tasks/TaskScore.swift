import Foundation
public import Trials

/// How well a task was done, from the readouts of its trials. Less is better.
public enum TaskScore: String, Sendable, Hashable, CaseIterable {
  /// Mean squared error over steps and outputs, divided by the mean over outputs of the target's variance over time;
  /// the mean over the trials. Steps outside the mask do not count.
  case normalisedMeanSquaredError = "nmse"
  /// The share of wrong decisions. Each unbroken stretch of the mask is one decision, for the output whose mean
  /// readout over the stretch is the largest; right is the output whose target is.
  case misclassification
  /// −Σ_k target_k log softmax(y)_k, the mean over the steps that count.
  case crossEntropy = "cross-entropy"

  /// `readouts`: y of each trial, [steps × outputs].
  public func evaluate(_ trials: [Trial], readouts: [[Double]]) -> Double {
    switch self {
    case .normalisedMeanSquaredError:
      let sum = zip(trials, readouts).reduce(0) { $0 + Self.normalisedError($1.0, $1.1) }
      return sum / Double(trials.count)
    case .misclassification:
      let counts = zip(trials, readouts).map { Self.decisions($0.0, $0.1) }
      let decided = counts.reduce(0) { $0 + $1.all }
      return decided == 0 ? 0 : Double(counts.reduce(0) { $0 + $1.wrong }) / Double(decided)
    case .crossEntropy:
      let sums = zip(trials, readouts).map { Self.crossEntropy($0.0, $0.1) }
      return sums.reduce(0) { $0 + $1.sum } / Double(max(sums.reduce(0) { $0 + $1.steps }, 1))
    }
  }

  private static func crossEntropy(_ trial: Trial, _ readouts: [Double]) -> (sum: Double, steps: Int) {
    let outputs = readouts.count / max(trial.steps, 1)
    var (sum, steps) = (0.0, 0)
    for step in 0..<trial.steps where trial.mask?[step] ?? true {
      let y = readouts[step * outputs..<(step + 1) * outputs]
      let top = y.max() ?? 0
      let normaliser = top + log(y.reduce(0) { $0 + exp($1 - top) })
      for (value, target) in zip(y, trial.targets[step * outputs..<(step + 1) * outputs]) where target != 0 {
        sum -= target * (value - normaliser)
      }
      steps += 1
    }
    return (sum, steps)
  }

  private static func normalisedError(_ trial: Trial, _ readouts: [Double]) -> Double {
    let steps = (0..<trial.steps).filter { trial.mask?[$0] ?? true }
    let outputs = readouts.count / max(trial.steps, 1)
    var (error, variance) = (0.0, 0.0)
    for k in 0..<outputs {
      let targets = steps.map { trial.targets[$0 * outputs + k] }
      let mean = targets.reduce(0, +) / Double(steps.count)
      for (step, target) in zip(steps, targets) {
        let difference = readouts[step * outputs + k] - target
        error += difference * difference
        variance += (target - mean) * (target - mean)
      }
    }
    return error / variance
  }

  private static func decisions(_ trial: Trial, _ readouts: [Double]) -> (all: Int, wrong: Int) {
    let outputs = readouts.count / max(trial.steps, 1)
    var (all, wrong, step) = (0, 0, 0)
    while step < trial.steps {
      let start = step
      while step < trial.steps, trial.mask?[step] ?? true { step += 1 }
      if step > start {
        all += 1
        let decided = largest(readouts, start..<step, outputs)
        if decided != largest(trial.targets, start..<step, outputs) { wrong += 1 }
      } else {
        step += 1
      }
    }
    return (all, wrong)
  }

  /// The column with the largest sum over the given rows.
  private static func largest(_ rows: [Double], _ range: Range<Int>, _ columns: Int) -> Int {
    let sums = (0..<columns).map { k in range.reduce(0.0) { $0 + rows[$1 * columns + k] } }
    return sums.indices.max { sums[$0] < sums[$1] } ?? 0
  }
}
