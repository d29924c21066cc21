import Diagnostics

/// What the header says of one tensor.
struct HeaderEntry {
  let name: String
  let elementType: ElementType
  let shape: [Int]
  /// Offsets into the data.
  let begin: Int
  let end: Int
}

/// Checks a header against the amount of data behind it, gathering everything that is wrong.
struct HeaderReader {
  let file: String?
  let dataCount: Int
  /// In the order of their bytes.
  private(set) var entries: [HeaderEntry] = []
  private(set) var metadata: [String: String] = [:]
  private(set) var findings: [Finding] = []

  init(file: String?, dataCount: Int) {
    self.file = file
    self.dataCount = dataCount
  }

  mutating func read(_ document: JSONDocument) {
    for duplicate in document.findings {
      report("safetensors.duplicate-name", duplicate.location?.path, duplicate.message, help: duplicate.help)
    }
    guard case .object(let members) = document.root.kind else {
      return report("safetensors.header", nil, "expected an object, but the header is \(document.root.kindName)")
    }
    for member in members {
      if member.name == "__metadata__" {
        readMetadata(member.value)
      } else if let entry = entry(member) {
        entries.append(entry)
      }
    }
    entries.sort { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }
    // Where an entry was dropped, its bytes would look like a hole.
    if findings.isEmpty { checkCover() }
  }

  private mutating func readMetadata(_ value: JSONValue) {
    guard case .object(let members) = value.kind else {
      return report("safetensors.metadata", "__metadata__", "expected an object, but found \(value.kindName)")
    }
    for member in members {
      if case .string(let text) = member.value.kind {
        metadata[member.name] = text
      } else {
        let path = JSONPath.root.member("__metadata__").member(member.name).text
        report("safetensors.metadata", path, "expected a string, but found \(member.value.kindName)")
      }
    }
  }

  private mutating func entry(_ member: JSONValue.Member) -> HeaderEntry? {
    let name = member.name
    guard case .object(let fields) = member.value.kind else {
      report("safetensors.entry", name, "expected an object, but found \(member.value.kindName)")
      return nil
    }
    for field in fields where !["dtype", "shape", "data_offsets"].contains(field.name) {
      report("safetensors.entry", name, "unknown field \(Quoted.text(field.name))")
    }
    func field(_ name: String) -> JSONValue.Kind? { fields.first { $0.name == name }?.value.kind }
    let type = elementType(field("dtype"), of: name)
    let shape = naturals(field("shape"), "shape", of: name)
    let offsets = naturals(field("data_offsets"), "data_offsets", of: name)
    guard let type, let shape, let offsets else { return nil }
    guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= dataCount else {
      report(
        "safetensors.offsets", name,
        "data_offsets \(offsets.prefix(4)) are not a begin and an end within the file's \(dataCount) bytes of data")
      return nil
    }
    let expected = byteCount(type, shape)
    guard expected == offsets[1] - offsets[0] else {
      let needed = expected.map { "\($0) bytes" } ?? "more bytes than can be counted"
      report(
        "safetensors.byte-count", name,
        "\(type.rawValue) of shape \(shape.prefix(8)) takes \(needed), but data_offsets span \(offsets[1] - offsets[0])"
      )
      return nil
    }
    return HeaderEntry(name: name, elementType: type, shape: shape, begin: offsets[0], end: offsets[1])
  }

  private mutating func elementType(_ kind: JSONValue.Kind?, of name: String) -> ElementType? {
    guard case .string(let text) = kind else {
      report("safetensors.entry", name, "dtype is missing or not a string")
      return nil
    }
    guard let type = ElementType(rawValue: text) else {
      report(
        "safetensors.dtype", name, "dtype \(Quoted.text(text)) is not supported",
        help: "supported: " + ElementType.allCases.map(\.rawValue).joined(separator: ", "))
      return nil
    }
    return type
  }

  /// At most 2⁵³, so that the double that JSON gave is exact.
  private mutating func naturals(_ kind: JSONValue.Kind?, _ field: String, of name: String) -> [Int]? {
    guard case .array(let elements) = kind else {
      report("safetensors.entry", name, "\(field) is missing or not an array")
      return nil
    }
    var naturals: [Int] = []
    for element in elements {
      guard case .number(let value) = element.kind, let natural = Int(exactly: value), (0...1 << 53).contains(natural)
      else {
        report("safetensors.entry", name, "\(field) holds something other than whole numbers from 0 to 2⁵³")
        return nil
      }
      naturals.append(natural)
    }
    return naturals
  }

  private func byteCount(_ type: ElementType, _ shape: [Int]) -> Int? {
    // An extent of 0 makes the product 0, however large the others are.
    if shape.contains(0) { return 0 }
    var count = type.width
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      count = product
    }
    return count
  }

  private mutating func checkCover() {
    var covered = 0
    for entry in entries {
      if entry.begin < covered {
        report("safetensors.overlap", entry.name, "its bytes from \(entry.begin) overlap with those of another tensor")
      } else if entry.begin > covered {
        report("safetensors.hole", entry.name, "\(entry.begin - covered) bytes before it belong to no tensor")
      }
      covered = max(covered, entry.end)
    }
    if covered < dataCount {
      report("safetensors.trailing", nil, "\(dataCount - covered) bytes after the last tensor belong to none")
    }
  }

  private mutating func report(_ id: String, _ path: String?, _ message: String, help: String? = nil) {
    findings.append(Finding(id, at: Finding.Location(file: file, path: path), message, help: help))
  }
}
