import OnlineRules
import Randomness

/// Kernel RNN learning: M_{k,ij} ≈ A_ki B_ij, with sensitivities A and decays γ learnt from what small perturbations do.
///
///     B^t_ij = κ_i B^{t−1}_ij + α tanh′(h_i) â_j          κ_i = max(0, 1 − γ_i)
///     ∂L^t/∂W_ij ≈ (Σ_k q_k A_ki) B_ij
///
///     ã^t = f(ã^{t−1} + ζ^t, x^t)                         a second network that is perturbed at every step
///     Γ^t = κ Γ^{t−1} − Ω^{t−1},  Ω^t = κ Ω^{t−1} + ζ^{t+1}
///     e = A Ω^t − (ã^t − a^t),  A −= η e Ωᵀ,  γ_i −= η (Σ_k e_k A_ki) Γ_i
///
/// Source: Roth, Kanitscheider and Fiete, "Kernel RNN learning (KeRNL)", ICLR 2019, algorithm 1; Marschall, Cho and Savin
/// 2020, section 4.1.6. Cost O(n²), memory O(n²).
///
/// Choices: those of Marschall's program, also that the noise which enters Ω at step t is the one that perturbs step
/// t + 1; A starts as the identity, γ as 0.8, the rest as 0. The gradient uses A as updated in the same step.
final class KeRNL: OnlineLearner {
  private let cell: RateCell
  private let draws: Draws
  private let settings: OnlineRuleSettings
  private let a: Buffer
  private let decay: Buffer
  private let trace: Buffer
  private let perturbed: Buffer
  private let zeta: Buffer
  private let omega: Buffer
  private let gamma: Buffer
  private let error: Buffer
  private let scratch: Buffer
  private let hat: Buffer
  private var step = 0

  init(_ cell: RateCell, draws: Draws, settings: OnlineRuleSettings) {
    self.cell = cell
    let n = cell.units
    self.draws = draws
    self.settings = settings
    (a, decay, trace) = (Buffer(n * n), Buffer(n), Buffer(n * cell.columns))
    (perturbed, zeta, omega, gamma) = (Buffer(n), Buffer(n), Buffer(n), Buffer(n))
    (error, scratch, hat) = (Buffer(n), Buffer(n), Buffer(cell.columns))
    for i in 0..<n { a.base[i * n + i] = 1 }
    draws.learnt("a", to: a)
    decay.fill(0.8)
    draws.learnt("gamma", to: decay)
  }

  func begin(trial: Int, _: OnlineCell) {
    step = 0
    perturbed.base.update(from: cell.state.base, count: cell.units)
    draws.initial("perturbed", trial, to: perturbed, keepingOwn: true)
    for (name, buffer) in [("b", trace), ("filtered_noise", omega), ("noise_derivative", gamma)] {
      draws.initial(name, trial, to: buffer) { _ in 0 }
    }
    drawNoise(0)
  }

  private func drawNoise(_ step: Int) {
    let deviation = settings.kernlNoise
    draws.step("noise", step, to: zeta) { deviation * $0.normal() }
  }

  func learn(_: OnlineCell, isLast: Bool, into gradient: Buffer) {
    let (n, m) = (cell.units, cell.columns)
    if let interval = settings.kernlReset, step % interval == 0 { restart(cell) }
    Kernels.add(zeta.base, times: 1, to: perturbed.base, count: n)
    cell.next(from: perturbed.base, hat: hat, to: scratch.base)
    perturbed.copy(scratch)
    step += 1
    drawNoise(step)
    for i in 0..<n {
      let kernel = max(0, 1 - decay.base[i])
      gamma.base[i] = kernel * gamma.base[i] - omega.base[i]
      omega.base[i] = kernel * omega.base[i] + zeta.base[i]
      Kernels.blend(trace.base + i * m, by: kernel, cell.hat.base, times: cell.slope.base[i], count: m)
    }
    learnKernel(cell)
    Kernels.multiply(cell.signal.base, a.base, rows: n, columns: n, to: scratch.base)
    for i in 0..<n {
      Kernels.assign(trace.base + i * m, times: scratch.base[i], to: gradient.base + i * m, count: m)
    }
  }

  private func learnKernel(_ cell: RateCell) {
    let (n, rate) = (cell.units, settings.kernlLearningRate)
    for k in 0..<n {
      let observed = perturbed.base[k] - cell.state.base[k]
      error.base[k] = Kernels.dot(a.base + k * n, omega.base, count: n) - observed
    }
    Kernels.multiply(error.base, a.base, rows: n, columns: n, to: scratch.base)
    for k in 0..<n {
      Kernels.add(omega.base, times: -rate * error.base[k], to: a.base + k * n, count: n)
      decay.base[k] -= rate * scratch.base[k] * gamma.base[k]
    }
  }

  /// The perturbed network follows the network again from where that is now.
  private func restart(_ cell: RateCell) {
    perturbed.base.update(from: cell.state.base, count: cell.units)
    omega.fill(0)
    gamma.fill(0)
    trace.fill(0)
  }
}
