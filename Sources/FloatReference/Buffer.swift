/// Memory that is allocated once and used without checks in the inner loops. Freed with its owner.
final class Buffer<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  init(_ count: Int, filledWith value: Element) {
    self.count = count
    base = .allocate(capacity: max(count, 1))
    base.initialize(repeating: value, count: max(count, 1))
  }

  convenience init(_ elements: [Element], orIfEmpty filler: Element) {
    self.init(elements.count, filledWith: filler)
    for (index, element) in elements.enumerated() { base[index] = element }
  }

  deinit { base.deallocate() }

  var elements: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: base, count: count) }

  func fill(_ value: Element) { base.update(repeating: value, count: count) }

  /// The buffer itself where it is large enough, and a larger one where it is not.
  func holding(atLeast needed: Int, filledWith value: Element) -> Buffer {
    needed <= count ? self : Buffer(needed, filledWith: value)
  }
}
