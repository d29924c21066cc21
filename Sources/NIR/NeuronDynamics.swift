import Diagnostics
import Foundation
import HDF5Files

/// The steps of a neuron or integrator node, for each of its neurons, with the potential counted from the leak:
///
///     I^t = α_s I^{t−1} + g x^t                    (without a synaptic filter I^t = g x^t)
///     v^t = α v^{t−1} + I^t,  z^t = [v^t > v_th]
///
/// where x^t is what arrives, and a spike resets v.
struct NeuronDynamics {
  /// α.
  var decay: [Double]
  /// α_s; nil without a filter.
  var synapticDecay: [Double]?
  /// g.
  var gain: [Double]
  /// v_th − v_leak; empty for an integrator.
  var threshold: [Double] = []
  /// v_reset − v_leak; empty for an integrator.
  var resetPotential: [Double] = []
  var leak: [Double]
  /// Δt/τ is so large that the steps would swing.
  var isUnstable: Bool { (decay + (synapticDecay ?? [])).contains { $0 < 0 } }
  var remarks: [String] = []
  var isApproximate = false

  static let spikingTypes = ["LIF", "CubaLIF", "IF", "Threshold"]
  static let integratorTypes = ["LI", "CubaLI", "I"]

  /// snnTorch writes its decays β as τ = Δt / (1 − β) with this Δt, in s, whatever the network's own is.
  private static let snnTorchStep = 1e-4
  /// What stands for 1 where a decay must be below it.
  static let slowest = 1 - 0x1p-52

  /// The names of a type's parameters: those that it must have, and those that it may have.
  static func parameters(of type: String) -> (needed: [String], optional: [String]) {
    switch type {
    case "LIF": (["tau", "r", "v_leak", "v_threshold"], ["v_reset"])
    case "CubaLIF": (["tau_mem", "tau_syn", "r", "v_leak", "v_threshold"], ["w_in", "v_reset"])
    case "IF": (["r", "v_threshold"], ["v_reset"])
    case "LI": (["tau", "r", "v_leak"], [])
    case "CubaLI": (["tau_mem", "tau_syn", "r", "v_leak"], ["w_in"])
    case "I": (["r"], [])
    case "Threshold": (["threshold"], [])
    default: ([], [])
    }
  }

  /// - Parameter values: every parameter of the node, one value per neuron; those that may be left out may be missing.
  init(type: String, count: Int, values: [String: [Double]], options: ImportOptions) {
    let ones = [Double](repeating: 1, count: count)
    let zeros = [Double](repeating: 0, count: count)
    leak = values["v_leak"] ?? zeros
    let step = options.timeStep / 1000
    let isNorse = options.exporter == .norse
    switch type {
    case "Threshold":
      (decay, gain) = (zeros, ones)
      remarks.append("without memory")
    case "IF", "I":
      decay = [Double](repeating: Self.slowest, count: count)
      gain = (values["r"] ?? ones).map { isNorse ? $0 : $0 * step }
      isApproximate = true
      remarks.append("without a leak: here with one of 2⁻⁵² per step")
    default:
      let time = values["tau"] ?? values["tau_mem"] ?? ones
      let r = values["r"] ?? ones
      let (membrane, shares) = Self.steps(time, options)
      decay = membrane
      gain = zip(r, shares).map { Self.near1($0 * $1, options) }
      remarks.append(Self.described("α", membrane))
    }
    if type == "CubaLIF" || type == "CubaLI" {
      let (synapse, shares) = Self.steps(values["tau_syn"] ?? ones, options)
      let input = zip(values["w_in"] ?? ones, shares).map { isNorse ? $0 : Self.near1($0 * $1, options) }
      synapticDecay = synapse
      gain = zip(gain, input).map { $0 * $1 }
      remarks.append(Self.described("α_s", synapse))
    }
    if let height = values["v_threshold"] ?? values["threshold"] {
      threshold = zip(height, leak).map { $0 - $1 }
      resetPotential = zip(values["v_reset"] ?? zeros, leak).map { $0 - $1 }
    }
  }

  /// The decay of a step, and what r or w is multiplied by: Δt/τ, or what the discretisation makes of it.
  private static func steps(_ time: [Double], _ options: ImportOptions) -> (decay: [Double], share: [Double]) {
    let step = options.timeStep / 1000
    switch options.exporter {
    case .snntorch:
      // β was a 32-bit number; the nearest one undoes the rounding of τ. Learnt beyond 0 … 1 it is used as the nearer of these.
      let decays = time.map { max(0, min(1, Double(Float(1 - snnTorchStep / $0)))) }
      return (decays, time.map { snnTorchStep / $0 })
    case .norse:
      // τ was written as Δt τ.
      let shares = time.map { step * step / $0 }
      return (shares.map { 1 - $0 }, shares)
    case nil:
      guard options.discretisation == .exponential else { return (time.map { 1 - step / $0 }, time.map { step / $0 }) }
      return (time.map { exp(-step / $0) }, time.map { -expm1(-step / $0) })
    }
  }

  /// snnTorch's gains are 1, but for the rounding of its file. With β = 1 they are infinity by infinity.
  private static func near1(_ gain: Double, _ options: ImportOptions) -> Double {
    options.exporter == .snntorch && (gain.isNaN || abs(gain - 1) < 1e-5) ? 1 : gain
  }

  private static func described(_ symbol: String, _ values: [Double]) -> String {
    guard let low = values.min(), let high = values.max() else { return "" }
    let text = low == high ? number(low) : "\(number(low)) … \(number(high))"
    return "\(symbol) = \(text)"
  }

  static func number(_ value: Double) -> String { String(format: "%.6g", value) }
}
