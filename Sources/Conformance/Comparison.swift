import CBackend
import Diagnostics
public import Planning

/// Where a machine and the integer model first part.
public struct Divergence: Sendable, Hashable {
  /// Trial and step, counted from 0; nil for the step of an update.
  public var trial: Int
  public var step: Int?
  public var array: String
  /// Element of the array; nil where only the digest is known.
  public var index: Int?
  public var expected: Int64?
  public var got: Int64?
  /// Real value of one LSB of the element, where there is one.
  public var lsb: Double?
}

/// The outcome on one machine.
public struct Comparison: Sendable {
  public var bitExact: Bool
  public var stepsCompared: Int
  public var digestsCompared: Int
  public var divergence: Divergence?
}

/// Compares the words of a machine with those of the model, and finds the place of the first that differs.
public func compare(
  _ output: [UInt8], with model: ModelRun, plan: FixedPlan, stimulus: Stimulus, rhythm: DigestRhythm
) -> Comparison {
  let words = output.count / 4
  let layout = DigestLayout(plan, stimulus, rhythm)
  for (position, expected) in model.digests.enumerated() {
    guard position < words else { return layout.differing(at: position) }
    let got =
      UInt32(output[4 * position]) | UInt32(output[4 * position + 1]) << 8 | UInt32(output[4 * position + 2]) << 16
      | UInt32(output[4 * position + 3]) << 24
    if got != expected { return layout.differing(at: position) }
  }
  return Comparison(
    bitExact: words == model.digests.count, stepsCompared: stimulus.totalSteps, digestsCompared: model.digests.count,
    divergence: nil)
}

/// Says what the n-th digest of a run is of.
struct DigestLayout {
  let arrays: DriverArrays
  let stimulus: Stimulus
  let rhythm: DigestRhythm

  init(_ plan: FixedPlan, _ stimulus: Stimulus, _ rhythm: DigestRhythm) {
    arrays = DriverArrays(plan)
    self.stimulus = stimulus
    self.rhythm = rhythm
  }

  func differing(at position: Int) -> Comparison {
    var left = position
    var steps = 0
    for (trial, index) in stimulus.order.enumerated() {
      for step in 0..<stimulus.trials[index].steps {
        var here: [String] = []
        if rhythm.isDue(step, of: stimulus.trials[index].steps) { here += arrays.step }
        if rhythm.learntIsDue(step) { here += arrays.learnt }
        if left < here.count { return found(trial, step, here[left], steps, position) }
        left -= here.count
        steps += 1
      }
      let here = stimulus.learns(at: trial) ? ["status"] + arrays.learnt : []
      if left < here.count { return found(trial, nil, here[left], steps, position) }
      left -= here.count
    }
    return found(stimulus.order.count, nil, "end of output", steps, position)
  }

  private func found(_ trial: Int, _ step: Int?, _ array: String, _ steps: Int, _ position: Int) -> Comparison {
    Comparison(
      bitExact: false, stepsCompared: steps, digestsCompared: position,
      divergence: Divergence(trial: trial, step: step, array: array))
  }
}
