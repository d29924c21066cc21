import Foundation
import Networks
import OnlineRules
import Trials

/// One step of a rate network at a time, and everything about it that the rules look at: s = a, d_i = α tanh′(h_i) and
/// â^t = [a^{t−1}; x^t; 1]. q_j = Σ_k B_jk err_k, which is ∂L^t/∂a_j where B = W_outᵀ.
final class RateCell: OnlineCell {
  let inputs: Int
  let alpha: Double
  let parameters: RateParameters
  private let loss: SpikingNetwork.Loss
  /// B, [n_out × n], or nil for W_out as it stands.
  private let feedback: Buffer?

  /// h^t.
  let drive: Buffer
  /// y^t and err^t = ∂L^t/∂y^t.
  let readout: Buffer
  let error: Buffer
  /// L^t.
  private(set) var stepLoss = 0.0

  static func sizes(_ network: RateNetwork) -> OnlineSizes {
    let n = network.population.count
    return OnlineSizes(
      units: n, components: 1, columns: n + network.inputs.count + 1, outputs: network.readout.count)
  }

  init(_ network: RateNetwork, parameters: RateParameters) {
    let (n, outputCount) = (network.population.count, network.readout.count)
    inputs = network.inputs.count
    alpha = network.population.alpha
    loss = network.loss
    self.parameters = parameters
    if case .fixed(let rows, origin: _) = network.feedback {
      feedback = Buffer((0..<n * outputCount).map { rows[$0 % n * outputCount + $0 / n] })
    } else {
      feedback = nil
    }
    (drive, readout, error) = (Buffer(n), Buffer(outputCount), Buffer(outputCount))
    super.init(Self.sizes(network))
    hat.base[columns - 1] = 1
  }

  /// [a^t; 1].
  var activity: Buffer { state }
  /// α tanh′(h^t).
  var slope: Buffer { immediate }

  /// Before the first step of a trial.
  func begin(_ trial: Trial, activity start: [Double]?) {
    for j in 0..<units { activity.base[j] = start?[j] ?? 0 }
    for k in 0..<outputs { target.base[k] = trial.targets[k] }
  }

  /// Everything up to the learning signal.
  func advance(_ trial: Trial, step: Int) {
    hat.base.update(from: activity.base, count: units)
    previousState.base.update(from: activity.base, count: units)
    load(trial, step)
    for j in 0..<units {
      let h = Kernels.dot(parameters.recurrent.base + j * columns, hat.base, count: columns)
      let rate = tanh(h)
      drive.base[j] = h
      slope.base[j] = alpha * (1 - rate * rate)
      activity.base[j] = (1 - alpha) * activity.base[j] + alpha * rate
    }
    for k in 0..<outputs {
      readout.base[k] = Kernels.dot(parameters.output.base + k * (units + 1), activity.base, count: units + 1)
    }
    compare(counts: trial.mask?[step] ?? true)
    forgetJacobian()
    fillSignal()
  }

  /// a ↦ the activity after this step from another activity before it.
  func next(from a: UnsafePointer<Double>, hat scratch: Buffer, to result: UnsafeMutablePointer<Double>) {
    scratch.copy(hat)
    scratch.base.update(from: a, count: units)
    for j in 0..<units {
      let h = Kernels.dot(parameters.recurrent.base + j * columns, scratch.base, count: columns)
      result[j] = (1 - alpha) * scratch.base[j] + alpha * tanh(h)
    }
  }

  /// J_kl = ∂a^t_k / ∂a^{t−1}_l = α tanh′(h_k) W_kl + (1 − α) δ_kl.
  override func fillTransposedJacobian(_ j: UnsafeMutablePointer<Double>) {
    let (w, slope) = (parameters.recurrent.base, slope.base)
    for l in 0..<units {
      for k in 0..<units { j[l * units + k] = slope[k] * w[k * columns + l] }
      j[l * units + l] += 1 - alpha
    }
  }

  /// W_rec.
  override func fillInitialJacobian(_ matrix: UnsafeMutablePointer<Double>) {
    for k in 0..<units { (matrix + k * units).update(from: parameters.recurrent.base + k * columns, count: units) }
  }

  /// c ← c J for a step of which only the slope is kept, with the weights as they are now.
  func propagateBack(_ c: Buffer, slope: UnsafePointer<Double>, scratch: Buffer) {
    Kernels.assign(c.base, times: 1 - alpha, to: scratch.base, count: units)
    for k in 0..<units {
      Kernels.add(parameters.recurrent.base + k * columns, times: c.base[k] * slope[k], to: scratch.base, count: units)
    }
    c.copy(scratch)
  }

  private func load(_ trial: Trial, _ step: Int) {
    let x = hat.base + units
    switch trial.inputs {
    case .analog(let values):
      for i in 0..<inputs { x[i] = values[step * inputs + i] }
    case .spikes(let train):
      x.update(repeating: 0, count: inputs)
      for event in train.offsets[step]..<train.offsets[step + 1] { x[Int(train.sources[event])] = 1 }
    }
    for k in 0..<outputs {
      previousTarget.base[k] = target.base[k]
      target.base[k] = trial.targets[step * outputs + k]
    }
  }

  private func compare(counts: Bool) {
    stepLoss = 0
    guard counts else {
      error.fill(0)
      return
    }
    switch loss {
    case .squaredError:
      for k in 0..<outputs {
        error.base[k] = readout.base[k] - target.base[k]
        stepLoss += error.base[k] * error.base[k] / 2
      }
    case .crossEntropy: crossEntropy()
    }
  }

  private func crossEntropy() {
    let y = readout.base
    var top = y[0]
    for k in 1..<max(outputs, 1) { top = max(top, y[k]) }
    var sum = 0.0
    for k in 0..<outputs {
      error.base[k] = exp(y[k] - top)
      sum += error.base[k]
    }
    let normaliser = log(sum)
    for k in 0..<outputs {
      if target.base[k] != 0 { stepLoss -= target.base[k] * (y[k] - top - normaliser) }
      error.base[k] = error.base[k] / sum - target.base[k]
    }
  }

  private func fillSignal() {
    let (b, stride) = feedback.map { ($0.base, units) } ?? (parameters.output.base, units + 1)
    signal.fill(0)
    for k in 0..<outputs { Kernels.add(b + k * stride, times: error.base[k], to: signal.base, count: units) }
  }
}
