public import Diagnostics
import Foundation

/// Whole files, read with a bound and written all or nothing.
public enum Files {
  /// The bytes of a regular file.
  ///
  /// - Parameters:
  ///   - path: the file; symbolic links are followed.
  ///   - limit: in bytes; a longer file is refused unread.
  /// - Throws: `file.missing`, `file.not-regular`, `file.too-large` or `file.unreadable`.
  public static func read(_ path: String, limit: Int) throws(Findings) -> [UInt8] {
    let place = Finding.Location(file: path)
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw Findings(Finding("file.missing", at: place, "the file cannot be found: \(reason())"))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Findings(Finding("file.not-regular", at: place, "expected a regular file"))
    }
    guard status.st_size <= limit else {
      let message = "the file has \(status.st_size) bytes; at most \(limit) are read"
      throw Findings(Finding("file.too-large", at: place, message))
    }
    guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: limit) ?? Data()
    else { throw Findings(Finding("file.unreadable", at: place, "the file cannot be read: \(reason())")) }
    return [UInt8](data)
  }

  /// Writes all the files or none: each first completely under a temporary name beside its own, then, once all are on
  /// the disk, renamed into place. A reader never sees half a file.
  ///
  /// - Throws: `file.unwritable`, with every temporary file removed.
  public static func write(_ files: [(path: String, bytes: [UInt8])]) throws(Findings) {
    var staged: [(temporary: URL, final: URL)] = []
    defer { for (temporary, _) in staged { try? FileManager.default.removeItem(at: temporary) } }
    for (path, bytes) in files {
      let final = URL(fileURLWithPath: path)
      guard !isDirectory(path) else { throw unwritable(path, "a folder has this name") }
      // Renaming a file over a device or a pipe would replace it.
      guard isFree(path) else { throw unwritable(path, "it is there and no regular file") }
      let name = ".\(final.lastPathComponent).\(ProcessInfo.processInfo.globallyUniqueString).part"
      let temporary = final.deletingLastPathComponent().appendingPathComponent(name)
      staged.append((temporary, final))
      do { try Data(bytes).write(to: temporary, options: .withoutOverwriting) } catch {
        throw unwritable(path, error.localizedDescription)
      }
    }
    for (temporary, final) in staged {
      guard rename(temporary.path, final.path) == 0 else { throw unwritable(final.path, reason()) }
    }
  }

  /// Whether nothing or a regular file has this name.
  private static func isFree(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
  }

  /// Makes a folder and those above it, where they are missing.
  ///
  /// - Throws: `file.unwritable`.
  public static func makeDirectory(_ path: String) throws(Findings) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch { throw unwritable(path, error.localizedDescription) }
  }

  /// Whether there is a folder under this name.
  public static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The file called `name` beside the file `path`.
  public static func sibling(of path: String, named name: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return name }
    return path[...slash] + name
  }

  private static func unwritable(_ path: String, _ reason: String) -> Findings {
    let message = "the file cannot be written: \(reason)"
    return Findings(Finding("file.unwritable", at: Finding.Location(file: path), message))
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}
