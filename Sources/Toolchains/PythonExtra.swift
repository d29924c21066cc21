public import Diagnostics
import Foundation

/// A Python with libraries that nothing needs and a comparison can use: `make extras` makes one with PyTorch and NumPy.
public struct PythonExtra: Sendable {
  private let program: String

  /// The first interpreter in the list that can import the modules; nil if none can.
  public static func first(
    of programs: [String], importing modules: [String] = ["numpy", "torch"]
  ) async -> PythonExtra? {
    for program in programs {
      let attempt = Command(program, ["-c", "import " + modules.joined(separator: ", ")])
      if let result = try? await attempt.run(), result.status == .exited(0) { return PythonExtra(program: program) }
    }
    return nil
  }

  /// Runs a script and gives back what it printed.
  ///
  /// - Throws: `extras.failed` if it failed, `run.…` if it could not be run.
  public func run(_ script: String, _ arguments: [String]) async throws(Findings) -> String {
    let result = try await Command(program, [script] + arguments).run()
    guard result.status == .exited(0) else {
      let last = result.error.split(separator: "\n").last.map(String.init) ?? "nothing was said"
      throw Findings(Finding("extras.failed", at: .init(file: script), "\(result.status): \(last)"))
    }
    return result.text
  }
}
