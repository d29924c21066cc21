/// A linear map between vectors: what stands between the spikes of one node and the drive of another.
enum LinearMap: Sendable, Hashable {
  case identity(Int)
  case diagonal([Double])
  /// Row major.
  case dense(rows: Int, columns: Int, [Double])

  var rows: Int {
    switch self {
    case .identity(let count): count
    case .diagonal(let values): values.count
    case .dense(let rows, _, _): rows
    }
  }

  var columns: Int {
    switch self {
    case .dense(_, let columns, _): columns
    default: rows
    }
  }

  var isIdentity: Bool { if case .identity = self { true } else { false } }

  /// [rows × columns], row major.
  var matrix: [Double] {
    switch self {
    case .dense(_, _, let values): return values
    case .identity(let count): return LinearMap.diagonal([Double](repeating: 1, count: count)).matrix
    case .diagonal(let values):
      var matrix = [Double](repeating: 0, count: values.count * values.count)
      for (index, value) in values.enumerated() { matrix[index * (values.count + 1)] = value }
      return matrix
    }
  }

  /// Multiplications that `after` takes.
  func cost(after first: LinearMap) -> Int {
    guard case .dense(let rows, let columns, _) = self, case .dense(_, let inner, _) = first else {
      return max(rows, 1) * max(first.columns, 1)
    }
    return rows * columns * inner
  }

  /// The composition: this map of what `first` gives.
  ///
  /// - Precondition: `columns` is `first.rows`.
  func after(_ first: LinearMap) -> LinearMap {
    switch (self, first) {
    case (.identity, _): return first
    case (_, .identity): return self
    case (.diagonal(let a), .diagonal(let b)): return .diagonal(zip(a, b).map { $0 * $1 })
    case (.diagonal(let a), .dense(let rows, let columns, var values)):
      for row in 0..<rows { for column in 0..<columns { values[row * columns + column] *= a[row] } }
      return .dense(rows: rows, columns: columns, values)
    case (.dense(let rows, let columns, var values), .diagonal(let b)):
      for row in 0..<rows { for column in 0..<columns { values[row * columns + column] *= b[column] } }
      return .dense(rows: rows, columns: columns, values)
    case (.dense(let rows, let inner, let a), .dense(_, let columns, let b)):
      var product = [Double](repeating: 0, count: rows * columns)
      for row in 0..<rows {
        for k in 0..<inner where a[row * inner + k] != 0 {
          let factor = a[row * inner + k]
          for column in 0..<columns { product[row * columns + column] += factor * b[k * columns + column] }
        }
      }
      return .dense(rows: rows, columns: columns, product)
    }
  }

  /// - Precondition: both have the same rows and columns.
  static func + (a: LinearMap, b: LinearMap) -> LinearMap {
    .dense(rows: a.rows, columns: a.columns, zip(a.matrix, b.matrix).map { $0 + $1 })
  }

  func applied(to vector: [Double]) -> [Double] {
    switch self {
    case .identity: vector
    case .diagonal(let values): zip(values, vector).map { $0 * $1 }
    case .dense(let rows, let columns, let values):
      (0..<rows).map { row in (0..<columns).reduce(0) { $0 + values[row * columns + $1] * vector[$1] } }
    }
  }
}
