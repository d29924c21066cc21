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
    /// What does not fit this machine's address space, with its bytes.
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
    let rhythm = DigestRhythm.fitting(plan)
    let (model, figures) = runModel(stimulus, rhythm, progress)
    progress("comparing with double precision")
    var report = VerificationReport(
      plan: plan, trials: order.count, steps: stimulus.totalSteps, model: figures,
      drift: FloatDrift(network, plan: plan, trial: trials.trials[order[0]]))
    report.model.floatScore = score.evaluate([trials.trials[order[0]]], readouts: [report.drift.floatReadouts])
    let bytes = stimulus.bytes(rhythm: rhythm)
    for target in targets {
      let missing = await target.missingTools()
      if !missing.isEmpty {
        report.skipped.append(.init(target: target.name, missing: missing))
        continue
      }
      if let object = target.tooLarge(plan.memory.objects) {
        report.skipped.append(
          .init(target: target.name, missing: [], tooLarge: "\(object.what), \(object.bytes) bytes"))
        continue
      }
      for variant in variants where variant == nil || target.variants.contains(where: { $0.name == variant }) {
        for optimisation in optimisations {
          progress("\(target.name)\(variant.map { ", \($0)" } ?? "") \(optimisation)")
          report.machines.append(
            try await compareMachine(target, variant, optimisation, stimulus, bytes, model, rhythm))
        }
      }
    }
    return report
  }

  /// The score that suits the loss.
  var score: TaskScore { network.loss == .crossEntropy ? .misclassification : .normalisedMeanSquaredError }

  private func runModel(
    _ stimulus: Stimulus, _ rhythm: DigestRhythm, _ progress: (String) -> Void
  ) -> (ModelRun, ModelFigures) {
    var figures = ModelFigures(
      seconds: 0, saturations: Saturations(), scores: [], scoreName: score.rawValue, floatScore: 0, rates: [],
      learnt: 0, spoilt: 0)
    let unit = Double(sign: .plus, exponent: -plan.readout.fractionBits, significand: 1)
    let model = ModelRun(plan, stimulus, rhythm: rhythm, countsSaturations: true) { position, result in
      let trial = trials.trials[order[position]]
      figures.scores.append(score.evaluate([trial], readouts: [result.outputs.map { Double($0) * unit }]))
      let seconds = Double(trial.steps) * plan.timeStep / 1000 * Double(plan.neuronCount)
      figures.rates.append(Double(result.spikes) / seconds)
      if result.update == .learnt { figures.learnt += 1 }
      if result.update == .spoilt { figures.spoilt += 1 }
      progress("integer model: trial \(position + 1) of \(order.count)")
    }
    figures.seconds = model.seconds
    figures.saturations = model.saturations
    return (model, figures)
  }

  private func compareMachine(
    _ target: Target, _ variant: String?, _ optimisation: String, _ stimulus: Stimulus, _ bytes: [UInt8],
    _ model: ModelRun, _ rhythm: DigestRhythm
  ) async throws(Findings) -> VerificationReport.MachineReport {
    let options = BuildOptions(optimisation: optimisation, variant: variant)
    let folder = "\(directory)/\(target.name)\(variant.map { "-\($0)" } ?? "")\(optimisation)"
    var plan = plan
    plan.layout.kernels = kernels ?? Layout.Kernels(of: target)
    let machine = try await Machine(plan, target: target, options: options, in: folder)
    let (output, result) = try await machine.run(bytes, limits: limits)
    var comparison = compare(output, with: model, plan: plan, stimulus: stimulus, rhythm: rhythm)
    if let divergence = comparison.divergence {
      comparison.divergence = try await machine.locate(divergence, plan: plan, stimulus: stimulus, limits: limits)
    }
    return .init(
      target: target.name, variant: variant, kernels: plan.layout.kernels, optimisation: optimisation,
      compiler: machine.program.compilerVersion,
      comparison: comparison, seconds: result.seconds)
  }
}
