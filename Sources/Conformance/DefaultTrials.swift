public import Networks
import Randomness
public import Trials

extension TrialSet {
  /// Trials for a network that comes without any: Poisson spikes of 20 Hz (or uniform analog values) on every input, and
  /// targets drawn anew every 100 steps, uniform in [−1, 1] or one-hot. From SplitMix64, stream "default trials".
  public static func drawn(for network: SpikingNetwork, count: Int, seed: UInt64, steps: Int? = nil) -> TrialSet {
    var random = SplitMix64(seed: seed, stream: "default trials")
    let steps = min(network.maximumSteps, steps ?? network.maximumSteps)
    let trials = (0..<count).map { _ in
      Trial(
        steps: steps, inputs: drawInputs(network, steps, &random), targets: drawTargets(network, steps, &random),
        mask: nil, holdSteps: network.inputs.holdSteps)
    }
    return TrialSet(inputCount: network.inputs.count, outputCount: network.readout.count, trials: trials)
  }

  private static func drawInputs(
    _ network: SpikingNetwork, _ steps: Int, _ random: inout SplitMix64
  ) -> Trial.Inputs {
    switch network.inputs.kind {
    case .analog(let low, let high):
      let rows = (steps + network.inputs.holdSteps - 1) / network.inputs.holdSteps
      return .analog((0..<rows * network.inputs.count).map { _ in low + (high - low) * random.uniform() })
    case .spikes:
      let probability = 0.02 * network.timeStep
      var train = EventTrain(offsets: [0], sources: [])
      for _ in 0..<steps {
        for input in 0..<network.inputs.count where random.uniform() < probability {
          train.sources.append(UInt16(input))
        }
        train.offsets.append(train.sources.count)
      }
      return .spikes(train)
    }
  }

  private static func drawTargets(
    _ network: SpikingNetwork, _ steps: Int, _ random: inout SplitMix64
  ) -> [Double] {
    var targets: [Double] = []
    var current = [Double](repeating: 0, count: network.readout.count)
    for step in 0..<steps {
      if step % 100 == 0 {
        switch network.loss {
        case .squaredError: current = current.map { _ in 2 * random.uniform() - 1 }
        case .crossEntropy:
          let hot = Int(random.uniform() * Double(current.count))
          current = current.indices.map { $0 == hot ? 1 : 0 }
        }
      }
      targets += current
    }
    return targets
  }
}
