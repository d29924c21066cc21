public import Diagnostics
import LearningRules

extension GradientReport {
  /// The document that `Format.md` describes.
  ///
  /// - Throws: `gradients.not-finite`.
  public func json() throws(Findings) -> JSONText {
    let broken = comparisons.filter { !$0.gradient.allSatisfy { $0.allSatisfy(\.isFinite) } }
    guard broken.isEmpty else {
      throw Findings(
        broken.map { Finding("gradients.not-finite", at: nil, "the gradient of \($0.rule) is not finite") })
    }
    return .object([
      JSONText.Member("format", .string("epropc-gradients")), JSONText.Member("version", .integer(1)),
      JSONText.Member("network", .string(network)), JSONText.Member("trials", .integer(trialCount)),
      JSONText.Member("reference", .string(reference)),
      JSONText.Member("parameters", .array(parameters.map(parameter))),
      JSONText.Member("rules", .array(comparisons.map(rule))),
    ])
  }

  private func parameter(_ parameter: RuleParameter) -> JSONText {
    .object([
      JSONText.Member("name", .string(parameter.name)), JSONText.Member("parameter", .string(parameter.symbol)),
      JSONText.Member("shape", .array(parameter.shape.map(JSONText.integer))),
    ])
  }

  private func rule(_ comparison: Comparison) -> JSONText {
    let gradients = parameters.indices.map { index in
      JSONText.object(
        [JSONText.Member("name", .string(parameters[index].name))]
          + members(comparison.parameters[index], comparison.parameterSteps.map { $0[index] }) + [
            JSONText.Member("gradient", .array(comparison.gradient[index].map(JSONText.number)))
          ] + contributions(comparison, index))
    }
    return .object(
      [JSONText.Member("rule", .string(comparison.rule))] + members(comparison.all, comparison.steps)
        + [
          JSONText.Member("hidden", .object(members(comparison.hidden, comparison.hiddenSteps))),
          JSONText.Member("parameters", .array(gradients)),
        ])
  }

  private func members(_ alignment: Alignment, _ steps: [Alignment]) -> [JSONText.Member] {
    let total = [
      JSONText.Member("cosine", number(alignment.cosine)), JSONText.Member("norm_ratio", number(alignment.normRatio)),
    ]
    guard depth != .totals else { return total }
    return total + [
      JSONText.Member("step_cosine", .array(steps.map { number($0.cosine) })),
      JSONText.Member("step_norm_ratio", .array(steps.map { number($0.normRatio) })),
    ]
  }

  private func contributions(_ comparison: Comparison, _ parameter: Int) -> [JSONText.Member] {
    guard depth == .contributions else { return [] }
    let rows = comparison.contributions.map { JSONText.array($0[parameter].map(number)) }
    return [JSONText.Member("step_gradient", .array(rows))]
  }

  private func number(_ value: Double?) -> JSONText { value.map { $0.isFinite ? .number($0) : .null } ?? .null }
}
