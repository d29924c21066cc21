public import FloatReference
public import Networks

/// Turns gradients into weight changes (g the gradient, η the scheduled learning rate of trial n = 1, 2, …):
///
///     SGD        w ← w − η g
///     momentum   m ← μ m + g,                w ← w − η m
///     Adam       m ← β₁ m + (1 − β₁) g,      u ← β₂ u + (1 − β₂) g²
///                w ← w − η (m / (1 − β₁ⁿ)) / (√(u / (1 − β₂ⁿ)) + ε)
///                (ε times √(1 / (1 − β₂ⁿ)) where the convention leaves ε uncorrected)
///     factored, postsynaptic   see `FactoredMoment`
///
/// Projections that are not plastic, and a bias that is not, stay as they are.
public final class WeightUpdate {
  private let optimiser: SpikingNetwork.Optimiser
  private let correctsEpsilon: Bool
  private let isPlastic: [Bool]
  private let biasIsPlastic: Bool
  private let first: ParameterBuffers?
  private let second: ParameterBuffers?
  private let factored: [FactoredMoment]
  private let biasMoment: FactoredMoment?
  /// n of the latest update.
  public private(set) var trial = 0
  /// η of the latest update.
  public private(set) var learningRate = 0.0

  public init(_ network: SpikingNetwork) {
    optimiser = network.optimiser
    correctsEpsilon = network.convention.adamEpsilon == .corrected
    isPlastic = network.projections.map(\.isPlastic)
    biasIsPlastic = network.readout.biasIsPlastic
    let buffers = { ParameterBuffers(shapedLike: network) }
    switch network.optimiser.kind {
    case .sgd: (first, second, factored, biasMoment) = (nil, nil, [], nil)
    case .momentum: (first, second, factored, biasMoment) = (buffers(), nil, [], nil)
    case .adam: (first, second, factored, biasMoment) = (buffers(), buffers(), [], nil)
    case .factored(let clip), .postsynaptic(let clip):
      let usesRows = if case .factored = network.optimiser.kind { true } else { false }
      (first, second) = (nil, nil)
      factored = network.projections.map {
        FactoredMoment(
          pre: network.presynapticCount(of: $0), post: network.postsynapticCount(of: $0), clip: clip,
          usesRows: usesRows, mask: $0.mask)
      }
      biasMoment = FactoredMoment(pre: 1, post: network.readout.count, clip: clip, usesRows: usesRows)
    }
  }

  /// Moves the weights once.
  public func apply(_ gradient: ParameterBuffers, to weights: ParameterBuffers) {
    trial += 1
    let rate = optimiser.learningRate(trial: trial)
    learningRate = rate
    for index in isPlastic.indices where isPlastic[index] {
      move(
        weights.projections[index], gradient.projections[index], rate, first?.projections[index],
        second?.projections[index], factored.isEmpty ? nil : factored[index])
    }
    if biasIsPlastic { move(weights.bias, gradient.bias, rate, first?.bias, second?.bias, biasMoment) }
  }

  private func move(
    _ weights: UnsafeMutableBufferPointer<Double>, _ gradient: UnsafeMutableBufferPointer<Double>, _ rate: Double,
    _ first: UnsafeMutableBufferPointer<Double>?, _ second: UnsafeMutableBufferPointer<Double>?,
    _ moment: FactoredMoment?
  ) {
    guard let w = weights.baseAddress, let g = gradient.baseAddress else { return }
    switch optimiser.kind {
    case .sgd:
      for index in 0..<weights.count { w[index] -= rate * g[index] }
    case .momentum(let decay):
      guard let m = first?.baseAddress else { return }
      for index in 0..<weights.count {
        m[index] = decay * m[index] + g[index]
        w[index] -= rate * m[index]
      }
    case .adam(let beta1, let beta2, let epsilon):
      guard let m = first?.baseAddress, let u = second?.baseAddress else { return }
      adam(w, g, m, u, count: weights.count, rate: rate, beta1: beta1, beta2: beta2, epsilon: epsilon)
    case .factored, .postsynaptic: moment?.apply(g, to: w, rate: rate, trial: trial)
    }
  }

  private func adam(
    _ w: UnsafeMutablePointer<Double>, _ g: UnsafeMutablePointer<Double>, _ m: UnsafeMutablePointer<Double>,
    _ u: UnsafeMutablePointer<Double>, count: Int, rate: Double, beta1: Double, beta2: Double, epsilon: Double
  ) {
    var (power1, power2) = (1.0, 1.0)
    for _ in 0..<trial { (power1, power2) = (power1 * beta1, power2 * beta2) }
    let (correction1, correction2) = (1 / (1 - power1), 1 / (1 - power2))
    let (kept1, kept2) = (1 - beta1, 1 - beta2)
    let step = rate * correction1
    let least = correctsEpsilon ? epsilon : epsilon * correction2.squareRoot()
    var j = 0
    while j &+ 4 <= count {
      let slope = Four.load(g, j)
      let mean = beta1 * Four.load(m, j) + kept1 * slope
      let square = beta2 * Four.load(u, j) + kept2 * slope * slope
      Four.store(mean, m, j)
      Four.store(square, u, j)
      let size = (correction2 * square).squareRoot() + least
      Four.store(Four.load(w, j) - step * mean / size, w, j)
      j &+= 4
    }
    while j < count {
      m[j] = beta1 * m[j] + kept1 * g[j]
      u[j] = beta2 * u[j] + kept2 * g[j] * g[j]
      w[j] -= step * m[j] / ((correction2 * u[j]).squareRoot() + least)
      j &+= 1
    }
  }
}

/// Four neighbouring numbers at a time.
enum Four {
  @inline(__always)
  static func load(_ x: UnsafeMutablePointer<Double>, _ j: Int) -> SIMD4<Double> {
    UnsafeRawPointer(x + j).loadUnaligned(as: SIMD4<Double>.self)
  }

  @inline(__always)
  static func store(_ value: SIMD4<Double>, _ x: UnsafeMutablePointer<Double>, _ j: Int) {
    UnsafeMutableRawPointer(x + j).storeBytes(of: value, as: SIMD4<Double>.self)
  }
}
