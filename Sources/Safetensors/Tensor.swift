/// The element types that are read and written.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
  case bool = "BOOL"
  case uint8 = "U8"
  case int8 = "I8"
  case int16 = "I16"
  case uint16 = "U16"
  case int32 = "I32"
  case int64 = "I64"
  case float32 = "F32"
  case float64 = "F64"

  /// Bytes per element.
  public var width: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .int16, .uint16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  /// Whether the elements are binary fractions.
  public var isFloat: Bool { self == .float32 || self == .float64 }
}

/// One array of a file: little-endian elements in row-major order.
public struct Tensor: Sendable, Hashable {
  /// Unique in its file.
  public let name: String
  /// What the elements are.
  public let elementType: ElementType
  /// The extents, outermost first; empty for a single number.
  public let shape: [Int]
  /// The elements as they stand in the file; `elementCount · elementType.width` bytes.
  public let data: ArraySlice<UInt8>

  /// The product of the shape.
  public var elementCount: Int { data.count / elementType.width }

  /// The elements as numbers, row major. BOOL gives 0 and 1; integers beyond ±2⁵³ (only I64 has them) are rounded.
  public func doubles() -> [Double] {
    switch elementType {
    case .bool, .uint8: data.map { Double($0) }
    case .int8: data.map { Double(Int8(bitPattern: $0)) }
    case .int16: elements(UInt16.self) { Double(Int16(bitPattern: $0)) }
    case .uint16: elements(UInt16.self) { Double($0) }
    case .int32: elements(UInt32.self) { Double(Int32(bitPattern: $0)) }
    case .int64: elements(UInt64.self) { Double(Int64(bitPattern: $0)) }
    case .float32: elements(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .float64: elements(UInt64.self) { Double(bitPattern: $0) }
    }
  }

  /// The elements as bytes, row major; nil unless the type is U8 or BOOL.
  public func bytes() -> [UInt8]? {
    elementType == .uint8 || elementType == .bool ? Array(data) : nil
  }

  private func elements<Bits: FixedWidthInteger>(_: Bits.Type, _ element: (Bits) -> Double) -> [Double] {
    let width = MemoryLayout<Bits>.size
    return data.withUnsafeBytes { buffer in
      (0..<elementCount).map {
        element(Bits(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * width, as: Bits.self)))
      }
    }
  }
}
