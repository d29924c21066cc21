import ArgumentParser
import Diagnostics
import Foundation
import Toolchains

/// `--target`, for verbs that build for machines.
struct TargetOptions: ParsableArguments {
  @Option(
    name: .long, parsing: .upToNextOption,
    help: ArgumentHelp(
      "Machines to build for, as in targets/, with blanks or commas between them; `all` for every one.",
      valueName: "target"))
  var target: [String] = []

  /// What was asked for, one name each.
  var names: [String] { target.flatMap { $0.split(separator: ",").map(String.init) } }

  /// Whether every target was asked for: then those that are missing something are left out, not complained of.
  var wantsAll: Bool { names.contains("all") }

  @Option(
    help: ArgumentHelp(
      "The folder of targets. (default: targets/ here, or above the executable)", valueName: "dir", visibility: .hidden)
  )
  var targets: String?

  /// The targets that were asked for, each once, in that order; the default ones if none was.
  ///
  /// - Throws: every target that does not exist or cannot be read, at once.
  func load(default names: [String]) throws(Findings) -> [Target] {
    let folder = if let targets { targets } else { try Self.folder() }
    if wantsAll { return try Target.all(in: folder) }
    var loaded: [Target] = []
    var findings: [Finding] = []
    for name in self.names.isEmpty ? names : self.names where !loaded.contains(where: { $0.name == name }) {
      do throws(Findings) {
        loaded.append(try Target.named(name, in: folder))
      } catch {
        findings += error.all
      }
    }
    guard findings.isEmpty else { throw Findings(findings) }
    return loaded
  }

  /// `targets/` in the working directory or in the nearest folder above the executable that has one.
  static func folder() throws(Findings) -> String {
    if let place = folder(holding: "targets/host-gcc/target.json") { return place + "/targets" }
    throw Findings(
      Finding(
        "target.directory", at: Finding.Location(path: "--targets"), "the folder of targets cannot be found",
        help: "run from the top of the package, or name the folder with --targets"))
  }

  /// The working directory, or the nearest folder above the executable, that has this file.
  static func folder(holding file: String) -> String? {
    let executable = Bundle.main.executableURL?.resolvingSymlinksInPath()
    var candidates = [URL(fileURLWithPath: FileManager.default.currentDirectoryPath)]
    var above = executable?.deletingLastPathComponent()
    while let folder = above, folder.path != "/" {
      candidates.append(folder)
      above = folder.deletingLastPathComponent()
    }
    return candidates.map(\.path).first { FileManager.default.fileExists(atPath: $0 + "/" + file) }
  }
}
