/// A mixing function of 32 bits in which each bit of the result depends on each bit of x ("lowbias32", found by
/// C. Wellons' hash prospector).
@inlinable @inline(__always)
public func hash(_ x: UInt32) -> UInt32 {
  var x = x
  x = (x ^ (x &>> 16)) &* 0x7FEB_352D
  x = (x ^ (x &>> 15)) &* 0x846C_A68B
  return x ^ (x &>> 16)
}

/// The word whose upper bits are the rounding threshold of a synapse in update number `update`: `key` is common to the
/// synapses of a source onto eight neighbours, of which it is number `lane`.
@inlinable @inline(__always)
public func roundingWord(_ key: UInt32, _ lane: Int, _ update: UInt32) -> UInt32 {
  hash(key) &+ UInt32(truncatingIfNeeded: lane) &<< 29 &+ update &* 0x9E37_79B9
}

/// The largest z ≤ 15 for which max(x, 1) · 4ᶻ is below 2³².
@inlinable @inline(__always)
public func octaves(_ x: UInt32) -> Int { max(x, 1).leadingZeroBitCount / 2 }

/// 2³⁰⁻ᶻ / √max(x, 1) with z = octaves(x), by two steps of Newton's method; off by 0.03 % at most.
@inlinable
public func rsqrt(_ x: UInt32) -> UInt32 {
  let m = (max(x, 1) &<< UInt32(2 * octaves(x))) >> 16
  var y = 34750 - ((m * 19750) >> 16)
  for _ in 0..<2 { y = (y * (98304 - ((m * ((y * y) >> 15)) >> 14))) >> 16 }
  return y
}
