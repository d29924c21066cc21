/// A mixing function of 32 bits in which each bit of the result depends on each bit of x ("lowbias32", found by
/// C. Wellons' hash prospector).
@inlinable @inline(__always)
public func hash(_ x: UInt32) -> UInt32 {
  var x = x
  x = (x ^ (x &>> 16)) &* 0x7FEB_352D
  x = (x ^ (x &>> 15)) &* 0x846C_A68B
  return x ^ (x &>> 16)
}

/// The rounding threshold, in 2⁻¹⁶ LSB, of the synapse with key `key` in update number `update`.
@inlinable @inline(__always)
public func threshold(_ key: UInt32, _ update: UInt32) -> Int32 {
  Int32(truncatingIfNeeded: (hash(key) &+ update &* 0x9E37_79B9) &>> 16)
}

/// ⌊√x⌋.
@inlinable
public func isqrt(_ x: UInt64) -> UInt32 {
  var rest = x
  var root: UInt64 = 0
  var bit: UInt64 = 1 << 62
  while bit > rest { bit >>= 2 }
  while bit != 0 {
    if rest >= root + bit {
      rest -= root + bit
      root = (root >> 1) + bit
    } else {
      root >>= 1
    }
    bit >>= 2
  }
  return UInt32(root)
}
