public import Networks
public import OnlineRules
public import Trials

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a step with a rule takes, and how that grows with the number of units.
public struct RateCost: Sendable, Hashable {
  public var rule: OnlineRule
  public var units: [Int]
  /// CPU microseconds per step beyond the forward pass, by number of units: of the fastest of five runs each.
  public var microseconds: [Double]

  /// The slope of log time over log units between the two largest networks.
  public var exponent: Double {
    guard let large = units.last, let time = microseconds.last, units.count > 1 else { return .nan }
    let (small, less) = (units[units.count - 2], microseconds[units.count - 2])
    return log(time / less) / log(Double(large) / Double(small))
  }

  /// Times a rule on networks of the sizes given.
  ///
  /// - Parameter make: the network and a trial for a number of units.
  public static func measure(
    _ rule: OnlineRule, units: [Int], settings: OnlineRuleSettings, _ make: (Int) -> (RateNetwork, Trial)
  ) -> RateCost {
    let times = units.map { count -> Double in
      let (network, trial) = make(count)
      return fastest(RateEngine(network, rules: [rule], settings: settings), trial)
    }
    return RateCost(rule: rule, units: units, microseconds: times)
  }

  /// The fastest of five runs. Each step is learnt from ten times: a difference of runs with and without the rule would
  /// drown the cheap ones.
  private static func fastest(_ engine: RateEngine, _ trial: Trial) -> Double {
    let repeats = 10
    return (0..<5).reduce(Double.infinity) { best, _ in
      var sum = 0.0
      engine.run(trial) { _ in
        let start = cpuMicroseconds()
        for _ in 0..<repeats { engine.learnAgain() }
        sum += cpuMicroseconds() - start
      }
      return min(best, sum / Double(trial.steps * repeats))
    }
  }

  /// The CPU time of the calling thread.
  private static func cpuMicroseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
  }
}
