import Randomness

/// Feedback that is drawn anew every few steps, the same sequence in every trial.
///
///     L_j^t = Σ_k B_jk^w err_k^t,   w = ⌊t / n⌋,   B^w_jk ~ N(0, 1 / N)
///
/// for N neurons and windows of n steps; steps are counted from 0. G of a neuron is then no longer B times the G of the
/// readouts, so the sweep filters the signals themselves: G_j ← κ G_j + L_j^t.
///
/// Source: Bellec, Scherr et al., "Biologically inspired alternatives to backpropagation through time for learning in
/// recurrent neural nets" (2019), the variants of e-prop 1 of Fig. 2 with new random weights every 1 ms or 20 ms.
/// Cost: that of e-prop 1. Memory: that of e-prop 1, and O(n T / window) for the matrices.
public struct WindowedFeedback: Sendable, Hashable {
  private enum Source: Sendable, Hashable {
    case seed(UInt64)
    case given([[Double]])
  }

  /// n.
  public var stepsPerWindow: Int
  private var source: Source

  /// Drawn: each window from a stream of its own under the seed, so that no window depends on the length of a trial.
  public init(stepsPerWindow: Int, seed: UInt64) {
    self.stepsPerWindow = max(stepsPerWindow, 1)
    source = .seed(seed)
  }

  /// Given: one matrix [neurons × outputs] per window, for as many windows as the longest trial has.
  public init(stepsPerWindow: Int, matrices: [[Double]]) {
    self.stepsPerWindow = max(stepsPerWindow, 1)
    source = .given(matrices)
  }

  /// B^w, [neurons × outputs], row major.
  public func matrix(of window: Int, neurons: Int, outputs: Int) -> [Double] {
    switch source {
    case .given(let matrices): return matrices[window]
    case .seed(let seed):
      var generator = SplitMix64(seed: seed, stream: "feedback of window \(window)")
      let deviation = (1 / Double(neurons)).squareRoot()
      return (0..<neurons * outputs).map { _ in deviation * generator.normal() }
    }
  }
}
