import ArgumentParser
import Conformance
import Diagnostics
import Foundation
import Planning
import Reports
import Toolchains

extension Bench {
  /// `epropc bench estimate`
  struct Estimate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Hold the planner's estimate of instructions to counted ones, or fit its coefficients anew.",
      discussion: """
        Networks of every kind are built, run on the emulators (callgrind on hosts), compared bit for bit with the integer \
        model and counted. With --fit the coefficients that fit best are printed as they stand in the source.
        """)

    @OptionGroup var targets: TargetOptions

    @Flag(help: "Fit coefficients and print them.")
    var fit = false

    func run() async throws {
      let folder = NSTemporaryDirectory() + "/epropc-estimate-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      for target in try targets.load(default: ["host-gcc", "cortex-m4", "cortex-m0", "rv32imc"]) {
        guard let core = Core(target.name) else {
          throw ValidationError("there are no coefficients for \(target.name)")
        }
        let fitted = try await measure(EstimateCase.fitted, target, "\(folder)/\(target.name)")
        let held = try await measure(EstimateCase.held, target, "\(folder)/\(target.name)-held")
        let coefficients = fit ? fittedCoefficients(fitted, prior: core.coefficients) : core.coefficients
        try Console.standard.say(EstimateText.text(target.name, fitted, held: held, coefficients))
        if fit { try Console.standard.say(EstimateText.source(coefficients, core: core)) }
      }
    }

    private func measure(
      _ cases: [EstimateCase], _ target: Target, _ folder: String
    ) async throws -> [EstimateMeasurement] {
      let progress = Console.standard.progress()
      defer { progress.finish() }
      var all: [EstimateMeasurement] = []
      for (index, one) in cases.enumerated() {
        progress.update("\(target.name): \(one.name), \(index + 1) of \(cases.count)")
        all.append(try await one.measure(on: target, in: folder))
      }
      return all
    }
  }
}

extension Core {
  /// The core whose instructions a target executes; nil for those without coefficients.
  init?(_ target: String) {
    switch target {
    case "host-gcc": self = .host
    case "cortex-m0": self = .cortexM0
    case "cortex-m4": self = .cortexM4
    case "rv32imc": self = .rv32imc
    default: return nil
    }
  }
}
