import Foundation
import Synchronization

/// One line on a terminal that is drawn again and again while something takes its time, and nothing at all elsewhere.
///
/// Nothing is drawn in the first two seconds, and then at most ten times a second. Whoever has a line ends it with
/// `finish()` before anything else is printed.
public final class ProgressLine: Sendable {
  private struct State {
    var lastDrawn: ContinuousClock.Instant?
    var width = 0
  }

  private static let patience = Duration.seconds(2)
  private static let interval = Duration.milliseconds(100)

  private let isShown: Bool
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  init(isShown: Bool) { self.isShown = isShown }

  /// Shows the text, if it is time to.
  public func update(_ text: @autoclosure () -> String) {
    guard isShown else { return }
    let now = ContinuousClock.now
    guard now - start >= Self.patience else { return }
    state.withLock { state in
      if let last = state.lastDrawn, now - last < Self.interval { return }
      state.lastDrawn = now
      draw(String(text().prefix(Self.columns - 1)), &state)
    }
  }

  /// Removes the line.
  public func finish() {
    state.withLock { state in
      guard state.width > 0 else { return }
      draw("", &state)
      FileHandle.standardError.write(Data("\r".utf8))
    }
  }

  private func draw(_ text: String, _ state: inout State) {
    let rest = String(repeating: " ", count: max(state.width - text.count, 0))
    FileHandle.standardError.write(Data(("\r" + text + rest).utf8))
    state.width = text.count
  }

  /// The width of the terminal, or 80 where it does not say.
  private static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return 80 }
    return Int(size.ws_col)
  }
}
