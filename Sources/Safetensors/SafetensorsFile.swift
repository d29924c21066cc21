public import Diagnostics

/// A `.safetensors` file that has passed every check of the format: an 8-byte little-endian header length, a JSON header
/// that names each tensor's type, shape and place, and the tensors' bytes without holes or overlaps.
public struct SafetensorsFile: Sendable, Hashable {
  /// In the order of their bytes.
  public let tensors: [Tensor]
  /// What the file says about itself under `__metadata__`.
  public let metadata: [String: String]
  private let indices: [String: Int]

  /// Longer files are refused unread: 1 GiB.
  public static let maximumBytes = 1 << 30
  /// Longer headers are refused unparsed: 8 MiB.
  public static let maximumHeaderBytes = 8 << 20

  /// Reads a file.
  ///
  /// - Throws: the findings of `Files.read` and of `init(bytes:file:)`.
  public init(path: String) throws(Findings) {
    try self.init(bytes: Files.read(path, limit: Self.maximumBytes), file: path)
  }

  /// Reads a file's content.
  ///
  /// - Parameters:
  ///   - bytes: the content.
  ///   - file: named in the findings.
  /// - Throws: everything that is wrong with it: `json.…` for the header's text, `safetensors.…` for the rest.
  public init(bytes: [UInt8], file: String? = nil) throws(Findings) {
    let header = try Self.header(of: bytes, file: file)
    let document = try JSONDocument.read(
      Array(bytes[8..<(8 + header)]), file: file,
      limits: JSONLimits(bytes: Self.maximumHeaderBytes, depth: 4, values: 1_000_000))
    var reader = HeaderReader(file: file, dataCount: bytes.count - 8 - header)
    reader.read(document)
    guard reader.findings.isEmpty else { throw Findings(reader.findings) }
    let data = bytes[(8 + header)...]
    tensors = reader.entries.map { entry in
      let range = (data.startIndex + entry.begin)..<(data.startIndex + entry.end)
      return Tensor(name: entry.name, elementType: entry.elementType, shape: entry.shape, data: data[range])
    }
    indices = Dictionary(uniqueKeysWithValues: tensors.enumerated().map { ($1.name, $0) })
    metadata = reader.metadata
    let broken = tensors.compactMap { Self.brokenBool($0, file: file) }
    guard broken.isEmpty else { throw Findings(broken) }
  }

  /// The tensor with this name, if there is one.
  public func tensor(named name: String) -> Tensor? { indices[name].map { tensors[$0] } }

  /// The length of the header, once the file is known to hold it.
  private static func header(of bytes: [UInt8], file: String?) throws(Findings) -> Int {
    guard bytes.count >= 8 else {
      throw Findings(
        Finding(
          "safetensors.truncated", at: Finding.Location(file: file),
          "the file has \(bytes.count) bytes; the header's length alone takes 8"))
    }
    let length = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(maximumHeaderBytes) else {
      throw Findings(
        Finding(
          "safetensors.header-size", at: Finding.Location(file: file),
          "the header claims \(length) bytes; at most \(maximumHeaderBytes) are read",
          help: "is this a .safetensors file?"))
    }
    guard length <= UInt64(bytes.count - 8) else {
      throw Findings(
        Finding(
          "safetensors.truncated", at: Finding.Location(file: file),
          "the header claims \(length) bytes, but only \(bytes.count - 8) follow"))
    }
    return Int(length)
  }

  private static func brokenBool(_ tensor: Tensor, file: String?) -> Finding? {
    guard tensor.elementType == .bool, let index = tensor.data.firstIndex(where: { $0 > 1 }) else { return nil }
    return Finding(
      "safetensors.bool", at: Finding.Location(file: file, path: tensor.name),
      "element \(index - tensor.data.startIndex) is \(tensor.data[index]); a BOOL is 0 or 1")
  }
}
