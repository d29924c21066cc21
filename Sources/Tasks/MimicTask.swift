public import Networks
import Randomness
public import Trials

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
      loss: .squaredError, learningRate: 0.001, maximumSteps: 65_534, seed: seed)
  }

  public func stream(seed: UInt64, trials: Int) -> TrialSet {
    var model = RateModel(drawn("mimicked", seed: seed))
    var coins = SplitMix64(seed: seed, stream: "mimic coins")
    let list = (0..<trials).map { _ -> Trial in
      var (offsets, sources, targets) = ([0], [UInt16](), [Double]())
      for _ in 0..<steps {
        let fired = (0..<inputs).filter { _ in coins.next() >> 63 == 1 }
        sources += fired.map { UInt16($0) }
        offsets.append(sources.count)
        targets += model.step(fired)
      }
      return Trial(
        steps: steps, inputs: .spikes(EventTrain(offsets: offsets, sources: sources)), targets: targets, mask: nil)
    }
    return TrialSet(inputCount: inputs, outputCount: inputs, trials: list)
  }
}
