import FixedPoint
import Foundation
import IntegerModel
import TestSupport
import Testing

/// What the integer arithmetic promises of real numbers.
@Suite struct NumericsTests {
  static let timeConstants: [Double] = [2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000]

  @Test(arguments: timeConstants) func membranesDecayAsAsked(tau: Double) {
    let c = Int32((32768 * exp(-1 / tau)).rounded())
    for start: Int32 in [1, -1, 2, -7, 100, -1000, 3000, -8000, 16384, 32767, -32768] {
      var (v, sum, t) = (start, 0.0, UInt32(0))
      while v != 0, t < 400_000 {
        sum += Double(v)
        v = leak(v, c, dither(t))
        t += 1
      }
      #expect(v == 0, "\(start) stalls")
      let exact = Double(start) / (1 - Double(c) / 32768)
      if abs(start) >= 1000 { #expect(abs(sum / exact - 1) < 0.01, "\(start): \(sum / exact)") }
    }
  }

  @Test(arguments: timeConstants) func slowStatesDecayAsAsked(tau: Double) {
    var (rate, shift) = (1 - exp(-1 / tau), 0)
    while rate < 0.5, shift < 15 {
      rate *= 2
      shift += 1
    }
    let c = min(32767, Int32((rate * 32768).rounded()))
    for start: Int32 in [1, -1, 3, -50, 1000, -30_000, 1_000_000, -50_000_000, .max, .min] {
      var (x, sum, t) = (start, 0.0, UInt32(0))
      while x != 0, t < 400_000 {
        sum += Double(x)
        x = decay(x, c, shift, dither(t))
        t += 1
      }
      #expect(x == 0, "\(start) stalls")
      let ratio = sum * (1 - exp(-1 / tau)) / Double(start)
      if abs(Int64(start)) >= 1000 { #expect(abs(ratio - 1) < 0.01, "\(start): \(ratio)") }
    }
  }

  @Test func softmaxIsClose() {
    var random = Generator(1)
    var worst = 0.0
    for round in 0..<4000 {
      let bits = random.int(4...24)
      let count = random.int(1...12)
      let spread = Int(Double(1 << bits) * [0.1, 1.0, 4.0, 20.0][round % 4])
      let y = (0..<count).map { _ in Int32(random.int(-spread...spread)) }
      var p = [Int32](repeating: 0, count: count)
      y.withUnsafeBufferPointer { softmax($0, fractionBits: bits) { p[$0] = $1 } }
      let largest = Double(y.max() ?? 0)
      let powers = y.map { exp((Double($0) - largest) / Double(1 << bits)) }
      let total = powers.reduce(0, +)
      for k in 0..<count { worst = max(worst, abs(Double(p[k]) / 32768 - powers[k] / total)) }
    }
    #expect(worst < 0x1p-12, "\(worst * 4096) / 4096")
  }

  @Test func softmaxAtTheExtremes() {
    let y: [Int32] = [.max, .min, .max, 0]
    var p = [Int32](repeating: 0, count: 4)
    y.withUnsafeBufferPointer { softmax($0, fractionBits: 0) { p[$0] = $1 } }
    #expect(p == [16384, 0, 16384, 0])
  }

  @Test func roundingOfWeightsIsUnbiased() {
    var random = Generator(2)
    for _ in 0..<300 {
      let key = UInt32(truncatingIfNeeded: random.next())
      let step = Int64(random.int(-300_000...300_000))
      let (updates, lane, bits) = (1000, random.int(0...7), random.pick([8, 16]))
      let first = UInt32(random.int(1...1_000_000))
      var sum: Int64 = 0
      for n in 0..<UInt32(updates) {
        sum += asr64(step + Int64(roundingWord(key, lane, first + n) >> UInt32(32 - bits)), bits)
      }
      let error = Double(sum) - Double(step) / Double(1 << bits) * Double(updates)
      #expect(abs(error) < 8, "\(error) LSB after \(updates) updates")
    }
  }
}
