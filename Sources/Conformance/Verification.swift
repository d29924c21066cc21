public import Diagnostics
import Foundation
public import IntegerModel
public import Networks
public import Planning
import Tasks
public import Toolchains
public import Trials

/// Everything that `verify` found out.
public struct VerificationReport: Sendable {
  /// One target, built in one way.
  public struct MachineReport: Sendable {
    public var target: String
    public var variant: String?
    public var kernels: Layout.Kernels
    public var optimisation: String
    public var compiler: String
    public var comparison: Comparison
    public var seconds: Double
  }
  /// A target that could not be tried, and why.
  public struct Skipped: Sendable {
    public var target: String
    public var missing: [MissingTool]
    /// What is too large for this machine, with its bytes and what there is.
    public var tooLarge: String?
  }

  public var plan: FixedPlan
  public var trials: Int
  public var steps: Int
  public var model: ModelFigures
  public var machines: [MachineReport] = []
  public var skipped: [Skipped] = []
  public var drift: FloatDrift

  /// Whether every machine that was tried agrees to the last bit, and at least one was.
  public var bitExact: Bool { !machines.isEmpty && machines.allSatisfy(\.comparison.bitExact) }
}

/// The integer model's run.
public struct ModelFigures: Sendable {
  public var seconds: Double
  public var saturations: Saturations
  /// The score of every trial, before the trial's update.
  public var scores: [Double]
  public var scoreName: String
  /// The score of the float network, running freely on the first trial with the plan's weights.
  public var floatScore: Double
  /// Mean rate in Hz of every trial.
  public var rates: [Double]
  public var learnt: Int
  public var spoilt: Int
}

/// What to verify, on what.
public struct Verification: Sendable {
  public var network: SpikingNetwork
  public var plan: FixedPlan
  public var trials: TrialSet
  /// Numbers of trials, in the order in which they are run; learning goes on through all of them.
  public var order: [Int]
  public var targets: [Target]
  /// Builds of each host target; others are built plain.
  public var variants: [String?]
  public var optimisations: [String]
  /// What kernels are made of; nil: the fastest that a target can run.
  public var kernels: Layout.Kernels?
  /// Digests are compared at every n-th step and at the last; nil: as each target asks for.
  public var every: Int?
  /// Where the C is written and built.
  public var directory: String
  public var limits = RunLimits(seconds: 900, outputBytes: 4 << 30)

  public init(
    network: SpikingNetwork, plan: FixedPlan, trials: TrialSet, order: [Int]? = nil, targets: [Target],
    variants: [String?] = [nil], optimisations: [String] = ["-O2"], kernels: Layout.Kernels? = nil, directory: String
  ) {
    self.network = network
    self.plan = plan
    self.trials = trials
    self.order = order ?? Array(trials.trials.indices)
    self.targets = targets
    self.variants = variants
    self.optimisations = optimisations
    self.kernels = kernels
    self.directory = directory
  }

  /// Runs the model once and every target against it. `progress` is told what is being done.
  public func run(progress: @Sendable (String) -> Void = { _ in }) async throws(Findings) -> VerificationReport {
    let stimulus = Stimulus(trials, plan: plan, order: order, updates: true)
    var expected = ModelRuns(plan: plan, stimulus: stimulus)
    let figures = runModel(&expected, interval: every ?? targets.first?.digestInterval ?? 1, progress)
    progress("comparing with double precision")
    var report = VerificationReport(
      plan: plan, trials: order.count, steps: stimulus.totalSteps, model: figures,
      drift: FloatDrift(network, plan: plan, trial: trials.trials[order[0]]))
    report.model.floatScore = score.evaluate([trials.trials[order[0]]], readouts: [report.drift.floatReadouts])
    for target in targets {
      let missing = await target.missingTools()
      if !missing.isEmpty {
        report.skipped.append(.init(target: target.name, missing: missing))
        continue
      }
      if let object = target.tooLarge(plan.memory.objects) {
        report.skipped.append(
          .init(
            target: target.name, missing: [],
            tooLarge: "\(object.what) of \(object.bytes) bytes is more than it can address"))
        continue
      }
      if let limit = target.ramBytes, let excess = target.excess(of: plan.memory.structBytes) {
        report.skipped.append(
          .init(
            target: target.name, missing: [],
            tooLarge: "the struct of \(plan.memory.structBytes) bytes is \(excess) more than the \(limit) that it has"))
        continue
      }
      let run = expected.run(every ?? target.digestInterval)
      for variant in variants where variant == nil || target.variants.contains(where: { $0.name == variant }) {
        for optimisation in optimisations {
          progress("\(target.name)\(variant.map { ", \($0)" } ?? "") \(optimisation)")
          do throws(Findings) {
            report.machines.append(try await compareMachine(target, variant, optimisation, stimulus, run))
          } catch {
            guard let finding = error.all.first, finding.id == Target.overflow else { throw error }
            report.skipped.append(
              .init(target: target.name, missing: [], tooLarge: "\(optimisation): \(finding.message)"))
          }
        }
      }
    }
    return report
  }

  /// The score that suits the loss.
  var score: TaskScore { network.loss == .crossEntropy ? .misclassification : .normalisedMeanSquaredError }

  private func runModel(_ runs: inout ModelRuns, interval: Int, _ progress: (String) -> Void) -> ModelFigures {
    var figures = ModelFigures(
      seconds: 0, saturations: Saturations(), scores: [], scoreName: score.rawValue, floatScore: 0, rates: [],
      learnt: 0, spoilt: 0)
    let unit = Double(sign: .plus, exponent: -plan.readout.fractionBits, significand: 1)
    let model = runs.run(interval) { position, result in
      let trial = trials.trials[order[position]]
      figures.scores.append(score.evaluate([trial], readouts: [result.outputs.map { Double($0) * unit }]))
      let seconds = Double(trial.steps) * plan.timeStep / 1000 * Double(plan.neuronCount)
      figures.rates.append(Double(result.spikes) / seconds)
      if result.update == .learnt { figures.learnt += 1 }
      if result.update == .spoilt { figures.spoilt += 1 }
      progress("integer model: trial \(position + 1) of \(order.count)")
    }
    figures.seconds = model.model.seconds
    figures.saturations = model.model.saturations
    return figures
  }

  private func compareMachine(
    _ target: Target, _ variant: String?, _ optimisation: String, _ stimulus: Stimulus, _ run: ModelRuns.Run
  ) async throws(Findings) -> VerificationReport.MachineReport {
    let options = BuildOptions(optimisation: optimisation, variant: variant)
    let folder = "\(directory)/\(target.name)\(variant.map { "-\($0)" } ?? "")\(optimisation)"
    var plan = plan
    plan.layout.kernels = kernels ?? Layout.Kernels(of: target)
    let machine = try await Machine(plan, target: target, options: options, in: folder)
    let (output, result) = try await machine.run(run.bytes, limits: limits)
    var comparison = compare(output, with: run.model, plan: plan, stimulus: stimulus, rhythm: run.rhythm)
    if let divergence = comparison.divergence {
      comparison.divergence = try await machine.locate(divergence, plan: plan, stimulus: stimulus, limits: limits)
    }
    return .init(
      target: target.name, variant: variant, kernels: plan.layout.kernels, optimisation: optimisation,
      compiler: machine.program.compilerVersion,
      comparison: comparison, seconds: result.seconds)
  }
}

/// Runs of the model on one stimulus, one for each interval of digests that a target asks for.
struct ModelRuns {
  struct Run {
    var model: ModelRun
    var rhythm: DigestRhythm
    /// The stimulus as the driver reads it.
    var bytes: [UInt8]
  }

  let plan: FixedPlan
  let stimulus: Stimulus
  private var runs: [Int: Run] = [:]

  init(plan: FixedPlan, stimulus: Stimulus) {
    self.plan = plan
    self.stimulus = stimulus
  }

  /// The run with digests at every `interval`-th step; `onTrial` is told of its trials where it is not there yet.
  mutating func run(_ interval: Int, onTrial: (Int, ModelRun.TrialResult) -> Void = { _, _ in }) -> Run {
    if let run = runs[interval] { return run }
    let rhythm = DigestRhythm.fitting(plan, interval: interval)
    let model = ModelRun(plan, stimulus, rhythm: rhythm, countsSaturations: runs.isEmpty, onTrial: onTrial)
    let run = Run(model: model, rhythm: rhythm, bytes: stimulus.bytes(rhythm: rhythm))
    runs[interval] = run
    return run
  }
}
