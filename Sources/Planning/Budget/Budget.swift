/// What a compiled network may cost at most.
public struct Budget: Sendable, Hashable {
  public enum Constraint: String, Sendable, Hashable, CaseIterable { case ram, flash, latency }

  /// Bytes of the network's struct.
  public var ram: Int?
  /// Bytes of the tables. Code is not in it: `profile` measures that.
  public var flash: Int?
  /// The longest uninterrupted call in ordinary steps, updates being made in slices of a piece.
  public var latencySteps: Double?

  public init(ram: Int? = nil, flash: Int? = nil, latencySteps: Double? = nil) {
    self.ram = ram
    self.flash = flash
    self.latencySteps = latencySteps
  }

  public var isEmpty: Bool { ram == nil && flash == nil && latencySteps == nil }

  /// By how much an alternative passes each limit that it does not keep, in bytes or steps.
  func excess(_ alternative: Alternative) -> [Constraint: Double] {
    var excess: [Constraint: Double] = [:]
    func check(_ constraint: Constraint, _ value: Double, _ limit: Double?) {
      if let limit, value > limit { excess[constraint] = value - limit }
    }
    check(.ram, Double(alternative.ram), ram.map(Double.init))
    check(.flash, Double(alternative.flash), flash.map(Double.init))
    check(.latency, alternative.estimate.latencySteps, latencySteps)
    return excess
  }
}

/// What the user of the compiler has decided and the planner leaves alone.
public enum Pin: String, Sendable, Hashable, CaseIterable { case block, history, tile, weights, moments, secondMoments }
