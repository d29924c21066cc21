/// The times of each source's events, in order: a counting sort of a record's flat list.
final class EventIndex {
  private let starts: Storage<Int32>
  private let times: Storage<Int32>

  init(sources: Int, capacity: Int) {
    starts = Storage(sources + 1, repeating: 0)
    times = Storage(capacity, repeating: 0)
  }

  /// `bounds[k]..<bounds[k + 1]` are the events of time `firstTime + k`.
  func sort(_ events: UnsafePointer<UInt16>, bounds: [Int32], firstTime: Int32) {
    starts.fill(0)
    let sources = starts.count - 1
    let total = Int(bounds[bounds.count - 1])
    for e in 0..<total { starts.base[Int(events[e])] &+= 1 }
    var sum: Int32 = 0
    for i in 0...sources {
      let count = starts.base[i]
      starts.base[i] = sum
      sum &+= count
    }
    for k in 0..<bounds.count - 1 {
      for e in Int(bounds[k])..<Int(bounds[k + 1]) {
        let source = Int(events[e])
        times.base[Int(starts.base[source])] = firstTime &+ Int32(truncatingIfNeeded: k)
        starts.base[source] &+= 1
      }
    }
    for i in stride(from: sources, to: 0, by: -1) { starts.base[i] = starts.base[i - 1] }
    starts.base[0] = 0
  }

  /// The times of a source's events, ascending.
  func times(of source: Int) -> UnsafeBufferPointer<Int32> {
    let (start, end) = (Int(starts.base[source]), Int(starts.base[source + 1]))
    return UnsafeBufferPointer(start: times.base + start, count: end - start)
  }
}
