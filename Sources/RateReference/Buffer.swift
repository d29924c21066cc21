/// Memory that is allocated once and used without checks in the inner loops. Freed with its owner.
final class Buffer {
  let base: UnsafeMutablePointer<Double>
  let count: Int

  init(_ count: Int, filledWith value: Double = 0) {
    self.count = count
    base = .allocate(capacity: max(count, 1))
    base.initialize(repeating: value, count: max(count, 1))
  }

  convenience init(_ elements: [Double]) {
    self.init(elements.count)
    copy(elements)
  }

  deinit { base.deallocate() }

  var elements: [Double] { Array(UnsafeBufferPointer(start: base, count: count)) }

  func fill(_ value: Double) { base.update(repeating: value, count: count) }

  func copy(_ other: Buffer) { base.update(from: other.base, count: count) }

  /// - Precondition: as many elements as the buffer has.
  func copy(_ values: [Double]) {
    precondition(values.count == count)
    for (index, value) in values.enumerated() { base[index] = value }
  }
}
