extension PopulationPlan {
  /// Whether v stays within 2^14 of the threshold: plain neurons with thresholds of at most 2^12. v − v_th + 2^14 is then a
  /// number of 15 bits.
  public var isNarrow: Bool {
    guard adaptation == nil && current == nil else { return false }
    return switch threshold {
    case .common(let value): value <= 1 << 12
    case .each(let values): values.allSatisfy { $0 <= 1 << 12 }
    }
  }

  /// Whether a spike subtracts, or leads to 0 and no more.
  public var hasCommonReset: Bool {
    switch reset {
    case .subtract, .zero: true
    case .value, .hold: false
    }
  }

  /// What v of neuron j of the population is saturated to.
  public func potentialRange(_ j: Int) -> ClosedRange<Int32> {
    isNarrow ? threshold[j] - (1 << 14)...threshold[j] + (1 << 14) - 1 : -32768...32767
  }
}

extension PopulationPlan.Reset {
  /// Whether every neuron has an amount or a potential of its own.
  var isTable: Bool {
    switch self {
    case .subtract(.each), .value(.each): true
    default: false
    }
  }
}
