import ArgumentParser
import Diagnostics
import Networks
import Planning
import Reports

/// The options that have the planner choose: what is not given by other options is chosen within them.
struct BudgetOptionGroup: ParsableArguments {
  @Option(
    help: ArgumentHelp("Bytes of RAM that the network may take, as 64KiB: the planner chooses.", valueName: "bytes"))
  var ram: ByteCount?

  @Option(help: ArgumentHelp("Bytes of flash that its tables may take; code is not counted.", valueName: "bytes"))
  var flash: ByteCount?

  @Option(help: ArgumentHelp("The longest call in ordinary steps, updates being made in slices.", valueName: "steps"))
  var latencySteps: Double?

  @Option(help: "Whose instructions are estimated.")
  var core = Processor.cortexM4

  @Option(help: ArgumentHelp("Mean rate of the inputs, for the estimate.", valueName: "hz"))
  var inputRate = Activity().inputRate

  @Option(help: ArgumentHelp("Mean rate of the neurons, for the estimate.", valueName: "hz"))
  var neuronRate = Activity().neuronRate

  func validate() throws {
    if let latencySteps, !(latencySteps >= 1 && latencySteps.isFinite) {
      throw ValidationError("--latency-steps must be at least 1")
    }
    for (name, rate) in [("--input-rate", inputRate), ("--neuron-rate", neuronRate)]
    where !(rate >= 0 && rate <= 1e6) {
      throw ValidationError("\(name) must be from 0 to 1000000")
    }
  }

  var budget: Budget { Budget(ram: ram?.bytes, flash: flash?.bytes, latencySteps: latencySteps) }

  /// Weighs every way of compiling `network`.
  func alternatives(_ network: SpikingNetwork, _ options: PlanOptionGroup) throws -> Alternatives {
    let progress = Console.standard.progress()
    defer { progress.finish() }
    return try Alternatives(
      network, options: options.planOptions, pins: options.pins, budget: budget,
      activity: Activity(inputRate: inputRate, neuronRate: neuronRate), core: core.core
    ) { progress.update("planning alternative \($0 + 1) of \($1)") }
  }
}

/// A `Core` by its name.
enum Processor: String, ExpressibleByArgument, CaseIterable {
  case host = "x86-64"
  case cortexM0 = "cortex-m0"
  case cortexM4 = "cortex-m4"
  case rv32imc

  var core: Core {
    switch self {
    case .host: .host
    case .cortexM0: .cortexM0
    case .cortexM4: .cortexM4
    case .rv32imc: .rv32imc
    }
  }
}

/// A number of bytes: `65536`, `64KiB`, `1MiB`.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let units = [("KiB", 1024), ("MiB", 1 << 20)]
    let unit = units.first { argument.hasSuffix($0.0) }
    guard let number = Int(unit.map { String(argument.dropLast($0.0.count)) } ?? argument), number >= 0 else {
      return nil
    }
    let (bytes, overflows) = number.multipliedReportingOverflow(by: unit?.1 ?? 1)
    guard !overflows else { return nil }
    self.bytes = bytes
  }
}
