import Foundation
import Networks

/// Formats of the weights into one population, and of its v, which share an LSB per neuron.
struct WeightFormats {
  /// v_th in LSB of v.
  var threshold: PerNeuron
  /// By position among the population's projections: the drive of a projection in LSB of v is its sum times 2^exponent.
  var exponents: [Int]

  /// - Parameters:
  ///   - largest: by projection, the largest |effective weight| per postsynaptic neuron.
  ///   - tops: what v_th of each neuron may be at most, so that what a spike takes from v fits it.
  static func deciding(
    _ population: SpikingNetwork.Population, largest: [[Double]], tops: [Double], isPlastic: Bool, options: PlanOptions
  ) -> WeightFormats {
    let vth = population.threshold
    // R = v_th 2^r, the smallest that covers every weight of the projection.
    let ranges = largest.map { rows in
      let top = rows.max() ?? 0
      return top > 0 ? exponent(covering: top / vth) : 0
    }
    let magnitudeBits = options.weightBits - 1
    func exponents(_ thresholdBits: Int) -> [Int] { ranges.map { $0 + thresholdBits - magnitudeBits } }

    // Below 2^0 the drive would be rounded: v takes up to three more bits first (int16 keeps ± 16 v_th).
    let base = options.weightBits == 16 ? max(11, options.thresholdBits) : options.thresholdBits
    let lack = max(0, -(exponents(base).min() ?? 0))
    let room = Int(log2(tops.min() ?? 4096))
    let perNeuron = options.scale == .perNeuron || (options.scale == .automatic && !isPlastic && !largest.isEmpty)
    let wanted = max(base, min(11, base + lack))
    let thresholdBits = perNeuron || wanted > 12 ? wanted : max(8, min(wanted, room))
    let chosen = exponents(thresholdBits)
    guard perNeuron else { return WeightFormats(threshold: .common(1 << Int32(thresholdBits)), exponents: chosen) }
    let spare = isPlastic ? 1.5 : 1
    let thresholds = (0..<population.count).map { j in
      var limit = min(4096, tops[j])
      for (rows, exponent) in zip(largest, chosen) where rows[j] > 0 {
        let top = Double(1 << magnitudeBits) - 1
        limit = min(limit, vth * top * Double(sign: .plus, exponent: exponent, significand: 1) / (rows[j] * spare))
      }
      return Int32(max(256, limit.rounded(.down)))
    }
    return WeightFormats(threshold: .each(thresholds), exponents: chosen)
  }
}

/// A weight matrix of the network as integers.
struct QuantisedWeights {
  /// [pre × post].
  var weights: [Int16]
  var clipped: Int

  /// - Parameters:
  ///   - lsb: real weight of one LSB, per postsynaptic neuron or one for all.
  init(_ matrix: [Double], preCount: Int, postCount: Int, lsb: [Double], bits: Int) {
    weights = [Int16](repeating: 0, count: matrix.count)
    clipped = 0
    let top = Double((1 << (bits - 1)) - 1)
    for post in 0..<postCount {
      let unit = lsb.count == 1 ? lsb[0] : lsb[post]
      for pre in 0..<preCount {
        let exact = (matrix[post * preCount + pre] / unit).rounded(.toNearestOrAwayFromZero)
        if exact > top || exact < -top - 1 { clipped += 1 }
        weights[pre * postCount + post] = Int16(max(-top - 1, min(top, exact)))
      }
    }
  }
}
