import Diagnostics
import Foundation
import Subprocess

/// One call of another program, and what became of it. Nothing else in the package starts a process.
struct Command: Sendable {
  /// A name to be looked up on the search path, or a path.
  let program: String
  let arguments: [String]
  var seconds = 600.0
  var outputBytes = 64 << 20

  init(_ program: String, _ arguments: [String]) {
    self.program = program
    self.arguments = arguments
  }

  struct Result: Sendable {
    let status: RunResult.Status
    let output: [UInt8]
    let error: String
    let seconds: Double
    var text: String { String(decoding: output, as: UTF8.self) }
  }

  private enum Outcome: Sendable {
    case finished(Result)
    case failed(any Error)
    case timedOut
  }

  /// The command as one would type it, for messages.
  var line: String {
    ([program] + arguments).map { $0.contains(where: { " '\"$*".contains($0) }) ? "'\($0)'" : $0 }
      .joined(separator: " ")
  }

  /// Runs the command, collecting its standard output in memory or, with `file`, there.
  /// Waits until a processor is free; the limit on its seconds begins then.
  func run(outputTo file: String? = nil) async throws(Findings) -> Result {
    await ProcessorGate.shared.enter()
    defer { ProcessorGate.shared.leave() }
    switch await race(outputTo: file) {
    case .finished(let result): return result
    case .timedOut:
      throw Findings(
        Finding(
          "run.timeout", at: .init(file: program), "stopped after \(seconds) s: \(line)",
          help: "allow more time, or give it less to do"))
    case .failed(let error as Findings): throw error
    case .failed(let error as SubprocessError) where error.code == .outputLimitExceeded:
      throw Findings(
        Finding(
          "run.output", at: .init(file: program), "wrote more than \(outputBytes) bytes: \(line)",
          help: "send its output to a file, or raise the limit"))
    case .failed(let error):
      throw Findings(Finding("run.start", at: .init(file: program), "could not be run (\(error)): \(line)"))
    }
  }

  private func race(outputTo file: String?) async -> Outcome {
    await withTaskGroup(of: Outcome.self) { group in
      group.addTask {
        do {
          return .finished(try await start(outputTo: file))
        } catch {
          return .failed(error)
        }
      }
      group.addTask {
        try? await Task.sleep(for: .seconds(seconds))
        return .timedOut
      }
      let first = await group.next() ?? .timedOut
      // Cancelling the first task kills its process.
      group.cancelAll()
      return first
    }
  }

  /// The shell takes a path as well as a name, and executes the program in its own place, so it costs no process.
  private func start(outputTo file: String?) async throws -> Result {
    let words = Arguments(["-c", "exec \"$@\"", "sh", program] + arguments)
    let clock = ContinuousClock()
    let begin = clock.now
    if let file {
      let sink = try FileSink(file)
      let record = try await Subprocess.run(
        .name("sh"), arguments: words, input: .none, output: .sequence, error: .string(limit: 1 << 20)
      ) { execution in
        for try await buffer in execution.standardOutput { try buffer.withUnsafeBytes { try sink.write($0) } }
        try sink.close()
      }
      return Result(
        status: .init(record.terminationStatus), output: [], error: record.standardError,
        seconds: (clock.now - begin) / .seconds(1))
    }
    let record = try await Subprocess.run(
      .name("sh"), arguments: words, input: .none, output: .bytes(limit: outputBytes), error: .string(limit: 1 << 20))
    return Result(
      status: .init(record.terminationStatus), output: record.standardOutput, error: record.standardError,
      seconds: (clock.now - begin) / .seconds(1))
  }
}

/// A file that grows by blocks, so that the output of a long run never stands in memory as a whole.
private final class FileSink: Sendable {
  private let handle: FileHandle

  init(_ path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path)
    else { throw Findings(Finding("run.output.file", at: .init(file: path), "the file cannot be written")) }
    self.handle = handle
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws { try handle.write(contentsOf: Data(bytes)) }
  func close() throws { try handle.close() }
}

extension RunResult.Status {
  fileprivate init(_ status: TerminationStatus) {
    switch status {
    case .exited(let code): self = .exited(Int(code))
    case .signaled(let signal): self = .signalled(Int(signal))
    }
  }
}
