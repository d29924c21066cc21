public import Conformance
public import Diagnostics
import IntegerModel
import Planning
import Toolchains

/// What `verify` found, as the document that `Format.md` describes.
public enum VerificationJSON {
  typealias Member = JSONText.Member

  public static func document(_ report: VerificationReport) -> JSONText {
    .object([
      Member("format", .string("epropc-verify")), Member("version", .integer(1)),
      Member("network", .string(report.plan.name)), Member("bit_exact", .bool(report.bitExact)),
      Member("trials", .integer(report.trials)), Member("steps", .integer(report.steps)),
      Member("targets", .array(report.machines.map(machine))),
      Member("skipped", .array(report.skipped.map(skipped))), Member("float_drift", drift(report.drift)),
      Member("model", model(report.model)),
    ])
  }

  static func machine(_ machine: VerificationReport.MachineReport) -> JSONText {
    var members = [
      Member("target", .string(machine.target)), Member("optimisation", .string(machine.optimisation)),
      Member("kernels", .string(machine.kernels.rawValue)),
      Member("compiler", .string(machine.compiler)), Member("bit_exact", .bool(machine.comparison.bitExact)),
      Member("steps_compared", .integer(machine.comparison.stepsCompared)),
      Member("digests_compared", .integer(machine.comparison.digestsCompared)),
      Member("seconds", .number(machine.seconds)),
    ]
    if let variant = machine.variant { members.append(Member("variant", .string(variant))) }
    if let divergence = machine.comparison.divergence {
      members.append(Member("divergence", self.divergence(divergence)))
    }
    return .object(members)
  }

  static func divergence(_ divergence: Divergence) -> JSONText {
    var members = [Member("trial", .integer(divergence.trial)), Member("array", .string(divergence.array))]
    if let step = divergence.step { members.append(Member("step", .integer(step))) }
    if let index = divergence.index { members.append(Member("index", .integer(index))) }
    if let expected = divergence.expected { members.append(Member("expected", .integer(Int(expected)))) }
    if let got = divergence.got { members.append(Member("got", .integer(Int(got)))) }
    if let lsb = divergence.lsb { members.append(Member("lsb", .number(lsb))) }
    return .object(members)
  }

  static func skipped(_ skipped: VerificationReport.Skipped) -> JSONText {
    let missing = skipped.missing.map { tool in
      JSONText.object([Member("command", .string(tool.command)), Member("package", .string(tool.package))])
    }
    var members = [Member("target", .string(skipped.target)), Member("missing", .array(missing))]
    if let object = skipped.tooLarge { members.append(Member("too_large", .string(object))) }
    return .object(members)
  }

  static func drift(_ drift: FloatDrift) -> JSONText {
    var members = [
      Member(
        "signals",
        .array(
          drift.signals.map {
            .object([
              Member("name", .string($0.name)), Member("rms_difference", .number($0.error)),
              Member("rms_size", .number($0.size)), Member("largest_difference", .number($0.largestError)),
            ])
          })),
      Member(
        "gradients",
        .array(
          drift.gradients.map {
            .object([
              Member("projection", .string($0.name)), Member("cosine", finite($0.cosine)),
              Member("norm_ratio", finite($0.normRatio)),
            ])
          })),
      Member("least_cosine", finite(drift.leastCosine)),
      Member("decisions_differing", .integer(drift.decisionsDiffering)), Member("decisions", .integer(drift.decisions)),
      Member("integer_rate_hz", finite(drift.integerRate)), Member("float_rate_hz", finite(drift.floatRate)),
    ]
    if let step = drift.firstDifferingStep { members.append(Member("first_differing_step", .integer(step))) }
    return .object(members)
  }

  static func model(_ model: ModelFigures) -> JSONText {
    let s = model.saturations
    return .object([
      Member("seconds", .number(model.seconds)), Member("score", .string(model.scoreName)),
      Member("float_score", finite(model.floatScore)), Member("scores", .array(model.scores.map(finite))),
      Member("rates_hz", .array(model.rates.map(finite))),
      Member("learnt", .integer(model.learnt)), Member("spoilt", .integer(model.spoilt)),
      Member(
        "saturations",
        .object([
          Member("v", .integer(s.potential)), Member("error", .integer(s.error)),
          Member("filtered_error", .integer(s.filteredError)), Member("sweep", .integer(s.sweep)),
          Member("delta", .integer(s.delta)), Member("eligibility", .integer(s.eligibility)),
          Member("gradient", .integer(s.gradient)), Member("weight", .integer(s.weight)),
        ])),
    ])
  }

  /// A number, or 0 where there is none (a ratio of zeros).
  static func finite(_ value: Double) -> JSONText { .number(value.isFinite ? value : 0) }
}
