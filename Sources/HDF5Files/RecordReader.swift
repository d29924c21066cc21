/// Decodes the records that the reading process sends (CHDF5Reader/include/hdf5_reader.h).
///
/// The process may have been led astray by the file, so nothing that it says is believed: lengths are checked against
/// what has arrived.
struct RecordReader {
  /// Why there is no tree.
  enum Failure: Error, Hashable {
    /// An 'F' record.
    case refused(code: String, detail: String)
    /// The records end too early, or make no sense.
    case incomplete
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The root group.
  mutating func read() throws(Failure) -> [String: HDF5Object] {
    var open: [(name: String, members: [String: HDF5Object])] = [("", [:])]
    while true {
      switch Character(Unicode.Scalar(try byte())) {
      case "G": open.append((try text(), [:]))
      case "E":
        guard open.count > 1, let closed = open.popLast() else { throw .incomplete }
        open[open.count - 1].members[closed.name] = .group(closed.members)
      case "N":
        let name = try text()
        let isInteger = try byte() == UInt8(ascii: "i")
        let (shape, count) = try extents()
        open[open.count - 1].members[name] = .numbers(
          .init(shape: shape, values: try doubles(count), areIntegers: isInteger))
      case "S":
        let name = try text()
        let (shape, count) = try extents()
        var values: [String] = []
        for _ in 0..<count { values.append(try text()) }
        open[open.count - 1].members[name] = .strings(.init(shape: shape, values: values))
      case "X":
        let (name, code, detail) = (try text(), try text(), try text())
        open[open.count - 1].members[name] = .obstacle(.init(.init(rawValue: code) ?? .damaged, detail: detail))
      case "F": throw .refused(code: try text(), detail: try text())
      case "Z":
        guard open.count == 1 else { throw .incomplete }
        return open[0].members
      default: throw .incomplete
      }
    }
  }

  private mutating func byte() throws(Failure) -> UInt8 {
    guard position < bytes.count else { throw .incomplete }
    defer { position += 1 }
    return bytes[position]
  }

  private mutating func number<Value: FixedWidthInteger>(_: Value.Type) throws(Failure) -> Value {
    let size = MemoryLayout<Value>.size
    guard bytes.count - position >= size else { throw .incomplete }
    defer { position += size }
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: position, as: Value.self) }
  }

  private mutating func text() throws(Failure) -> String {
    let count = Int(try number(UInt32.self))
    guard bytes.count - position >= count else { throw .incomplete }
    defer { position += count }
    return String(decoding: bytes[position..<position + count], as: UTF8.self)
  }

  private mutating func extents() throws(Failure) -> (shape: [Int], count: Int) {
    let rank = try number(UInt32.self)
    guard rank <= 8 else { throw .incomplete }
    var (shape, count) = ([Int](), 1)
    for _ in 0..<rank {
      guard let extent = Int(exactly: try number(UInt64.self)) else { throw .incomplete }
      shape.append(extent)
      let product = count.multipliedReportingOverflow(by: extent)
      guard !product.overflow || shape.contains(0) else { throw .incomplete }
      count = product.overflow ? 0 : product.partialValue
    }
    return (shape, shape.contains(0) ? 0 : count)
  }

  private mutating func doubles(_ count: Int) throws(Failure) -> [Double] {
    guard (bytes.count - position) / 8 >= count else { throw .incomplete }
    defer { position += 8 * count }
    return bytes.withUnsafeBytes { raw in
      (0..<count).map { raw.loadUnaligned(fromByteOffset: position + 8 * $0, as: Double.self) }
    }
  }
}
