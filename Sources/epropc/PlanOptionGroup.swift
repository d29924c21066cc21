import ArgumentParser
import Conformance
import Planning
import Toolchains

/// The options that decide a plan, the same for every verb that makes one.
struct PlanOptionGroup: ParsableArguments {
  @Option(help: ArgumentHelp("Steps that are learnt from at a time, or trial.", valueName: "steps|trial"))
  var block = Block.trial

  @Option(help: "Bits of a weight: int8 or int16.")
  var weights = Weights.int8

  @Flag(help: "No learning code and no learning state.")
  var inferenceOnly = false

  @Option(help: "Weight LSBs: automatic, common to a projection, or per-neuron.")
  var scale = Scale.automatic

  @Option(help: "What is kept for the update: stored surrogate derivatives, or events only, to replay them.")
  var history = History.stored

  @Option(help: ArgumentHelp("Neurons per pass of the update, 1 to 8.", valueName: "neurons"))
  var tile = PlanOptions().tile

  @Option(help: "When the weights change: after a trial, or after every block.")
  var update = Update.trial

  @Option(help: "The largest difference between readout and target that counts in full, for the squared error.")
  var errorRange = PlanOptions().errorRange

  @Option(
    help: ArgumentHelp("The rate of inputs and neurons for which a block's record has room.", valueName: "hz"))
  var recordedRate = PlanOptions().recordedRate

  @Option(
    help:
      "What the kernels are made of: the fastest instructions of the targets, plain C, or the DSP instructions of Armv7E-M. Same bits."
  )
  var kernels = Kernels.automatic

  enum Kernels: String, ExpressibleByArgument, CaseIterable {
    case automatic, portable
    case armv7em = "armv7e-m"
  }
  enum Weights: String, ExpressibleByArgument, CaseIterable { case int8, int16 }
  enum History: String, ExpressibleByArgument, CaseIterable { case stored, replay }
  enum Scale: String, ExpressibleByArgument, CaseIterable {
    case automatic, common
    case perNeuron = "per-neuron"
  }
  enum Update: String, ExpressibleByArgument, CaseIterable { case trial, block }

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
    if !(1...8).contains(tile) { throw ValidationError("--tile must be from 1 to 8") }
    if !(errorRange > 0 && errorRange.isFinite) { throw ValidationError("--error-range must be positive") }
    if !(recordedRate >= 0 && recordedRate.isFinite && recordedRate <= 1e6) {
      throw ValidationError("--recorded-rate must be from 0 to 1000000")
    }
    if update == .block, case .trial = block {
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
    case .trial: options.block = .trial
    case .steps(let steps): options.block = .steps(steps)
    }
    options.weightBits = weights == .int8 ? 8 : 16
    options.inferenceOnly = inferenceOnly
    switch scale {
    case .automatic: options.scale = .automatic
    case .common: options.scale = .common
    case .perNeuron: options.scale = .perNeuron
    }
    options.history = history == .stored ? .storedSurrogate : .replay
    options.tile = tile
    options.updateTime = update == .trial ? .trial : .block
    options.kernels = fixedKernels ?? .portable
    options.errorRange = errorRange
    options.recordedRate = recordedRate
    return options
  }
}
