import FixedPoint

infix operator +~ : AdditionPrecedence
infix operator -~ : AdditionPrecedence
infix operator *~ : MultiplicationPrecedence

/// A sum that the plan's bounds keep in range: checked in debug builds, so that tests find a bound that does not hold.
@inline(__always)
func +~ <I: FixedWidthInteger>(a: I, b: I) -> I {
  #if DEBUG
    a + b
  #else
    a &+ b
  #endif
}

/// A difference that the plan's bounds keep in range.
@inline(__always)
func -~ <I: FixedWidthInteger>(a: I, b: I) -> I {
  #if DEBUG
    a - b
  #else
    a &- b
  #endif
}

/// A product that the plan's bounds keep in range.
@inline(__always)
func *~ <I: FixedWidthInteger>(a: I, b: I) -> I {
  #if DEBUG
    a * b
  #else
    a &* b
  #endif
}

/// x · 2ⁿ, which the plan's bounds keep in range.
@inline(__always)
func raised<I: FixedWidthInteger>(_ x: I, _ n: Int) -> I {
  #if DEBUG
    x * (1 << I(n))
  #else
    x &<< I(truncatingIfNeeded: n)
  #endif
}

/// x / 2ⁿ to the nearest integer, ties upwards.
@inline(__always)
func near<I: FixedWidthInteger>(_ x: I, _ n: Int) -> I {
  let half: I = n == 0 ? 0 : 1 &<< I(truncatingIfNeeded: n &- 1)
  return (x +~ half) &>> I(truncatingIfNeeded: n)
}

/// x clamped to the range of an int16, from 64 bits.
@inline(__always)
func saturated16(_ x: Int64) -> Int16 { Int16(truncatingIfNeeded: max(-32768, min(32767, x))) }
