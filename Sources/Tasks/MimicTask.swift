public import Networks
import Randomness
import Trials

/// Mimic: reproduce the readout of another network of the same kind and size that sees the same coins. The loss is the
/// squared error.
///
/// Source: Marschall, Cho and Savin 2020, section 5.1. The other network has the same distribution of weights, drawn from a
/// stream of its own.
public struct MimicTask: RateTask {
  public let name = "mimic"
  public let alpha: Double
  public let units: Int
  public let inputs: Int
  public let steps = 1000
  public let score = TaskScore.normalisedMeanSquaredError

  public var summary: String { "reproduce the readout of another network of the same kind" }
  public var needs: String {
    "\(units) leaky-tanh units with alpha \(alpha), \(inputs) inputs, \(inputs) readouts; a stream, learnt from at every step"
  }

  public init(alpha: Double = 1, units: Int = 32, inputs: Int = 4) {
    (self.alpha, self.units, self.inputs) = (alpha, units, inputs)
  }

  public func network(seed: UInt64) -> RateNetwork { drawn(name, seed: seed) }

  private func drawn(_ name: String, seed: UInt64) -> RateNetwork {
    RateNetwork.drawn(
      name, inputs: .init(count: inputs, kind: .spikes), units: units, outputs: inputs, alpha: alpha,
      loss: .squaredError, learningRate: 0.01, decaysOver: iterations * steps, maximumSteps: 65_534, seed: seed)
  }

  public func stream(seed: UInt64) -> any RateStream {
    Stream(
      steps: steps, inputs: inputs, model: RateModel(drawn("mimicked", seed: seed)),
      coins: SplitMix64(seed: seed, stream: "mimic coins"))
  }

  private struct Stream: RateStream {
    let steps: Int
    let inputs: Int
    var model: RateModel
    var coins: SplitMix64

    mutating func next() -> Trial {
      var (offsets, sources, targets) = ([0], [UInt16](), [Double]())
      for _ in 0..<steps {
        var fired: [Int] = []
        for input in 0..<inputs where coins.next() >> 63 == 1 { fired.append(input) }
        sources += fired.map { UInt16($0) }
        offsets.append(sources.count)
        targets += model.step(fired)
      }
      return Trial(
        steps: steps, inputs: .spikes(EventTrain(offsets: offsets, sources: sources)), targets: targets, mask: nil)
    }
  }
}
