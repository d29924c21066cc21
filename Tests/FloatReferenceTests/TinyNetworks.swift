import FloatReference
import Networks
import Randomness
import Testing
import Trials

/// Small random networks with two populations of LIF and one of adaptive LIF neurons, and trials for them.
enum Tiny {
  struct Setting: Sendable, CustomTestStringConvertible {
    var label: String
    var convention = Convention.paper2019
    var loss = SpikingNetwork.Loss.squaredError
    var isAnalog = false
    /// For how many steps an analog input stays.
    var hold = 1
    var reset = SpikingNetwork.Population.Reset.subtract
    var rate: SpikingNetwork.RateRegularisation?
    var refractorySteps = 3
    var hasMask = false
    var hasSynapses = false
    var hasBias = false
    var isUndelayed = false
    /// Whether every neuron, or readout, has time constants of its own.
    var hasOwnNeurons = false
    var hasOwnReadouts = false
    var surrogate = SpikingNetwork.Surrogate.piecewiseLinear(dampening: 0.3)
    var testDescription: String { label }
  }

  static let populationSizes = [3, 2, 4]
  static let inputs = 4
  static let outputs = 2

  static func network(_ setting: Setting, seed: UInt64 = 90) -> SpikingNetwork {
    var populations: [SpikingNetwork.Population] = []
    for (index, count) in populationSizes.enumerated() {
      populations.append(
        .init(
          name: "p\(index)", count: count, timeConstant: [12, 20, 16][index], threshold: [0.5, 0.6, 0.4][index],
          reset: setting.reset, refractorySteps: setting.refractorySteps,
          adaptation: index == 2 ? .init(strength: 0.15, timeConstant: 60) : nil,
          resetPotential: setting.reset == .value ? -0.2 : 0,
          synapticTimeConstant: setting.hasSynapses && index != 1 ? [3, 0, 6][index] : nil,
          bias: setting.hasBias && index != 0 ? normals(count, 0.03, seed, "b\(index)") : []))
    }
    if setting.hasOwnNeurons {
      for index in populations.indices {
        let count = populations[index].count
        func spread(_ values: PerUnit) -> PerUnit {
          .each((0..<count).map { values[0] * (0.5 + 0.4 * Double($0)) })
        }
        populations[index].timeConstant = spread(populations[index].timeConstant)
        populations[index].synapticTimeConstant = populations[index].synapticTimeConstant.map(spread)
        populations[index].resetPotential = spread(populations[index].resetPotential)
        let slow = populations[index].adaptation?.timeConstant ?? 0
        populations[index].adaptation?.timeConstant = spread(slow)
      }
    }
    let neurons = populationSizes.reduce(0, +)
    return SpikingNetwork(
      unchecked: "tiny", timeStep: 1, convention: setting.convention,
      inputs: .init(
        count: inputs, kind: setting.isAnalog ? .analog(low: 0, high: 1) : .spikes, holdSteps: setting.hold),
      populations: populations, projections: projections(setting, seed: seed),
      readout: .init(
        name: "y", count: outputs, timeConstant: setting.hasOwnReadouts ? .each([8, 15]) : 8, bias: [0.02, -0.01],
        biasIsPlastic: true), loss: setting.loss,
      feedback: .fixed(normals(neurons * outputs, 1, seed, "B"), origin: "given"),
      surrogate: setting.surrogate, rateRegularisation: setting.rate,
      optimiser: .init(kind: .sgd, learningRate: 0.01, schedule: .constant), maximumSteps: 1000)
  }

  private static func projections(_ setting: Setting, seed: UInt64) -> [SpikingNetwork.Projection] {
    var projections: [SpikingNetwork.Projection] = []
    // One minus a decay makes a drive about fifteen times smaller.
    let inputGain = (setting.convention.inputScaling == .one ? 1 : 15.0) * (setting.isAnalog ? 0.15 : 1.2)
    let recurrentGain = setting.convention.recurrentScaling == .one ? 0.4 : 6.0
    func add(_ source: SpikingNetwork.Projection.Source, _ pre: Int, _ post: Int?, _ gain: Double, autapses: Bool) {
      let count = post.map { populationSizes[$0] } ?? outputs
      let name = "w\(projections.count)"
      var weights = normals(pre * count, gain, seed, name)
      if case .population(let from) = source, from == post, !autapses {
        for j in 0..<count { weights[j * pre + j] = 0 }
      }
      projections.append(
        .init(
          name: name, source: source, target: post.map { .population($0) } ?? .readout, weights: weights,
          isPlastic: true, autapses: autapses, delaySteps: setting.isUndelayed && isForward(source, post) ? 0 : 1))
    }
    func isForward(_ source: SpikingNetwork.Projection.Source, _ post: Int?) -> Bool {
      if case .population(let from) = source, let post { from < post } else { false }
    }
    for post in populationSizes.indices { add(.inputs, inputs, post, inputGain, autapses: false) }
    for pre in populationSizes.indices {
      for post in populationSizes.indices {
        add(.population(pre), populationSizes[pre], post, recurrentGain, autapses: pre == 1 && post == 1)
      }
      add(.population(pre), populationSizes[pre], nil, 0.5, autapses: false)
    }
    add(.inputs, inputs, nil, 0.3, autapses: false)
    return projections
  }

  static func normals(_ count: Int, _ deviation: Double, _ seed: UInt64, _ stream: String) -> [Double] {
    var generator = SplitMix64(seed: seed, stream: stream)
    return (0..<count).map { _ in deviation * generator.normal() }
  }

  static func trial(_ setting: Setting, steps: Int, seed: UInt64 = 5) -> Trial {
    var generator = SplitMix64(seed: seed, stream: "trial")
    var (offsets, sources, values) = ([0], [UInt16](), [Double]())
    for _ in 0..<steps {
      for i in 0..<inputs where generator.uniform() < 0.2 { sources.append(UInt16(i)) }
      offsets.append(sources.count)
      for _ in 0..<inputs { values.append(generator.uniform()) }
    }
    if setting.hold > 1 { values.removeLast(values.count - inputs * ((steps + setting.hold - 1) / setting.hold)) }
    var targets = (0..<steps * outputs).map { _ in generator.normal() }
    if setting.loss == .crossEntropy {
      for t in 0..<steps {
        let winner = Int(generator.next() % UInt64(outputs))
        for k in 0..<outputs { targets[t * outputs + k] = k == winner ? 1 : 0 }
      }
    }
    let train = EventTrain(offsets: offsets, sources: sources)
    return Trial(
      steps: steps, inputs: setting.isAnalog ? .analog(values) : .spikes(train), targets: targets,
      mask: setting.hasMask ? (0..<steps).map { $0 % 7 != 3 && $0 > 20 } : nil, holdSteps: setting.hold)
  }

  /// The choices one at a time, and a few together.
  static let settings: [Setting] = {
    var all = [Setting(label: "as printed")]
    func vary(_ label: String, _ change: (inout Setting) -> Void) {
      var setting = Setting(label: label)
      change(&setting)
      all.append(setting)
    }
    vary("input scaled") { $0.convention.inputScaling = .oneMinusDecay }
    vary("recurrent drive scaled") { $0.convention.recurrentScaling = .oneMinusDecay }
    vary("readout scaled") { $0.convention.readoutScaling = .oneMinusDecay }
    vary("trace scaled") { $0.convention.traceScaling = .oneMinusDecay }
    vary("adaptation scaled") { $0.convention.adaptationScaling = .oneMinusDecay }
    vary("psi over threshold") { $0.convention.surrogateHeight = .gammaOverThreshold }
    vary("psi of adaptive width") { $0.convention.surrogateWidth = .adaptive }
    vary("psi over the adaptive threshold") { $0.convention.surrogateHeight = .gammaOverAdaptiveThreshold }
    vary("derivative of the threshold in the denominator") {
      $0.convention.surrogateWidth = .adaptive
      $0.convention.surrogateHeight = .gammaOverAdaptiveThreshold
      $0.convention.thresholdDerivative = .scale
    }
    for shape in SpikingNetwork.Surrogate.Shape.allCases {
      vary("surrogate \(shape.rawValue)") { $0.surrogate = .init(shape: shape, dampening: 0.3) }
      vary("surrogate \(shape.rawValue) of a width of its own") {
        $0.surrogate = .init(shape: shape, dampening: 0.4, width: 0.21)
      }
    }
    vary("mean loss") { $0.convention.lossReduction = .mean }
    vary("mean loss, masked, cross-entropy") {
      $0.convention.lossReduction = .mean
      $0.loss = .crossEntropy
      $0.hasMask = true
    }
    vary("above the threshold") { $0.convention.spikeCondition = .above }
    vary("refractory including the spike") { $0.convention.refractoryCount = .including }
    vary("no refractory period") { $0.refractorySteps = 0 }
    vary("cross-entropy") { $0.loss = .crossEntropy }
    vary("cross-entropy, masked") {
      $0.loss = .crossEntropy
      $0.hasMask = true
    }
    vary("analog") { $0.isAnalog = true }
    vary("analog, held") {
      $0.isAnalog = true
      $0.hold = 5
    }
    vary("reset to zero") { $0.reset = .zero }
    for term in Convention.RateTerm.allCases {
      vary("rate term \(term.rawValue)") {
        $0.rate = .init(coefficient: term == .learningSignal ? 0.01 : 50, target: 20)
        $0.convention.rateTerm = term
      }
    }
    vary("rate of each trial alone") {
      $0.rate = .init(coefficient: 50, target: 20)
      $0.convention.rateTerm = .halfSum
      $0.convention.rateAverage = .trial
    }
    vary("time constants of each neuron") { $0.hasOwnNeurons = true }
    vary("time constants of each neuron, analog, reset to zero") {
      $0.hasOwnNeurons = true
      $0.isAnalog = true
      $0.reset = .zero
    }
    for preset in Convention.Preset.allCases {
      vary("preset \(preset.rawValue)") { $0.convention = preset.convention }
    }
    vary("everything scaled, analog, masked, cross-entropy, reset to zero") {
      $0.convention = Convention(
        inputScaling: .oneMinusDecay, recurrentScaling: .oneMinusDecay, readoutScaling: .oneMinusDecay,
        traceScaling: .oneMinusDecay, adaptationScaling: .oneMinusDecay, surrogateHeight: .gammaOverThreshold,
        surrogateWidth: .adaptive, spikeCondition: .above, refractoryCount: .including, rateTerm: .sum)
      $0.isAnalog = true
      $0.hasMask = true
      $0.loss = .crossEntropy
      $0.reset = .zero
      $0.rate = .init(coefficient: 100, target: 20)
    }
    return all
  }()

  /// Those in which e-prop 1 with symmetric feedback is a part of the loss's derivative: the readout and ē are scaled alike,
  /// and ẑ does not have to know of a reset to zero.
  static let ePropSettings = settings.filter {
    $0.reset == .subtract && $0.convention.traceScaling == $0.convention.readoutScaling
  }
}

extension Gradients {
  /// The largest difference over the largest entry, the worst over the projections and the bias.
  func distance(from other: Gradients) -> Double {
    func relative(_ a: [Double], _ b: [Double]) -> Double {
      let size = b.reduce(0) { max($0, abs($1)) }
      let difference = zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
      return size == 0 ? difference : difference / size
    }
    return zip(projections + [bias], other.projections + [other.bias]).reduce(0) { max($0, relative($1.0, $1.1)) }
  }
}
