public import Diagnostics

/// A rule by name, with its parameter where it has one: what stands in `--rule`, and between the commas of `--rules`.
public struct RuleChoice: Sendable, Hashable {
  public var entry: RuleEntry
  /// The number behind the colon, or the default; 0 for rules without a parameter.
  public var parameter: Int

  public init(_ entry: RuleEntry, parameter: Int? = nil) {
    self.entry = entry
    self.parameter = parameter ?? entry.parameter?.byDefault ?? 0
  }

  /// The choice as it is written: `name`, or `name:value`.
  public var text: String { entry.parameter == nil ? entry.name : "\(entry.name):\(parameter)" }

  /// Reads `name` or `name:value`.
  ///
  /// - Throws: `rule.unknown`, `rule.parameter`.
  public init(_ text: String, among entries: [RuleEntry]) throws(Findings) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let name = parts.first, let entry = entries.first(where: { $0.name == name }) else {
      throw Findings(
        Finding(
          "rule.unknown", at: nil, "there is no learning rule \(Quoted.text(parts.first ?? text))",
          help: Nearest.help(for: parts.first ?? text, among: entries.map(\.name)) ?? "`epropc rules` lists them"))
    }
    guard parts.count == 2 else {
      self.init(entry)
      return
    }
    guard let parameter = entry.parameter else {
      throw Findings(
        Finding("rule.parameter", at: nil, "the rule \(name) has no parameter", help: "leave out the colon"))
    }
    guard let value = Int(parts[1]), value >= parameter.least, value <= 1 << 20 else {
      let range = "a whole number from \(parameter.least) to \(1 << 20)"
      throw Findings(Finding("rule.parameter", at: nil, "\(text): expected \(range), the \(parameter.meaning)"))
    }
    self.init(entry, parameter: value)
  }

  /// What is wrong with using the rule on such a network, or nothing.
  public func findings(for kind: NetworkKind, training: Bool = false) -> [Finding] {
    let kinds = entry.networks.map(\.rawValue).joined(separator: " and ")
    guard entry.networks.contains(kind) else {
      let reason = entry.elsewhere.map { ": " + $0 } ?? ""
      let message =
        "the rule \(entry.name) is defined for \(kinds) networks, and this is a \(kind.rawValue) network\(reason)"
      return [Finding("rule.not-applicable", at: nil, message, help: "`epropc rules` lists which rule applies where")]
    }
    guard !training || entry.trains else {
      return [Finding("rule.not-applicable", at: nil, "the rule \(entry.name) cannot train")]
    }
    return []
  }
}
