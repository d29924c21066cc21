import Foundation
import Networks

/// ψ = ∂z/∂v of the neurons of one population (paper eqs 23 and 26, and the other shapes in use):
///
///     ψ = h f(u),   u = (v − A) / w
///
/// where w is v_th, A or a width of its own, and h is γ, γ / v_th or γ / A; see `SpikingNetwork.Surrogate` for f.
struct SurrogateDerivative {
  private let shape: SpikingNetwork.Surrogate.Shape
  /// γ or γ / v_th.
  private let height: Double
  /// Whether the height is divided by A, and v − A.
  private let dividesHeight: Bool
  private let widthIsThreshold: Bool
  /// w where it is a constant.
  private let width: Double

  init(_ surrogate: SpikingNetwork.Surrogate, _ convention: Convention, threshold: Double) {
    shape = surrogate.shape
    height = surrogate.dampening / (convention.surrogateHeight == .gammaOverThreshold ? threshold : 1)
    dividesHeight = convention.surrogateHeight == .gammaOverAdaptiveThreshold
    widthIsThreshold = surrogate.width == nil && convention.surrogateWidth == .adaptive
    width = surrogate.width ?? threshold
  }

  /// Whether `fillTent` computes it.
  var isTent: Bool { shape == .piecewiseLinear && !dividesHeight }

  /// ψ of a neuron that is not refractory.
  func value(v: Double, threshold: Double) -> Double {
    let u = (v - threshold) / (widthIsThreshold ? threshold : width)
    return (dividesHeight ? height / threshold : height) * shape.value(u)
  }

  /// ψ of the piecewise linear shape for a range of neurons, four at a time; 0 where `silentUntil` ≥ `now`.
  @inline(__always)
  func fillTent(
    _ surrogates: UnsafeMutablePointer<Double>, voltages v: UnsafePointer<Double>, thresholds: UnsafePointer<Double>,
    silentUntil: UnsafePointer<Double>, now: Double, _ neurons: Range<Int>
  ) {
    var j = neurons.lowerBound
    while j &+ 4 <= neurons.upperBound {
      let bound = Kernels.lanes(thresholds, j)
      let distance = Kernels.lanes(v, j) - bound
      let magnitude = distance.replacing(with: -distance, where: distance .< 0)
      let slope = SIMD4<Double>(repeating: 1) - magnitude / (widthIsThreshold ? bound : SIMD4(repeating: width))
      let isZero = (slope .< 0) .| (Kernels.lanes(silentUntil, j) .>= now)
      Kernels.store((height * slope).replacing(with: 0, where: isZero), surrogates, j)
      j &+= 4
    }
    while j < neurons.upperBound {
      surrogates[j] = silentUntil[j] >= now ? 0 : value(v: v[j], threshold: thresholds[j])
      j &+= 1
    }
  }
}

extension SpikingNetwork.Surrogate.Shape {
  /// f(u).
  fileprivate func value(_ u: Double) -> Double {
    switch self {
    case .piecewiseLinear: return max(0, 1 - abs(u))
    case .exponential: return exp(-abs(u))
    case .fastSigmoid: return 1 / ((1 + abs(u)) * (1 + abs(u)))
    case .arctan: return 1 / (.pi * (1 + .pi * u * (.pi * u)))
    case .multiGaussian:
      let (h, s) = (0.15, 6.0)
      return (1 + h) * Self.normalDensity(u) - h / s
        * (Self.normalDensity((u - 1) / s) + Self.normalDensity((u + 1) / s))
    }
  }

  private static func normalDensity(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
}
