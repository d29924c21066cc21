public import Planning

/// Fits coefficients to counted instructions: least squares of relative errors, never negative, drawn gently towards
/// `prior` so that a kind of work that the cases hardly tell apart from another keeps a sensible value.
public func fittedCoefficients(
  _ measurements: [EstimateMeasurement], prior: [WorkItem: Double], pull: Double = 1e-3
) -> [WorkItem: Double] {
  var rows: [(counts: [Double], total: Double)] = []
  let items = WorkItem.allCases
  for one in measurements {
    rows.append((items.map { one.work.step[$0] ?? 0 }, one.step))
    if one.update > 0 {
      let blocks = Double(one.work.blocks)
      rows.append(
        (items.map { (one.work.block[$0] ?? 0) * blocks + (one.work.apply[$0] ?? 0) }, one.update))
    }
  }
  // In units of the prior, so that one strength of pull suits all.
  let scale = items.map { max(prior[$0] ?? 1, 0.1) }
  let a = rows.map { row in items.indices.map { row.counts[$0] * scale[$0] / row.total } }
  var x = [Double](repeating: 1, count: items.count)
  var residual = a.map { row in 1 - zip(row, x).reduce(0) { $0 + $1.0 * $1.1 } }
  for _ in 0..<20_000 {
    for k in items.indices {
      let (slope, curvature) = a.indices.reduce((pull * (1 - x[k]), pull)) { sums, r in
        (sums.0 + a[r][k] * residual[r], sums.1 + a[r][k] * a[r][k])
      }
      let moved = max(0, x[k] + slope / curvature)
      for r in a.indices { residual[r] -= a[r][k] * (moved - x[k]) }
      x[k] = moved
    }
  }
  return Dictionary(uniqueKeysWithValues: items.indices.map { (items[$0], x[$0] * scale[$0]) })
}
