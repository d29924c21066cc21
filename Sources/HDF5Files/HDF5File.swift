import CHDF5Reader
public import Diagnostics
import Foundation

/// Reading of HDF5 files by libhdf5, in a process of its own: a damaged file can make that library fail in any way, and
/// must not take us with it.
public enum HDF5File {
  /// Files of more bytes are not read.
  static let maximumBytes = 1 << 30

  static let limits = hdf5_reader_limits(
    values: 1 << 25, text_bytes: 1 << 24, objects: 1 << 14, depth: 48, name_bytes: 1024, memory: 1 << 30, seconds: 60)

  /// Everything in a file: its root group.
  ///
  /// - Throws: `file.missing`, `file.not-regular`, `file.too-large`; `hdf5.format`, `hdf5.damaged`, `hdf5.limit`,
  ///   `hdf5.process`.
  public static func read(_ path: String) throws(Findings) -> [String: HDF5Object] {
    let size = try check(path)
    let place = Finding.Location(file: path)
    var (child, limits) = (Int32(0), limits)
    // A damaged file can lead libhdf5 in circles; a sound one is read at many times this speed.
    limits.seconds = UInt32(2 + (size >> 24))
    let descriptor = hdf5_reader_start(path, &limits, &child)
    guard descriptor >= 0 else {
      throw Findings(Finding("hdf5.process", at: place, "no process could be started to read the file: \(reason())"))
    }
    let bytes = receive(descriptor, within: 30 + 2 * Double(limits.seconds))
    close(descriptor)
    let signal = hdf5_reader_wait(child, bytes == nil ? 1 : 0)
    guard let bytes, signal != SIGKILL, signal != SIGXCPU else {
      throw Findings(
        Finding("hdf5.limit", at: place, "reading the file took too long, or it holds more than is read"))
    }
    do {
      var reader = RecordReader(bytes)
      return try reader.read()
    } catch { throw Findings(finding(error, signal: signal, at: place)) }
  }

  /// The size in bytes.
  private static func check(_ path: String) throws(Findings) -> Int {
    let place = Finding.Location(file: path)
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw Findings(Finding("file.missing", at: place, "the file cannot be found: \(reason())"))
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Findings(Finding("file.not-regular", at: place, "expected a regular file"))
    }
    guard status.st_size <= maximumBytes else {
      let message = "the file has \(status.st_size) bytes; at most \(maximumBytes) are read"
      throw Findings(Finding("file.too-large", at: place, message))
    }
    guard access(path, R_OK) == 0 else {
      throw Findings(Finding("file.unreadable", at: place, "the file cannot be read: \(reason())"))
    }
    return Int(status.st_size)
  }

  /// All bytes up to the end; nil if they are too many or so many seconds pass.
  private static func receive(_ descriptor: Int32, within seconds: Double) -> [UInt8]? {
    // 8 bytes per value and the texts, with room for what goes around them.
    let most = 8 * Int(limits.values) + Int(limits.text_bytes) + (1 << 26)
    let deadline = Date(timeIntervalSinceNow: seconds)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let left = deadline.timeIntervalSinceNow
      guard left > 0 else { return nil }
      guard poll(&waiting, 1, Int32(min(left, 1) * 1000) + 1) != 0 else { continue }
      let count = Foundation.read(descriptor, &chunk, chunk.count)
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return bytes }
      guard bytes.count + count <= most else { return nil }
      bytes.append(contentsOf: chunk[..<count])
    }
  }

  private static func finding(
    _ failure: RecordReader.Failure, signal: Int32, at place: Finding.Location
  ) -> Finding {
    guard case .refused(let code, let detail) = failure else {
      let end = signal == 0 ? "" : " (libhdf5 ended with signal \(signal))"
      return Finding("hdf5.damaged", at: place, "the file is damaged: it could not be read to its end\(end)")
    }
    switch code {
    case "format": return Finding("hdf5.format", at: place, "the file is not in the format HDF5")
    case "open", "damaged", "library":
      return Finding("hdf5.damaged", at: place, "the file is damaged or cut short: libhdf5 cannot open what is in it")
    default:
      var place = place
      if !detail.isEmpty { place.path = detail }
      return Finding("hdf5.limit", at: place, limitMessage(code))
    }
  }

  private static func limitMessage(_ code: String) -> String {
    switch code {
    case "values": "the file holds more than \(limits.values) numbers and strings, or a dataset larger than that"
    case "text": "the file holds more than \(limits.text_bytes) bytes of text"
    case "objects": "the file holds more than \(limits.objects) groups and datasets"
    case "depth": "groups are nested more than \(limits.depth) deep"
    case "name": "a name has more than \(limits.name_bytes) bytes"
    default: "reading the file takes more memory than it may"
    }
  }

  private static func reason() -> String { String(cString: strerror(errno)) }
}
