/// How one gradient stands to another.
public struct Alignment: Sendable, Hashable {
  /// Between −1 and 1; nil where one of the two is 0.
  public var cosine: Double?
  /// The norm over the other's norm; nil where that is 0.
  public var normRatio: Double?

  /// Of `gradient` against `reference`, each cut into arrays in the same way.
  public init(_ gradient: some Sequence<[Double]>, against reference: some Sequence<[Double]>) {
    var (product, square, referenceSquare) = (0.0, 0.0, 0.0)
    for (a, b) in zip(gradient, reference) {
      for (x, y) in zip(a, b) {
        product += x * y
        square += x * x
        referenceSquare += y * y
      }
    }
    let (norm, referenceNorm) = (square.squareRoot(), referenceSquare.squareRoot())
    if norm > 0, referenceNorm > 0 { cosine = min(max(product / norm / referenceNorm, -1), 1) }
    if referenceNorm > 0 { normRatio = norm / referenceNorm }
  }
}
