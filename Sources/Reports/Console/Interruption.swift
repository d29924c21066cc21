import Foundation
import Synchronization

/// Puts off SIGINT, SIGTERM and SIGHUP while something must not be left half done.
public enum Interruption {
  /// Whether somebody has asked the process to end since the outermost `deferring(_:)` began.
  public static var isPending: Bool { pending.load(ordering: .relaxed) != 0 }

  /// Runs the body to its end, whatever signals arrive; long bodies look at `isPending`. A signal that has arrived then
  /// takes its usual course: it ends the process. Bodies may be nested; signals that were ignored stay ignored.
  public static func deferring<Value, Failure: Error>(
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    begin()
    defer { end() }
    return try body()
  }

  private typealias Handler = @convention(c) (Int32) -> Void

  private static let signals = [SIGINT, SIGTERM, SIGHUP]
  /// The signal that arrived, or 0.
  private static let pending = Atomic<Int32>(0)
  private static let previous = Mutex<(depth: Int, handlers: [Handler?])>((0, []))

  private static func begin() {
    previous.withLock { state in
      state.depth += 1
      guard state.depth == 1 else { return }
      // The first access to a global may run its initialiser, which a signal handler must not do.
      pending.store(0, ordering: .relaxed)
      state.handlers = signals.map { number in
        let handler = signal(number) { Interruption.pending.store($0, ordering: .relaxed) }
        if unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(number, SIG_IGN) }
        return handler
      }
    }
  }

  private static func end() {
    let arrived = previous.withLock { state -> Int32 in
      state.depth -= 1
      guard state.depth == 0 else { return 0 }
      for (number, handler) in zip(signals, state.handlers) { signal(number, handler) }
      return pending.exchange(0, ordering: .relaxed)
    }
    if arrived != 0 { kill(getpid(), arrived) }
  }
}
