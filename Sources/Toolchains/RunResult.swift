/// What became of a program that was run.
public struct RunResult: Sendable {
  /// How the program ended.
  public enum Status: Sendable, Hashable, CustomStringConvertible {
    case exited(Int)
    case signalled(Int)

    public var description: String {
      switch self {
      case .exited(let code): "exit status \(code)"
      case .signalled(let signal): "signal \(signal)"
      }
    }
  }

  public let status: Status
  /// What the program printed. What it wrote to its output file is in that file.
  public let standardOutput: [UInt8]
  public let standardError: String
  /// Wall-clock time, for progress messages and benchmarks, never for a pass mark.
  public let seconds: Double
  /// What was executed, when counting was asked for.
  public internal(set) var counts: ExecutionCounts?

  public var succeeded: Bool { status == .exited(0) }
}

/// What a run may use before it is stopped.
public struct RunLimits: Sendable, Hashable {
  public var seconds: Double
  /// Bytes of standard output kept in memory.
  public var outputBytes: Int

  public init(seconds: Double = 600, outputBytes: Int = 16 << 20) {
    self.seconds = seconds
    self.outputBytes = outputBytes
  }
}
