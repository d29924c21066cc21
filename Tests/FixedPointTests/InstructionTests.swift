import CFixedPoint
import Testing

/// The C that defines the instructions of eprop_armv7em.h, against what Arm's manual says in terms of Int16.
@Suite struct InstructionTests {
  /// Halves at the borders, and random words.
  static let words: [UInt32] = {
    let halves: [UInt32] = [
      0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x1FF, 0x200, 0x7FFF, 0x8000, 0x8001, 0xFF7F, 0xFF80, 0xFFFF,
    ]
    var random = SeededOperands(21)
    return halves.flatMap { high in halves.map { high << 16 | $0 } }
      + (0..<400).map { _ in UInt32(truncatingIfNeeded: random.next()) }
  }()

  func low(_ x: UInt32) -> Int32 { Int32(Int16(truncatingIfNeeded: x)) }
  func high(_ x: UInt32) -> Int32 { Int32(Int16(truncatingIfNeeded: x >> 16)) }
  func byte(_ x: UInt32, _ k: UInt32) -> Int32 { Int32(Int8(truncatingIfNeeded: x >> (8 * k))) }
  func pair(_ low: Int32, _ high: Int32) -> UInt32 {
    UInt32(UInt16(truncatingIfNeeded: low)) | UInt32(UInt16(truncatingIfNeeded: high)) << 16
  }
  func clamp(_ x: Int32, _ range: ClosedRange<Int32>) -> Int32 { min(max(x, range.lowerBound), range.upperBound) }

  @Test func unary() {
    let checks: [(String, (UInt32) -> UInt32, (UInt32) -> UInt32)] = [
      ("uxtb16", eprop_uxtb16, { self.pair(Int32($0 & 255), Int32($0 >> 16 & 255)) }),
      ("uxtb16_odd", eprop_uxtb16_odd, { self.pair(Int32($0 >> 8 & 255), Int32($0 >> 24)) }),
      ("sxtb16", eprop_sxtb16, { self.pair(self.byte($0, 0), self.byte($0, 2)) }),
      ("sxtb16_odd", eprop_sxtb16_odd, { self.pair(self.byte($0, 1), self.byte($0, 3)) }),
    ]
    for (name, c, expected) in checks {
      // Every byte in every place.
      for word in (0..<1024 as Range<UInt32>).map({ ($0 & 255) << (8 * ($0 >> 8)) }) + Self.words
      where c(word) != expected(word) { Issue.record("\(name) of \(word)") }
    }
  }

  @Test func saturationsExhaustively() {
    let checks: [(String, (UInt32) -> UInt32, ClosedRange<Int32>)] = [
      ("ssat16_8", eprop_ssat16_8, -128...127), ("usat16_8", eprop_usat16_8, 0...255),
      ("usat16_9", eprop_usat16_9, 0...511),
    ]
    for (name, c, range) in checks {
      var wrong = 0
      for half in 0...0xFFFF as ClosedRange<UInt32> {
        let word = half | (half ^ 0x8123) << 16
        wrong += c(word) == pair(clamp(low(word), range), clamp(high(word), range)) ? 0 : 1
      }
      #expect(wrong == 0, "\(name)")
    }
  }

  @Test func binary() {
    let checks: [(String, (UInt32, UInt32) -> UInt32, (UInt32, UInt32) -> UInt32)] = [
      ("pkhbt", eprop_pkhbt, { self.pair(self.low($0), self.low($1)) }),
      ("pkhtb", eprop_pkhtb, { self.pair(self.high($0), self.high($1)) }),
      ("pkhtb15", eprop_pkhtb15, { self.pair(Int32(truncatingIfNeeded: $0 >> 15), self.high($1)) }),
      ("sadd16", eprop_sadd16, { self.pair(self.low($0) + self.low($1), self.high($0) + self.high($1)) }),
      ("ssub16", eprop_ssub16, { self.pair(self.low($0) - self.low($1), self.high($0) - self.high($1)) }),
      (
        "qadd16", eprop_qadd16,
        {
          self.pair(
            self.clamp(self.low($0) + self.low($1), -32768...32767),
            self.clamp(self.high($0) + self.high($1), -32768...32767))
        }
      ),
      (
        "qsub16", eprop_qsub16,
        {
          self.pair(
            self.clamp(self.low($0) - self.low($1), -32768...32767),
            self.clamp(self.high($0) - self.high($1), -32768...32767))
        }
      ),
      (
        "uqsub16", eprop_uqsub16,
        { x, y in (x & 0xFFFF) - min(x & 0xFFFF, y & 0xFFFF) | ((x >> 16) - min(x >> 16, y >> 16)) << 16 }
      ),
      ("sxtab16", eprop_sxtab16, { self.pair(self.low($0) + self.byte($1, 0), self.high($0) + self.byte($1, 2)) }),
      (
        "sxtab16_odd", eprop_sxtab16_odd,
        { self.pair(self.low($0) + self.byte($1, 1), self.high($0) + self.byte($1, 3)) }
      ),
      (
        "qsub8", eprop_qsub8,
        { x, y in
          (0..<4 as Range<UInt32>).reduce(0 as UInt32) {
            $0 | UInt32(UInt8(bitPattern: Int8(self.clamp(self.byte(x, $1) - self.byte(y, $1), -128...127))))
              << (8 * $1)
          }
        }
      ),
      (
        "qadd", { UInt32(bitPattern: eprop_qadd(Int32(bitPattern: $0), Int32(bitPattern: $1))) },
        { UInt32(bitPattern: Int32(clamping: Int64(Int32(bitPattern: $0)) + Int64(Int32(bitPattern: $1)))) }
      ),
    ]
    for (name, c, expected) in checks {
      for x in Self.words { for y in Self.words where c(x, y) != expected(x, y) { Issue.record("\(name) \(x) \(y)") } }
    }
  }

  @Test func products() {
    let checks: [(String, (UInt32, UInt32, Int32) -> Int32, (UInt32, UInt32, Int64) -> Int64)] = [
      ("smulbb", { x, y, _ in eprop_smulbb(x, y) }, { x, y, _ in Int64(self.low(x) * self.low(y)) }),
      ("smultb", { x, y, _ in eprop_smultb(x, y) }, { x, y, _ in Int64(self.high(x) * self.low(y)) }),
      ("smlabb", eprop_smlabb, { x, y, sum in sum + Int64(self.low(x) * self.low(y)) }),
      ("smlatb", eprop_smlatb, { x, y, sum in sum + Int64(self.high(x) * self.low(y)) }),
      (
        "smuad", { x, y, _ in eprop_smuad(x, y) },
        { x, y, _ in Int64(self.low(x) * self.low(y)) + Int64(self.high(x) * self.high(y)) }
      ),
      (
        "smlad", eprop_smlad,
        { x, y, sum in sum + Int64(self.low(x) * self.low(y)) + Int64(self.high(x) * self.high(y)) }
      ),
      (
        "smulwb", { x, y, _ in eprop_smulwb(Int32(bitPattern: x), y) },
        { x, y, _ in (Int64(Int32(bitPattern: x)) * Int64(self.low(y))) >> 16 }
      ),
      (
        "smulwt", { x, y, _ in eprop_smulwt(Int32(bitPattern: x), y) },
        { x, y, _ in (Int64(Int32(bitPattern: x)) * Int64(self.high(y))) >> 16 }
      ),
      (
        "smmla", { x, y, sum in eprop_smmla(Int32(bitPattern: x), Int32(bitPattern: y), sum) },
        { x, y, sum in sum + (Int64(Int32(bitPattern: x)) * Int64(Int32(bitPattern: y))) >> 32 }
      ),
    ]
    let sums: [Int32] = [0, 1, -1, .min, .max, 12_345_678, -987_654_321]
    for (name, c, expected) in checks {
      for (index, x) in Self.words.enumerated() {
        for y in Self.words {
          let sum = sums[index % sums.count]
          if c(x, y, sum) != Int32(truncatingIfNeeded: expected(x, y, Int64(sum))) {
            Issue.record("\(name) \(x) \(y) \(sum)")
          }
        }
      }
    }
  }

  @Test func credit() {
    for (index, x) in Self.words.enumerated() {
      for y in Self.words {
        let psi = (UInt32(index) &* 0x9E37_79B9) & 0x7F80_7F80
        let o: [Int32] = [0, 511, -511, 123_456, -98_765]
        let (o0, o1) = (o[index % 5], o[Int(y % 5)])
        var (s0, s1) = (Int32(index) &* 1000, -Int32(index))
        let x0 = (o0 &+ low(x) &* low(y) &+ high(x) &* high(y)) >> 9
        let x1 = (o1 &+ low(~x) &* low(y) &+ high(~x) &* high(y)) >> 9
        let expected = (s0 &+ x0 &* Int32(psi >> 7 & 255), s1 &+ x1 &* Int32(psi >> 23))
        eprop_credit(&s0, &s1, psi, y, x, o0, ~x, o1)
        if (s0, s1) != expected { Issue.record("credit \(x) \(y) \(psi)") }
      }
    }
  }

  @Test func twoSteps() {
    var random = SeededOperands(22)
    for round in 0..<200_000 {
      let word = UInt32(truncatingIfNeeded: random.next())
      let thresholds = UInt32(truncatingIfNeeded: random.next())
      let (drop, shift) = (UInt32(round % 5), UInt32(11 + round % 21))
      let (a, b) = (word & 0x7FFF, thresholds & 0x7FFF_7FFF)
      let t = [Int32(word >> 20) - 2048, Int32(thresholds >> 20) - 2048]
      let limit = round % 7 == 0 ? 0 : Int32(word >> 9 & 0x7F_FFFF)
      let rest = Int32.max - limit
      let bytes = eprop_two_steps(
        pair(t[0] << drop, t[1] << drop), drop, b, a, shift, rest, UInt32(rest) &+ (128 << 16), thresholds)
      for half in 0..<2 {
        let factor = (Int64(a) * Int64(half == 0 ? low(b) : high(b))) >> Int64(shift)
        let step = min(max(Int64(t[half]) * factor, -Int64(limit)), Int64(limit))
        let rounded = (step + Int64(thresholds >> (half == 0 ? 0 : 16) & 0xFFFF)) >> 16
        if half == 0 ? low(bytes) != rounded + 128 : high(bytes) != rounded + 128 {
          Issue.record("two steps \(t[half]) \(factor) \(limit)")
        }
      }
    }
  }
}
