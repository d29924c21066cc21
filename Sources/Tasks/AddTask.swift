import Foundation
public import Networks
import Randomness
public import Trials

/// Add: predict a coin that remembers two earlier ones. x^t is 0 or 1 with equal chances; the label is 1 with probability
///
///     y*^t = 0.5 + 0.5 x^{t−3} − 0.25 x^{t−5}
///
/// Inputs and labels come as pairs [x, 1 − x] and [label, 1 − label]; the loss is the cross-entropy in nats. Who knows
/// both earlier coins reaches H = 0.4544, who knows neither 0.6616.
///
/// Source: Marschall, Cho and Savin 2020, section 5.1, after Pitis 2016; lags 3 and 5. There the first labels look around
/// the end of the data; here coins from before the stream count as 0.
public struct AddTask: RateTask {
  public let name: String
  public let alpha: Double
  public let units: Int
  public let steps = 1000
  public let score = TaskScore.crossEntropy

  public var summary: String {
    "predict a coin from the coins 3 and 5 steps ago; " + (alpha == 1 ? "units without a leak" : "leaky units")
  }
  public var needs: String {
    "\(units) leaky-tanh units with alpha \(alpha), 2 inputs, 2 readouts; a stream, learnt from at every step"
  }

  public init(alpha: Double = 1, units: Int = 32) {
    name = alpha == 1 ? "add" : "add-leaky"
    self.alpha = alpha
    self.units = units
  }

  public func network(seed: UInt64) -> RateNetwork {
    RateNetwork.drawn(
      alpha == 1 ? "add" : "add_leaky", inputs: .init(count: 2, kind: .spikes), units: units, outputs: 2, alpha: alpha,
      loss: .crossEntropy, learningRate: 0.003, decaysOver: iterations * steps, maximumSteps: 65_534, seed: seed)
  }

  public func stream(seed: UInt64) -> any RateStream { Stream(seed: seed, steps: steps, labels: .drawn) }

  /// What stands for the label.
  public enum Labels: Sendable, Hashable {
    /// The coin that fell.
    case drawn
    /// Its chances. The loss then has the same mean and less noise: for tests, not for learning.
    case chances
  }

  public func stream(seed: UInt64, trials: Int, steps: Int, labels: Labels) -> TrialSet {
    var stream = Stream(seed: seed, steps: steps, labels: labels)
    return TrialSet(inputCount: 2, outputCount: 2, trials: (0..<trials).map { _ in stream.next() })
  }

  private struct Stream: RateStream {
    let steps: Int
    let labels: Labels
    private var coins: SplitMix64
    private var chances: SplitMix64
    private var history = [Bool](repeating: false, count: 6)

    init(seed: UInt64, steps: Int, labels: Labels) {
      (self.steps, self.labels) = (steps, labels)
      coins = SplitMix64(seed: seed, stream: "add coins")
      chances = SplitMix64(seed: seed, stream: "add labels")
    }

    mutating func next() -> Trial {
      var (sources, targets) = ([UInt16](), [Double]())
      for _ in 0..<steps {
        let x = coins.next() >> 63 == 1
        history = [x] + history.prefix(5)
        sources.append(x ? 0 : 1)
        let chance = 0.5 + (history[3] ? 0.5 : 0) - (history[5] ? 0.25 : 0)
        let label = chances.uniform() < chance ? 1.0 : 0
        targets += labels == .drawn ? [label, 1 - label] : [chance, 1 - chance]
      }
      return Trial(
        steps: steps, inputs: .spikes(EventTrain(offsets: Array(0...steps), sources: sources)), targets: targets,
        mask: nil)
    }
  }

  /// The entropy of the label given both coins, in nats: (H(½) + 2 H(¼) + 0) / 4.
  public static let floor = (log(2) + 2 * (0.25 * log(4) + 0.75 * log(4.0 / 3))) / 4
}
