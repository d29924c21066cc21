public import Diagnostics
public import LearningRules

/// The learning rules, as text and as JSON.
public enum RuleList {
  /// A paragraph for each rule: what it is, where it comes from and what it costs.
  public static func text(_ entries: [RuleEntry]) -> String {
    var table = Table([.text(""), .text("")])
    for entry in entries {
      table.add([title(entry), entry.summary])
      table.add(["", entry.equation])
      table.add(["", "O(\(entry.cost.order)) per step, O(\(entry.memory.order)) memory; \(places(entry))"])
      table.add(["", entry.source])
    }
    let note = """
      n neurons, and inputs in proportion; T steps of a trial. Cost and memory are what comes on top of the forward pass, \
      the weights and the gradient.
      """
    return table.text + "\n\n" + note
  }

  /// How the time of a step grew with n, beside what it should.
  public static func timings(_ timings: [(entry: RuleEntry, timing: RuleTiming)]) -> String {
    var table = Table([
      .text("rule"), .text("theory"), .number("exponent"), .number("measured"), .number("n"), .number("µs per step"),
    ])
    for (entry, timing) in timings {
      let sizes = "\(timing.sizes.first ?? 0)–\(timing.sizes.last ?? 0)"
      table.add([
        entry.name, "O(\(entry.cost.order))", Figure.short(entry.cost.exponent), Figure.hundredths(timing.exponent),
        sizes,
        Figure.short(timing.microsecondsPerStep.first ?? 0) + "–" + Figure.short(timing.microsecondsPerStep.last ?? 0),
      ])
    }
    return table.text
  }

  private static func title(_ entry: RuleEntry) -> String {
    entry.parameter.map { "\(entry.name):\($0.byDefault)" } ?? entry.name
  }

  private static func places(_ entry: RuleEntry) -> String {
    let networks = entry.networks.map(\.rawValue).joined(separator: " and ") + " networks"
    let parameter = entry.parameter.map { "; behind the colon: \($0.meaning)" } ?? ""
    return networks + (entry.trains ? "" : ", not for training") + parameter
  }

  /// The document that `Format.md` describes.
  ///
  /// - Parameter timings: by the name of the rule, where they were measured.
  public static func json(_ entries: [RuleEntry], timings: [String: RuleTiming] = [:]) -> JSONText {
    .object([
      JSONText.Member("format", .string("epropc-rules")), JSONText.Member("version", .integer(1)),
      JSONText.Member("rules", .array(entries.map { entry($0, timings[$0.name]) })),
    ])
  }

  private static func entry(_ entry: RuleEntry, _ timing: RuleTiming?) -> JSONText {
    var members = [
      JSONText.Member("name", .string(entry.name)), JSONText.Member("summary", .string(entry.summary)),
      JSONText.Member("equation", .string(entry.equation)), JSONText.Member("source", .string(entry.source)),
      JSONText.Member("cost", growth(entry.cost)), JSONText.Member("memory", growth(entry.memory)),
      JSONText.Member("networks", .array(entry.networks.map { .string($0.rawValue) })),
      JSONText.Member("trains", .bool(entry.trains)),
    ]
    if let parameter = entry.parameter {
      members.append(
        JSONText.Member(
          "parameter",
          .object([
            JSONText.Member("meaning", .string(parameter.meaning)), JSONText.Member("least", .integer(parameter.least)),
            JSONText.Member("default", .integer(parameter.byDefault)),
          ])))
    }
    if let elsewhere = entry.elsewhere { members.append(JSONText.Member("elsewhere", .string(elsewhere))) }
    let draws = entry.draws.map { draw in
      JSONText.object([
        JSONText.Member("tensor", .string("\(entry.name).\(draw.tensor)")),
        JSONText.Member("shape", .string(draw.shape)), JSONText.Member("meaning", .string(draw.meaning)),
      ])
    }
    members.append(JSONText.Member("draws", .array(draws)))
    if let timing {
      let figures = JSONText.object([
        JSONText.Member("sizes", .array(timing.sizes.map(JSONText.integer))),
        JSONText.Member("microseconds_per_step", .array(timing.microsecondsPerStep.map(JSONText.number))),
        JSONText.Member("exponent", .number(timing.exponent)),
      ])
      members.append(JSONText.Member("measured", figures))
    }
    return .object(members)
  }

  private static func growth(_ growth: RuleEntry.Growth) -> JSONText {
    .object([
      JSONText.Member("order", .string(growth.order)), JSONText.Member("exponent", .number(growth.exponent)),
    ])
  }
}
