import Foundation
import Randomness

/// Decoupled neural interface: a linear guess A ã of the whole future gradient c = ∂(L^t + L^{t+1} + …)/∂s^t from
/// ã^t = [s^t; y*^t; 1], learnt by bootstrapping.
///
///     target   ĉ = q^{t−1} + (A⁻ ã^t) J^t                 for c^{t−1}; A⁻ is A as it was up to five steps ago
///     A −= η (A ã^{t−1} − ĉ) ã^{t−1}ᵀ
///     ∂L/∂W_ij ≈ Σ_{k of unit i} (A ã^t)_k d_k â_j        with the new A
///
/// DNI(b) puts a learnt matrix for J and squashes the bootstrap:
///
///     J̃ −= η_J (J̃ s^{t−1} − s^t) s^{t−1}ᵀ                first, then  ĉ = q^{t−1} + tanh(A⁻ ã^t) J̃
///
/// Source: Jaderberg et al., "Decoupled neural interfaces using synthetic gradients", ICML 2017; Czarnecki et al. 2017;
/// Marschall, Cho and Savin 2020, section 4.2. Cost O(n²), memory O(n²).
///
/// Choices, all of Marschall's program: A starts as normal draws of variance 1/(D + n_out + 1), A⁻ as A, J̃ as W_rec (on
/// spiking networks, ours: as the decays of the state, on the diagonal, and η
/// and η_J divided by ‖ã‖² and ‖s‖² where these are above 1, because potentials and filtered spikes are not small);
/// q^{−1} = 0 and y*^{−1} = y*^0; A⁻ is renewed after every fifth step's update.
final class DNI: OnlineLearner {
  private let draws: Draws
  private let settings: OnlineRuleSettings
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

  init(_ cell: OnlineCell, draws: Draws, settings: OnlineRuleSettings, learnsJacobian: Bool) {
    let (states, width) = (cell.states, cell.states + cell.outputs + 1)
    self.draws = draws
    self.settings = settings
    self.learnsJacobian = learnsJacobian
    self.width = width
    (a, fixed) = (Buffer(states * width), Buffer(states * width))
    jacobian = learnsJacobian ? Buffer(states * states) : nil
    (state, previousState) = (Buffer(width), Buffer(width))
    (signal, goal, guess) = (Buffer(states), Buffer(states), Buffer(states))
    draws.learnt("a", to: a) { $0.normal() / Double(width).squareRoot() }
    fixed.copy(a)
    draws.learnt("fixed_a", to: fixed)
    if let jacobian {
      cell.fillInitialJacobian(jacobian.base)
      draws.learnt("jacobian", to: jacobian)
    }
  }

  func begin(trial: Int, _ cell: OnlineCell) {
    signal.fill(0)
  }

  func learn(_ cell: OnlineCell, isLast: Bool, into gradient: Buffer) {
    let (n, m, states) = (cell.units, cell.columns, cell.states)
    learnJacobian(cell)
    fill(previousState, state: cell.previousState, target: cell.previousTarget, cell)
    fill(state, state: cell.state, target: cell.target, cell)
    formGoal(cell)
    let rate = settings.dniLearningRate * share(previousState.base, width)
    for k in 0..<states {
      let row = a.base + k * width
      let error = Kernels.dot(row, previousState.base, count: width) - goal.base[k]
      Kernels.add(previousState.base, times: -rate * error, to: row, count: width)
    }
    age += 1
    if age == settings.dniInterval {
      age = 0
      fixed.copy(a)
    }
    signal.copy(cell.signal)
    for i in 0..<n {
      var credit = 0.0
      for k in stride(from: i, to: states, by: n) where cell.immediate.base[k] != 0 {
        credit += Kernels.dot(a.base + k * width, state.base, count: width) * cell.immediate.base[k]
      }
      Kernels.assign(cell.hat.base, times: credit, to: gradient.base + i * m, count: m)
    }
  }

  private func fill(_ row: Buffer, state: Buffer, target: Buffer, _ cell: OnlineCell) {
    row.base.update(from: state.base, count: cell.states)
    (row.base + cell.states).update(from: target.base, count: cell.outputs)
    row.base[width - 1] = 1
  }

  /// ĉ.
  private func formGoal(_ cell: OnlineCell) {
    let states = cell.states
    for k in 0..<states {
      let value = Kernels.dot(fixed.base + k * width, state.base, count: width)
      guess.base[k] = learnsJacobian ? tanh(value) : value
    }
    if let jacobian {
      Kernels.multiply(guess.base, jacobian.base, rows: states, columns: states, to: goal.base)
    } else {
      let transposed = cell.transposedJacobian
      for l in 0..<states { goal.base[l] = Kernels.dot(guess.base, transposed + l * states, count: states) }
    }
    Kernels.add(signal.base, times: 1, to: goal.base, count: states)
  }

  private func share(_ x: UnsafePointer<Double>, _ count: Int) -> Double {
    settings.dniNormalises ? 1 / max(Kernels.dot(x, x, count: count), 1) : 1
  }

  private func learnJacobian(_ cell: OnlineCell) {
    guard let jacobian else { return }
    let (states, before) = (cell.states, cell.previousState.base)
    let rate = settings.dniJacobianRate * share(before, states)
    for k in 0..<states {
      let row = jacobian.base + k * states
      let error = Kernels.dot(row, before, count: states) - cell.state.base[k]
      Kernels.add(before, times: -rate * error, to: row, count: states)
    }
  }
}
