/// Arithmetic.md once more, on `Int` alone and with every operation checked.
enum Literal {
  static func asr(_ x: Int, _ n: Int) -> Int { x >> n }
  static func near(_ x: Int, _ n: Int) -> Int { n == 0 ? x : (x + (1 << (n - 1))) >> n }
  static func clamp(_ x: Int, _ limit: Int) -> Int { x < -limit ? -limit : x > limit ? limit : x }
  static func sat8(_ x: Int) -> Int { x < -128 ? -128 : x > 127 ? 127 : x }
  static func sat16(_ x: Int) -> Int { x < -32768 ? -32768 : x > 32767 ? 32767 : x }
  static func sat32(_ x: Int) -> Int { clamp(x, 2_147_483_647) }
  static func scale(_ x: Int, _ c: Int) -> Int { floorDivide(x * c, 32768) }
  static func dither(_ t: Int) -> Int { Int(UInt64(t + 1) % (1 << 32) * 0x9E37_79B9 % (1 << 32)) }
  static func leak(_ v: Int, _ c: Int, _ d: Int) -> Int { floorDivide(v * c + d / (1 << 17), 32768) }
  static func decay(_ x: Int, _ c: Int, _ s: Int, _ d: Int) -> Int {
    int32(x - floorDivide(x * c + d / (1 << (17 - s)), 1 << (15 + s)))
  }

  static func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((-a + b - 1) / b) }

  /// rsqrt and octaves.
  static func inverseRoot(_ x: Int) -> (y: Int, z: Int) {
    var (n, z) = (max(x, 1), 0)
    while n * 4 < 1 << 32 { (n, z) = (n * 4, z + 1) }
    let m = n / 65536
    var y = 34750 - 19750 * m / 65536
    for _ in 0..<2 { y = y * (98304 - m * (y * y / 32768) / 16384) / 65536 }
    return (y, z)
  }

  static func hash(_ x: Int) -> Int {
    var x = x
    x = ((x ^ (x >> 16)) * 0x7FEB_352D) & 0xFFFF_FFFF
    x = Int((UInt64(x ^ (x >> 15)) * 0x846C_A68B) & 0xFFFF_FFFF)
    return x ^ (x >> 16)
  }

  static func threshold(_ key: Int, _ lane: Int, _ n: Int, _ bits: Int) -> Int {
    ((hash(key) + lane * 0x2000_0000 + n * 0x9E37_79B9) & 0xFFFF_FFFF) / (1 << (32 - bits))
  }

  /// ⌈log₂ n⌉.
  static func bits(_ n: Int) -> Int { (0...62).first { 1 << $0 >= n }! }

  /// x / 2ⁿ, floored; n may be negative.
  static func scaled(_ x: Int, _ n: Int) -> Int { n >= 0 ? x >> n : x << -n }

  /// The value, which is said to fit an int32.
  static func int32(_ x: Int) -> Int {
    precondition(x >= -2_147_483_648 && x <= 2_147_483_647, "a bound does not hold")
    return x
  }
}
