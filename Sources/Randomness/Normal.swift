import Foundation

extension SplitMix64 {
  /// A standard normal draw: the cosine half of one Box–Muller pair, √(−2 ln u) cos 2πw, from two uniform draws.
  ///
  /// u = 1 − `uniform()` lies in (0, 1], so the logarithm is finite and |result| ≤ √(106 ln 2) ≈ 8.58. The sine half is
  /// thrown away: every call consumes exactly two draws, and the generator keeps no state beyond its 64 bits.
  public mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * .pi * uniform())
  }
}
