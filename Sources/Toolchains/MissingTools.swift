public import Diagnostics
import Foundation

/// A thing that a target needs and that is not installed.
public struct MissingTool: Sendable, Hashable {
  public let command: String
  /// The Debian package that brings it, or that it is made with.
  public let package: String
  /// Whether it is one of our own, which `make tools` makes.
  public let isOurs: Bool

  public init(command: String, package: String, isOurs: Bool = false) {
    self.command = command
    self.package = package
    self.isOurs = isOurs
  }

  fileprivate init(_ need: Target.Need) {
    self.init(command: need.name, package: need.package, isOurs: need.kind == .tool)
  }

  /// The way to get it.
  public var help: String {
    (isOurs ? "make tools makes it, after make setup" : "make setup installs it") + " (Debian package \(package))"
  }

  /// Where it comes from, in few words.
  public var origin: String { isOurs ? "`make tools`, with package \(package)" : "package \(package)" }
}

extension Target {
  /// What must still be installed before programs can be built for this target and run, or run with counting.
  public func missingTools(counting: Bool = false) async -> [MissingTool] {
    var missing: [MissingTool] = []
    for need in needs + (counting ? counter?.needs ?? [] : []) where await !isPresent(need) {
      missing.append(MissingTool(need))
    }
    return missing
  }

  /// What must still be installed before the target can count what calls cost; nil where it cannot.
  public func missingCallCounters() async -> [MissingTool]? {
    guard let counter, let calls = counter.calls else { return nil }
    var missing = await missingTools()
    for need in calls.needs + (calls.needs.isEmpty ? counter.needs : []) where await !isPresent(need) {
      missing.append(MissingTool(need))
    }
    return missing
  }

  /// The same as findings, one per tool, for those who cannot go on without the target.
  public func missingToolFindings(counting: Bool = false) async -> [Finding] {
    await missingTools(counting: counting).map { tool in
      Finding(
        "target.tool.missing", at: .init(path: name),
        "the target '\(name)' needs \(tool.command), which is not installed",
        help: tool.help)
    }
  }

  /// Where `make tools` puts the runner of avr programs and the counting plugin.
  public var toolsDirectory: String { absolutePath("\(directory)/../../.build/tools") }

  private func isPresent(_ need: Need) async -> Bool {
    switch need.kind {
    case .command: return findCommand(need.name) != nil
    case .tool: return FileManager.default.fileExists(atPath: "\(toolsDirectory)/\(need.name)")
    case .library:
      guard findCommand(compiler.command) != nil else { return true }
      let query = Command(compiler.command, compiler.flags + ["-print-file-name=\(need.name)"])
      // A compiler that does not know the file gives back the bare name.
      return (try? await query.run())?.text.contains("/") ?? false
    }
  }
}

/// The path of a command, looked up as the shell does.
func findCommand(_ name: String) -> String? {
  if name.contains("/") { return FileManager.default.isExecutableFile(atPath: name) ? name : nil }
  let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
  return directories.lazy.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}
