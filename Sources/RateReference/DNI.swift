import Foundation
import Randomness

/// Decoupled neural interface: a linear guess s(ã) = A ã of the whole future gradient c = ∂(L^t + L^{t+1} + …)/∂a^t from
/// ã^t = [a^t; y*^t; 1], learnt by bootstrapping.
///
///     target   ĉ = q^{t−1} + (A⁻ ã^t) J^t                 for c^{t−1}; A⁻ is A as it was up to five steps ago
///     A −= η (A ã^{t−1} − ĉ) ã^{t−1}ᵀ
///     ∂L/∂W_ij ≈ (A ã^t)_i α tanh′(h_i) â_j               with the new A
///
/// DNI(b) puts a learnt matrix for J and squashes the bootstrap:
///
///     J̃ −= η_J (J̃ a^{t−1} − a^t) a^{t−1}ᵀ                first, then  ĉ = q^{t−1} + tanh(A⁻ ã^t) J̃
///
/// Source: Jaderberg et al., "Decoupled neural interfaces using synthetic gradients", ICML 2017; Czarnecki et al. 2017;
/// Marschall, Cho and Savin 2020, section 4.2. Cost O(n²), memory O(n²).
///
/// Choices, all of Marschall's program: A starts as normal draws of variance 1/(n + n_out + 1), A⁻ as A, J̃ as W_rec;
/// q^{−1} = 0 and y*^{−1} = y*^0; A⁻ is renewed after every fifth step's update.
final class DNI: RateLearner {
  private let draws: Draws
  private let settings: RateRuleSettings
  private let learnsJacobian: Bool
  private let width: Int
  private let a: Buffer
  private let fixed: Buffer
  private let jacobian: Buffer?
  private let state: Buffer
  private let previousState: Buffer
  private let signal: Buffer
  private let goal: Buffer
  private let guess: Buffer
  private var age = 0

  init(_ cell: RateCell, draws: Draws, settings: RateRuleSettings, learnsJacobian: Bool) {
    let (n, width) = (cell.units, cell.units + cell.outputs + 1)
    self.draws = draws
    self.settings = settings
    self.learnsJacobian = learnsJacobian
    self.width = width
    (a, fixed) = (Buffer(n * width), Buffer(n * width))
    jacobian = learnsJacobian ? Buffer(n * n) : nil
    (state, previousState) = (Buffer(width), Buffer(width))
    (signal, goal, guess) = (Buffer(n), Buffer(n), Buffer(n))
    draws.learnt("a", to: a) { $0.normal() / Double(width).squareRoot() }
    fixed.copy(a)
    draws.learnt("fixed_a", to: fixed)
    if let jacobian {
      for k in 0..<n {
        (jacobian.base + k * n).update(from: cell.parameters.recurrent.base + k * cell.columns, count: n)
      }
      draws.learnt("jacobian", to: jacobian)
    }
  }

  func begin(trial: Int, _ cell: RateCell) {
    signal.fill(0)
  }

  func learn(_ cell: RateCell, isLast: Bool, into gradient: Buffer) {
    let (n, m) = (cell.units, cell.columns)
    learnJacobian(cell)
    fill(previousState, activity: cell.hat.base, target: cell.previousTarget, cell)
    fill(state, activity: cell.activity.base, target: cell.target, cell)
    formGoal(cell)
    for i in 0..<n {
      let row = a.base + i * width
      let error = Kernels.dot(row, previousState.base, count: width) - goal.base[i]
      Kernels.add(previousState.base, times: -settings.dniLearningRate * error, to: row, count: width)
    }
    age += 1
    if age == settings.dniInterval {
      age = 0
      fixed.copy(a)
    }
    signal.copy(cell.signal)
    for i in 0..<n {
      let credit = Kernels.dot(a.base + i * width, state.base, count: width)
      Kernels.assign(cell.hat.base, times: credit * cell.slope.base[i], to: gradient.base + i * m, count: m)
    }
  }

  private func fill(_ state: Buffer, activity: UnsafePointer<Double>, target: Buffer, _ cell: RateCell) {
    state.base.update(from: activity, count: cell.units)
    (state.base + cell.units).update(from: target.base, count: cell.outputs)
    state.base[width - 1] = 1
  }

  /// ĉ.
  private func formGoal(_ cell: RateCell) {
    let n = cell.units
    for i in 0..<n {
      let value = Kernels.dot(fixed.base + i * width, state.base, count: width)
      guess.base[i] = learnsJacobian ? tanh(value) : value
    }
    if let jacobian {
      Kernels.multiply(guess.base, jacobian.base, rows: n, columns: n, to: goal.base)
    } else {
      let transposed = cell.transposedJacobian
      for l in 0..<n { goal.base[l] = Kernels.dot(guess.base, transposed + l * n, count: n) }
    }
    Kernels.add(signal.base, times: 1, to: goal.base, count: n)
  }

  private func learnJacobian(_ cell: RateCell) {
    guard let jacobian else { return }
    let (n, before) = (cell.units, cell.hat.base)
    for k in 0..<n {
      let row = jacobian.base + k * n
      let error = Kernels.dot(row, before, count: n) - cell.activity.base[k]
      Kernels.add(before, times: -settings.dniJacobianRate * error, to: row, count: n)
    }
  }
}
