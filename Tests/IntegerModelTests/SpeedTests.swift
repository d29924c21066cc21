import IntegerModel
import TestSupport
import Testing

/// How long a trial of the pattern generation network takes.
@Suite(.serialized) struct SpeedTests {
  @Test(.enabled(if: !isDebug, "timing means something in release builds only"), arguments: [1000, 100])
  func patternTrial(block: Int) {
    let plan = PatternPlan.make(block: block)
    let network = IntegerNetwork(plan)
    let stimulus = RandomStimulus(plan, steps: 1000, seed: 5, percent: 10)
    var spikes = 0
    var best = Duration.seconds(1)
    var parts: (Duration, Duration) = (.zero, .zero)
    for _ in 0..<20 {
      var total = 0
      let start = ContinuousClock.now
      network.reset()
      for t in 0..<1000 {
        network.step(spikes: stimulus.spikes[t])
        network.learn(target: stimulus.targets[t])
        total += network.spikeCount
      }
      let middle = ContinuousClock.now
      #expect(network.update() == .learnt)
      let end = ContinuousClock.now
      if end - start < best { (best, parts, spikes) = (end - start, (middle - start, end - middle), total) }
    }
    print("pattern trial, block \(block): \(best), forward \(parts.0), update \(parts.1), \(spikes) spikes")
    #expect(best < .milliseconds(block == 1000 ? 100 : 500))
  }
}

var isDebug: Bool {
  #if DEBUG
    true
  #else
    false
  #endif
}
