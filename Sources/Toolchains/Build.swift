public import Diagnostics
import Foundation

/// The sources of one program, in two groups that are compiled under different rules.
public struct ProgramSources: Sendable, Hashable {
  /// The generated C and what it needs: strict warnings, no C library.
  public var freestanding: [String]
  /// What drives it, written against `platform.h` or, on a host, the C library.
  public var driver: [String]
  public var includes: [String]
  /// Macros for both groups: `["NAME"]` or `["NAME=VALUE"]`.
  public var defines: [String]

  public init(freestanding: [String], driver: [String], includes: [String] = [], defines: [String] = []) {
    self.freestanding = freestanding
    self.driver = driver
    self.includes = includes
    self.defines = defines
  }
}

/// How a program is built, beyond what the target says.
public struct BuildOptions: Sendable, Hashable {
  /// The compiler's flag: `-O0`, `-O2`, `-Os`.
  public var optimisation: String
  /// One of the target's variants, by name.
  public var variant: String?
  public var warningsAsErrors: Bool
  /// Leaves out the platform's sources, for a program with a `main` of its own.
  public var ownMain: Bool
  /// Further words at the end of the link, such as `-lcmocka`.
  public var libraries: [String]

  public init(
    optimisation: String = "-O2", variant: String? = nil, warningsAsErrors: Bool = true, ownMain: Bool = false,
    libraries: [String] = []
  ) {
    self.optimisation = optimisation
    self.variant = variant
    self.warningsAsErrors = warningsAsErrors
    self.ownMain = ownMain
    self.libraries = libraries
  }
}

extension Target {
  /// Compiles and links a program. Objects, stack reports and the program (`program.elf`) go into `directory`, which is
  /// created; files of the same name are overwritten.
  public func build(
    _ sources: ProgramSources, options: BuildOptions = BuildOptions(), into directory: String
  ) async throws(Findings) -> Program {
    let directory = absolutePath(directory)
    try createDirectory(directory)
    let build = Build(
      target: self, sources: sources, options: options, variant: try variantFlags(options.variant), directory: directory
    )
    return try await build.run()
  }

  private func variantFlags(_ name: String?) throws(Findings) -> [String] {
    guard let name else { return [] }
    if let variant = variants.first(where: { $0.name == name }) { return variant.flags }
    let names = variants.map(\.name)
    throw Findings(
      Finding(
        "target.variant", at: .init(path: self.name), "the target '\(self.name)' has no variant '\(name)'",
        help: names.isEmpty ? "it has none" : "it has: \(names.joined(separator: ", "))"))
  }
}

/// One build in progress.
private struct Build {
  let target: Target
  let sources: ProgramSources
  let options: BuildOptions
  let variant: [String]
  let directory: String

  func run() async throws(Findings) -> Program {
    let compiler = target.compiler
    let version = try await compilerVersion(compiler.command)
    var objects: [Program.Object] = []
    var warnings = ""
    let platform = options.ownMain ? [] : compiler.sources
    let groups: [(Program.Object.Group, [String], [String])] = [
      (
        .freestanding, sources.freestanding,
        compiler.freestanding + (target.ramBytes.map { ["-DEPROP_RAM=\($0)"] } ?? [])
      ),
      (.driver, sources.driver, compiler.driver),
      (.platform, platform, compiler.driver),
    ]
    for (group, files, flags) in groups {
      for file in files {
        let path = "\(directory)/\(objects.count)-\(baseName(file)).o"
        warnings += try await compile(absolutePath(file), to: path, flags)
        objects.append(.init(group: group, source: file, path: path))
      }
    }
    let program = "\(directory)/program.elf"
    let linkerMessages = try await link(objects.map(\.path), to: program)
    return Program(
      target: target, options: options, directory: directory, path: program, objects: objects,
      compilerVersion: version, warnings: warnings, linkerMessages: linkerMessages)
  }

  private func compile(_ file: String, to object: String, _ flags: [String]) async throws(Findings) -> String {
    let compiler = target.compiler
    var words = compiler.flags + flags + compiler.stack + [options.optimisation] + variant
    words += options.warningsAsErrors ? ["-Werror"] : []
    words += (sources.includes.map(absolutePath) + compiler.includes).flatMap { ["-I", $0] }
    words += sources.defines.map { "-D\($0)" }
    let command = Command(compiler.command, words + ["-c", file, "-o", object])
    let result = try await command.run()
    if result.status != .exited(0) { throw Findings(compilerFinding("build.compile", file, command, result)) }
    return result.error
  }

  private func link(_ objects: [String], to program: String) async throws(Findings) -> String {
    let compiler = target.compiler
    let words = compiler.flags + [options.optimisation] + variant + objects + ["-o", program]
    let command = Command(compiler.command, words + compiler.link + options.libraries)
    let result = try await command.run()
    if result.status == .exited(0) { return result.error }
    // GNU ld's words for a memory that is too small, the one with the bytes first.
    let lines = result.error.split(separator: "\n").map(String.init)
    for words in ["overflowed by", "is not within region", "will not fit in region"] {
      guard let line = lines.first(where: { $0.contains(words) }) else { continue }
      throw Findings(
        Finding(
          Target.overflow, at: .init(file: program, path: target.name), line,
          help: "compile a smaller plan, or with -Os:\n\(command.line)"))
    }
    throw Findings(compilerFinding("build.link", program, command, result))
  }

  /// The compiler's first complaint is the message; the rest, and the command, are the help.
  private func compilerFinding(_ id: String, _ file: String, _ command: Command, _ result: Command.Result) -> Finding {
    let lines = result.error.split(separator: "\n").map(String.init)
    let first = lines.first { $0.contains("error") } ?? lines.first ?? "\(result.status) without a message"
    let place = CompilerMessage(first)
    let rest = lines.prefix(40).joined(separator: "\n")
    return Finding(
      id, at: .init(file: place?.file ?? file, line: place?.line, column: place?.column, path: target.name),
      place?.text ?? first, help: "\(command.line)\n\(rest)")
  }
}

/// A line `file:line:column: error: text`, taken apart.
private struct CompilerMessage {
  let file: String
  let line: Int
  let column: Int?
  let text: String

  init?(_ message: String) {
    guard let match = message.firstMatch(of: /^(.+?):(\d+):(?:(\d+):)? (?:fatal )?error: (.*)$/),
      let line = Int(match.2)
    else { return nil }
    file = String(match.1)
    self.line = line
    column = match.3.flatMap { Int($0) }
    text = String(match.4)
  }
}

/// The first line that a compiler prints about itself.
func compilerVersion(_ command: String) async throws(Findings) -> String {
  guard findCommand(command) != nil else {
    throw Findings(
      Finding(
        "target.tool.missing", at: .init(file: command), "the command \(command) is not installed",
        help: "make setup installs what the targets need"))
  }
  let result = try await Command(command, ["--version"]).run()
  return result.text.split(separator: "\n").first.map(String.init) ?? command
}

func createDirectory(_ path: String) throws(Findings) {
  do {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  } catch {
    throw Findings(Finding("build.directory", at: .init(file: path), "the folder cannot be created: \(error)"))
  }
}

private func baseName(_ path: String) -> String {
  let file = path.split(separator: "/").last ?? ""
  return String(file.split(separator: ".").first ?? file)
}
