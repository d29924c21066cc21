public import Diagnostics
import Foundation
import Safetensors

/// Where everything goes that a person reads: results to the standard output, findings and progress to the standard
/// error.
public struct Console: Sendable {
  /// Whether the standard error is a terminal, so that a line may be drawn again.
  public let isTerminal: Bool
  /// Whether findings are coloured.
  public let hasColour: Bool

  /// The console of this process. Colours only on a terminal, and not where `NO_COLOR` is set or the terminal is dumb.
  public static let standard: Console = {
    let environment = ProcessInfo.processInfo.environment
    let isTerminal = isatty(STDERR_FILENO) == 1
    let isPlain = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
    return Console(isTerminal: isTerminal, hasColour: isTerminal && !isPlain)
  }()

  /// A console with these properties.
  public init(isTerminal: Bool, hasColour: Bool) {
    self.isTerminal = isTerminal
    self.hasColour = hasColour
  }

  /// Prints a result and a line break.
  ///
  /// - Throws: `file.unwritable`.
  public func say(_ text: String) throws(Findings) { try put(text + "\n", on: .standardOutput, path: "-") }

  /// Prints findings in the order given, all at once.
  public func report(_ findings: [Finding]) {
    guard !findings.isEmpty else { return }
    complain(findings.map { $0.text(colour: hasColour) }.joined(separator: "\n"))
  }

  /// Prints to the standard error what is no finding, and a line break.
  public func complain(_ text: String) { try? put(text + "\n", on: .standardError, path: "standard error") }

  /// Writes a document to a file, whole or not at all, or to the standard output where the path is `-`. A device or a pipe
  /// is written to as it stands.
  ///
  /// - Parameter layout: `pretty` for documents that people read, `compact` for long ones.
  /// - Throws: `file.unwritable`.
  public func write(_ document: JSONText, to path: String, layout: JSONLayout = .pretty) throws(Findings) {
    try write(layout == .pretty ? document.pretty : document.compact + "\n", to: path)
  }

  /// The same with a text.
  public func write(_ text: String, to path: String) throws(Findings) {
    var status = stat()
    if path == "-" {
      try put(text, on: .standardOutput, path: path)
    } else if stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
      try put(text, on: FileHandle(writingTo: path), path: path)
    } else {
      try Files.write([(path, Array(text.utf8))])
    }
  }

  private func put(_ text: String, on handle: FileHandle, path: String) throws(Findings) {
    do { try handle.write(contentsOf: Data(text.utf8)) } catch { throw Findings(.unwritable(path, error)) }
  }

  /// A line that shows how far something has come.
  public func progress() -> ProgressLine { ProgressLine(isShown: isTerminal) }
}

/// How a JSON document is written.
public enum JSONLayout: Sendable, Hashable {
  /// Indented.
  case pretty
  /// In one line.
  case compact
}
