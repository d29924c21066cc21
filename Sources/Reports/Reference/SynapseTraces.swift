import FloatReference
import Networks
import Trials

/// The traces of e-prop 1 of one projection at every step of a recorded trial, and what each step adds to the gradient.
///
/// The equations are those of the trace form (paper eqs 22, 27, 28, 45); here every step is kept:
///
///     neurons   e_ji = ψ_j ẑ_i − χ_j β_j ε_ji,  ē_ji ← κ ē_ji + s_e e_ji,  g_ji = s (L_j ē_ji + r_j e_ji)
///     readouts  e_ki = p_i,                   ē_ki ← κ ē_ki + e_ki,      g_ki = s err_k ē_ki
struct SynapseTraces {
  /// e, ē and g, each [steps × post × pre].
  private(set) var e: [Double] = []
  private(set) var filtered: [Double] = []
  private(set) var gradient: [Double] = []

  /// - Parameters:
  ///   - signals: L, [steps × neurons].
  ///   - rateSignals: r, one per neuron.
  init(
    _ projection: SpikingNetwork.Projection, of network: SpikingNetwork, _ recording: Recording, _ trial: Trial,
    signals: [Double], rateSignals: [Double]
  ) {
    let sources = SourceTrain(projection, of: network, recording, trial)
    switch projection.target {
    case .readout: followReadout(projection, network, recording, sources)
    case .population(let target):
      let place = (first: network.firstNeuron(of: target), population: network.populations[target])
      followNeurons(projection, network, recording, sources, place, signals, rateSignals)
    }
  }

  /// The traces of the readout's bias, each [steps × outputs]: the same as of a source that fires at every step, but never
  /// scaled.
  init(biasOf network: SpikingNetwork, _ recording: Recording) {
    let kappa = network.decays(timeConstant: network.readout.timeConstant)
    var trace = [Double](repeating: 0, count: recording.outputCount)
    for step in 0..<recording.steps {
      for k in 0..<recording.outputCount {
        trace[k] = kappa[k] * trace[k] + 1
        append(1, trace[k], recording.errors[step * recording.outputCount + k] * trace[k])
      }
    }
  }

  private mutating func followNeurons(
    _ projection: SpikingNetwork.Projection, _ network: SpikingNetwork, _ recording: Recording, _ sources: SourceTrain,
    _ target: (first: Int, population: SpikingNetwork.Population), _ signals: [Double], _ rateSignals: [Double]
  ) {
    let constants = TraceConstants(projection, to: target.population, of: network)
    let (pre, post) = (sources.count, target.population.count)
    let lacksDiagonal = projection.lacksDiagonal
    var trace = [Double](repeating: 0, count: pre * post)
    var (epsilon, low) = (trace, trace)
    for step in 0..<recording.steps {
      for j in 0..<post {
        let neuron = step * network.neuronCount + target.first + j
        let (psi, chi) = (recording.surrogates[neuron], recording.thresholdSlopes[neuron])
        for i in 0..<pre {
          let s = j * pre + i
          trace[s] = constants.alpha[j] * trace[s] + sources[step, i]
          let isAbsent = lacksDiagonal && i == j
          let e = isAbsent ? 0 : psi * trace[s] - chi * constants.beta * epsilon[s]
          epsilon[s] =
            constants.adaptationScale * psi * trace[s]
            + (constants.rho[j] - constants.adaptationScale * chi * constants.beta) * epsilon[s]
          low[s] = constants.kappa * low[s] + constants.traceScale * e
          append(e, low[s], constants.scale * (signals[neuron] * low[s] + rateSignals[target.first + j] * e))
        }
      }
    }
  }

  private mutating func followReadout(
    _ projection: SpikingNetwork.Projection, _ network: SpikingNetwork, _ recording: Recording, _ sources: SourceTrain
  ) {
    let kappa = network.decays(timeConstant: network.readout.timeConstant)
    let scale = network.convention.readoutScaling == .one ? 1 : 1 - kappa[0]
    var trace = [Double](repeating: 0, count: network.readout.count * sources.count)
    for step in 0..<recording.steps {
      for k in 0..<network.readout.count {
        let error = recording.errors[step * network.readout.count + k]
        for i in 0..<sources.count {
          let s = k * sources.count + i
          trace[s] = kappa[k] * trace[s] + sources[step, i]
          append(sources[step, i], trace[s], scale * error * trace[s])
        }
      }
    }
  }

  private mutating func append(_ e: Double, _ filtered: Double, _ gradient: Double) {
    self.e.append(e)
    self.filtered.append(filtered)
    self.gradient.append(gradient)
  }
}

/// The decays and factors of a projection onto a population.
private struct TraceConstants {
  let alpha: PerUnit
  let kappa: Double
  let rho: PerUnit
  let beta: Double
  /// What W, e in ē, and z in a are multiplied by.
  let scale: Double
  let traceScale: Double
  let adaptationScale: Double

  init(
    _ projection: SpikingNetwork.Projection, to population: SpikingNetwork.Population, of network: SpikingNetwork
  ) {
    let convention = network.convention
    func factor(_ scaling: Convention.Scaling, _ decay: Double) -> Double { scaling == .one ? 1 : 1 - decay }
    alpha = network.decays(timeConstant: population.timeConstant)
    // All readouts are alike: `ReferenceReport.json` sees to it.
    kappa = network.decays(timeConstant: network.readout.timeConstant)[0]
    rho = population.adaptation.map { network.decays(timeConstant: $0.timeConstant) } ?? 0
    beta = population.adaptation?.strength ?? 0
    let drive = projection.source == .inputs ? convention.inputScaling : convention.recurrentScaling
    scale = factor(drive, alpha[0])
    traceScale = factor(convention.traceScaling, kappa)
    adaptationScale = factor(convention.adaptationScaling, rho[0])
  }
}

/// p_i^t: what arrives at a projection. A spike of step t arrives at other neurons at t + 1, at readouts at t.
private struct SourceTrain {
  let count: Int
  private let values: [Double]
  private let stride: Int
  private let first: Int
  private let delay: Int

  init(
    _ projection: SpikingNetwork.Projection, of network: SpikingNetwork, _ recording: Recording, _ trial: Trial
  ) {
    count = network.presynapticCount(of: projection)
    switch projection.source {
    case .inputs:
      (values, stride, first, delay) = (trial.denseInputs(network.inputs.count), network.inputs.count, 0, 0)
    case .population(let source):
      (values, stride) = (recording.spikeRaster, network.neuronCount)
      (first, delay) = (network.firstNeuron(of: source), projection.target == .readout ? 0 : 1)
    }
  }

  subscript(step: Int, source: Int) -> Double {
    step < delay ? 0 : values[(step - delay) * stride + first + source]
  }
}

extension SpikingNetwork.Projection {
  /// Whether its diagonal is no synapses.
  fileprivate var lacksDiagonal: Bool {
    switch (source, target) {
    case (.population(let from), .population(let to)): from == to && !autapses
    default: false
    }
  }
}
