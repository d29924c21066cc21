public import Diagnostics
import Foundation

extension Target {
  /// Every target of a folder (`targets/`), in the order of their names. A folder without a `target.json` is no target.
  public static func all(in directory: String) throws(Findings) -> [Target] {
    var targets: [Target] = []
    var findings: [Finding] = []
    for name in try names(in: directory) {
      do {
        targets.append(try read(name, in: directory))
      } catch {
        findings += error.all
      }
    }
    if !findings.isEmpty { throw Findings(findings) }
    return targets
  }

  /// The target of that name.
  public static func named(_ name: String, in directory: String) throws(Findings) -> Target {
    let names = try names(in: directory)
    guard names.contains(name) else {
      let nearest = nearestName(to: name, in: names).map { "did you mean '\($0)'? " } ?? ""
      throw Findings(
        Finding(
          "target.unknown", at: .init(file: directory), "there is no target '\(name)'",
          help: nearest + "the targets are: \(names.joined(separator: ", "))"))
    }
    return try read(name, in: directory)
  }

  private static func names(in directory: String) throws(Findings) -> [String] {
    guard let entries = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
      throw Findings(
        Finding(
          "target.directory", at: .init(file: directory), "the folder of targets cannot be read",
          help: "run from the top of the package, or name the folder"))
    }
    return entries.filter { FileManager.default.fileExists(atPath: "\(directory)/\($0)/target.json") }.sorted()
  }

  private static func read(_ name: String, in directory: String) throws(Findings) -> Target {
    let folder = absolutePath("\(directory)/\(name)")
    let file = "\(folder)/target.json"
    guard let data = FileManager.default.contents(atPath: file) else {
      throw Findings(Finding("target.file", at: .init(file: file), "the file cannot be read"))
    }
    let json: JSONValue
    do {
      json = try JSONDecoder().decode(JSONValue.self, from: data)
    } catch {
      throw Findings(Finding("target.syntax", at: .init(file: file), "not a JSON text: \(explanation(of: error))"))
    }
    var reader = JSONObjectReader(json, file: file)
    let target = target(&reader, folder: folder)
    if target.name != name, reader.has("name") {
      reader.report(
        "target.name", at: "name", "the name '\(target.name)' differs from the folder's, '\(name)'",
        help: "give both the same name")
    }
    reader.finish()
    if !reader.findings.isEmpty { throw Findings(reader.findings) }
    return target
  }

  private static func target(_ json: inout JSONObjectReader, folder: String) -> Target {
    Target(
      name: json.string("name"),
      summary: json.string("description"),
      core: json.string("core"),
      directory: folder,
      compiler: json.object("compiler") { compiler(&$0, folder: folder) },
      command: command(
        &json, "run", required: ["{program}", "{input}", "{output}"] + (json.has("counter") ? ["{counter}"] : [])),
      counter: json.has("counter") ? json.object("counter", counter) : nil,
      binutils: json.object("binutils") {
        Binutils(size: $0.string("size"), nm: $0.string("nm"), addr2line: $0.string("addr2line"))
      },
      needs: needs(&json),
      model: json.object("model") {
        MachineModel(
          intBits: $0.integer("int_bits", in: 16...64), pointerBits: $0.integer("pointer_bits", in: 16...64),
          byteOrder: $0.choice("byte_order", MachineModel.ByteOrder.self))
      },
      ramBytes: json.has("ram_bytes") ? json.integer("ram_bytes", in: 64...Int(Int32.max)) : nil,
      clock: json.has("clock_hz") ? Double(json.integer("clock_hz", in: 1000...100_000_000_000)) : nil,
      kernels: json.has("kernels") ? json.choice("kernels", Kernels.self) : .portable,
      digestInterval: json.integer("digest_interval", in: 1...1_000_000),
      variants: json.objects("variants") { Variant(name: $0.string("name"), flags: $0.strings("flags")) })
  }

  private static func compiler(_ json: inout JSONObjectReader, folder: String) -> Compiler {
    func here(_ text: String) -> String { text.replacing("{target}", with: folder) }
    let compiler = Compiler(
      command: json.string("command"),
      flags: json.strings("flags").map(here),
      freestanding: json.strings("library").map(here),
      driver: json.strings("driver").map(here),
      stack: json.strings("stack", optional: true),
      link: json.strings("link").map(here),
      sources: json.strings("sources").map { absolutePath("\(folder)/\($0)") },
      includes: json.strings("includes").map { absolutePath("\(folder)/\($0)") })
    for path in compiler.sources + compiler.includes where !FileManager.default.fileExists(atPath: path) {
      json.report("target.file.missing", at: json.join("sources"), "there is no '\(path)'")
    }
    return compiler
  }

  private static func counter(_ json: inout JSONObjectReader) -> Counter {
    Counter(
      format: json.choice("format", Counter.Format.self),
      unit: json.choice("unit", Counter.Unit.self),
      arguments: command(&json, "arguments", required: ["{counts}"]),
      needs: needs(&json),
      calls: json.has("calls")
        ? json.object("calls") {
          CallCounter(
            arguments: command(&$0, "arguments", required: ["{counts}", "{map}"]).map(onThisMachine), needs: needs(&$0))
        } : nil)
  }

  private static func needs(_ json: inout JSONObjectReader) -> [Need] {
    json.objects("needs") {
      Need(
        kind: $0.choice("kind", Need.Kind.self), name: onThisMachine($0.string("name")), package: $0.string("package"))
    }
  }

  private static func command(_ json: inout JSONObjectReader, _ name: String, required: [String]) -> [String] {
    let words = json.strings(name)
    for placeholder in required where !words.isEmpty && !words.contains(where: { $0.contains(placeholder) }) {
      json.report(
        "target.command", at: json.join(name), "the command does not use \(placeholder)",
        help: "it needs each of \(required.joined(separator: ", "))")
    }
    return words
  }
}

/// `text` with the name that QEMU has for this machine's processor in the place of `{machine}`.
private func onThisMachine(_ text: String) -> String {
  #if arch(arm64)
    return text.replacing("{machine}", with: "aarch64")
  #else
    return text.replacing("{machine}", with: "x86_64")
  #endif
}

/// The part of a decoding error that a reader can use.
private func explanation(of error: any Error) -> String {
  guard case DecodingError.dataCorrupted(let context) = error else { return "\(error)" }
  guard let cause = context.underlyingError else { return context.debugDescription }
  return "\(cause)"
}

/// The path from the root, without `.` and `..`.
func absolutePath(_ path: String) -> String {
  let whole = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
  var parts: [Substring] = []
  for part in whole.split(separator: "/") where part != "." {
    if part == ".." { _ = parts.popLast() } else { parts.append(part) }
  }
  return "/" + parts.joined(separator: "/")
}
