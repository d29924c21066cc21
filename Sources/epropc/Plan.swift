import ArgumentParser
import Planning
import Reports

/// `epropc plan`
struct ShowPlan: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show every decision of the compiler about a network, readable and stable.")

  @Argument(help: "The network: network.json, or the folder it is in.")
  var network: String

  @OptionGroup var options: PlanOptionGroup

  @Flag(help: "As JSON.")
  var json = false

  func run() throws {
    let plan = try FixedPlan(try Loading.network(network), options: options.planOptions)
    guard json else {
      try Console.standard.say(String(plan.text.dropLast()))
      return
    }
    try Console.standard.write(plan.json, to: "-")
  }
}
