import Foundation
import Synchronization

/// Lets as many processes run at a time as there are processors: a hundred compilers at once are no faster than two, and
/// each of them would count as slow.
final class ProcessorGate: Sendable {
  /// The one that every command passes.
  static let shared = ProcessorGate(ProcessInfo.processInfo.activeProcessorCount)

  private struct State {
    var free: Int
    /// Those who wait, in the order in which they came from `next` on.
    var waiting: [CheckedContinuation<Void, Never>] = []
    var next = 0
  }
  private let state: Mutex<State>

  init(_ places: Int) { state = Mutex(State(free: max(places, 1))) }

  /// Returns when there is a place. Each call is followed by one of `leave`.
  func enter() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.free > 0 {
          state.free -= 1
          return true
        }
        state.waiting.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  /// Gives the place to whoever has waited longest.
  func leave() {
    let successor: CheckedContinuation<Void, Never>? = state.withLock { state in
      guard state.next < state.waiting.count else {
        state.waiting.removeAll()
        state.next = 0
        state.free += 1
        return nil
      }
      state.next += 1
      return state.waiting[state.next - 1]
    }
    successor?.resume()
  }
}
