import FixedPoint
import Planning

/// βᴺ in 2⁻³².
private func power(_ base: UInt32, _ exponent: UInt32) -> UInt64 {
  var (result, square, left) = (UInt64(UInt32.max), UInt64(base), exponent)
  while left > 0 {
    if left & 1 == 1 { result = (result * square) >> 32 }
    square = (square * square) >> 32
    left >>= 1
  }
  return result
}

extension AdamPlan {
  /// D₁ and D₂ of update n.
  func shares(_ n: UInt32) -> (first: Int64, second: Int64) {
    let number = n > 1 ? n - 1 : 1
    func share(_ kept: UInt32, _ bits: Int) -> Int64 {
      let one = UInt64(1) << 32
      return Int64(((one - UInt64(kept)) << UInt64(bits)) / (one - power(kept, number)))
    }
    return (share(firstKept, Fixed.firstShareBits), share(secondKept, Fixed.secondShareBits))
  }
}

/// √v · 2ᶻ as a number of 16 bits, and z.
private func root(_ v: UInt32) -> (Int64, Int) {
  let z = octaves(v)
  let m = (max(v, 1) &<< UInt32(2 * z)) >> 16
  return (Int64((m &* rsqrt(v)) >> 14), z)
}

extension IntegerNetwork {
  /// F, y and ε of an update.
  func prepareAdam(_ projection: ProjectionState, _ moments: AdamMoments, _ schedule: LearningPlan.Schedule) {
    let unit = moments.plan.unit
    let largest = unit.max() ?? 0
    let rate = scheduled(largest, schedule)
    let k = rate == 0 ? 0 : (64 - rate.leadingZeroBitCount) - 15
    let u = Int64(k >= 0 ? rate >> UInt64(k) : rate << UInt64(-k))
    projection.step.shift = min(31, 28 - projection.plan.stepBits - k)
    for j in 0..<moments.post {
      let share = unit.count > 1 && largest > 0 ? min(32767, (Int64(unit[j]) << 15) / Int64(largest)) : 1 << 15
      moments.factors[j] = (u * share) >> 15
      moments.epsilons[j] = adamEpsilon(moments.plan, moments.exponents[j])
    }
  }

  private func adamEpsilon(_ plan: AdamPlan, _ exponent: UInt8) -> Int64 {
    min(1 << 15, (Int64(plan.epsilon) << 12) >> Int64(20 + Int(exponent) - Fixed.adamExponentOffset))
  }

  /// g becomes the step p of each synapse, and its moments move.
  func adamSteps(
    _ projection: ProjectionState, _ moments: AdamMoments, _ i: Int, _ start: Int, _ count: Int,
    _ g: UnsafeMutablePointer<Int64>
  ) {
    let shares = moments.plan.shares(updates)
    let groups = (projection.post + Fixed.hashedLanes - 1) / Fixed.hashedLanes
    for l in 0..<count {
      let j = start + l
      let key = projection.plan.roundingSalt &+ UInt32(truncatingIfNeeded: i * groups + j / Fixed.hashedLanes)
      let word = roundingWord(key, j % Fixed.hashedLanes, updates)
      let q = advance(moments, i * projection.post + j, j, g[l], shares, word, moments.epsilons[j])
      g[l] = asr64(q * moments.factors[j], projection.step.shift)
    }
  }

  /// The moments of a synapse with gradient g move; returns q″.
  private func advance(
    _ moments: AdamMoments, _ synapse: Int, _ j: Int, _ g: Int64, _ shares: (first: Int64, second: Int64),
    _ word: UInt32, _ epsilon: Int64
  ) -> Int64 {
    if moments.exponents[j] == 0 {
      moments.largest[j] = max(moments.largest[j], UInt32(g.magnitude))
      return 0
    }
    let t = fitted(g, Int(moments.exponents[j]) - Fixed.adamExponentOffset, word &+ 3 &* Fixed.quarterTurn)
    let (ratio, v) = moments[synapse]
    let (r, z) = root(v)
    var a = ratio * r
    a += near((t << Int64(Fixed.ratioBits + z) - a) * shares.first, Fixed.firstShareBits)
    let way = (t * t - Int64(v)) * shares.second + Int64(word >> UInt32(32 - Fixed.secondShareBits))
    let square = UInt32(truncatingIfNeeded: Int64(v) + asr64(way, Fixed.secondShareBits))
    let (after, octave) = root(square)
    let h = 30 + z - octave
    let dither = h >= 32 ? Int64(word) << Int64(h - 32) : Int64(word) >> Int64(32 - h)
    var q = clamp64(asr64(a * Int64(rsqrt(square)) + dither, h), Int64(moments.plan.ratioLimit))
    moments.set(synapse, q, square, word)
    moments.largest[j] = max(moments.largest[j], square)
    if epsilon > 0 {
      let half = after >> 1
      q = q * half / (half + (epsilon << Int64(octave)) >> 1)
    }
    return q
  }

  /// T.
  private func fitted(_ g: Int64, _ exponent: Int, _ word: UInt32) -> Int64 {
    if exponent <= 0 { return clamp64(clamp64(g, 32767) << Int64(-exponent), 32767) }
    return clamp64(asr64(g + Int64(word >> UInt32(32 - exponent)), exponent), 32767)
  }

  /// The step of bias k, whose moments move; `rate` is its unit under the schedule.
  func adamBiasStep(_ moments: AdamMoments, _ k: Int, _ g: Int64, rate: UInt64) -> Int64 {
    let q = advance(
      moments, k, k, g, moments.plan.shares(updates), roundingWord(UInt32(k), 0, updates),
      adamEpsilon(moments.plan, moments.exponents[k]))
    return near(q * Int64(rate), Fixed.ratioBits)
  }
}
