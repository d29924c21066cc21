import FixedPoint
import Planning

/// Adam's moments of every synapse of a projection, or of every bias.
final class AdamMoments {
  enum Codes {
    case narrow(ratio: Storage<Int8>, square: Storage<UInt8>)
    case wide(ratio: Storage<Int16>, square: Storage<UInt16>)
  }

  let plan: AdamPlan
  let pre: Int
  let post: Int
  let codes: Codes
  /// E + 13 per postsynaptic neuron; 0: nothing is known.
  let exponents: Storage<UInt8>
  /// Of this update: the largest |g|, or v, per postsynaptic neuron, F and ε.
  let largest: Storage<UInt32>
  let factors: Storage<Int64>
  let epsilons: Storage<Int64>

  init(_ plan: AdamPlan, pre: Int, post: Int, bits: Int) {
    (self.plan, self.pre, self.post) = (plan, pre, post)
    codes =
      bits == 8
      ? .narrow(ratio: Storage(pre * post, repeating: 0), square: Storage(pre * post, repeating: 0))
      : .wide(ratio: Storage(pre * post, repeating: 0), square: Storage(pre * post, repeating: 0))
    exponents = Storage(post, repeating: 0)
    largest = Storage(post, repeating: 0)
    factors = Storage(post, repeating: 0)
    epsilons = Storage(post, repeating: 0)
  }

  var bits: Int { if case .narrow = codes { 8 } else { 16 } }

  var ratioBytes: UnsafeMutableRawBufferPointer {
    switch codes {
    case .narrow(let ratio, _): UnsafeMutableRawBufferPointer(ratio.buffer)
    case .wide(let ratio, _): UnsafeMutableRawBufferPointer(ratio.buffer)
    }
  }

  var squareBytes: UnsafeMutableRawBufferPointer {
    switch codes {
    case .narrow(_, let square): UnsafeMutableRawBufferPointer(square.buffer)
    case .wide(_, let square): UnsafeMutableRawBufferPointer(square.buffer)
    }
  }

  /// What an image holds of them, in order.
  var sections: [UnsafeMutableRawBufferPointer] {
    [ratioBytes, squareBytes, UnsafeMutableRawBufferPointer(exponents.buffer)]
  }

  /// q and v of a synapse.
  subscript(synapse: Int) -> (ratio: Int64, square: UInt32) {
    switch codes {
    case .narrow(let ratio, let square):
      (Int64(ratio[synapse]) * 256, SquareCode.narrow.number(UInt32(square[synapse])))
    case .wide(let ratio, let square): (Int64(ratio[synapse]), SquareCode.wide.number(UInt32(square[synapse])))
    }
  }

  /// Writes q and v; `word` rounds them.
  func set(_ synapse: Int, _ ratio: Int64, _ square: UInt32, _ word: UInt32) {
    let quarter = word &+ Fixed.quarterTurn
    switch codes {
    case .narrow(let ratios, let squares):
      let code = asr64(ratio + Int64((word &+ 2 &* Fixed.quarterTurn) >> 24), 8)
      ratios[synapse] = Int8(max(-128, min(127, code)))
      squares[synapse] = UInt8(truncatingIfNeeded: SquareCode.narrow.code(square, quarter))
    case .wide(let ratios, let squares):
      ratios[synapse] = Int16(ratio)
      squares[synapse] = UInt16(truncatingIfNeeded: SquareCode.wide.code(square, quarter))
    }
  }

  /// The exponents after the update, and with them the codes.
  func finish() {
    for j in 0..<post {
      let (before, after) = (exponents[j], next(exponents[j], largest[j]))
      exponents[j] = after
      largest[j] = 0
      if before == 0 || after == 0 || before == after { continue }
      for i in 0..<pre { rescale(i * post + j, by: 2 * (Int(after) - Int(before))) }
    }
  }

  private func rescale(_ synapse: Int, by shift: Int) {
    func scaled(_ number: UInt32) -> UInt32 {
      shift > 0 ? number >> UInt32(shift) : number &<< UInt32(-shift)
    }
    switch codes {
    case .narrow(_, let square):
      let code = SquareCode.narrow
      square[synapse] = UInt8(truncatingIfNeeded: code.code(scaled(code.number(UInt32(square[synapse]))), 0))
    case .wide(_, let square):
      let code = SquareCode.wide
      square[synapse] = UInt16(truncatingIfNeeded: code.code(scaled(code.number(UInt32(square[synapse]))), 0))
    }
  }

  private func next(_ exponent: UInt8, _ largest: UInt32) -> UInt8 {
    if largest == 0 { return 0 }
    let e = Int(exponent) - Fixed.adamExponentOffset
    let most = Fixed.adamExponentLimit - Fixed.adamExponentOffset
    let length = UInt32.bitWidth - largest.leadingZeroBitCount
    let wanted: Int
    if exponent == 0 {
      wanted = max(1 - Fixed.adamExponentOffset, length - Fixed.adamGradientBits)
    } else {
      // v below 2²⁴ has at most 24 bits, and one more octave is two bits.
      let surplus = (length - 24 + 1) / 2
      wanted = length > 24 ? e + surplus : length <= 22 ? max(e - 1, 1 - Fixed.adamExponentOffset) : e
    }
    return UInt8(min(wanted, most) + Fixed.adamExponentOffset)
  }
}

/// Second moments as codes with M bits below the highest one.
struct SquareCode {
  let mantissaBits: Int

  static let narrow = SquareCode(mantissaBits: Fixed.narrowMantissaBits)
  static let wide = SquareCode(mantissaBits: Fixed.wideMantissaBits)

  func number(_ code: UInt32) -> UInt32 {
    let h = Int(code >> UInt32(mantissaBits)) - 1
    return h < 1 ? code : (code - UInt32(h) << UInt32(mantissaBits)) &<< UInt32(h)
  }

  func code(_ x: UInt32, _ word: UInt32) -> UInt32 {
    let h = max(0, (32 - x.leadingZeroBitCount) - mantissaBits - 1)
    let rounded = (UInt64(x) + UInt64(word) >> UInt64(32 - h)) >> UInt64(h)
    return UInt32(h) << UInt32(mantissaBits) + UInt32(rounded)
  }
}
