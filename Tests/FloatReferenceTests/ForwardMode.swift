import FloatReference
import Foundation
import Networks
import Trials

/// The derivative of the loss by forward-mode differentiation, one parameter at a time, and the loss itself: a second
/// derivation of what the backward sweeps compute. Dense, slow, written from `SpikingNetwork` alone.
struct ForwardMode {
  /// How a neuron fires: as it should, or by the integral of ψ over v − A, whose derivative exists.
  enum Firing { case hard, smooth }

  var network: SpikingNetwork
  var firing = Firing.hard
  /// Whether tangents pass through the z of the reset, and from neuron to neuron.
  var resetPath = true
  var recurrentPath = true
  /// What tangents are multiplied by whenever they pass through the z of the reset or from neuron to neuron.
  var recurrenceGain = 1.0
  /// From which populations to which they pass, where that is not all.
  var passes: (@Sendable (_ source: Int, _ target: Int) -> Bool)?

  /// A weight of a projection (`index` into [post × pre]) or, with `projection` nil, a readout bias.
  struct Parameter {
    var projection: Int?
    var index: Int
  }

  struct Result {
    var loss = 0.0
    var derivative = 0.0
    /// z, [steps × neurons].
    var spikes: [Double] = []
    /// v, [steps × neurons].
    var voltages: [Double] = []
    var readouts: [Double] = []
  }

  private struct Neuron {
    var population: SpikingNetwork.Population
    /// Its number within the population.
    var number: Int
    var (v, a, z, dv, da, dz) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    var (i, di) = (0.0, 0.0)
    var silentSteps = 0
    var (activity, slope) = (0.0, 0.0)
    init(_ population: SpikingNetwork.Population, _ number: Int) {
      (self.population, self.number) = (population, number)
    }
  }

  func gradients(_ trial: Trial) -> Gradients {
    Gradients(
      projections: network.projections.indices.map { projection in
        let shape = network.projections[projection]
        return shape.weights.indices.map { index in
          isAutapse(shape, index) ? 0 : run(trial, Parameter(projection: projection, index: index)).derivative
        }
      },
      bias: network.readout.bias.indices.map { run(trial, Parameter(projection: nil, index: $0)).derivative })
  }

  func isAutapse(_ projection: SpikingNetwork.Projection, _ index: Int) -> Bool {
    guard case (.population(let from), .population(let to)) = (projection.source, projection.target) else {
      return false
    }
    let pre = network.presynapticCount(of: projection)
    return from == to && !projection.autapses && index / pre == index % pre
  }

  /// The loss, with the rate regulariser where it is one (`halfSum` and `sum`), and its derivative.
  func run(_ trial: Trial, _ parameter: Parameter? = nil) -> Result {
    var neurons = network.populations.flatMap { population in
      (0..<population.count).map { Neuron(population, $0) }
    }
    var y = [Double](repeating: 0, count: network.readout.count)
    var dy = y
    var result = Result()
    let kappa = y.indices.map { network.decay(timeConstant: network.readout.timeConstant[$0]) }
    for t in 0..<trial.steps {
      let x = inputs(trial, t)
      let before = neurons
      for (number, population) in network.populations.enumerated() {
        let (drive, tangent) = drives(into: number, before: before, now: neurons, x, parameter)
        let first = network.firstNeuron(of: number)
        for j in 0..<population.count { advance(&neurons[first + j], drive[j], tangent[j]) }
      }
      result.spikes += neurons.map(\.z)
      result.voltages += neurons.map(\.v)
      let (drive, tangent) = readoutDrives(neurons, x, parameter)
      for k in y.indices {
        y[k] = kappa[k] * y[k] + drive[k]
        dy[k] = kappa[k] * dy[k] + tangent[k]
      }
      result.readouts += y
      if trial.mask?[t] ?? true { addLoss(y, dy, trial, t, &result) }
    }
    addRateTerm(neurons, trial.steps, &result)
    return result
  }

  private func scale(_ scaling: Convention.Scaling, _ timeConstant: Double) -> Double {
    scaling == .one ? 1 : 1 - exp(-network.timeStep / timeConstant)
  }

  private func inputs(_ trial: Trial, _ t: Int) -> [Double] {
    let count = network.inputs.count
    switch trial.inputs {
    case .analog(let values):
      let row = t / trial.holdSteps
      return Array(values[row * count..<(row + 1) * count])
    case .spikes(let train):
      let sources = train.sources[train.offsets[t]..<train.offsets[t + 1]]
      return (0..<count).map { sources.contains(UInt16($0)) ? 1 : 0 }
    }
  }

  /// W_in x + W_rec z + b with its tangent, scaled, of one population. `before` holds the z of the step before, `now` those
  /// of this step as far as they are known.
  private func drives(
    into target: Int, before: [Neuron], now: [Neuron], _ x: [Double], _ parameter: Parameter?
  ) -> ([Double], [Double]) {
    let population = network.populations[target]
    var drive = population.bias.isEmpty ? [Double](repeating: 0, count: population.count) : population.bias
    var tangent = drive.map { _ in 0.0 }
    for (number, projection) in network.projections.enumerated() where projection.target == .population(target) {
      let neurons = projection.delaySteps == 0 ? now : before
      let (p, dp) = source(projection, neurons, x, gain: gain(projection.source, target))
      let scaling =
        projection.source == .inputs ? network.convention.inputScaling : network.convention.recurrentScaling
      let factor = scale(scaling, network.populations[target].timeConstant[0])
      for j in 0..<network.populations[target].count {
        for i in p.indices {
          let weight = projection.weights[j * p.count + i]
          drive[j] += factor * weight * p[i]
          tangent[j] += factor * weight * dp[i]
          if parameter?.projection == number, parameter?.index == j * p.count + i { tangent[j] += factor * p[i] }
        }
      }
    }
    return (drive, tangent)
  }

  private func gain(_ source: SpikingNetwork.Projection.Source, _ target: Int) -> Double {
    guard recurrentPath, case .population(let from) = source, passes?(from, target) ?? true else { return 0 }
    return recurrenceGain
  }

  private func source(
    _ projection: SpikingNetwork.Projection, _ neurons: [Neuron], _ x: [Double], gain: Double
  ) -> ([Double], [Double]) {
    switch projection.source {
    case .inputs: return (x, x.map { _ in 0 })
    case .population(let index):
      let first = network.firstNeuron(of: index)
      let members = neurons[first..<first + network.populations[index].count]
      return (members.map(\.z), members.map { gain * $0.dz })
    }
  }

  private func readoutDrives(_ neurons: [Neuron], _ x: [Double], _ parameter: Parameter?) -> ([Double], [Double]) {
    var drive = network.readout.bias
    var tangent = drive.indices.map {
      parameter != nil && parameter?.projection == nil && parameter?.index == $0 ? 1.0 : 0
    }
    let factor = scale(network.convention.readoutScaling, network.readout.timeConstant[0])
    for (number, projection) in network.projections.enumerated() where projection.target == .readout {
      let (p, dp) = source(projection, neurons, x, gain: 1)
      for k in drive.indices {
        for i in p.indices {
          drive[k] += factor * projection.weights[k * p.count + i] * p[i]
          tangent[k] += factor * projection.weights[k * p.count + i] * dp[i]
          if parameter?.projection == number, parameter?.index == k * p.count + i { tangent[k] += factor * p[i] }
        }
      }
    }
    return (drive, tangent)
  }

  private func advance(_ n: inout Neuron, _ arriving: Double, _ arrivingTangent: Double) {
    let population = n.population
    let synapse = population.synapticTimeConstant.map { exp(-network.timeStep / $0[n.number]) } ?? 0
    n.i = synapse * n.i + arriving
    n.di = synapse * n.di + arrivingTangent
    let (drive, tangent) = (n.i, n.di)
    let alpha = exp(-network.timeStep / population.timeConstant[n.number])
    let kept = resetPath ? recurrenceGain * n.dz : 0
    switch population.reset {
    case .subtract:
      n.dv = alpha * n.dv - population.threshold * kept + tangent
      n.v = alpha * n.v - population.threshold * n.z + drive
    case .zero:
      n.dv = alpha * (1 - n.z) * n.dv - alpha * n.v * kept + tangent
      n.v = alpha * n.v * (1 - n.z) + drive
    case .value:
      let low = population.resetPotential[n.number]
      n.dv = alpha * (1 - n.z) * n.dv - alpha * (n.v - low) * kept + tangent
      n.v = alpha * (n.v * (1 - n.z) + low * n.z) + drive
    case .subtractAtOnce:
      n.dv = alpha * (n.dv - population.threshold * kept) + tangent
      n.v = alpha * (n.v - population.threshold * n.z) + drive
    case .hold:
      n.dv = (1 - n.z) * (alpha * n.dv + tangent) - (alpha * n.v + drive) * kept
      n.v = (1 - n.z) * (alpha * n.v + drive)
    case .none:
      n.dv = alpha * n.dv + tangent
      n.v = alpha * n.v + drive
    }
    var beta = 0.0
    if let adaptation = population.adaptation {
      let rho = exp(-network.timeStep / adaptation.timeConstant[n.number])
      let factor = scale(network.convention.adaptationScaling, adaptation.timeConstant[0])
      n.a = rho * n.a + factor * n.z
      n.da = rho * n.da + factor * n.dz
      beta = adaptation.strength
    }
    fire(&n, threshold: population.threshold + beta * n.a, beta)
  }

  private func fire(_ n: inout Neuron, threshold: Double, _ beta: Double) {
    let (convention, gamma) = (network.convention, network.surrogate.dampening)
    let width = network.surrogate.width ?? (convention.surrogateWidth == .base ? n.population.threshold : threshold)
    let height =
      switch convention.surrogateHeight {
      case .gamma: gamma
      case .gammaOverThreshold: gamma / n.population.threshold
      case .gammaOverAdaptiveThreshold: gamma / threshold
      }
    let u = (n.v - threshold) / width
    let silent = n.silentSteps > 0
    n.silentSteps -= silent ? 1 : 0
    let shape = SmoothSpike(network.surrogate.shape, u)
    let psi = silent ? 0 : height * shape.slope
    let chi = convention.thresholdDerivative == .scale ? psi * n.v / threshold : psi
    switch firing {
    case .hard:
      let above = convention.spikeCondition == .above ? n.v > threshold : n.v >= threshold
      n.z = above && !silent ? 1 : 0
      if n.z == 1 {
        n.silentSteps =
          convention.refractoryCount == .after
          ? n.population.refractorySteps : max(n.population.refractorySteps - 1, 0)
        // What is held cannot fire.
        if n.population.reset == .hold { n.silentSteps = max(n.silentSteps, 1) }
      }
    case .smooth:
      n.z = height * width * shape.integral
    }
    n.dz = psi * n.dv - chi * beta * n.da
    n.activity += n.z
    n.slope += n.dz
  }

  private func addLoss(_ y: [Double], _ dy: [Double], _ trial: Trial, _ t: Int, _ result: inout Result) {
    let counted = (0..<trial.steps).count { trial.mask?[$0] ?? true }
    let share = network.convention.lossReduction == .mean ? 1 / Double(counted) : 1
    let target = Array(trial.targets[t * y.count..<(t + 1) * y.count])
    switch network.loss {
    case .squaredError:
      for k in y.indices {
        result.loss += share * (y[k] - target[k]) * (y[k] - target[k]) / 2
        result.derivative += share * (y[k] - target[k]) * dy[k]
      }
    case .crossEntropy:
      let sum = y.reduce(0) { $0 + exp($1) }
      for k in y.indices {
        result.loss -= share * target[k] * (y[k] - log(sum))
        result.derivative += share * (exp(y[k]) / sum - target[k]) * dy[k]
      }
    }
  }

  private func addRateTerm(_ neurons: [Neuron], _ steps: Int, _ result: inout Result) {
    guard let regulariser = network.rateRegularisation else { return }
    let (c, hertz) = (regulariser.coefficient, 1000 / network.timeStep)
    for n in neurons {
      let rate = n.activity / Double(steps)
      let error = rate - regulariser.target / hertz
      switch network.convention.rateTerm {
      case .learningSignal: result.derivative += c * error * hertz * n.slope
      case .paper: result.derivative += c * error * n.slope / Double(steps)
      case .halfSum:
        result.loss += c * error * error / 2
        result.derivative += c * error * n.slope / Double(steps)
      case .sum:
        result.loss += c * error * error
        result.derivative += 2 * c * error * n.slope / Double(steps)
      }
    }
  }
}

/// The surrogates as slopes, with their integrals from the threshold's far left up to a constant.
private struct SmoothSpike {
  var slope: Double
  var integral: Double

  init(_ shape: SpikingNetwork.Surrogate.Shape, _ u: Double) {
    let (h, s) = (0.15, 6.0)
    func density(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
    func normal(_ x: Double) -> Double { erf(x / 2.0.squareRoot()) / 2 }
    switch shape {
    case .piecewiseLinear:
      let x = min(max(u, -1), 1)
      (slope, integral) = (max(0, 1 - abs(u)), x < 0 ? (1 + x) * (1 + x) / 2 : 1 - (1 - x) * (1 - x) / 2)
    case .exponential: (slope, integral) = (exp(-abs(u)), u < 0 ? exp(u) : 2 - exp(-u))
    case .fastSigmoid: (slope, integral) = (pow(1 + abs(u), -2), u / (1 + abs(u)))
    case .arctan: (slope, integral) = (1 / .pi / (1 + pow(.pi * u, 2)), atan(.pi * u) / (.pi * .pi))
    case .multiGaussian:
      slope = (1 + h) * density(u) - h * density((u - 1) / s) / s - h * density((u + 1) / s) / s
      integral = (1 + h) * normal(u) - h * normal((u - 1) / s) - h * normal((u + 1) / s)
    }
  }
}
