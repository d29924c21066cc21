import Diagnostics
import Foundation
import Testing
import Toolchains

/// The top of the package, found from this file.
let packageRoot = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
let targetsFolder = "\(packageRoot)/targets"
let smokeFolder = "\(packageRoot)/Tests/Fixtures/smoke"

/// A folder of its own for each caller, removed when the body ends.
func withTemporaryFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
  let path = "\(NSTemporaryDirectory())/epropc-\(UUID().uuidString)"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}

func write(_ text: String, to path: String) throws {
  try text.write(toFile: path, atomically: false, encoding: .utf8)
}

/// The findings that the body throws; an empty list when it throws none.
func findings(_ body: () async throws -> Void) async -> [Finding] {
  do {
    try await body()
    return []
  } catch let error as Findings {
    return error.all
  } catch {
    Issue.record("threw \(error), which is no Findings")
    return []
  }
}

/// The names of all targets, for tests with one case each.
let targetNames: [String] = (try? Target.all(in: targetsFolder).map(\.name)) ?? []

/// Whether everything that the target needs is installed. If not, says so where nobody can overlook it.
func isUsable(_ target: Target, counting: Bool = false) async -> Bool {
  let missing = await target.missingTools(counting: counting)
  for tool in missing {
    print("SKIPPED: \(target.name) needs \(tool.command) (package \(tool.package))")
  }
  return missing.isEmpty
}
