/// ⌊x / 2ⁿ⌋ for 0 ≤ n < 32.
@inlinable @inline(__always)
public func asr32(_ x: Int32, _ n: Int) -> Int32 { x &>> Int32(truncatingIfNeeded: n) }

/// ⌊x / 2ⁿ⌋ for 0 ≤ n < 64.
@inlinable @inline(__always)
public func asr64(_ x: Int64, _ n: Int) -> Int64 { x &>> Int64(n) }

/// x clamped to the range of an int8.
@inlinable @inline(__always)
public func sat8(_ x: Int32) -> Int32 { max(-128, min(127, x)) }

/// x clamped to the range of an int16.
@inlinable @inline(__always)
public func sat16(_ x: Int32) -> Int32 { max(-32768, min(32767, x)) }

/// x clamped to ±(2³¹ − 1).
@inlinable @inline(__always)
public func sat32(_ x: Int64) -> Int32 { Int32(truncatingIfNeeded: max(-0x7FFF_FFFF, min(0x7FFF_FFFF, x))) }

/// x clamped to ±limit.
@inlinable @inline(__always)
public func clamp64(_ x: Int64, _ limit: Int64) -> Int64 { max(-limit, min(limit, x)) }
