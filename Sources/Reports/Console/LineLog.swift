public import Diagnostics
import Foundation

/// A file of JSON lines that can be read while it grows: every line is handed to the system in one piece.
public final class LineLog {
  private let handle: FileHandle

  /// Starts an empty log in a file, or on the standard output where the path is `-`.
  ///
  /// - Throws: `file.unwritable`.
  public init(path: String) throws(Findings) {
    if path == "-" {
      handle = .standardOutput
    } else if FileManager.default.createFile(atPath: path, contents: nil),
      let file = FileHandle(forWritingAtPath: path)
    {
      handle = file
    } else {
      let message = "the log cannot be written: \(String(cString: strerror(errno)))"
      throw Findings(Finding("file.unwritable", at: Finding.Location(file: path), message))
    }
  }

  /// Adds a line.
  public func add(_ line: JSONText) { handle.write(Data((line.compact + "\n").utf8)) }
}
