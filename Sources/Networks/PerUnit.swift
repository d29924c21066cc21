/// A number that all units of a population or of the readout share, or one for each of them.
public enum PerUnit: Sendable, Hashable {
  case common(Double)
  case each([Double])

  /// The common number where all are equal.
  public init(_ values: [Double]) {
    if let first = values.first, values.allSatisfy({ $0 == first }) {
      self = .common(first)
    } else {
      self = .each(values)
    }
  }

  /// The number of unit `index`.
  public subscript(index: Int) -> Double {
    switch self {
    case .common(let value): value
    case .each(let values): values[index]
    }
  }

  /// Whether there is one number for all units.
  public var isCommon: Bool { if case .common = self { true } else { false } }

  /// The numbers there are: one for all, or those of all units.
  public var values: [Double] {
    switch self {
    case .common(let value): [value]
    case .each(let values): values
    }
  }

  /// Every number changed, in the same form.
  public func map(_ body: (Double) -> Double) -> PerUnit {
    switch self {
    case .common(let value): .common(body(value))
    case .each(let values): .each(values.map(body))
    }
  }
}

extension PerUnit: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  public init(floatLiteral value: Double) { self = .common(value) }
  public init(integerLiteral value: Int) { self = .common(Double(value)) }
}
