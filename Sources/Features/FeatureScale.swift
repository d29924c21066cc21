public import Diagnostics
import Foundation
import Safetensors

/// Which values of each feature become the bytes 0 and 255.
public struct FeatureScale: Sendable, Hashable {
  public var low: [Double]
  public var high: [Double]

  /// The 0.5th and 99.5th percentile of each feature over frames [frames × features].
  public init(of frames: [[Double]]) {
    let count = frames.first?.count ?? 0
    let sorted = (0..<count).map { feature in frames.map { $0[feature] }.sorted() }
    low = sorted.map { Self.percentile(0.5, of: $0) }
    high = sorted.map { Self.percentile(99.5, of: $0) }
  }

  /// Between the two nearest values, in proportion.
  static func percentile(_ percent: Double, of sorted: [Double]) -> Double {
    guard let last = sorted.last else { return 0 }
    let place = percent / 100 * Double(sorted.count - 1)
    let lower = Int(place)
    guard lower + 1 < sorted.count else { return last }
    return sorted[lower] + (place - Double(lower)) * (sorted[lower + 1] - sorted[lower])
  }

  /// One frame as bytes.
  public func bytes(_ frame: [Double]) -> [UInt8] {
    frame.indices.map { i in
      let range = high[i] - low[i]
      let share = range > 0 ? (frame[i] - low[i]) / range : 0
      return UInt8(max(0, min(255, (255 * share).rounded())))
    }
  }

  /// As a file's metadata keeps it.
  var metadata: [String: String] {
    func list(_ values: [Double]) -> String { JSONText.array(values.map { .number($0) }).compact }
    return ["feature_low": list(low), "feature_high": list(high)]
  }

  /// The scale of a file of features.
  ///
  /// - Throws: `safetensors.…`, or `features.scale` where the file has none.
  public static func read(path: String, count: Int) throws(Findings) -> FeatureScale {
    let metadata = try SafetensorsFile(path: path).metadata
    func numbers(_ name: String) -> [Double]? {
      guard let text = metadata[name], let data = text.data(using: .utf8) else { return nil }
      return try? JSONDecoder().decode([Double].self, from: data)
    }
    guard let low = numbers("feature_low"), let high = numbers("feature_high"), low.count == count,
      high.count == count, zip(low, high).allSatisfy({ $0 <= $1 && $0.isFinite && $1.isFinite })
    else {
      throw Findings(
        Finding(
          "features.scale", at: Finding.Location(file: path),
          "its metadata has no feature_low and feature_high of \(count) numbers each"))
    }
    return FeatureScale(low: low, high: high)
  }

  init(low: [Double], high: [Double]) {
    self.low = low
    self.high = high
  }
}
