import ArgumentParser
import Conformance
import Planning
import Toolchains

/// The options that decide a plan, the same for every verb that makes one.
struct PlanOptionGroup: ParsableArguments {
  @Option(
    help: ArgumentHelp("Steps that are learnt from at a time, or trial. (default: trial)", valueName: "steps|trial"))
  var block: Block?

  @Option(help: "Bits of a weight: int4 and int6 (packed), int8 or int16. (default: int8)")
  var weights: Weights?

  @Option(help: "Bits of each of a synapse's two moments, with the optimiser adam: int16 or int8. (default: int16)")
  var moments: Moments?

  @Option(
    help:
      "Second moments of the optimiser factored: as described, or per postsynaptic neuron alone. (default: described)")
  var secondMoments: SecondMoments?

  @Flag(help: "No learning code and no learning state.")
  var inferenceOnly = false

  @Option(help: "Weight LSBs: automatic, common to a projection, or per-neuron.")
  var scale = Scale.automatic

  @Flag(help: "No trials: blocks of --block steps follow each other for ever, each learnt from at once.")
  var stream = false

  @Option(
    help: ArgumentHelp(
      "In a stream of plain neurons, credit the errors of a block to so many steps before it, and nothing earlier.",
      valueName: "steps"))
  var window: Int?

  @Option(help: ArgumentHelp("Bits of a stored surrogate derivative: 8, 4 or 1.", valueName: "bits"))
  var psi = PlanOptions().surrogateBits

  @Option(
    help:
      "What is kept for the update: stored surrogate derivatives, or events only, to replay them. (default: stored)")
  var history: History?

  @Option(help: ArgumentHelp("Neurons per pass of the update, 1 to 8. (default: 8)", valueName: "neurons"))
  var tile: Int?

  @Option(
    help: ArgumentHelp(
      "When the weights change: after a trial, every block, or so many steps, a multiple of the block's.",
      valueName: "trial|block|steps"))
  var update = Update.trial

  @Option(help: "The largest difference between readout and target that counts in full, for the squared error.")
  var errorRange = PlanOptions().errorRange

  @Option(
    help: ArgumentHelp("The rate of inputs and neurons for which a block's record has room.", valueName: "hz"))
  var recordedRate = PlanOptions().recordedRate

  @Option(
    help: ArgumentHelp(
      "The same for the inputs alone. (default: as --recorded-rate)", valueName: "hz"))
  var recordedInputRate: Double?

  @Option(
    help:
      "What the kernels are made of: the fastest instructions of the targets, plain C, or the DSP instructions of Armv7E-M. Same bits."
  )
  var kernels = Kernels.automatic

  enum Kernels: String, ExpressibleByArgument, CaseIterable {
    case automatic, portable
    case armv7em = "armv7e-m"
  }
  enum Moments: String, ExpressibleByArgument, CaseIterable { case int8, int16 }
  enum SecondMoments: String, ExpressibleByArgument, CaseIterable { case described, postsynaptic }
  enum Weights: String, ExpressibleByArgument, CaseIterable {
    case int4, int6, int8, int16

    var bits: Int {
      switch self {
      case .int4: 4
      case .int6: 6
      case .int8: 8
      case .int16: 16
      }
    }
  }
  enum History: String, ExpressibleByArgument, CaseIterable { case stored, replay }
  enum Scale: String, ExpressibleByArgument, CaseIterable {
    case automatic, common
    case perNeuron = "per-neuron"
  }
  /// `trial`, `block` or a number of steps.
  enum Update: Hashable, ExpressibleByArgument, CustomStringConvertible {
    case trial, block
    case steps(Int)

    init?(argument: String) {
      switch argument {
      case "trial": self = .trial
      case "block": self = .block
      default:
        guard let steps = Int(argument), steps >= 1 else { return nil }
        self = .steps(steps)
      }
    }

    var description: String {
      switch self {
      case .trial: "trial"
      case .block: "block"
      case .steps(let steps): String(steps)
      }
    }

    var defaultValueDescription: String { description }
  }

  /// `trial` or a number of steps.
  enum Block: ExpressibleByArgument, CustomStringConvertible {
    case trial
    case steps(Int)

    init?(argument: String) {
      if argument == "trial" {
        self = .trial
      } else if let steps = Int(argument), steps >= 1 {
        self = .steps(steps)
      } else {
        return nil
      }
    }

    var description: String {
      switch self {
      case .trial: "trial"
      case .steps(let steps): String(steps)
      }
    }

    var defaultValueDescription: String { description }
  }

  func validate() throws {
    if let tile, !(1...8).contains(tile) { throw ValidationError("--tile must be from 1 to 8") }
    if !(errorRange > 0 && errorRange.isFinite) { throw ValidationError("--error-range must be positive") }
    for (name, rate) in [("--recorded-rate", recordedRate), ("--recorded-input-rate", recordedInputRate ?? 0)]
    where !(rate >= 0 && rate.isFinite && rate <= 1e6) {
      throw ValidationError("\(name) must be from 0 to 1000000")
    }
    if update == .block, case .trial = block ?? .trial {
      throw ValidationError("--update block goes with --block and a number of steps")
    }
  }

  /// The kernels that were asked for; nil: as the target has them.
  var fixedKernels: Layout.Kernels? {
    switch kernels {
    case .automatic: nil
    case .portable: .portable
    case .armv7em: .armv7em
    }
  }

  /// The kernels of C that is to run on all of `targets`: plain C where nothing else is known to do.
  func kernels(for targets: [Target]) -> Layout.Kernels {
    if let fixedKernels { return fixedKernels }
    let all = Set(targets.map(Layout.Kernels.init(of:)))
    return all.count == 1 ? all.first ?? .portable : .portable
  }

  var planOptions: PlanOptions {
    var options = PlanOptions()
    switch block {
    case .trial, nil: options.block = .trial
    case .steps(let steps): options.block = .steps(steps)
    }
    options.weightBits = (weights ?? .int8).bits
    options.momentBits = moments == .int8 ? 8 : 16
    options.secondMoments = secondMoments == .postsynaptic ? .postsynaptic : .described
    options.inferenceOnly = inferenceOnly
    switch scale {
    case .automatic: options.scale = .automatic
    case .common: options.scale = .common
    case .perNeuron: options.scale = .perNeuron
    }
    options.isStream = stream
    options.window = window
    options.surrogateBits = psi
    options.history = history == .replay ? .replay : .storedSurrogate
    options.tile = tile ?? options.tile
    options.updateTime = update == .block ? .block : .trial
    if case .steps(let steps) = update { options.updateSteps = steps }
    options.kernels = fixedKernels ?? .portable
    options.errorRange = errorRange
    options.recordedRate = recordedRate
    options.recordedInputRate = recordedInputRate
    return options
  }

  /// What was given, and is not the planner's to choose.
  var pins: Set<Pin> {
    var pins: Set<Pin> = []
    if block != nil || update != .trial { pins.insert(.block) }
    if weights != nil { pins.insert(.weights) }
    if history != nil { pins.insert(.history) }
    if moments != nil { pins.insert(.moments) }
    if secondMoments != nil { pins.insert(.secondMoments) }
    if tile != nil { pins.insert(.tile) }
    return pins
  }
}
