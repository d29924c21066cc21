import ArgumentParser
import Conformance
import Diagnostics
import Foundation
import Planning
import Profiling
import Reports
import Toolchains

/// `epropc profile`
struct ShowProfile: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Count bytes per synapse and per neuron, and compare the plan with what compilers make of it.",
    discussion: """
      Builds the generated C for each target and reads the object: the size of the network's struct and of every table, \
      code, and the compiler's own report of stack. Where plan and object differ in a byte, that is an error. Nothing is \
      run, so no emulator is needed.
      """)

  @Argument(help: "The network: network.json, or the folder it is in.")
  var network: String

  @OptionGroup var targets: TargetOptions

  @OptionGroup var options: PlanOptionGroup

  @Option(help: "The compiler's level: O0, O1, O2, O3 or Os.")
  var optimisation = Optimisation.two

  @Flag(help: "List code and stack of every function.")
  var functions = false

  @Flag(help: "As JSON.")
  var json = false

  enum Optimisation: String, ExpressibleByArgument, CaseIterable {
    case none = "O0"
    case one = "O1"
    case two = "O2"
    case three = "O3"
    case size = "Os"
  }

  func run() async throws {
    let plan = try FixedPlan(try Loading.network(network), options: options.planOptions)
    let profile = Profile(plan)
    let (measured, findings) = try await measure(plan)
    if json {
      try Console.standard.write(ProfileJSON.document(profile, measured), to: "-")
    } else {
      try Console.standard.say(ProfileText.text(profile))
      if !measured.isEmpty { try Console.standard.say("\n" + ProfileText.text(measured, of: profile)) }
      if functions { for target in measured { try Console.standard.say("\n" + ProfileText.functions(target)) } }
    }
    let all = findings + measured.flatMap { $0.differences(from: profile.memory) }
    if all.contains(where: { $0.severity == .error }) { throw Findings(all) }
    Console.standard.report(all)
  }

  /// One target after the other, whatever becomes of the others.
  private func measure(_ plan: FixedPlan) async throws -> ([TargetProfile], [Finding]) {
    let chosen = try targets.load(default: ["host-gcc"])
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("epropc-profile-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let progress = Console.standard.progress()
    defer { progress.finish() }
    var build = BuildOptions()
    build.optimisation = "-\(optimisation.rawValue)"
    var measured: [TargetProfile] = []
    var findings: [Finding] = []
    for (index, target) in chosen.enumerated() {
      progress.update("building for \(target.name), \(index + 1) of \(chosen.count)")
      let obstacles = await obstacles(to: plan, on: target)
      findings += obstacles
      guard obstacles.isEmpty else { continue }
      do throws(Findings) {
        var plan = plan
        plan.layout.kernels = self.options.fixedKernels ?? Layout.Kernels(of: target)
        let one = try await Profiling.measure(plan, on: target, options: build, in: "\(folder.path)/\(target.name)")
        measured.append(one)
        if let warning = one.linkWarning { findings.append(warning) }
      } catch {
        findings += error.all
      }
    }
    return (measured, findings)
  }

  /// Targets that are named must be there and large enough; of all targets, others are left out with a warning.
  private func obstacles(to plan: FixedPlan, on target: Target) async -> [Finding] {
    let severity: Finding.Severity = targets.target.contains("all") ? .warning : .error
    let place = Finding.Location(path: target.name)
    if let largest = target.tooLarge(plan.memory.objects) {
      return [
        Finding(
          "profile.too-large", severity, at: place,
          "\(largest.bytes) bytes of \(largest.what) are more than \(target.model.pointerBits)-bit addresses allow")
      ]
    }
    return await target.missingCompilers().map { tool in
      Finding(
        "target.tool.missing", severity, at: place,
        "the target '\(target.name)' needs \(tool.command), which is not installed",
        help: "make setup installs it (Debian package \(tool.package))")
    }
  }
}

extension TargetProfile {
  fileprivate var linkWarning: Finding? {
    linkFailure.map {
      Finding(
        "profile.link", .warning, at: Finding.Location(path: target),
        "a program with this network cannot be linked: \($0)", help: "the network may be too large for the machine")
    }
  }
}
