import Networks

/// B as the sweeps read it: one matrix for all steps, or one per window of steps.
final class Feedback {
  private let network: SpikingNetwork
  private let wiring: Wiring
  private let weights: ParameterBuffers
  let choice: EProp1.Feedback
  /// B, [outputs × neurons], where it is the same at every step.
  let matrix: Buffer<Double>
  /// The matrices of the windows so far, each [outputs × neurons].
  private var windows: [Buffer<Double>] = []
  /// B of the adaptive rule, which whoever trains changes between batches.
  let adaptive: AdaptiveFeedback?

  init(_ network: SpikingNetwork, _ wiring: Wiring, weights: ParameterBuffers, choice: EProp1.Feedback) {
    self.network = network
    self.wiring = wiring
    self.weights = weights
    self.choice = choice
    matrix = Buffer(wiring.neuronCount * wiring.outputCount, filledWith: 0)
    if case .adaptive(let decay) = choice {
      fillOfNetwork(network, wiring, weights, matrix)
      adaptive = AdaptiveFeedback(network, wiring, matrix: matrix, decay: decay)
    } else {
      adaptive = nil
    }
  }

  /// Whether B differs from window to window.
  var isWindowed: Bool { if case .windows = choice { true } else { false } }

  /// Brings B up to the weights as they are now.
  func prepare() {
    switch choice {
    case .ofNetwork: fillOfNetwork(network, wiring, weights, matrix)
    case .symmetric: fillSymmetric(wiring, weights, matrix)
    case .fixed(let rows): fill(matrix, rows)
    case .global: matrix.fill(1 / Double(wiring.neuronCount).squareRoot())
    case .adaptive, .windows: break
    }
  }

  /// B at a step, [outputs × neurons].
  func matrix(at step: Int) -> Buffer<Double> {
    guard case .windows(let windowed) = choice else { return matrix }
    let window = step / windowed.stepsPerWindow
    while windows.count <= window {
      let buffer = Buffer(wiring.neuronCount * wiring.outputCount, filledWith: 0.0)
      fill(buffer, windowed.matrix(of: windows.count, neurons: wiring.neuronCount, outputs: wiring.outputCount))
      windows.append(buffer)
    }
    return windows[window]
  }

  /// From [neurons × outputs].
  private func fill(_ buffer: Buffer<Double>, _ rows: [Double]) {
    for j in 0..<wiring.neuronCount {
      for k in 0..<wiring.outputCount { buffer.base[k * wiring.neuronCount + j] = rows[j * wiring.outputCount + k] }
    }
  }
}

private func fillOfNetwork(
  _ network: SpikingNetwork, _ wiring: Wiring, _ weights: ParameterBuffers, _ matrix: Buffer<Double>
) {
  switch network.feedback {
  case .symmetric: fillSymmetric(wiring, weights, matrix)
  case .fixed(let rows, origin: _):
    for j in 0..<wiring.neuronCount {
      for k in 0..<wiring.outputCount { matrix.base[k * wiring.neuronCount + j] = rows[j * wiring.outputCount + k] }
    }
  }
}

/// B = W_outᵀ.
private func fillSymmetric(_ wiring: Wiring, _ weights: ParameterBuffers, _ matrix: Buffer<Double>) {
  matrix.fill(0)
  for (index, link) in wiring.links.enumerated() where link.targetGroup == nil && link.sourceGroup != nil {
    for i in 0..<link.preCount {
      for k in 0..<link.postCount {
        matrix.base[k * wiring.neuronCount + link.preFirst + i] += weights.projections[index][i * link.postCount + k]
      }
    }
  }
}
