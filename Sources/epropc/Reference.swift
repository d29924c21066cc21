import ArgumentParser
import Diagnostics
import LearningRules
import Networks
import Reports
import Trials

/// `epropc reference`
struct ShowReference: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reference",
    abstract: "Run a network on trials in float64 and form every gradient.",
    discussion: """
      Without --json: loss, rates and the size of each gradient. With it, everything that happened, step by step. All \
      trials of the file are one batch, and gradients are means over it, unless --trial chooses one.
      """)

  @Argument(help: "The network: network.json, or the folder it is in.")
  var network: String

  @Option(help: ArgumentHelp("The trials to run.", valueName: "file"))
  var trials: String

  @OptionGroup var rules: RuleOptions

  @Option(help: "Decides what a rule draws.")
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Run this trial alone, counted from 0 as in the file.", valueName: "number"))
  var trial: Int?

  @Option(help: ArgumentHelp("Write everything to this file, - for the standard output.", valueName: "file"))
  var json: String?

  @Flag(help: "With --json: the traces of every synapse at every step too. For small networks.")
  var perStep = false

  func validate() throws {
    if let trial, trial < 0 { throw ValidationError("--trial counts from 0") }
    if perStep, json == nil { throw ValidationError("--per-step goes with --json") }
    if perStep, rules.choice.entry.name != "e-prop-1" {
      throw ValidationError("--per-step goes with --rule e-prop-1: it shows traces")
    }
  }

  func run() throws {
    let loaded = try Loading.network(network, withTrials: trials)
    let chosen = try choose(from: loaded.trials)
    if json != nil { try ReferenceReport.checkSize(loaded.network, chosen.map(\.trial), perStep: perStep) }
    let steps = chosen.map(\.trial.steps).max() ?? 0
    let rule = try RuleCatalogue.spiking(
      rules.choice, on: loaded.network, steps: steps, options: rules.options(seed: seed))
    let report = ReferenceReport(loaded.network, chosen, rule: rule, named: rules.choice.text)
    if let json {
      try Console.standard.write(report.json(perStep: perStep), to: json, layout: .compact)
    } else {
      try Console.standard.say(report.text)
    }
  }

  private func choose(from set: TrialSet) throws(Findings) -> [(number: Int, trial: Trial)] {
    let all = set.trials.enumerated().map { (number: $0.offset, trial: $0.element) }
    guard let trial else { return all }
    guard all.indices.contains(trial) else {
      let message = "there is no trial \(trial): the file has \(all.count), counted from 0"
      throw Findings(Finding("reference.trial", at: Finding.Location(file: trials, path: "--trial"), message))
    }
    return [all[trial]]
  }
}
