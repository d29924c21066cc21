public import LearningRules

extension RateRule {
  /// Names that spiking networks have rules of, too: the catalogue lists one entry for both.
  public static let shared: Set<String> = [RateRule.backpropagation.rawValue, RateRule.rtrl.rawValue]

  /// The rules that only rate networks have, as the tools list them.
  public static var entries: [RuleEntry] { allCases.filter { !shared.contains($0.rawValue) }.map(\.entry) }

  /// What the tools say of the rule.
  public var entry: RuleEntry {
    RuleEntry(
      name: rawValue, summary: summary, equation: equation, source: source,
      cost: .init(cost.order, exponent: cost.exponent), memory: .init(memory.order, exponent: memory.exponent),
      networks: [.rate], trains: false,
      draws: drawnArrays(units: 1, columns: 1, outputs: 1).map {
        .init(tensor: $0.name, shape: $0.words, meaning: $0.meaning)
      })
  }
}

extension DrawnArray {
  /// The shape in words.
  var words: String {
    let own = extentNames.joined(separator: ", ")
    return switch kind {
    case .once: "[\(own)]"
    case .setting: "[]"
    case .perTrial: "[trials, \(own)]"
    case .perStep(let more): "[trials, T\(more > 0 ? " + \(more)" : ""), \(own)]"
    }
  }
}
