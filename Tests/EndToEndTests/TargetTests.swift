import Conformance
import Diagnostics
import Foundation
import Networks
import Planning
import Tasks
import Testing
import Toolchains
import Trials

/// Whole learning runs on every target, the networks' own self-tests, and networks that do not fit.
@Suite(.serialized) struct TargetTests {
  static let names = (try? Target.all(in: root + "/targets").map(\.name)) ?? []

  /// The target, or nil with a visible note where something is not installed.
  private func ready(_ name: String) async throws -> Target? {
    let target = try Target.named(name, in: root + "/targets")
    let missing = await target.missingTools()
    for tool in missing { print("SKIPPED: \(name) needs \(tool.command) (package \(tool.package))") }
    return missing.isEmpty ? target : nil
  }

  private func plan(
    _ task: any BuiltInTask, options: PlanOptions = PlanOptions()
  ) throws -> (SpikingNetwork, FixedPlan) {
    let network = deviceNetwork(task, seed: 1)
    return (network, try FixedPlan(network, options: options))
  }

  /// What makes store-recall-small fit 2 KiB of RAM.
  static var smallest: PlanOptions {
    var options = PlanOptions()
    options.tile = 1
    options.history = .replay
    return options
  }

  /// What does not fit a machine is left out by name: it must be only this.
  static let tooLarge: [String: Set<String>] = [
    "store-recall-small": ["atmega328p"], "store-recall": ["avr", "atmega328p"], "steady-load": ["avr", "atmega328p"],
  ]

  @Test(arguments: ["blink", "store-recall-small", "store-recall", "steady-load"])
  func twentyTrialsHaveTheSameBitsEverywhere(_ name: String) async throws {
    let task = try #require(BuiltInTasks.named(name))
    let (network, plan) = try plan(task)
    let targets = try Target.all(in: root + "/targets")
    try await inTemporaryFolder { folder in
      var verification = Verification(
        network: network, plan: plan, trials: task.trials(seed: 1, count: 20), targets: targets, directory: folder)
      if plan.maximumSteps > 100 { verification.every = 10 }
      let report = try await verification.run()
      for machine in report.machines {
        #expect(
          machine.comparison.bitExact,
          "\(name) on \(machine.target): \(String(describing: machine.comparison.divergence))")
        #expect(machine.comparison.stepsCompared == 20 * plan.maximumSteps)
      }
      #expect(report.model.learnt == 20)
      #expect(Set(report.skipped.filter { $0.tooLarge != nil }.map(\.target)) == Self.tooLarge[name] ?? [])
      #expect(report.machines.count + report.skipped.count == targets.count)
      for skipped in report.skipped {
        for tool in skipped.missing { print("SKIPPED: \(skipped.target) needs \(tool.command)") }
      }
    }
  }

  /// Code that a board has no flash for is left out by name, like data that it has no RAM for, and stops nothing.
  @Test func codeThatDoesNotFitIsLeftOut() async throws {
    guard try await ready("atmega328p") != nil else { return }
    let task = try #require(BuiltInTasks.named("blink"))
    let (network, plan) = try plan(task)
    try await inTemporaryFolder { folder in
      // The same board with 256 bytes of flash.
      let boards = "\(folder)/targets"
      let files = FileManager.default
      try files.createDirectory(atPath: "\(boards)/atmega328p", withIntermediateDirectories: true)
      try files.createSymbolicLink(atPath: "\(boards)/common", withDestinationPath: "\(root)/targets/common")
      try files.createSymbolicLink(atPath: "\(folder)/.build", withDestinationPath: "\(root)/.build")
      let flag = "\"-Wl,--gc-sections\""
      let text = try String(contentsOfFile: "\(root)/targets/atmega328p/target.json", encoding: .utf8)
      try text.replacing(flag, with: flag + ", \"-Wl,--defsym=__TEXT_REGION_LENGTH__=256\"")
        .write(toFile: "\(boards)/atmega328p/target.json", atomically: true, encoding: .utf8)
      let targets = [
        try Target.named("atmega328p", in: boards), try Target.named("host-gcc", in: "\(root)/targets"),
      ]
      let report = try await Verification(
        network: network, plan: plan, trials: task.trials(seed: 1, count: 1), targets: targets, directory: folder
      ).run()
      #expect(report.skipped.map(\.target) == ["atmega328p"])
      #expect(report.skipped.first?.tooLarge?.contains("region") == true)
      #expect(report.machines.map(\.target) == ["host-gcc"] && report.bitExact)
    }
  }

  /// Task 1.2, cut to what fits the smallest board.
  @Test func storeRecallLearnsOnABoardOf2KiB() async throws {
    guard let target = try await ready("atmega328p") else { return }
    let task = StoreRecall(size: .small)
    let (network, plan) = try plan(task, options: Self.smallest)
    #expect(plan.memory.structBytes <= (target.ramBytes ?? 0))
    try await inTemporaryFolder { folder in
      let report = try await Verification(
        network: network, plan: plan, trials: task.trials(seed: 1, count: 20), targets: [target],
        optimisations: ["-Os"], directory: folder
      ).run()
      #expect(report.bitExact && report.machines.count == 1 && report.model.learnt == 20)
    }
  }

  @Test(arguments: ["host-gcc", "cortex-m4", "avr"])
  func optimisationChangesNoBit(_ name: String) async throws {
    guard let target = try await ready(name) else { return }
    let task = StoreRecall(size: .small)
    let (network, plan) = try plan(task)
    try await inTemporaryFolder { folder in
      let report = try await Verification(
        network: network, plan: plan, trials: task.trials(seed: 1, count: 20), targets: [target],
        optimisations: ["-O0", "-O2", "-Os"], directory: folder
      ).run()
      #expect(report.machines.count == 3 && report.bitExact)
    }
  }

  /// Tables of an AVR stay in flash: a network of 20 KB of weights infers in 8 KiB of RAM.
  @Test func tablesCostNoRAM() async throws {
    guard let target = try await ready("avr") else { return }
    let task = SteadyLoad()
    let network = deviceNetwork(task, seed: 1)
    var options = PlanOptions()
    options.inferenceOnly = true
    let plan = try FixedPlan(network, options: options)
    #expect(plan.memory.flashBytes > 20_000)
    try await inTemporaryFolder { folder in
      let report = try await Verification(
        network: network, plan: plan, trials: task.trials(seed: 1, count: 1), targets: [target], directory: folder
      ).run()
      #expect(report.bitExact && report.machines.count == 1)
    }
  }

  @Test func aNetworkThatDoesNotFitDoesNotCompile() async throws {
    guard let target = try await ready("atmega328p") else { return }
    let (network, plan) = try plan(StoreRecall())
    let bytes = plan.memory.structBytes
    let limit = try #require(target.ramBytes)
    let found = try await inTemporaryFolder { folder -> [Finding] in
      do throws(Findings) {
        _ = try await Machine(plan, target: target, in: folder)
        return []
      } catch {
        return error.all
      }
    }
    #expect(
      found.first?.message.contains("store_recall_has_\(bytes)_bytes_and_EPROP_RAM_is_\(limit)") == true, "\(found)")
    let finding = Slimming.finding(
      network, options: PlanOptions(), bytes: bytes, limit: limit, target: target.name)
    #expect(finding.message.contains("\(bytes - limit) bytes too many"))
    #expect(finding.help?.contains("--history replay") == true)
    // What is said to be enough is enough.
    let list = Slimming.all(network, options: PlanOptions())
    #expect(zip(list, list.dropFirst()).allSatisfy { $0.bytes > $1.bytes })
    var inference = PlanOptions()
    inference.inferenceOnly = true
    #expect(try FixedPlan(network, options: inference).memory.structBytes == list.last?.bytes)
  }
}

/// The self-tests that a network brings for its board.
@Suite(.serialized) struct SelfTestTests {
  private func files(
    _ task: any BuiltInTask, options: PlanOptions = PlanOptions()
  ) throws -> (FixedPlan, [(path: String, bytes: [UInt8])]) {
    let network = deviceNetwork(task, seed: 1)
    let plan = try FixedPlan(network, options: options)
    return (plan, try generatedFiles(network: network, plan: plan))
  }

  @Test(arguments: TargetTests.names)
  func passOnEveryTarget(_ name: String) async throws {
    let target = try Target.named(name, in: root + "/targets")
    let missing = await target.missingTools()
    guard missing.isEmpty else {
      for tool in missing { print("SKIPPED: \(name) needs \(tool.command) (package \(tool.package))") }
      return
    }
    let optimisation = target.ramBytes == nil ? "-O2" : "-Os"
    for task in [Blink(), StoreRecall(size: .small)] as [any BuiltInTask] {
      let (plan, files) = try files(task, options: target.ramBytes == nil ? PlanOptions() : TargetTests.smallest)
      let result = try await inTemporaryFolder { folder in
        try await runSelfTest(
          of: plan.name, files: files, target: target, options: BuildOptions(optimisation: optimisation), in: folder)
      }
      #expect(result.passed, "\(result.text)")
      #expect(
        result.text.hasPrefix("\(plan.name): PASS, steps ") && result.text.hasSuffix(", updates 3\n"), "\(result.text)")
    }
  }

  @Test func theClockIsRead() async throws {
    let target = try Target.named("host-gcc", in: root + "/targets")
    let (plan, files) = try files(Blink())
    let result = try await inTemporaryFolder { folder in
      // A clock that ticks once per look: every call takes one.
      try await runSelfTest(
        of: plan.name,
        files: files.map {
          $0.path == "test/selftest.c"
            ? ($0.path, Array("#include <stdint.h>\nstatic uint32_t ticks;\n".utf8) + $0.bytes) : $0
        }, target: target, defines: ["SELFTEST_NOW=ticks++"], in: folder)
    }
    #expect(result.passed)
    #expect(result.text.hasSuffix(", slowest step 1, slowest update 1\n"), "\(result.text)")
  }

  /// Most planted mistakes are found by the few steps of a self-test; it is the suite's work to find them all. Images are
  /// not tested on boards.
  @Test func mistakesAreFound() async throws {
    let target = try Target.named("host-gcc", in: root + "/targets")
    let (plan, files) = try files(Blink())
    var missed: [String] = []
    let mutants = Mutant.all(plan).filter { !$0.name.contains("image") && !$0.name.contains("saved") }
    for mutant in mutants {
      let mutated = try mutant.planted(in: files)
      let result = try await inTemporaryFolder { folder in
        try await runSelfTest(
          of: plan.name, files: mutated, target: target, options: BuildOptions(optimisation: "-O0"), in: folder)
      }
      if result.passed { missed.append(mutant.name) } else { #expect(result.text.contains(": FAIL after ")) }
    }
    print("the self-test finds \(mutants.count - missed.count) of \(mutants.count) planted mistakes")
    #expect(missed.count * 2 <= mutants.count, "\(missed)")
    #expect(mutants.count > 10)
  }

  /// A bit that flips in a table of the program.
  @Test(arguments: ["host-gcc", "cortex-m0", "avr"])
  func aCorruptByteIsFound(_ name: String) async throws {
    let target = try Target.named(name, in: root + "/targets")
    guard await target.missingTools().isEmpty else {
      print("SKIPPED: \(name) cannot be run")
      return
    }
    let (plan, original) = try files(Blink())
    var files = original
    let index = try #require(files.firstIndex { $0.path == "\(plan.name).c" })
    let text = String(decoding: files[index].bytes, as: UTF8.self)
    let declaration = try #require(text.range(of: "initial_input_to_plain[2U] EPROP_TABLE = {\n    96, 32"))
    files[index].bytes = Array(
      text.replacingOccurrences(
        of: "    96, 32", with: "    96, 33", range: declaration
      ).utf8)
    try await expectFailure(plan, files, target)

    // The same in RAM, between two trials.
    files = original
    let test = try #require(files.firstIndex { $0.path == "test/selftest.c" })
    let reset = "blink_reset(&subject);"
    let source = String(decoding: files[test].bytes, as: UTF8.self)
    #expect(source.contains(reset))
    files[test].bytes = Array(
      source.replacingOccurrences(
        of: reset, with: reset + " subject.w_plain_to_light[0] = (int8_t)(subject.w_plain_to_light[0] ^ 1);"
      ).utf8)
    try await expectFailure(plan, files, target)
  }

  private func expectFailure(
    _ plan: FixedPlan, _ files: [(path: String, bytes: [UInt8])], _ target: Target
  ) async throws {
    let result = try await inTemporaryFolder { folder in
      try await runSelfTest(of: plan.name, files: files, target: target, in: folder)
    }
    #expect(!result.passed)
    #expect(result.text.contains("blink: FAIL after "), "\(result.text)")
  }
}
