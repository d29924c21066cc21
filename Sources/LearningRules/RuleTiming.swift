import Foundation

/// How long a rule took on networks of several sizes, and the exponent of n that this amounts to.
public struct RuleTiming: Sendable, Hashable {
  /// n, ascending.
  public var sizes: [Int]
  /// CPU microseconds per step and beyond the forward pass, for each size.
  public var microsecondsPerStep: [Double]

  public init(sizes: [Int], microsecondsPerStep: [Double]) {
    self.sizes = sizes
    self.microsecondsPerStep = microsecondsPerStep
  }

  /// The slope of log time over log n, by least squares.
  public var exponent: Double {
    let x = sizes.map { log(Double($0)) }
    let y = microsecondsPerStep.map { log(max($0, 1e-9)) }
    let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
    let covariance = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) }
    return covariance / x.reduce(0) { $0 + ($1 - meanX) * ($1 - meanX) }
  }
}
