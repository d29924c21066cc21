import Foundation
import Networks

extension DecayPlan {
  /// The decay by `rate` = 1 − κ per step, to fifteen significant bits.
  init(rate: Double) {
    var shift = 0
    while shift < 15 && rate * Double(1 << (15 + shift)) < 16384 { shift += 1 }
    self.shift = shift
    factor = min(32767, max(1, Int32((rate * Double(1 << (15 + shift))).rounded())))
  }

  /// 1 − κ as realised.
  public var rate: Double { Double(factor) / Double(1 << (15 + shift)) }
}

extension Planner {
  /// The decays by the time constants of `count` units, with a note of what becomes of them.
  mutating func decays(_ timeConstant: PerUnit, count: Int, of what: String) -> Decays {
    let keeps = network.decays(timeConstant: timeConstant)
    let decays = (0..<count).map { DecayPlan(rate: 1 - keeps[$0]) }
    note(timeConstant, keeps: decays.map { 1 - $0.rate }, of: what)
    return Decays(decays)
  }
}

/// κ = 1 − rate, as the time constant in ms that it realises.
func realisedTimeConstant(keep: Double, timeStep: Double) -> Double { -timeStep / log(keep) }

/// The least n ≥ 0 with 2^n ≥ x.
func bits(_ x: Double) -> Int { max(0, Int(log2(x).rounded(.up))) }

/// The least n with 2^n ≥ x, n of either sign; x > 0. Exact at powers of two.
func exponent(covering x: Double) -> Int { x.significand == 1 ? Int(x.exponent) : Int(x.exponent) + 1 }
