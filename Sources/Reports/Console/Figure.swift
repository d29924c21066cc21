import Foundation

/// Numbers as they stand in text for people.
public enum Figure {
  /// Four significant digits.
  public static func short(_ value: Double) -> String { String(format: "%.4g", value) }

  /// A share in percent, two digits after the point.
  public static func percent(_ value: Double) -> String { String(format: "%.2f %%", value * 100) }

  /// Two digits after the point.
  public static func hundredths(_ value: Double) -> String { String(format: "%.2f", value) }

  /// A cosine, to as many nines as matter.
  public static func cosine(_ value: Double) -> String { String(format: "%.6f", value) }

  /// A duration with the unit that suits it.
  public static func duration(seconds: Double) -> String {
    switch seconds {
    case ..<1: String(format: "%.0f ms", seconds * 1000)
    case ..<120: String(format: "%.1f s", seconds)
    default: "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
    }
  }
}
