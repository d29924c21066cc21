import FixedPoint
import Planning

/// Decays x of `count` units, each by its own rate or all by one.
@inline(__always)
func decayEach(_ x: UnsafeMutablePointer<Int32>, _ count: Int, _ decays: Decays, _ word: UInt32) {
  switch decays {
  case .common(let rate):
    for j in 0..<count { x[j] = decay(x[j], rate.factor, rate.shift, word) }
  case .each(let rates):
    rates.withUnsafeBufferPointer { rates in
      for j in 0..<count { x[j] = decay(x[j], rates[j].factor, rates[j].shift, word) }
    }
  }
}

/// The decays of the tile of `count` units from `start` on.
@inline(__always)
func decayTile(_ x: UnsafeMutablePointer<Int32>, _ start: Int, _ count: Int, _ decays: Decays, _ word: UInt32) {
  switch decays {
  case .common(let rate):
    for l in 0..<count { x[l] = decay(x[l], rate.factor, rate.shift, word) }
  case .each(let rates):
    for l in 0..<count { x[l] = decay(x[l], rates[start + l].factor, rates[start + l].shift, word) }
  }
}
