public import Diagnostics
import Networks
public import Planning
public import Toolchains

/// A network and a way of compiling it, for holding the planner's estimate of instructions to counted ones.
public struct EstimateCase: Sendable, Hashable, CustomStringConvertible {
  public var name: String
  public var network: BenchmarkNetwork
  public var options: PlanOptions

  /// The name.
  public var description: String { name }

  public init(
    _ name: String, network: (inout BenchmarkNetwork) -> Void = { _ in },
    options: (inout PlanOptions) -> Void = { _ in }
  ) {
    self.name = name
    self.network = BenchmarkNetwork()
    network(&self.network)
    self.options = PlanOptions()
    self.options.scale = .common
    options(&self.options)
  }
}

/// What was counted of a case, and what the planner says of it at the activity that was counted.
public struct EstimateMeasurement: Sendable {
  public var name: String
  public var work: Work
  public var steps: Int
  /// Instructions of a step with its recording, and of all learning of a trial.
  public var step: Double
  public var update: Double

  public init(name: String, work: Work, steps: Int, step: Double, update: Double) {
    self.name = name
    self.work = work
    self.steps = steps
    self.step = step
    self.update = update
  }

  public func estimate(_ coefficients: [WorkItem: Double]) -> InstructionEstimate {
    InstructionEstimate(work, coefficients: coefficients)
  }
}

extension EstimateCase {
  /// Builds the network for a target that counts, runs two trials and compares every bit with the integer model.
  public func measure(on target: Target, in directory: String) async throws(Findings) -> EstimateMeasurement {
    let network = network.network
    let plan = try FixedPlan(network, options: options)
    let label = name.map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined()
    let counted = try await KernelBenchmark(tile: options.tile, directory: directory)
      .count(plan, of: network, target, label)
    func rate(_ perStep: Double, _ count: Int) -> Double { perStep / Double(max(1, count)) * 1000 / plan.timeStep }
    let activity = Activity(
      inputRate: rate(counted.inputEvents, plan.inputs.count), neuronRate: rate(counted.spikes, plan.neuronCount))
    return EstimateMeasurement(
      name: name, work: Work(plan, activity), steps: plan.maximumSteps, step: counted.step,
      update: plan.learning == nil ? 0 : counted.update * Double(plan.maximumSteps))
  }

  private static let adam = SpikingNetwork.Optimiser.Kind.adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)

  /// What coefficients are fitted to: every kind of work in several proportions.
  public static let fitted: [EstimateCase] = [
    .init("stored"), .init("replay", options: { $0.history = .replay }),
    .init("inference", options: { $0.inferenceOnly = true }),
    .init("replay tile 4", network: { $0.steps = 400 }, options: { ($0.history, $0.tile) = (.replay, 4) }),
    .init("stored tile 2", network: { ($0.inputs, $0.steps) = (40, 300) }, options: { $0.tile = 2 }),
    .init(
      "replay tile 1", network: { ($0.inputs, $0.plain, $0.steps) = (40, 50, 300) },
      options: { ($0.history, $0.tile) = (.replay, 1) }),
    .init("small", network: { ($0.inputs, $0.plain, $0.outputs, $0.steps) = (20, 24, 1, 200) }),
    .init("mixed", network: { ($0.inputs, $0.plain, $0.adaptive, $0.steps) = (30, 40, 40, 300) }),
    .init(
      "mixed replay", network: { ($0.inputs, $0.plain, $0.adaptive, $0.steps) = (30, 20, 60, 300) },
      options: { $0.history = .replay }),
    .init(
      "W 1", network: { ($0.inputs, $0.plain, $0.steps) = (40, 40, 60) }, options: { $0.block = .steps(1) }),
    .init(
      "W 16", network: { ($0.inputs, $0.plain, $0.steps) = (40, 60, 128) }, options: { $0.block = .steps(16) }),
    .init(
      "W 64", network: { ($0.inputs, $0.plain, $0.steps) = (60, 40, 256) }, options: { $0.block = .steps(64) }),
    .init(
      "mixed W 8", network: { ($0.inputs, $0.plain, $0.adaptive, $0.steps) = (20, 8, 32, 64) },
      options: { $0.block = .steps(8) }),
    .init(
      "mixed W 64", network: { ($0.inputs, $0.plain, $0.adaptive, $0.steps) = (20, 20, 20, 128) },
      options: { $0.block = .steps(64) }),
    .init("int16", network: { ($0.inputs, $0.plain, $0.steps) = (60, 60, 300) }, options: { $0.weightBits = 16 }),
    .init(
      "int16 replay", network: { ($0.inputs, $0.plain, $0.steps) = (80, 40, 300) },
      options: { ($0.weightBits, $0.history) = (16, .replay) }),
    .init("sgd", network: { ($0.inputs, $0.plain, $0.steps, $0.optimiser) = (60, 60, 200, .sgd) }),
    .init(
      "postsynaptic", network: { ($0.inputs, $0.plain, $0.steps) = (60, 60, 200) },
      options: { $0.secondMoments = .postsynaptic }),
    .init("adam 16", network: { ($0.inputs, $0.plain, $0.steps, $0.optimiser) = (60, 60, 200, adam) }),
    .init(
      "adam 8", network: { ($0.inputs, $0.plain, $0.steps, $0.optimiser) = (40, 50, 200, adam) },
      options: { $0.momentBits = 8 }),
    .init("analog", network: { ($0.inputs, $0.plain, $0.steps, $0.isAnalog) = (10, 60, 200, true) }),
    .init(
      "analog W 8", network: { ($0.inputs, $0.plain, $0.steps, $0.isAnalog) = (10, 40, 64, true) },
      options: { $0.block = .steps(8) }),
    .init("large", network: { ($0.inputs, $0.plain, $0.outputs, $0.steps) = (200, 200, 10, 200) }),
    .init(
      "readout only",
      network: { ($0.inputs, $0.plain, $0.outputs, $0.steps, $0.learnsRecurrently) = (50, 60, 4, 300, false) }),
  ]

  /// What the fit has not seen.
  public static let held: [EstimateCase] = [
    .init("stored, other sizes", network: { ($0.inputs, $0.plain, $0.outputs, $0.steps) = (64, 140, 3, 500) }),
    .init(
      "replay, other sizes", network: { ($0.inputs, $0.plain, $0.outputs, $0.steps) = (64, 140, 3, 250) },
      options: { ($0.history, $0.tile) = (.replay, 8) }),
    .init(
      "W 32, int16", network: { ($0.inputs, $0.plain, $0.steps) = (30, 70, 192) },
      options: { ($0.block, $0.weightBits) = (.steps(32), 16) }),
    .init("adaptive", network: { ($0.inputs, $0.plain, $0.adaptive, $0.steps) = (40, 0, 50, 200) }),
    .init(
      "postsynaptic, replay", network: { ($0.inputs, $0.plain, $0.steps) = (50, 70, 300) },
      options: { ($0.secondMoments, $0.history) = (.postsynaptic, .replay) }),
    .init(
      "adam, int16", network: { ($0.inputs, $0.plain, $0.steps, $0.optimiser) = (50, 70, 300, adam) },
      options: { $0.weightBits = 16 }),
  ]
}
