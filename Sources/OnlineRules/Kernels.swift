/// The vector operations of the inner loops. All pointers are to as many valid elements as said, and do not overlap.
public enum Kernels {
  /// y += s x
  @inlinable @inline(__always)
  public static func add(
    _ x: UnsafePointer<Double>, times s: Double, to y: UnsafeMutablePointer<Double>, count: Int
  ) {
    var j = 0
    while j &+ 4 <= count {
      store(lanes(UnsafePointer(y), j) + s * lanes(x, j), y, j)
      j &+= 4
    }
    while j < count {
      y[j] += s * x[j]
      j &+= 1
    }
  }

  /// y = s x
  @inlinable @inline(__always)
  public static func assign(
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
  @inlinable @inline(__always)
  public static func scale(_ y: UnsafeMutablePointer<Double>, by s: Double, count: Int) {
    assign(UnsafePointer(y), times: s, to: y, count: count)
  }

  /// y = r y + s x
  @inlinable @inline(__always)
  public static func blend(
    _ y: UnsafeMutablePointer<Double>, by r: Double, _ x: UnsafePointer<Double>, times s: Double, count: Int
  ) {
    var j = 0
    while j &+ 4 <= count {
      store(r * lanes(UnsafePointer(y), j) + s * lanes(x, j), y, j)
      j &+= 4
    }
    while j < count {
      y[j] = r * y[j] + s * x[j]
      j &+= 1
    }
  }

  /// Σ x y
  @inlinable @inline(__always)
  public static func dot(_ x: UnsafePointer<Double>, _ y: UnsafePointer<Double>, count: Int) -> Double {
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

  /// √Σ x²
  @inlinable
  public static func norm(_ x: UnsafePointer<Double>, count: Int) -> Double { dot(x, x, count: count).squareRoot() }

  /// y = x A for a row x of `rows` elements and A [rows × columns].
  @inlinable
  public static func multiply(
    _ x: UnsafePointer<Double>, _ a: UnsafePointer<Double>, rows: Int, columns: Int,
    to y: UnsafeMutablePointer<Double>
  ) {
    y.update(repeating: 0, count: columns)
    for i in 0..<rows { add(a + i * columns, times: x[i], to: y, count: columns) }
  }

  /// X ← X A in place, for X [count × n] and A [n × n]; `scratch` holds 4 n numbers. The whole cost of the exact rules.
  @inlinable
  public static func multiplyRows(
    _ x: UnsafeMutablePointer<Double>, count: Int, by a: UnsafePointer<Double>, n: Int,
    scratch: UnsafeMutablePointer<Double>
  ) {
    var row = 0
    while row &+ 4 <= count {
      fourRows(UnsafePointer(x + row * n), by: a, n: n, to: scratch)
      (x + row * n).update(from: scratch, count: 4 * n)
      row &+= 4
    }
    while row < count {
      multiply(UnsafePointer(x + row * n), a, rows: n, columns: n, to: scratch)
      (x + row * n).update(from: scratch, count: n)
      row &+= 1
    }
  }

  /// y = x A for four rows.
  @inlinable @inline(__always)
  static func fourRows(
    _ x: UnsafePointer<Double>, by a: UnsafePointer<Double>, n: Int, to y: UnsafeMutablePointer<Double>
  ) {
    let (x1, x2, x3) = (x + n, x + 2 * n, x + 3 * n)
    var k = 0
    while k &+ 4 <= n {
      var (sum0, sum1) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
      var (sum2, sum3) = (SIMD4<Double>.zero, SIMD4<Double>.zero)
      var column = a + k
      for l in 0..<n {
        let factors = lanes(column, 0)
        sum0 += x[l] * factors
        sum1 += x1[l] * factors
        sum2 += x2[l] * factors
        sum3 += x3[l] * factors
        column += n
      }
      store(sum0, y, k)
      store(sum1, y, n &+ k)
      store(sum2, y, 2 &* n &+ k)
      store(sum3, y, 3 &* n &+ k)
      k &+= 4
    }
    while k < n {
      for r in 0..<4 {
        var sum = 0.0
        for l in 0..<n { sum += x[r &* n &+ l] * a[l &* n &+ k] }
        y[r &* n &+ k] = sum
      }
      k &+= 1
    }
  }

  /// Four neighbouring elements.
  @inlinable @inline(__always)
  public static func lanes(_ x: UnsafePointer<Double>, _ j: Int) -> SIMD4<Double> {
    UnsafeRawPointer(x + j).loadUnaligned(as: SIMD4<Double>.self)
  }

  @inlinable @inline(__always)
  public static func store(_ value: SIMD4<Double>, _ x: UnsafeMutablePointer<Double>, _ j: Int) {
    UnsafeMutableRawPointer(x + j).storeBytes(of: value, as: SIMD4<Double>.self)
  }
}
