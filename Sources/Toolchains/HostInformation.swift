import Foundation

/// What a benchmark's heading must say about the machine it ran on.
public struct HostInformation: Sendable, Hashable {
  public let processor: String
  public let cores: Int
  public let system: String
  /// Command and version of each compiler that is installed.
  public let compilers: [String: String]

  /// Asks this machine.
  public static func current() async -> HostInformation {
    var compilers: [String: String] = [:]
    for command in ["gcc", "clang", "swift"] { compilers[command] = try? await compilerVersion(command) }
    return HostInformation(
      processor: field("model name", in: "/proc/cpuinfo", separator: ":") ?? "unknown processor",
      cores: ProcessInfo.processInfo.activeProcessorCount,
      system: field("PRETTY_NAME", in: "/etc/os-release", separator: "=") ?? "unknown system",
      compilers: compilers)
  }
}

/// The first value of a file of lines `name <separator> value`.
private func field(_ name: String, in file: String, separator: Character) -> String? {
  // Files under /proc have no size, so they are read to their end.
  guard let handle = FileHandle(forReadingAtPath: file), let data = try? handle.readToEnd() else { return nil }
  for line in String(decoding: data, as: UTF8.self).split(separator: "\n") where line.hasPrefix(name) {
    guard let position = line.firstIndex(of: separator) else { continue }
    let drop: Set<Character> = [" ", "\t", "\""]
    var value = line[line.index(after: position)...].drop { drop.contains($0) }
    while let last = value.last, drop.contains(last) { value.removeLast() }
    return String(value)
  }
  return nil
}
