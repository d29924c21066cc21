/// The odd integer nearest to 2³² / golden ratio: multiples of it, mod 2³², are spread evenly over the uint32s.
public let goldenStep: UInt32 = 0x9E37_79B9

/// The dither word of step `t` of a trial, t counted from 0: (t + 1) · 0x9E3779B9 mod 2³².
@inlinable @inline(__always)
public func dither(_ t: UInt32) -> UInt32 { (t &+ 1) &* 0x9E37_79B9 }

/// ⌊x c / 2¹⁵⌋ for 0 ≤ c < 2¹⁵.
@inlinable @inline(__always)
public func scale(_ x: Int32, _ c: Int32) -> Int32 {
  Int32(truncatingIfNeeded: (Int64(x) &* Int64(c)) &>> 15)
}

/// x less ⌊x / 2¹⁶⌋ (2¹⁶ − 2 c), about x c / 2¹⁵, for 0 ≤ c < 2¹⁵.
@inlinable @inline(__always)
public func fade(_ x: Int32, _ c: Int32) -> Int32 { x &- (x &>> 16) &* (65536 &- 2 &* c) }

/// What is left of a membrane potential after one step: v c / 2¹⁵, dithered. v is an int16 and 0 ≤ c < 2¹⁵.
@inlinable @inline(__always)
public func leak(_ v: Int32, _ c: Int32, _ dither: UInt32) -> Int32 {
  (v &* c &+ Int32(truncatingIfNeeded: dither &>> 17)) &>> 15
}

/// x less the fraction c / 2¹⁵⁺ˢ of it, dithered. 0 < c < 2¹⁵ and 0 ≤ s ≤ 15.
@inlinable @inline(__always)
public func decay(_ x: Int32, _ c: Int32, _ s: Int, _ dither: UInt32) -> Int32 {
  let u = Int64(dither &>> UInt32(17 &- s))
  return x &- Int32(truncatingIfNeeded: (Int64(x) &* Int64(c) &+ u) &>> Int64(15 &+ s))
}
