import Foundation
import Networks
import Trials

/// One step of a rate network at a time, and everything about it that the rules look at.
final class RateCell {
  let units: Int
  let inputs: Int
  let outputs: Int
  let columns: Int
  let alpha: Double
  let parameters: RateParameters
  private let loss: SpikingNetwork.Loss
  /// B, [n_out × n], or nil for W_out as it stands.
  private let feedback: Buffer?

  /// â^t = [a^{t−1}; x^t; 1], m numbers.
  let hat: Buffer
  /// [a^t; 1].
  let activity: Buffer
  /// h^t.
  let drive: Buffer
  /// α tanh′(h^t): the immediate influence of W on a^t is M̄_{k,ij} = δ_ki slope_i â_j.
  let slope: Buffer
  /// y^t and err^t = ∂L^t/∂y^t.
  let readout: Buffer
  let error: Buffer
  /// y*^t and y*^{t−1}; before the first step the first target.
  let target: Buffer
  let previousTarget: Buffer
  /// q_j = Σ_k B_jk err_k: the learning signal ∂L^t/∂a^t where B = W_outᵀ.
  let signal: Buffer
  /// L^t.
  private(set) var stepLoss = 0.0
  private let jacobian: Buffer
  private var jacobianIsCurrent = false

  init(_ network: RateNetwork, parameters: RateParameters) {
    let (n, inputCount, outputCount) = (network.population.count, network.inputs.count, network.readout.count)
    (units, inputs, outputs, columns) = (n, inputCount, outputCount, n + inputCount + 1)
    alpha = network.population.alpha
    loss = network.loss
    self.parameters = parameters
    if case .fixed(let rows, origin: _) = network.feedback {
      feedback = Buffer((0..<n * outputCount).map { rows[$0 % n * outputCount + $0 / n] })
    } else {
      feedback = nil
    }
    hat = Buffer(columns)
    hat.base[columns - 1] = 1
    activity = Buffer(n + 1)
    activity.base[n] = 1
    (drive, slope, signal) = (Buffer(n), Buffer(n), Buffer(n))
    (readout, error) = (Buffer(outputCount), Buffer(outputCount))
    (target, previousTarget) = (Buffer(outputCount), Buffer(outputCount))
    jacobian = Buffer(n * n)
  }

  /// Before the first step of a trial.
  func begin(_ trial: Trial, activity start: [Double]?) {
    for j in 0..<units { activity.base[j] = start?[j] ?? 0 }
    for k in 0..<outputs { target.base[k] = trial.targets[k] }
  }

  /// Everything up to the learning signal.
  func advance(_ trial: Trial, step: Int) {
    hat.base.update(from: activity.base, count: units)
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
    jacobianIsCurrent = false
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

  /// Jᵀ, [from × to]: J_kl = ∂a^t_k / ∂a^{t−1}_l = α tanh′(h_k) W_kl + (1 − α) δ_kl.
  var transposedJacobian: UnsafeMutablePointer<Double> {
    if !jacobianIsCurrent {
      fillTransposedJacobian(slope: slope.base, to: jacobian.base)
      jacobianIsCurrent = true
    }
    return jacobian.base
  }

  /// Forms Jᵀ anew when it is next asked for.
  func forgetJacobian() { jacobianIsCurrent = false }

  private func fillTransposedJacobian(slope: UnsafePointer<Double>, to j: UnsafeMutablePointer<Double>) {
    let w = parameters.recurrent.base
    for l in 0..<units {
      for k in 0..<units { j[l * units + k] = slope[k] * w[k * columns + l] }
      j[l * units + l] += 1 - alpha
    }
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
