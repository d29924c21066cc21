public import Diagnostics
public import Planning
public import Toolchains

/// Builds the C of `plan` for `target` in `directory` and measures what comes out. Nothing is run, so the target's
/// emulator need not be installed.
public func measure(
  _ plan: FixedPlan, on target: Target, options: BuildOptions = BuildOptions(), in directory: String
) async throws(Findings) -> TargetProfile {
  let probe = ProbeSources(plan, in: directory)
  try probe.write()
  let declared = try await target.build(
    ProgramSources(freestanding: [], driver: [probe.declarations], includes: probe.includes), options: options,
    into: "\(directory)/declared")
  var whole: Program?
  var failure: String?
  do throws(Findings) {
    whole = try await target.build(
      ProgramSources(freestanding: [probe.generated], driver: [probe.use], includes: probe.includes), options: options,
      into: "\(directory)/whole")
  } catch {
    guard let finding = error.all.first, ["build.link", Target.overflow].contains(finding.id) else { throw error }
    failure = finding.message
  }
  // Without the network's functions in the program there is nothing that could fail to fit.
  let library: Program
  if let whole {
    library = whole
  } else {
    library = try await target.build(
      ProgramSources(freestanding: [probe.generated], driver: [probe.declarations], includes: probe.includes),
      options: options, into: "\(directory)/library")
  }
  return try await Measurement(
    probe: probe, declared: declared, library: library, image: whole, linkFailure: failure
  ).profile()
}

extension Target {
  /// What must be installed before this target's programs can be built, whether or not they can be run.
  public func missingCompilers() async -> [MissingTool] {
    let needed = Set(needs.filter { $0.kind != .tool && $0.name != command.first }.map(\.name))
    return await missingTools().filter { needed.contains($0.command) }
  }
}

/// Figures read from a build.
struct Measurement {
  let probe: ProbeSources
  let declared: Program
  /// Holds the network's object.
  let library: Program
  let image: Program?
  let linkFailure: String?

  func profile() async throws(Findings) -> TargetProfile {
    let declaration = try await declaredConstants()
    let planned = Set(probe.plan.memory.flash.map(\.name))
    let object = try await library.sizes(of: try object(of: library, .freestanding))
    let stack = try library.stackUsage()
    let constants = [".rodata", ".data", ".progmem"].reduce(0) { $0 + bytes(object, $1) }
    return TargetProfile(
      target: library.target.name, core: library.target.core, compiler: library.compilerVersion,
      optimisation: library.options.optimisation, kernels: probe.plan.layout.kernels,
      structBytes: declaration.structBytes,
      tables: declaration.tables.filter { planned.contains($0.key) },
      unplanned: declaration.tables.filter { !planned.contains($0.key) }, codeBytes: bytes(object, ".text"),
      constantBytes: constants,
      functions: functions(object, stack),
      unknownCallees: Set(stack.filter { probe.functions.contains($0.function) }.flatMap(\.unknownCallees)).sorted(),
      image: try await linkedImage(object, constantBytes: constants), linkFailure: linkFailure)
  }

  /// sizeof the struct, and of every constant that has a name in the generated C.
  private func declaredConstants() async throws(Findings) -> (structBytes: Int, tables: [String: Int]) {
    let sizes = try await declared.sizes(of: try object(of: declared, .driver))
    var structBytes = 0
    var tables: [String: Int] = [:]
    for symbol in sizes.symbols where isData(symbol) {
      switch symbol.name {
      case "probe_instance": structBytes = Int(symbol.size)
      case "probe_tables": break
      default: if isWritten(symbol.name) { tables[symbol.name] = Int(symbol.size) }
      }
    }
    return (structBytes, tables)
  }

  private func isData(_ symbol: ProgramSizes.Symbol) -> Bool { "rRdDbBsSgGC".contains(symbol.kind) }

  /// Compilers name what they add (`CSWTCH.1`, `.Lswitch.table`), and constants within functions (`table.0`), so that no C name
  /// can be the same.
  private func isWritten(_ name: String) -> Bool { name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }

  private func object(of program: Program, _ group: Program.Object.Group) throws(Findings) -> Program.Object {
    guard let object = program.objects.first(where: { $0.group == group }) else {
      throw Findings(Finding("profile.object", at: .init(path: program.target.name), "the build has no object"))
    }
    return object
  }

  private func bytes(_ sizes: ProgramSizes, _ section: String) -> Int {
    sizes.sections.filter { $0.name == section || $0.name.hasPrefix(section + ".") }.reduce(0) { $0 + $1.size }
  }

  private func functions(_ object: ProgramSizes, _ stack: [StackUsage]) -> [TargetProfile.Function] {
    let reports = Dictionary(stack.map { ($0.function, $0) }) { first, _ in first }
    return object.symbols.filter { $0.isCode && $0.size > 0 }.map { symbol in
      TargetProfile.Function(
        name: symbol.name, isPublic: probe.functions.contains(symbol.name), bytes: Int(symbol.size),
        stack: report(symbol.name, reports)?.bytes, deepestStack: report(symbol.name, reports)?.deepest)
    }.sorted { (-$0.bytes, $0.name) < (-$1.bytes, $1.name) }
  }

  /// Compilers number the copies of a function that they specialise (`sort.constprop.0`), but not always in the report.
  private func report(_ name: String, _ reports: [String: StackUsage]) -> StackUsage? {
    if let report = reports[name] { return report }
    return name.lastIndex(of: ".").flatMap { report(String(name[..<$0]), reports) }
  }

  /// What is in a program with the network that is neither in its objects nor in a program without it.
  private func linkedImage(
    _ object: ProgramSizes, constantBytes: Int
  ) async throws(Findings) -> TargetProfile.Image? {
    guard let image else { return nil }
    var known = Set(try await declared.sizes().symbols.map(\.name))
    for object in image.objects { known.formUnion(try await image.sizes(of: object).symbols.map(\.name)) }
    let symbols = try await image.sizes().symbols
    let helpers = symbols.filter { $0.isCode && $0.size > 0 && !known.contains($0.name) }
    let constants = Set(object.symbols.filter { "rR".contains($0.kind) }.map(\.name))
    let isInRAM = symbols.contains { constants.contains($0.name) && "dD".contains($0.kind) }
    return TargetProfile.Image(
      helpers: Dictionary(helpers.map { ($0.name, Int($0.size)) }) { first, _ in first },
      constantBytesInRAM: isInRAM ? constantBytes : 0)
  }
}
