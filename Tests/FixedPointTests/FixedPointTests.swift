import CFixedPoint
import FixedPoint
import Testing

/// The Swift arithmetic against the C arithmetic: every operand where they are few, boundaries and random ones elsewhere.
@Suite struct FixedPointTests {
  static let boundaries: [Int32] =
    [.min, .min + 1, .max, .max - 1, -32769, -32768, -32767, 32766, 32767, 32768, -129, -128, -127, 126, 127, 128]
    + [-2, -1, 0, 1, 2, 16383, 16384, -16384, 65535, 65536, -65536, 1 << 30, -(1 << 30)]

  /// Boundaries, then random values of every magnitude.
  static func operands(_ count: Int) -> [Int32] {
    var random = SeededOperands(7)
    return boundaries + (0..<count).map { k in Int32(truncatingIfNeeded: random.next()) >> Int32(k % 31) }
  }

  static func wide(_ count: Int) -> [Int64] {
    var random = SeededOperands(8)
    return [.min, .min + 1, .max, -1, 0, 1, 0x7FFF_FFFF, -0x7FFF_FFFF, 0x8000_0000, -0x8000_0000]
      + (0..<count).map { k in Int64(bitPattern: random.next()) >> Int64(k % 63) }
  }

  @Test func shifts() {
    for n in 0..<32 {
      for x in Self.operands(500) where asr32(x, n) != eprop_asr32(x, UInt32(n)) { fail("asr32", x, n) }
    }
    for n in 0..<64 {
      for x in Self.wide(500) where asr64(x, n) != eprop_asr64(x, UInt32(n)) { fail("asr64", x, n) }
    }
    #expect(asr32(-1, 31) == -1 && asr32(-7, 1) == -4 && asr64(.min, 63) == -1 && eprop_asr32(-7, 1) == -4)
  }

  @Test func sixteenBitOperandsExhaustively() {
    for x in -65536...65535 as ClosedRange<Int32> {
      if sat8(x) != Int32(eprop_sat8(x)) { fail("sat8", x) }
      if sat16(x) != Int32(eprop_sat16(x)) { fail("sat16", x) }
      for n in [1, 7, 15] where asr32(x, n) != eprop_asr32(x, UInt32(n)) { fail("asr32", x, n) }
    }
  }

  @Test func saturations() {
    for x in Self.operands(2000) {
      if sat8(x) != Int32(eprop_sat8(x)) { fail("sat8", x) }
      if sat16(x) != Int32(eprop_sat16(x)) { fail("sat16", x) }
    }
    for x in Self.wide(2000) {
      if sat32(x) != eprop_sat32(x) { fail("sat32", x) }
      for limit: Int64 in [0, 1, 127, 1 << 30, 1 << 38, .max] where clamp64(x, limit) != eprop_clamp64(x, limit) {
        fail("clamp64", x, limit)
      }
    }
    #expect(sat32(.min) == -0x7FFF_FFFF)
  }

  @Test func leaks() {
    for c: Int32 in [0, 1, 2, 16384, 31164, 32752, 32766, 32767] {
      for t: UInt32 in [0, 1, 1000, 65535, .max] {
        let d = dither(t)
        var equal = true
        for v in -32768...32767 as ClosedRange<Int32> { equal = equal && leak(v, c, d) == eprop_leak(Int16(v), c, d) }
        #expect(equal, "leak by \(c) at \(t)")
      }
    }
    for d: UInt32 in [0, 0x1FFFF, 0x20000, .max] {
      for v: Int32 in [-32768, -1, 0, 1, 32767] {
        for c: Int32 in [0, 1, 32767] where leak(v, c, d) != eprop_leak(Int16(v), c, d) { fail("leak", v, c, d) }
      }
    }
  }

  @Test func scales() {
    for c in [0, 1, 2, 255, 16383, 16384, 32766, 32767] as [Int32] {
      for x in Self.operands(3000) where scale(x, c) != eprop_scale(x, c) { fail("scale", x, c) }
    }
    #expect(scale(.min, 32767) == -2_147_418_112)
  }

  @Test func fades() {
    for c in [0, 1, 2, 255, 16383, 16384, 31170, 32766, 32767] as [Int32] {
      for x in Self.operands(3000) {
        if fade(x, c) != eprop_fade(x, c) { fail("fade", x, c) }
        // Within what the lower half leaves open of x c / 2^15.
        let distance = Int64(fade(x, c)) * 32768 - Int64(x) * Int64(c)
        if distance < 0 || distance > (65536 - 2 * Int64(c)) << 15 { fail("fade is not a decay", x, c) }
      }
    }
    #expect(fade(.min, 0) == 0 && fade(.max, 0) == 65535 && fade(-1, 32767) == 1)
    for x in -70000...70000 as ClosedRange<Int32> {
      if eprop_sat15(x) != max(-16384, min(16383, x)) { fail("sat15", x) }
    }
    #expect((0..<8).map { eprop_lane($0) } == [0, 2, 1, 3, 4, 6, 5, 7])
  }

  @Test func decays() {
    for s in 0...15 {
      for c: Int32 in [1, 2, 16383, 16384, 25600, 32767] {
        for d: UInt32 in [0, 1, 0x1FFFF, 0x20000, 0x7FFF_FFFF, 0xFFFF_FFFF, dither(0), dither(77)] {
          for x in Self.operands(100) where decay(x, c, s, d) != eprop_decay(x, c, UInt32(s), d) {
            fail("decay", x, c, s, d)
          }
        }
      }
    }
  }

  /// Every mantissa, every octave at its ends, and 0.
  @Test func reciprocalRoots() {
    func check(_ x: UInt32) {
      let (z, y) = (octaves(x), rsqrt(x))
      if z != Int(eprop_octaves(x)) || y != eprop_rsqrt(x, UInt32(z)) { fail("rsqrt", x) }
      let value = max(x, 1)
      if z > 15 || value.leadingZeroBitCount / 2 != z {
        fail("octaves", x)
      }
    }
    for m in (1 << 14)..<(1 << 16) as Range<UInt32> {
      check(m << 16)
      check(m << 16 | 0xFFFF)
      check(m >> 14)
      // No product of Newton's method passes 2³², and the result is as exact as is said.
      var y = 34750 - (UInt64(m) * 19750) >> 16
      for _ in 0..<2 {
        let p = UInt64(m) * ((y * y) >> 15)
        let product = y * (98304 - (p >> 14))
        if max(y * y, p, product) >> 32 != 0 { fail("a product of rsqrt", m) }
        y = product >> 16
      }
      let exact = 32768 / (Double(m) / 16384).squareRoot()
      if abs(Double(y) / exact - 1) > 2.3e-4 || y < 16382 || y > 32761 { fail("rsqrt's error", m) }
    }
    for shift in 0..<32 as Range<UInt32> {
      for d in [-1, 0, 1] as [Int32] { check(UInt32(bitPattern: d) &+ (1 << shift)) }
    }
    check(0)
    check(.max)
  }

  @Test func mixing() {
    for x in Self.operands(20_000) {
      let word = UInt32(bitPattern: x)
      if hash(word) != eprop_hash(word) { fail("hash", x) }
      if dither(word) != eprop_dither(word) { fail("dither", x) }
      for n: UInt32 in [0, 1, 2, 1000, .max] {
        for lane in 0..<8 where roundingWord(word, lane, n) != eprop_hash(word) &+ eprop_turn(n) &+ UInt32(lane) << 29 {
          fail("rounding word", x, lane, n)
        }
      }
    }
    #expect(dither(0) == goldenStep && dither(.max) == 0)
  }

  @Test func checksums() {
    func both(_ bytes: [UInt8]) -> (UInt32, UInt32) {
      (bytes.withUnsafeBytes { CRC32.of($0) }, eprop_crc32(0, bytes, UInt32(bytes.count)))
    }
    #expect(both(Array("123456789".utf8)) == (0xCBF4_3926, 0xCBF4_3926))
    #expect(both([]) == (0, 0))
    var random = SeededOperands(4)
    var bytes: [UInt8] = []
    for _ in 0..<200 {
      let (swift, c) = both(bytes)
      #expect(swift == c)
      let cut = bytes.count / 3
      let head = eprop_crc32(0, bytes, UInt32(cut))
      #expect(eprop_crc32(head, Array(bytes[cut...]), UInt32(bytes.count - cut)) == c)
      bytes.append(UInt8(truncatingIfNeeded: random.next()))
    }
  }

  @Test func checksumsInPieces() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    for cut in [0, 1, 7, 8, 9, 500, 999, 1000] {
      var crc = CRC32()
      bytes[..<cut].withUnsafeBytes { crc.update($0) }
      bytes[cut...].withUnsafeBytes { crc.update($0) }
      #expect(crc.value == bytes.withUnsafeBytes { CRC32.of($0) })
    }
  }

  private func fail(_ what: String, _ operands: any Sendable...) { Issue.record("\(what) of \(operands)") }
}

/// A seeded generator for operands.
struct SeededOperands {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
