/// A flat array that never moves, so that inner loops can keep a plain pointer to it.
final class Storage<Element: BitwiseCopyable> {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  init(_ count: Int, repeating value: Element) {
    self.count = count
    base = .allocate(capacity: max(1, count))
    base.initialize(repeating: value, count: count)
  }

  convenience init(_ values: [Element]) where Element: ExpressibleByIntegerLiteral {
    self.init(values.count, repeating: 0)
    for (index, value) in values.enumerated() { base[index] = value }
  }

  deinit { base.deallocate() }

  var buffer: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: base, count: count) }
  var array: [Element] { Array(buffer) }

  func fill(_ value: Element) { base.update(repeating: value, count: count) }

  subscript(index: Int) -> Element {
    get { base[index] }
    set { base[index] = newValue }
  }
}
