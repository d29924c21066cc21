/// CRC-32/ISO-HDLC: reflected polynomial 0xEDB88320, initial value and final exclusive-or 0xFFFFFFFF.
public struct CRC32: Sendable {
  private var remainder: UInt32 = 0xFFFF_FFFF

  public init() {}

  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var r = UInt32(byte)
      for _ in 0..<8 { r = (r >> 1) ^ (r & 1 == 1 ? 0xEDB8_8320 : 0) }
      tables[byte] = r
    }
    for k in 1..<8 {
      for byte in 0..<256 {
        let r = tables[(k - 1) * 256 + byte]
        tables[k * 256 + byte] = (r >> 8) ^ tables[Int(r & 0xFF)]
      }
    }
    return tables
  }()

  /// Takes in bytes, eight at a time.
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    var r = remainder
    Self.tables.withUnsafeBufferPointer { table in
      var i = 0
      while i &+ 8 <= bytes.count {
        let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self)) ^ UInt64(r)
        r = 0
        for k in 0..<8 { r ^= table[(7 &- k) &* 256 &+ Int((word &>> UInt64(8 &* k)) & 0xFF)] }
        i &+= 8
      }
      while i < bytes.count {
        r = (r &>> 8) ^ table[Int((r ^ UInt32(bytes[i])) & 0xFF)]
        i &+= 1
      }
    }
    remainder = r
  }

  public var value: UInt32 { ~remainder }

  /// The CRC of some bytes.
  public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var crc = CRC32()
    crc.update(bytes)
    return crc.value
  }
}
