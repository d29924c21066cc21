/// The vector operations of the inner loops. All pointers are to `count` valid elements and do not overlap.
enum Kernels {
  /// y += s x
  @inline(__always)
  static func add(
    _ x: UnsafePointer<Double>, times s: Double, to y: UnsafeMutablePointer<Double>, count: Int
  ) {
    var j = 0
    while j &+ 4 <= count {
      store(lanes(y, j) + s * lanes(x, j), y, j)
      j &+= 4
    }
    while j < count {
      y[j] += s * x[j]
      j &+= 1
    }
  }

  /// y += s (x₀ + x₁ + x₂ + x₃)
  @inline(__always)
  static func add(
    _ x0: UnsafePointer<Double>, _ x1: UnsafePointer<Double>, _ x2: UnsafePointer<Double>, _ x3: UnsafePointer<Double>,
    times s: Double, to y: UnsafeMutablePointer<Double>, count: Int
  ) {
    var j = 0
    while j &+ 4 <= count {
      store(lanes(y, j) + s * ((lanes(x0, j) + lanes(x1, j)) + (lanes(x2, j) + lanes(x3, j))), y, j)
      j &+= 4
    }
    while j < count {
      y[j] += s * ((x0[j] + x1[j]) + (x2[j] + x3[j]))
      j &+= 1
    }
  }

  /// y = s x
  @inline(__always)
  static func assign(
    _ x: UnsafePointer<Double>, times s: Double, to y: UnsafeMutablePointer<Double>, count: Int
  ) {
    var j = 0
    while j &+ 4 <= count {
      store(s * lanes(x, j), y, j)
      j &+= 4
    }
    while j < count {
      y[j] = s * x[j]
      j &+= 1
    }
  }

  /// y = s y
  @inline(__always)
  static func scale(_ y: UnsafeMutablePointer<Double>, by s: Double, count: Int) {
    assign(UnsafePointer(y), times: s, to: y, count: count)
  }

  /// y = s y, each with its own s
  @inline(__always)
  static func scale(_ y: UnsafeMutablePointer<Double>, by s: UnsafePointer<Double>, count: Int) {
    var j = 0
    while j &+ 4 <= count {
      store(lanes(s, j) * lanes(y, j), y, j)
      j &+= 4
    }
    while j < count {
      y[j] *= s[j]
      j &+= 1
    }
  }

  /// Σ x y
  @inline(__always)
  static func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, count: Int) -> Double {
    var even = SIMD4<Double>.zero
    var odd = SIMD4<Double>.zero
    var j = 0
    while j &+ 8 <= count {
      even += lanes(x, j) * lanes(y, j)
      odd += lanes(x, j &+ 4) * lanes(y, j &+ 4)
      j &+= 8
    }
    var sum = (even + odd).sum()
    while j < count {
      sum += x[j] * y[j]
      j &+= 1
    }
    return sum
  }

  /// Four neighbouring elements.
  @inline(__always)
  static func lanes(_ x: UnsafePointer<Double>, _ j: Int) -> SIMD4<Double> {
    UnsafeRawPointer(x + j).loadUnaligned(as: SIMD4<Double>.self)
  }

  @inline(__always)
  static func lanes(_ x: UnsafeMutablePointer<Double>, _ j: Int) -> SIMD4<Double> {
    UnsafeRawPointer(x + j).loadUnaligned(as: SIMD4<Double>.self)
  }

  @inline(__always)
  static func store(_ value: SIMD4<Double>, _ x: UnsafeMutablePointer<Double>, _ j: Int) {
    UnsafeMutableRawPointer(x + j).storeBytes(of: value, as: SIMD4<Double>.self)
  }
}
