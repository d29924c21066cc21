import OnlineRules

/// What backpropagation keeps of the steps behind: slope, â and a credit c for each of the last `capacity` steps.
final class History {
  private let units: Int
  private let columns: Int
  private var capacity: Int
  private var slopes: Buffer
  private var hats: Buffer
  private var credits: Buffer
  /// The place of the oldest step, and how many there are.
  private var first = 0
  private(set) var count = 0

  init(_ cell: RateCell, capacity: Int) {
    (units, columns, self.capacity) = (cell.units, cell.columns, max(capacity, 1))
    slopes = Buffer(self.capacity * units)
    hats = Buffer(self.capacity * columns)
    credits = Buffer(self.capacity * units)
  }

  func clear() { (first, count) = (0, 0) }

  /// Appends the cell's step with its learning signal for a credit; grows where there is no room.
  func append(_ cell: RateCell) {
    if count == capacity { grow() }
    let place = (first + count) % capacity
    (slopes.base + place * units).update(from: cell.slope.base, count: units)
    (hats.base + place * columns).update(from: cell.hat.base, count: columns)
    (credits.base + place * units).update(from: cell.signal.base, count: units)
    count += 1
  }

  func dropFirst() {
    first = (first + 1) % capacity
    count -= 1
  }

  /// The step `age` steps after the oldest one.
  func slope(_ age: Int) -> UnsafeMutablePointer<Double> { slopes.base + (first + age) % capacity * units }
  func hat(_ age: Int) -> UnsafeMutablePointer<Double> { hats.base + (first + age) % capacity * columns }
  func credit(_ age: Int) -> UnsafeMutablePointer<Double> { credits.base + (first + age) % capacity * units }

  /// gradient += (c ∘ slope) â of a step.
  func addGradient(_ age: Int, credit c: UnsafePointer<Double>, to gradient: Buffer) {
    for i in 0..<units {
      Kernels.add(hat(age), times: c[i] * slope(age)[i], to: gradient.base + i * columns, count: columns)
    }
  }

  private func grow() {
    let (larger, order) = (2 * capacity, (0..<count).map { (first + $0) % capacity })
    func moved(_ buffer: Buffer, _ width: Int) -> Buffer {
      let result = Buffer(larger * width)
      for (place, old) in order.enumerated() {
        (result.base + place * width).update(from: buffer.base + old * width, count: width)
      }
      return result
    }
    (slopes, hats, credits) = (moved(slopes, units), moved(hats, columns), moved(credits, units))
    (first, capacity) = (0, larger)
  }
}
