import FloatReference
import IntegerModel
public import Networks
public import Planning
public import Trials

/// How far the integers are from double precision on one trial, with the same weights.
///
/// Spiking networks are chaotic: running freely, the two part within tens of milliseconds whatever the format, so nothing
/// is concluded from that. The figures that judge the formats come from a float run that is *given* the spikes of the
/// integers.
public struct FloatDrift: Sendable, Hashable {
  /// One signal, both sides driven by the same spikes.
  public struct Signal: Sendable, Hashable {
    public var name: String
    /// Root mean square of integer − float, and of float, in real units.
    public var error: Double
    public var size: Double
    public var largestError: Double
  }
  /// The gradient of one projection (or `bias`), both sides driven by the same spikes.
  public struct Gradient: Sendable, Hashable {
    public var name: String
    public var cosine: Double
    /// |integer| / |float|.
    public var normRatio: Double
  }
  public var signals: [Signal]
  /// Empty without learning.
  public var gradients: [Gradient]
  /// Neuron-steps at which the float threshold crossing differs from the integer spike, of how many.
  public var decisionsDiffering: Int
  public var decisions: Int
  /// Running freely: the first step at which any spike differs; nil if none does.
  public var firstDifferingStep: Int?
  /// Mean rates in Hz, running freely.
  public var integerRate: Double
  public var floatRate: Double
  /// y of the float run, running freely, [steps × outputs].
  public var floatReadouts: [Double]

  /// The least cosine over all projections; 1 where nothing learns.
  public var leastCosine: Double { gradients.map(\.cosine).min() ?? 1 }
}

extension FloatDrift {
  /// Runs one trial on both sides.
  public init(_ network: SpikingNetwork, plan: FixedPlan, trial: Trial) {
    let real = plan.dequantised(network)
    let set = TrialSet(inputCount: plan.inputs.count, outputCount: plan.readout.count, trials: [trial])
    let tape = IntegerTape(plan, Stimulus(set, plan: plan, updates: true))
    let forced = Reference.evaluate(real, [tape.rounded(trial, plan)], forcing: [tape.spikes])
    let free = Reference.run(real, tape.rounded(trial, plan))
    let recording = forced.recordings[0]

    signals = [
      Signal("v", tape.potentials, recording.voltages), Signal("y", tape.readouts, recording.readouts),
    ]
    if plan.learning != nil {
      signals.append(Signal("psi", tape.surrogates, recording.surrogates))
      signals.append(Signal("error", tape.errors, recording.errors))
    }
    gradients = tape.gradients.map { name, integers in
      let floats =
        name == "bias"
        ? forced.gradients.bias
        : forced.gradients.projections[network.projections.firstIndex { $0.name == name } ?? 0]
      return Gradient(name: name, cosine: cosine(integers, floats), normRatio: ratio(norm(integers), norm(floats)))
    }
    (decisionsDiffering, decisions) = tape.differingDecisions(network, recording)
    firstDifferingStep = (0..<trial.steps).first { step in
      tape.spikes.at(step) != free.spikes.at(step)
    }
    let seconds = Double(trial.steps) * network.timeStep / 1000 * Double(network.neuronCount)
    integerRate = Double(tape.spikes.sources.count) / seconds
    floatRate = Double(free.spikes.sources.count) / seconds
    floatReadouts = free.readouts
  }
}

extension FloatDrift.Signal {
  init(_ name: String, _ integers: [Double], _ floats: [Double]) {
    self.name = name
    let count = Double(max(1, floats.count))
    var (error, size, largest) = (0.0, 0.0, 0.0)
    for (a, b) in zip(integers, floats) {
      error += (a - b) * (a - b)
      size += b * b
      largest = max(largest, abs(a - b))
    }
    self.error = (error / count).squareRoot()
    self.size = (size / count).squareRoot()
    largestError = largest
  }
}

extension EventTrain {
  fileprivate func at(_ step: Int) -> ArraySlice<UInt16> { sources[offsets[step]..<offsets[step + 1]] }
}

private func norm(_ a: [Double]) -> Double { a.reduce(0) { $0 + $1 * $1 }.squareRoot() }

/// 1 for two zeros.
private func ratio(_ a: Double, _ b: Double) -> Double { a == b ? 1 : a / b }

/// 1 for two vectors of zeros.
private func cosine(_ a: [Double], _ b: [Double]) -> Double {
  let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  let size = norm(a) * norm(b)
  return size == 0 ? (norm(a) == norm(b) ? 1 : 0) : product / size
}

/// One trial of the integer model, in real units.
private struct IntegerTape {
  var potentials: [Double] = []
  var surrogates: [Double] = []
  var readouts: [Double] = []
  var errors: [Double] = []
  var spikes = EventTrain(offsets: [0], sources: [])
  /// By projection, [post × pre], and `bias`.
  var gradients: [(name: String, values: [Double])] = []
  private var stimulus: Stimulus

  init(_ plan: FixedPlan, _ stimulus: Stimulus) {
    self.stimulus = stimulus
    // Where every block is learnt from at once, the gradient of all of them is that of weights that stay as they are.
    let learnsBlocks = plan.hasBlocks && plan.learning?.updateTime == .block
    let network = IntegerNetwork(learnsBlocks ? plan.withoutSteps : plan)
    network.keepsGradients = true
    network.addsGradients = learnsBlocks
    let units = Units(plan)
    let trial = stimulus.trials[0]
    network.reset()
    for step in 0..<trial.steps {
      if trial.values.isEmpty {
        network.step(spikes: trial.spikes[step])
      } else {
        network.step(analog: trial.values[step])
      }
      if let target = trial.targets[step] { network.learn(target: target) }
      potentials += zip(network.potentialsBeforeReset, units.potential).map { Double($0) * $1 }
      readouts += network.outputs.map { Double($0) * units.readout }
      if let psi = units.surrogate { surrogates += zip(network.surrogates, psi).map { Double($0) * $1 } }
      if plan.learning != nil { errors += network.errors.map { Double($0) * units.error } }
      spikes.sources += network.spikes
      spikes.offsets.append(spikes.sources.count)
    }
    guard plan.learning != nil, network.update() == .learnt else { return }
    collectGradients(network, plan, units)
  }

  private mutating func collectGradients(_ network: IntegerNetwork, _ plan: FixedPlan, _ units: Units) {
    for (index, projection) in plan.projections.enumerated() where projection.isPlastic {
      guard let g = network.gradients(of: index) else { continue }
      var values = [Double](repeating: 0, count: g.count)
      for pre in 0..<projection.preCount {
        for post in 0..<projection.postCount {
          values[post * projection.preCount + pre] =
            Double(g[pre * projection.postCount + post]) * projection.gradientLSB
        }
      }
      gradients.append((projection.name, values))
    }
    if let bias = network.biasGradients, plan.readout.biasIsPlastic {
      gradients.append(("bias", bias.map { Double($0) * units.filteredError }))
    }
  }

  /// The trial as the integers saw it: analog inputs and targets rounded.
  func rounded(_ trial: Trial, _ plan: FixedPlan) -> Trial {
    guard case .analog = trial.inputs else { return trial }
    var result = trial
    let unit = Double(sign: .plus, exponent: -plan.inputs.kind.fractionBits, significand: 1)
    let rows = stride(from: 0, to: trial.steps, by: trial.holdSteps).map { stimulus.trials[0].values[$0] }
    result.inputs = .analog(rows.flatMap { $0.map { Double($0) * unit } })
    return result
  }

  /// Where the float potential crosses its threshold and the integer neuron did not fire, or the other way round;
  /// refractory neuron-steps are not decisions.
  func differingDecisions(_ network: SpikingNetwork, _ recording: Recording) -> (Int, Int) {
    let count = recording.neuronCount
    let fired = IntegerTape.raster(spikes, count)
    var (differing, decisions) = (0, 0)
    var neuron = 0
    for population in network.populations {
      let silence = population.refractorySteps - (network.convention.refractoryCount == .including ? 1 : 0)
      for j in neuron..<neuron + population.count {
        var ready = 0
        for step in 0..<recording.steps where step >= ready {
          let threshold =
            population.threshold
            + (population.adaptation?.strength ?? 0) * recording.adaptations[step * count + j]
          let crosses = recording.voltages[step * count + j] >= threshold
          decisions += 1
          if crosses != fired[step * count + j] { differing += 1 }
          if fired[step * count + j] { ready = step + 1 + max(0, silence) }
        }
      }
      neuron += population.count
    }
    return (differing, decisions)
  }

  private static func raster(_ spikes: EventTrain, _ count: Int) -> [Bool] {
    var raster = [Bool](repeating: false, count: (spikes.offsets.count - 1) * count)
    for step in 0..<spikes.offsets.count - 1 {
      for source in spikes.at(step) { raster[step * count + Int(source)] = true }
    }
    return raster
  }
}

/// Real values of one LSB.
private struct Units {
  var potential: [Double]
  var surrogate: [Double]?
  var readout: Double
  var error: Double
  var filteredError: Double

  init(_ plan: FixedPlan) {
    potential = plan.populations.flatMap(\.lsb)
    surrogate = plan.learning.map { learning in
      zip(plan.populations, learning.populations).flatMap { population, formats in
        [Double](repeating: formats.surrogateLSB, count: population.count)
      }
    }
    readout = Double(sign: .plus, exponent: -plan.readout.fractionBits, significand: 1)
    error = Double(sign: .plus, exponent: -(plan.learning?.errorFractionBits ?? 0), significand: 1)
    filteredError = error * Double(1 << (plan.learning?.filteredShift ?? 0))
  }
}
