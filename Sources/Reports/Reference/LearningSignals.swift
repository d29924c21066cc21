import FloatReference
import Networks
import Trials

/// What the errors of a recorded trial mean for each neuron.
struct LearningSignals {
  private let neuronCount: Int
  private let outputCount: Int
  /// B, [neurons × outputs].
  private let feedback: [Double]
  private let network: SpikingNetwork

  init(_ network: SpikingNetwork) {
    self.network = network
    neuronCount = network.neuronCount
    outputCount = network.readout.count
    feedback =
      switch network.feedback {
      case .fixed(let matrix, origin: _): matrix
      case .symmetric: Self.transposedReadout(network)
      }
  }

  /// L_j^t = Σ_k B_jk err_k^t, [steps × neurons].
  func signals(_ recording: Recording) -> [Double] {
    (0..<recording.steps * neuronCount).map { index in
      let (step, neuron) = (index / neuronCount, index % neuronCount)
      return (0..<outputCount).reduce(0) { sum, k in
        sum + feedback[neuron * outputCount + k] * recording.errors[step * outputCount + k]
      }
    }
  }

  /// r_j, what the rate regulariser adds on the unfiltered trace at each of `steps` steps, from the rates of a batch. nil
  /// without a regulariser.
  func rateSignals(_ batch: [Recording], steps: Int) -> [Double]? {
    guard let regulariser = network.rateRegularisation else { return nil }
    var rates = [Double](repeating: 0, count: neuronCount)
    for recording in batch {
      let perSpike = 1000 / (network.timeStep * Double(recording.steps) * Double(batch.count))
      for source in recording.spikes.sources { rates[Int(source)] += perSpike }
    }
    let perHertz = network.rateSignalPerHertz(steps: steps)
    return rates.map { perHertz * ($0 - regulariser.target) }
  }

  private static func transposedReadout(_ network: SpikingNetwork) -> [Double] {
    var matrix = [Double](repeating: 0, count: network.neuronCount * network.readout.count)
    for projection in network.projections {
      guard case .population(let source) = projection.source, projection.target == .readout else { continue }
      let (first, pre) = (network.firstNeuron(of: source), network.presynapticCount(of: projection))
      for k in 0..<network.readout.count {
        for i in 0..<pre { matrix[(first + i) * network.readout.count + k] += projection.weights[k * pre + i] }
      }
    }
    return matrix
  }
}
