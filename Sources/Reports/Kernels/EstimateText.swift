public import Conformance
import Foundation
public import Planning

/// The report of `epropc bench estimate`.
public enum EstimateText {
  /// A line per network: counted, estimated, and by how much the estimate is off.
  public static func text(
    _ target: String, _ fitted: [EstimateMeasurement], held: [EstimateMeasurement], _ coefficients: [WorkItem: Double]
  ) -> String {
    var table = Table([
      .text(target), .number("step"), .number("estimate"), .number("off"), .number("update"), .number("estimate"),
      .number("off"),
    ])
    for one in fitted { table.add(row(one, coefficients)) }
    table.add(["not fitted to:"])
    for one in held { table.add(row(one, coefficients)) }
    return table.text + "\n"
  }

  private static func row(_ one: EstimateMeasurement, _ coefficients: [WorkItem: Double]) -> [String] {
    let estimate = one.estimate(coefficients)
    func cells(_ counted: Double, _ estimated: Double) -> [String] {
      counted == 0
        ? ["–", "–", "–"]
        : [
          String(format: "%.0f", counted), String(format: "%.0f", estimated),
          String(format: "%+.1f %%", 100 * (estimated / counted - 1)),
        ]
    }
    return [one.name] + cells(one.step, estimate.step) + cells(one.update, estimate.update)
  }

  /// The coefficients as Swift.
  public static func source(_ coefficients: [WorkItem: Double], core: Core) -> String {
    let name = String(describing: core)
    let lines = WorkItem.allCases.map {
      "    .\($0.rawValue): \(String(format: "%.4g", coefficients[$0] ?? 0)),"
    }
    return "  static let \(name)Coefficients: [WorkItem: Double] = [\n\(lines.joined(separator: "\n"))\n  ]\n"
  }
}
