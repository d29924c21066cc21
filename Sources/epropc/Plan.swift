import ArgumentParser
import Diagnostics
import Planning
import Reports

/// `epropc plan`
struct ShowPlan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show every decision of the compiler about a network, readable and stable.",
    discussion: """
      With --ram, --flash or --latency-steps the planner chooses block length, history, tile and weight width, as far as \
      they are not given, and shows the plan that it chose. With --alternatives it shows all that it weighed instead.
      """)

  @Argument(help: "The network: network.json, or the folder it is in.")
  var network: String

  @OptionGroup var options: PlanOptionGroup

  @OptionGroup var budget: BudgetOptionGroup

  @Flag(help: "What each way of compiling the network costs, instead of one plan.")
  var alternatives = false

  @Flag(help: "As JSON.")
  var json = false

  func run() throws {
    let network = try Loading.network(network)
    if alternatives {
      let all = try budget.alternatives(network, options)
      if json {
        try Console.standard.write(AlternativesReport.document(all), to: "-")
      } else {
        try Console.standard.say(AlternativesReport.text(all))
      }
      if all.chosen == nil { throw Findings(all.finding) }
      return
    }
    var planOptions = options.planOptions
    if !budget.budget.isEmpty { planOptions = try budget.alternatives(network, options).options() }
    let plan = try FixedPlan(network, options: planOptions)
    guard json else {
      try Console.standard.say(String(plan.text.dropLast()))
      return
    }
    try Console.standard.write(plan.json, to: "-")
  }
}

extension Alternatives {
  /// The options that were chosen.
  func options() throws(Findings) -> PlanOptions {
    guard let chosen else { throw Findings(finding) }
    return chosen.options
  }
}
