import Diagnostics
import Foundation
import Testing
import Toolchains

/// The same small program on every target that is installed here, and the same bytes from each.
@Suite(.serialized)
struct SmokeTests {
  @Test(arguments: targetNames)
  func sameBytes(name: String) async throws {
    let target = try Target.named(name, in: targetsFolder)
    guard await isUsable(target) else { return }
    for variant in [nil] + target.variants.map({ Optional($0.name) }) {
      try await withTemporaryFolder { folder in
        let program = try await target.build(
          smokeSources, options: BuildOptions(variant: variant), into: "\(folder)/build")
        try Data(stimulus).write(to: URL(fileURLWithPath: "\(folder)/in"))
        let result = try await program.run(input: "\(folder)/in", output: "\(folder)/out", limits: .init(seconds: 60))
        #expect(result.status == .exited(7), "\(result.standardError)")
        #expect(String(decoding: result.standardOutput, as: UTF8.self) == "smoke: done\n")
        #expect(FileManager.default.contents(atPath: "\(folder)/out").map { [UInt8]($0) } == expectedOutput)
        #expect(program.warnings.isEmpty)
      }
    }
  }

  @Test(arguments: targetNames)
  func sameBytesAtEveryOptimisation(name: String) async throws {
    let target = try Target.named(name, in: targetsFolder)
    guard await isUsable(target) else { return }
    for optimisation in ["-O0", "-Os"] {
      try await withTemporaryFolder { folder in
        let program = try await target.build(
          smokeSources, options: BuildOptions(optimisation: optimisation), into: "\(folder)/build")
        try Data(stimulus).write(to: URL(fileURLWithPath: "\(folder)/in"))
        let result = try await program.run(input: "\(folder)/in", output: "\(folder)/out", limits: .init(seconds: 60))
        #expect(result.status == .exited(7), "\(result.standardError)")
        #expect(FileManager.default.contents(atPath: "\(folder)/out").map { [UInt8]($0) } == expectedOutput)
      }
    }
  }

  /// Counts are the same each time, and the library's functions are among them.
  @Test(arguments: targetNames)
  func countsAreDeterministic(name: String) async throws {
    let target = try Target.named(name, in: targetsFolder)
    guard let counter = target.counter, await isUsable(target, counting: true) else { return }
    try await withTemporaryFolder { folder in
      let program = try await target.build(smokeSources, into: "\(folder)/build")
      try Data(stimulus).write(to: URL(fileURLWithPath: "\(folder)/in"))
      var all: [ExecutionCounts] = []
      for _ in 0..<2 {
        let result = try await program.run(
          input: "\(folder)/in", output: "\(folder)/out", limits: .init(seconds: 60), counting: true)
        #expect(result.status == .exited(7), "\(result.standardError)")
        all.append(try #require(result.counts))
      }
      #expect(FileManager.default.contents(atPath: "\(folder)/out").map { [UInt8]($0) } == expectedOutput)
      #expect(all[0].unit == counter.unit)
      let step = all[0].byFunction["smoke_step"] ?? 0
      #expect(step > 4 * UInt64(stimulus.count), "\(all[0])")
      #expect(all[0].byFunction["smoke_step"] == all[1].byFunction["smoke_step"])
      #expect(all[0].byFunction["smoke_digest"] == all[1].byFunction["smoke_digest"])
      print("\(name): \(step) \(counter.unit) in \(stimulus.count) calls of smoke_step, \(all[0].total) in all")
    }
  }

  /// The platform's own failures are statuses too: no stimulus, and an exception of the processor.
  @Test(arguments: targetNames)
  func failuresAreStatuses(name: String) async throws {
    let target = try Target.named(name, in: targetsFolder)
    guard await isUsable(target) else { return }
    try await withTemporaryFolder { folder in
      let smoke = try await target.build(smokeSources, into: "\(folder)/smoke")
      let without = try await smoke.run(input: "\(folder)/none", output: "\(folder)/out", limits: .init(seconds: 60))
      #expect(without.status == .exited(96), "\(without.standardError)")

      guard target.compiler.sources.contains(where: { $0.hasSuffix("platform_semihosting.c") }) else { return }
      let sources = ProgramSources(freestanding: [], driver: ["\(smokeFolder)/fault_driver.c"])
      let fault = try await target.build(sources, into: "\(folder)/fault")
      try write("", to: "\(folder)/in")
      let result = try await fault.run(input: "\(folder)/in", output: "\(folder)/out", limits: .init(seconds: 60))
      #expect(result.status == .exited(97), "\(result.standardError)")
      #expect(String(decoding: result.standardOutput, as: UTF8.self).hasPrefix("before\n"))
    }
  }

  /// An emulator is stopped as a program of this machine is, be it for time or for talking too much.
  @Test(arguments: ["avr", "cortex-m3", "rv32imc"])
  func endlessProgramIsStopped(name: String) async throws {
    let target = try Target.named(name, in: targetsFolder)
    guard await isUsable(target) else { return }
    try await withTemporaryFolder { folder in
      let sources = ProgramSources(freestanding: [], driver: ["\(smokeFolder)/endless_driver.c"])
      let program = try await target.build(sources, into: "\(folder)/build")
      try write("", to: "\(folder)/in")
      for (limits, id) in [(RunLimits(seconds: 0.5), "run.timeout"), (RunLimits(outputBytes: 1000), "run.output")] {
        let found = await findings {
          _ = try await program.run(input: "\(folder)/in", output: "\(folder)/out", limits: limits)
        }
        #expect(found.map(\.id) == [id])
      }
    }
  }

  @Test(arguments: targetNames)
  func sizesAndStack(name: String) async throws {
    let target = try Target.named(name, in: targetsFolder)
    guard await isUsable(target) else { return }
    try await withTemporaryFolder { folder in
      let program = try await target.build(smokeSources, into: folder)
      let sizes = try await program.sizes()
      #expect(sizes.flash > 200)
      #expect(sizes.ram >= 72 + 16 + 4)
      #expect(sizes.symbols.contains { $0.name == "smoke_step" && $0.isCode && $0.size > 10 })
      #expect(sizes.symbols.contains { $0.name == "state" && $0.size == 72 })
      let library = try await program.sizes(of: program.objects[0])
      #expect(library.flash > 50 && library.flash < sizes.flash && library.ram < sizes.ram)
      let stack = try program.stackUsage()
      let step = try #require(stack.first { $0.function == "smoke_step" })
      #expect(step.kind == .fixed && step.bytes < 128)
      if let deepest = step.deepest { #expect(deepest >= step.bytes) }
    }
  }
}

let smokeSources = ProgramSources(
  freestanding: ["\(smokeFolder)/smoke_library.c"], driver: ["\(smokeFolder)/smoke_driver.c"], includes: [smokeFolder])

/// 1000 bytes, so that the last block is not full.
let stimulus: [UInt8] = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 / 7) }

/// What `smoke_driver.c` writes, computed here a second time.
let expectedOutput: [UInt8] = {
  let table: [Int32] = [3, -1, 4, -1, 5, -9, 2, 6]
  var low: UInt32 = 1
  var high: UInt32 = 0
  var store = [Int32](repeating: 0, count: 16)
  var output: [UInt8] = []
  for (index, byte) in stimulus.enumerated() {
    let place = Int(byte & 15)
    store[place] = (store[place] + table[Int(byte & 7)] * Int32(byte)) % 1_000_003
    low = (low + UInt32(byte)) % 65521
    high = (high + low) % 65521
    guard index % 16 == 15 || index == stimulus.count - 1 else { continue }
    var digest = high << 16 | low
    for value in store { digest = digest &* 16_777_619 ^ UInt32(bitPattern: value) }
    for shift in [0, 8, 16, 24] { output.append(UInt8(truncatingIfNeeded: digest >> UInt32(shift))) }
  }
  return output
}()
