import Trials

/// p^t: what arrives through a projection at a step.
struct Arrivals {
  private let tape: TrialTape
  private let trial: Trial
  private let inputCount: Int

  init(_ tape: TrialTape, _ trial: Trial, inputCount: Int) {
    self.tape = tape
    self.trial = trial
    self.inputCount = inputCount
  }

  /// Of the projection's source i: a value of the inputs, or 1 where a spike arrives.
  func value(of i: Int, through link: Wiring.Link, _ step: Int) -> Double {
    let events: EventsBySource
    if link.sourceGroup != nil {
      events = tape.spikesBySource
    } else {
      if case .analog(let values) = trial.inputs { return values[trial.row(of: step) * inputCount + i] }
      events = tape.inputsBySource
    }
    let time = step - link.delay
    return events.window(of: link.preFirst + i, within: time..<time + 1).isEmpty ? 0 : 1
  }
}
