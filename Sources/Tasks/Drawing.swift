import Networks
import Randomness

/// Initial weights and event trains.
enum Drawing {
  /// `count` draws from N(0, variance) of the stream `name`.
  static func normals(_ count: Int, variance: Double, seed: UInt64, stream name: String) -> [Double] {
    var generator = SplitMix64(seed: seed, stream: name)
    let deviation = variance.squareRoot()
    return (0..<count).map { _ in deviation * generator.normal() }
  }
}

extension SpikingNetwork.Projection {
  /// A plastic projection without autapses, its weights [post × pre] drawn from N(0, variance).
  static func drawn(
    _ name: String, from source: Source, _ pre: Int, to target: Target, _ post: Int, variance: Double, seed: UInt64
  ) -> SpikingNetwork.Projection {
    var weights = Drawing.normals(post * pre, variance: variance, seed: seed, stream: "weights " + name)
    if case (.population(let from), .population(let to)) = (source, target), from == to {
      for j in 0..<post { weights[j * pre + j] = 0 }
    }
    return SpikingNetwork.Projection(
      name: name, source: source, target: target, weights: weights, isPlastic: true, autapses: false)
  }
}
