public import LearningRules

extension OnlineRule {
  /// Names that spiking networks have rules of their own of: the catalogue lists one entry for both.
  public static let shared: Set<String> = [OnlineRule.backpropagation.rawValue, OnlineRule.rtrl.rawValue]

  /// The rules here that spiking networks have no others for, over the state of their neurons. `rflo` is not among them,
  /// because it is an e-prop there.
  public static let ofSpikes: [OnlineRule] = [.uoro, .kfRTRL, .reverseKF, .dni, .dniB, .fixedW]

  /// The rules that are not `shared`, as the tools list them.
  public static var entries: [RuleEntry] { allCases.filter { !shared.contains($0.rawValue) }.map(\.entry) }

  /// What the tools say of the rule.
  public var entry: RuleEntry {
    let spikes = Self.ofSpikes.contains(self) || self == .rflo || Self.shared.contains(rawValue)
    return RuleEntry(
      name: rawValue, summary: summary, equation: equation, source: source,
      cost: .init(cost.order, exponent: cost.exponent), memory: .init(memory.order, exponent: memory.exponent),
      networks: spikes ? [.rate, .spiking] : [.rate], elsewhere: elsewhere,
      draws: drawnArrays(OnlineSizes(units: 1, components: 1, columns: 1, outputs: 1)).map {
        .init(tensor: $0.name, shape: $0.words, meaning: $0.meaning)
      })
  }

  private var elsewhere: String? {
    switch self {
    case .kernl:
      "it learns from what small perturbations do, and a spike answers them with nothing or with all, never with the "
        + "surrogate derivative"
    case .futureBackpropagation: "there, bptt gives what every step's error alone contributes"
    default: nil
    }
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
