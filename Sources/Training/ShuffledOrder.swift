import Randomness

/// Trials in an order that is drawn anew in every pass over them.
public enum ShuffledOrder {
  /// The numbers of `draws` trials out of `count`: pass after pass, each a permutation by Fisher and Yates from SplitMix64,
  /// stream "order".
  public static func indices(of count: Int, draws: Int, seed: UInt64) -> [Int] {
    var random = SplitMix64(seed: seed, stream: "order")
    var (pass, order) = (Array(0..<count), [Int]())
    order.reserveCapacity(draws)
    while order.count < draws, count > 0 {
      for last in stride(from: count - 1, to: 0, by: -1) {
        pass.swapAt(last, Int(random.uniform() * Double(last + 1)))
      }
      order += pass.prefix(draws - order.count)
    }
    return order
  }
}
