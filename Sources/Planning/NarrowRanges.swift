import Foundation

extension PlanOptions {
  /// The magnitude that weights of fewer than 8 bits are given as their range: not the largest one's, but the power of two times `unit` at
  /// which rounding and clipping lose least, Σ (w − Q(w))². The few largest weights of a bell curve cost more bits than they are worth: Max,
  /// Quantizing for minimum distortion, IRE Transactions on Information Theory 6, 1960, has ±3.3 σ for 64 levels and ±2.7 σ for 16.
  ///
  /// - Returns: the largest |w| that need be covered; that of all weights where they have 8 bits or more.
  func coveredMagnitude(of weights: [Double], unit: Double) -> Double {
    let largest = weights.reduce(0) { max($0, abs($1)) }
    guard weightBits < 8, largest > 0 else { return largest }
    let top = exponent(covering: largest / unit)
    let levels = Double(1 << (weightBits - 1))
    func loss(_ range: Int) -> Double {
      let lsb = unit * exp2(Double(range)) / levels
      return weights.reduce(0) { sum, weight in
        let lost = weight - lsb * min(levels - 1, max(-levels, (weight / lsb).rounded()))
        return sum + lost * lost
      }
    }
    // Of equal losses the larger range, which leaves learning more room.
    let best = (0..<4).map { top - $0 }.min { (loss($0), -$0) < (loss($1), -$1) } ?? top
    return min(largest, 0.999 * unit * exp2(Double(best)))
  }
}
