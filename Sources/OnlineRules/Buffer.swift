/// Memory that is allocated once and used without checks in the inner loops. Freed with its owner.
public final class Buffer {
  public let base: UnsafeMutablePointer<Double>
  public let count: Int

  public init(_ count: Int, filledWith value: Double = 0) {
    self.count = count
    base = .allocate(capacity: max(count, 1))
    base.initialize(repeating: value, count: max(count, 1))
  }

  public convenience init(_ elements: [Double]) {
    self.init(elements.count)
    copy(elements)
  }

  deinit { base.deallocate() }

  public var elements: [Double] { Array(UnsafeBufferPointer(start: base, count: count)) }

  public func fill(_ value: Double) { base.update(repeating: value, count: count) }

  public func copy(_ other: Buffer) { base.update(from: other.base, count: count) }

  /// - Precondition: as many elements as the buffer has.
  public func copy(_ values: [Double]) {
    precondition(values.count == count)
    for (index, value) in values.enumerated() { base[index] = value }
  }
}
