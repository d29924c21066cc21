public import Diagnostics

/// Collects tensors and lays them out as a `.safetensors` file: the same tensors give the same bytes, whatever the order
/// in which they were added.
///
/// Tensors stand in the order of falling element width, then of their names, so every element is aligned to its width;
/// the header is padded with spaces to a multiple of 8 bytes. `__metadata__` comes first, its names sorted.
public struct SafetensorsWriter: Sendable {
  private var tensors: [Tensor] = []
  /// Written under `__metadata__` unless empty.
  public var metadata: [String: String]

  /// An empty file with the given metadata.
  public init(metadata: [String: String] = [:]) { self.metadata = metadata }

  /// Adds numbers, row major.
  ///
  /// - Parameter type: nil chooses F32 if that loses nothing, and F64 otherwise.
  /// - Precondition: the name is new, the product of `shape` is the number of values, and with an integer type every
  ///   value is whole and in its range.
  public mutating func add(_ name: String, shape: [Int], _ values: [Double], as type: ElementType? = nil) {
    let type = type ?? Self.narrowestFloat(for: values)
    var data: [UInt8] = []
    data.reserveCapacity(values.count * type.width)
    for value in values { Self.append(value, as: type, to: &data) }
    add(name, shape: shape, type, data)
  }

  /// Adds bytes, row major, as U8 or BOOL.
  ///
  /// - Precondition: the name is new, and the product of `shape` is the number of bytes.
  public mutating func add(_ name: String, shape: [Int], bytes: [UInt8], as type: ElementType = .uint8) {
    precondition(type.width == 1)
    add(name, shape: shape, type, bytes)
  }

  private mutating func add(_ name: String, shape: [Int], _ type: ElementType, _ data: [UInt8]) {
    precondition(shape.reduce(type.width, *) == data.count, "\(name): the shape does not fit the values")
    precondition(!tensors.contains { $0.name == name } && name != "__metadata__", "\(name): the name is taken")
    tensors.append(Tensor(name: name, elementType: type, shape: shape, data: data[...]))
  }

  /// F32 if every value survives it bit for bit, otherwise F64.
  public static func narrowestFloat(for values: [Double]) -> ElementType {
    values.allSatisfy { Double(Float($0)).bitPattern == $0.bitPattern } ? .float32 : .float64
  }

  /// The file's content.
  public func bytes() -> [UInt8] {
    let sorted = tensors.sorted { ($1.elementType.width, $0.name) < ($0.elementType.width, $1.name) }
    var members: [JSONText.Member] = []
    if !metadata.isEmpty {
      let entries = metadata.sorted { $0.key < $1.key }.map { JSONText.Member($0.key, .string($0.value)) }
      members.append(JSONText.Member("__metadata__", .object(entries)))
    }
    var offset = 0
    for tensor in sorted {
      members.append(JSONText.Member(tensor.name, Self.entry(tensor, at: offset)))
      offset += tensor.data.count
    }
    var header = Array(JSONText.object(members).compact.utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + offset)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes += header
    for tensor in sorted { bytes += tensor.data }
    return bytes
  }

  /// Writes the file, all or nothing.
  ///
  /// - Throws: `file.unwritable`.
  public func write(path: String) throws(Findings) {
    try Files.write([(path, bytes())])
  }

  private static func entry(_ tensor: Tensor, at offset: Int) -> JSONText {
    .object([
      JSONText.Member("dtype", .string(tensor.elementType.rawValue)),
      JSONText.Member("shape", .array(tensor.shape.map { .integer($0) })),
      JSONText.Member("data_offsets", .array([.integer(offset), .integer(offset + tensor.data.count)])),
    ])
  }

  private static func append(_ value: Double, as type: ElementType, to data: inout [UInt8]) {
    func append(_ bits: some FixedWidthInteger) {
      withUnsafeBytes(of: bits.littleEndian) { data.append(contentsOf: $0) }
    }
    switch type {
    case .bool, .uint8: append(UInt8(value))
    case .int8: append(Int8(value))
    case .int16: append(Int16(value))
    case .uint16: append(UInt16(value))
    case .int32: append(Int32(value))
    case .int64: append(Int64(value))
    case .float32: append(Float(value).bitPattern)
    case .float64: append(value.bitPattern)
    }
  }
}
