/// One way of compiling a network, with what it costs.
public struct Alternative: Sendable, Hashable {
  /// The options that give this plan.
  public let options: PlanOptions
  /// Steps of a block, as planned.
  public let blockSteps: Int
  /// Bytes of the struct and of the tables: those of the plan, not an estimate.
  public let ram: Int
  public let flash: Int
  /// Bytes of RAM by purpose; what pads the struct counts as control.
  public let ramByPurpose: [Memory.Purpose: Int]
  /// Bytes of RAM per synapse that learns.
  public let bytesPerSynapse: Double?
  public let estimate: InstructionEstimate
  /// Instructions per step with the step's share of learning.
  public let instructionsPerStep: Double
  public let quality: QualityClass
  /// What the optimiser keeps, in a word.
  public let optimiser: String
  /// Whether it has moments whose width is a choice.
  public let isAdam: Bool
  /// By how much each limit is passed.
  public internal(set) var excess: [Budget.Constraint: Double] = [:]

  init(_ plan: FixedPlan, options: PlanOptions, activity: Activity, core: Core) {
    self.options = options
    blockSteps = plan.learning?.blockSteps ?? 0
    let memory = plan.memory
    ram = memory.structBytes
    flash = memory.flashBytes
    var purposes: [Memory.Purpose: Int] = [.control: memory.padding]
    for field in memory.ram { purposes[field.purpose, default: 0] += field.bytes }
    ramByPurpose = purposes
    bytesPerSynapse = SynapseBytes(plan, memory).perPlastic
    estimate = InstructionEstimate(Work(plan, activity), on: core)
    instructionsPerStep = estimate.perStep(trialSteps: plan.maximumSteps)
    quality = QualityClass(plan)
    isAdam = plan.learnsByAdam
    optimiser =
      switch (plan.projections.lazy.compactMap(\.step).first, plan.readout.biasStep) {
      case (.factored?, _), (nil, .factored?): "factored"
      case (.postsynaptic?, _), (nil, .postsynaptic?): "postsynaptic"
      case (.adam(let adam)?, _), (nil, .adam(let adam)?): "adam \(adam.momentBits)"
      case (.sgd?, _), (nil, .sgd?): "sgd"
      case (nil, nil): "–"
      }
  }

  public var fits: Bool { excess.isEmpty }

  /// Better quality first, then fewer instructions, then less memory.
  static func isBetter(_ a: Alternative, _ b: Alternative) -> Bool {
    if a.quality != b.quality { return a.quality < b.quality }
    if a.instructionsPerStep != b.instructionsPerStep { return a.instructionsPerStep < b.instructionsPerStep }
    return (a.ram, a.flash, -a.blockSteps, a.options.tile) < (b.ram, b.flash, -b.blockSteps, b.options.tile)
  }

  /// The options of `compile` that give this plan.
  public var commandLine: String {
    let block =
      switch options.block {
      case .trial: "trial"
      case .steps(let steps): String(steps)
      }
    let history = options.history == .replay ? "replay" : "stored"
    let moments = isAdam ? " --moments int\(options.momentBits)" : ""
    let second = options.secondMoments == .postsynaptic ? " --second-moments postsynaptic" : ""
    return "--block \(block) --history \(history) --tile \(options.tile) --weights int\(options.weightBits)" + moments
      + second
  }
}
