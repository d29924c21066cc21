import Foundation
import Testing

/// How a run of the tool ended.
struct Run {
  let status: Int32
  let output: String
  let errors: String
}

/// The built tool, beside the test bundle.
let executable: URL = {
  let name = "epropc"
  let places = [CommandLine.arguments[0], Bundle.main.executablePath ?? "", Bundle.main.bundlePath]
  for place in places.map({ URL(fileURLWithPath: $0).resolvingSymlinksInPath() }) {
    var folder = place
    for _ in 0..<4 {
      folder.deleteLastPathComponent()
      let candidate = folder.appendingPathComponent(name)
      if FileManager.default.isExecutableFile(atPath: candidate.path),
        !FileManager.default.fileExists(atPath: candidate.path + "/")
      {
        return candidate
      }
    }
  }
  return URL(fileURLWithPath: "/epropc-not-found")
}()

/// Runs the tool with its output in files, so that no pipe can fill up.
func epropc(_ arguments: String..., in folder: String) throws -> Run { try epropc(arguments, in: folder) }

func epropc(_ arguments: [String], in folder: String) throws -> Run {
  let names = ["output", "errors"].map { folder + "/." + $0 + "-" + UUID().uuidString }
  for name in names { try Data().write(to: URL(fileURLWithPath: name)) }
  defer { for name in names { try? FileManager.default.removeItem(atPath: name) } }
  let process = Process()
  process.executableURL = executable
  process.arguments = arguments
  process.currentDirectoryURL = URL(fileURLWithPath: folder)
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = FileHandle(forWritingAtPath: names[0])
  process.standardError = FileHandle(forWritingAtPath: names[1])
  try process.run()
  process.waitUntilExit()
  let texts = try names.map { try String(contentsOfFile: $0, encoding: .utf8) }
  return Run(status: process.terminationStatus, output: texts[0], errors: texts[1])
}

/// A folder of its own for each caller, removed when the body ends.
func withTemporaryFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
  let path = NSTemporaryDirectory() + "/epropc-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try body(path)
}

/// What a folder holds, by name.
func contents(_ folder: String) throws -> Set<String> {
  Set(try FileManager.default.contentsOfDirectory(atPath: folder))
}

typealias JSONObject = [String: Any]

func object(_ data: Data) throws -> JSONObject {
  try #require(try JSONSerialization.jsonObject(with: data) as? JSONObject)
}

func object(at path: String) throws -> JSONObject { try object(Data(contentsOf: URL(fileURLWithPath: path))) }

/// The objects of a file of JSON lines.
func lines(at path: String) throws -> [JSONObject] {
  try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { try object(Data($0.utf8)) }
}

/// An array of `reference --json`.
struct NumberArray {
  let shape: [Int]
  let data: [Double]

  init(_ value: Any?) throws {
    let object = try #require(value as? JSONObject)
    shape = try #require(object["shape"] as? [Int])
    data = try #require(object["data"] as? [Double])
  }
}
