/// ⌊2^(16 − q / 2^11)⌋, roughly: powers of one half from a table of 33, interpolated.
enum HalfPower {
  /// round(2^(16 − n/32)).
  static let table: [UInt32] = [
    65536, 64132, 62757, 61413, 60097, 58809, 57549, 56316, 55109, 53928, 52773, 51642, 50535, 49452, 48393, 47356,
    46341, 45348, 44376, 43425, 42495, 41584, 40693, 39821, 38968, 38133, 37316, 36516, 35734, 34968, 34219, 33486,
    32768,
  ]

  /// 2^16 e^(−a / 2^11) for a < 2^15.
  static func ofExponent(_ a: UInt32) -> UInt32 {
    let q = (a * 47274) >> 15
    let f = q & 2047
    let (n, r) = (Int(f >> 6), f & 63)
    return ((table[n] * (64 - r) + table[n + 1] * r) >> 6) >> (q >> 11)
  }
}

/// Softmax of values in Q`fractionBits`, in Q15.
package func softmax(_ y: UnsafeBufferPointer<Int32>, fractionBits: Int, into p: (Int, Int32) -> Void) {
  guard let largest = y.max() else { return }
  var powers = [UInt32](repeating: 0, count: y.count)
  var total: UInt32 = 0
  for k in y.indices {
    let distance = UInt64(UInt32(bitPattern: largest &- y[k]))
    if distance < 16 << UInt64(fractionBits) {
      powers[k] = HalfPower.ofExponent(UInt32((distance << 11) >> UInt64(fractionBits)))
      total += powers[k]
    }
  }
  for k in y.indices { p(k, Int32((powers[k] << 15) / total)) }
}
