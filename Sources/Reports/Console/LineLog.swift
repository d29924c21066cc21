public import Diagnostics
import Foundation

/// A file of JSON lines that can be read while it grows: every line is handed to the system in one piece.
public final class LineLog {
  private let path: String
  private let handle: FileHandle
  /// Why a line could not be written, if one could not.
  public private(set) var failure: Finding?

  /// Starts an empty log in a file, or on the standard output where the path is `-`.
  ///
  /// - Throws: `file.unwritable`.
  public init(path: String) throws(Findings) {
    self.path = path
    handle = path == "-" ? .standardOutput : try FileHandle(writingTo: path)
  }

  /// Adds a line. After a failure nothing more is written.
  public func add(_ line: JSONText) {
    guard failure == nil else { return }
    do { try handle.write(contentsOf: Data((line.compact + "\n").utf8)) } catch {
      failure = .unwritable(path, error)
    }
  }
}

extension FileHandle {
  /// An empty file that is written as it stands; devices and pipes are written to, not replaced.
  convenience init(writingTo path: String) throws(Findings) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw Findings(.unwritable(path, POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)))
    }
    self.init(fileDescriptor: descriptor, closeOnDealloc: true)
  }
}

extension Finding {
  /// `file.unwritable`.
  static func unwritable(_ path: String, _ error: any Error) -> Finding {
    let place = Location(file: path == "-" ? "standard output" : path)
    return Finding("file.unwritable", at: place, "the file cannot be written: \(error.localizedDescription)")
  }
}
