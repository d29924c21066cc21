/// One thing that is wrong (or worth saying), as a value: a stable id, the place, what was expected and the way out.
///
/// A stage that checks something returns all its findings at once; nothing is printed and nothing exits below the
/// command line.
public struct Finding: Sendable, Hashable {
  /// `error` stops the pipeline after the stage that found it; `warning` and `note` never do.
  public enum Severity: String, Sendable, Hashable { case error, warning, note }

  /// Where the offending value stood. Every part is optional, because a missing tensor has a file but no line.
  public struct Location: Sendable, Hashable {
    public var file: String?
    /// Line and column, counted from 1.
    public var line: Int?
    public var column: Int?
    /// The JSON path (`populations[0].tau_m`), the tensor's name, or the command-line option.
    public var path: String?

    public init(file: String? = nil, line: Int? = nil, column: Int? = nil, path: String? = nil) {
      self.file = file
      self.line = line
      self.column = column
      self.path = path
    }
  }

  /// Stable, lower case, dotted from general to special: `network.weights.shape`. Scripts may depend on it.
  public let id: String
  public let severity: Severity
  public let location: Location?
  /// One sentence: what was found and what was expected.
  public let message: String
  /// What to do about it, where that is known.
  public let help: String?

  public init(
    _ id: String, _ severity: Severity = .error, at location: Location? = nil, _ message: String, help: String? = nil
  ) {
    self.id = id
    self.severity = severity
    self.location = location
    self.message = message
    self.help = help
  }
}

/// The error that a failing stage throws: all its findings, at least one of them an error.
public struct Findings: Error, Sendable, Hashable {
  public let all: [Finding]

  public init(_ all: [Finding]) { self.all = all }
  public init(_ one: Finding) { self.all = [one] }
}
