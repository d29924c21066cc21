public import Diagnostics
import Foundation
import Safetensors

/// Folders of results, written whole or not at all.
public enum OutputFolder {
  /// Finds out before the work begins whether `write(_:to:)` could put files there. Writes nothing.
  ///
  /// - Throws: `file.unwritable`.
  public static func check(_ directory: String) throws(Findings) {
    var path = URL(fileURLWithPath: directory).standardizedFileURL.path
    while !FileManager.default.fileExists(atPath: path), path != "/" {
      path = URL(fileURLWithPath: path).deletingLastPathComponent().path
    }
    let place = Finding.Location(file: directory)
    guard Files.isDirectory(path) else {
      throw Findings(Finding("file.unwritable", at: place, "expected a folder, but \(Quoted.text(path)) is none"))
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw Findings(Finding("file.unwritable", at: place, "nothing may be written in \(Quoted.text(path))"))
    }
  }

  /// Writes files into a folder. Names may lead into folders within it; what is missing is made, and removed again if the
  /// files cannot be written. A signal that would end the process waits until all is done.
  ///
  /// - Throws: `file.unwritable`, with nothing written.
  public static func write(
    _ files: [(name: String, bytes: [UInt8])], to directory: String
  ) throws(Findings) {
    let folder = directory.hasSuffix("/") ? directory : directory + "/"
    try Interruption.deferring { () throws(Findings) in
      var made: [String] = []
      do throws(Findings) {
        for name in [""] + files.map(\.name) { try make(folderOf: folder + name, &made) }
        try Files.write(files.map { (folder + $0.name, $0.bytes) })
      } catch {
        for path in made.reversed() { rmdir(path) }
        throw error
      }
    }
  }

  /// Makes the folder that a file stands in, with those above it, and adds the new ones to `made`, outermost first.
  private static func make(folderOf path: String, _ made: inout [String]) throws(Findings) {
    guard let slash = path.lastIndex(of: "/") else { return }
    let folder = String(path[..<slash])
    guard !folder.isEmpty, !Files.isDirectory(folder) else { return }
    try make(folderOf: folder, &made)
    try Files.makeDirectory(folder)
    made.append(folder)
  }
}
