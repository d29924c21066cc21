/// A processor that instructions are estimated for.
public enum Core: String, Sendable, Hashable, CaseIterable {
  case host = "x86-64"
  case cortexM0 = "cortex-m0"
  case cortexM4 = "cortex-m4"
  case rv32imc
}

/// Instructions that a plan is expected to execute; a model, not a measurement.
///
/// Every kind of work counts as often as the plan and the activity say (`Work`), times the core's coefficient. The
/// coefficients were fitted to counted instructions (`epropc bench estimate --fit`), gcc -O2.
public struct InstructionEstimate: Sendable, Hashable {
  /// Of an ordinary step: forward and recording.
  public let step: Double
  /// Of all learning of the longest trial.
  public let update: Double
  /// Of the longest call where updates are made in one.
  public let longestCall: Double
  /// Of the longest call where updates are made by `update_slice`, a piece at a time: the shortest that is to be had.
  public let longestSlice: Double

  /// What the estimate may be off by, as a share of the count: a test holds the model to it.
  public static let tolerance = 0.25

  public init(_ work: Work, on core: Core) { self.init(work, coefficients: core.coefficients) }

  public init(_ work: Work, coefficients: [WorkItem: Double]) {
    func sum(_ counts: WorkCounts) -> Double {
      WorkItem.allCases.reduce(0) { $0 + (counts[$1] ?? 0) * (coefficients[$1] ?? 0) }
    }
    let (block, apply) = (sum(work.block), sum(work.apply))
    step = sum(work.step)
    update = block * Double(work.blocks) + apply
    // A step that finds the record of a trial of several blocks full processes it first; the last block is processed
    // where the gradients of all are applied.
    longestCall = max(work.blocks > 1 ? step + block : step, block + apply)
    longestSlice = max(step, work.pieces.map(sum).max() ?? 0)
  }

  /// The longest call in ordinary steps, updates being made in slices.
  public var latencySteps: Double { step > 0 ? longestSlice / step : 0 }
  /// The same with updates in one call.
  public var wholeLatencySteps: Double { step > 0 ? longestCall / step : 0 }

  /// Of a step, with its share of the trial's learning.
  public func perStep(trialSteps: Int) -> Double { step + update / Double(max(1, trialSteps)) }
}

extension Core {
  /// Instructions per unit of work.
  public var coefficients: [WorkItem: Double] {
    switch self {
    case .host: Self.hostCoefficients
    case .cortexM0: Self.cortexM0Coefficients
    case .cortexM4: Self.cortexM4Coefficients
    case .rv32imc: Self.rv32imcCoefficients
    }
  }
}
