import FixedPoint
import Planning

/// A potential to start a trial with, and what becomes of it in the first step, without any input.
struct ThresholdProbe: Sendable, Hashable {
  var population: Int
  var neuron: Int
  var potential: Int32
  var fires: Bool
  /// ψ.
  var surrogate: Int32

  /// Probes of the first neuron of a population: its potential comes out one LSB below its threshold, at it and above.
  static func around(_ population: PopulationPlan, index: Int) -> [ThresholdProbe] {
    let threshold = population.threshold[0]
    // In the first step a current is its bias.
    let fraction = Int32(population.current?.fractionBits ?? 0)
    let bias = ((population.bias?[0] ?? 0) + (1 << fraction) >> 1) >> fraction
    return (Int32(-1)...1).compactMap { distance in
      let wanted = threshold + distance
      // A leak moves by less than one LSB per LSB, so that every value comes out of some potential.
      guard
        let potential = (Int32(0)...32767).first(where: { leak($0, population.leak[0], dither(0)) + bias == wanted })
      else { return nil }
      let height = threshold - abs(distance)
      return ThresholdProbe(
        population: index, neuron: population.first, potential: potential,
        fires: distance > 0 || (distance == 0 && population.firesAtThreshold),
        surrogate: min(255, Int32((Int64(height) * Int64(population.surrogateScale[0])) >> 16)))
    }
  }
}
