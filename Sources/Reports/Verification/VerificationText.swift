public import Conformance
import IntegerModel
import Planning
import Toolchains

/// What `verify` found, for people.
public enum VerificationText {
  /// The whole report: machines, the first difference if there is one, the distance from double precision, the score.
  public static func text(_ report: VerificationReport) -> String {
    var parts = [heading(report), machines(report)]
    for machine in report.machines {
      if let divergence = machine.comparison.divergence { parts.append(difference(divergence, on: machine.target)) }
    }
    parts += report.skipped.map(skipped)
    parts += [signals(report.drift), running(report)]
    if !report.drift.gradients.isEmpty { parts.insert(gradients(report.drift), at: parts.count - 1) }
    return parts.joined(separator: "\n\n")
  }

  static func heading(_ report: VerificationReport) -> String {
    let learnt = report.plan.learning == nil ? "inference only" : "\(report.model.learnt) learnt from"
    let spoilt = report.model.spoilt == 0 ? "" : ", \(report.model.spoilt) spoilt"
    return
      "\(report.plan.name): \(report.trials) trials, \(report.steps) steps, \(learnt)\(spoilt); the integer model took "
      + Figure.duration(seconds: report.model.seconds)
  }

  static func machines(_ report: VerificationReport) -> String {
    var table = Table([
      .text("target"), .text("build"), .text("compiler"), .text("bit-exact"), .number("steps"), .number("digests"),
      .number("time"),
    ])
    for machine in report.machines {
      table.add([
        machine.target, build(machine),
        short(machine.compiler),
        machine.comparison.bitExact ? "yes" : "NO", String(machine.comparison.stepsCompared),
        String(machine.comparison.digestsCompared), Figure.duration(seconds: machine.seconds),
      ])
    }
    return table.text
  }

  /// How a machine's program was built: `-O2`, with the variant and the kernels where they are not the usual ones.
  static func build(_ machine: VerificationReport.MachineReport) -> String {
    let kernels = machine.kernels == .portable ? nil : machine.kernels.rawValue
    return [machine.optimisation, machine.variant, kernels].compactMap { $0 }.joined(separator: " ")
  }

  /// `gcc 12.2.0` of the long line that a compiler says of itself.
  static func short(_ compiler: String) -> String {
    let words = compiler.split(separator: " ")
    let version = words.last { $0.first?.isNumber ?? false && $0.contains(".") } ?? ""
    let clang = words.firstIndex(of: "version").flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
    return "\(words.first ?? "") \(clang ?? version)"
  }

  static func difference(_ divergence: Divergence, on target: String) -> String {
    let place = divergence.step.map { "step \($0)" } ?? "the update"
    var text = "\(target) first differs in trial \(divergence.trial), \(place), array \(divergence.array)"
    guard let index = divergence.index, let expected = divergence.expected, let got = divergence.got else {
      return text
    }
    text += "[\(index)]: expected \(expected), got \(got)"
    if let lsb = divergence.lsb {
      text +=
        " (\(Figure.short(Double(expected) * lsb)), \(Figure.short(Double(got) * lsb)); one LSB is \(Figure.short(lsb)))"
    }
    return text
  }

  static func skipped(_ skipped: VerificationReport.Skipped) -> String {
    if let object = skipped.tooLarge { return "SKIPPED: \(skipped.target), \(object)" }
    let missing = skipped.missing.map { "\($0.command) (\($0.origin))" }.joined(separator: ", ")
    return "SKIPPED: \(skipped.target) needs \(missing)"
  }

  static func signals(_ drift: FloatDrift) -> String {
    var table = Table([
      .text("signal, same spikes"), .number("rms difference"), .number("rms size"), .number("largest difference"),
    ])
    for signal in drift.signals {
      table.add([
        signal.name, Figure.short(signal.error), Figure.short(signal.size), Figure.short(signal.largestError),
      ])
    }
    return "against double precision, both driven by the spikes of the integers:\n" + table.text
      + "\nthreshold decisions that differ: \(drift.decisionsDiffering) of \(drift.decisions)"
  }

  static func gradients(_ drift: FloatDrift) -> String {
    var table = Table([.text("gradient, same spikes"), .number("cosine"), .number("norm ratio")])
    for gradient in drift.gradients {
      table.add([gradient.name, Figure.cosine(gradient.cosine), Figure.short(gradient.normRatio)])
    }
    return table.text
  }

  static func running(_ report: VerificationReport) -> String {
    let drift = report.drift
    let first = drift.firstDifferingStep.map { "first differing spike at step \($0)" } ?? "no spike differs"
    var lines = [
      "running freely (spiking networks are chaotic; nothing is judged by this): \(first); "
        + "mean rate \(Figure.short(drift.integerRate)) Hz, in double precision \(Figure.short(drift.floatRate)) Hz"
    ]
    lines.append(saturations(report))
    if let score = scores(report) { lines.append(score) }
    return lines.joined(separator: "\n")
  }

  static func saturations(_ report: VerificationReport) -> String {
    let s = report.model.saturations
    let counts = [
      ("v", s.potential), ("error", s.error), ("filtered error", s.filteredError), ("sweep", s.sweep),
      ("delta", s.delta),
      ("eligibility", s.eligibility), ("gradient", s.gradient), ("weight", s.weight),
    ].filter { $0.1 > 0 }
    return counts.isEmpty
      ? "saturations in the whole run: none"
      : "saturations in the whole run: " + counts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }

  static func scores(_ report: VerificationReport) -> String? {
    let scores = report.model.scores.filter(\.isFinite)
    guard let first = scores.first, scores.count == report.model.scores.count else { return nil }
    let tail = scores.suffix(min(50, scores.count))
    let mean = tail.reduce(0, +) / Double(tail.count)
    return "\(report.model.scoreName): \(Figure.short(first)) in the first trial (double precision "
      + "\(Figure.short(report.model.floatScore))), \(Figure.short(mean)) in the last "
      + (tail.count == 1 ? "one" : "\(tail.count)")
  }
}
