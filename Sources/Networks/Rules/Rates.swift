import Descriptions
import Diagnostics

extension NetworkRules {
  /// What only networks of rate units must keep, beside the rules of all.
  static let rates: [Rule] = [
    Rule("network.rate.populations", ratePopulations),
    Rule("network.rate.alpha") { require($0.populationList.map(\.alpha), .upToOne) },
    Rule("network.rate.optimiser", rateOptimiser),
  ]

  /// The ids of the rules for rate networks alone.
  public static var rateIDs: [String] { rates.map(\.id) }
}

/// Rate units stand alone: one population, and no spiking ones beside it.
@Sendable private func ratePopulations(_ description: NetworkDescription) -> [Problem] {
  description.populationList.dropFirst().map { population in
    Problem(
      population.location, "a network of \"leaky-tanh\" units has one population, and this is another",
      help: "put all units into one population")
  }
}

@Sendable private func rateOptimiser(_ description: NetworkDescription) -> [Problem] {
  let ofTrials: [OptimiserKind] = [.factored, .postsynaptic]
  guard let kind = description.optimiser?.kind, let choice: OptimiserKind = kind.choice(), ofTrials.contains(choice)
  else { return [] }
  return [
    Problem(
      kind.location, "\"\(choice.rawValue)\" looks at whole trials, and a rate network learns after every step",
      help: "choose \"sgd\", \"momentum\" or \"adam\"")
  ]
}
