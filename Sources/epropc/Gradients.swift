import ArgumentParser
import Diagnostics
import FloatReference
import LearningRules
import Networks
import OnlineRules
import RateReference
import Reports
import Trials

/// `epropc gradients`
struct CompareGradients: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradients",
    abstract: "Compare the gradients of learning rules on a network and trials with the exact gradient.",
    discussion: """
      All trials of the file are one batch. Over time, the contributions of each step are compared: what the errors of \
      that step alone say about the weights. That takes as many sweeps as there are steps; --totals leaves it out.
      """)

  @Argument(help: "The network: network.json, or the folder it is in.")
  var network: String

  @Option(help: ArgumentHelp("The trials to run.", valueName: "file"))
  var trials: String

  @Option(
    help: ArgumentHelp(
      "Rules, separated by commas; `epropc rules` lists them. (default: some that the network has)", valueName: "names")
  )
  var rules: String?

  @Option(help: ArgumentHelp("The rule to compare with.", valueName: "name"))
  var against = "bptt"

  @Option(help: ArgumentHelp("Random numbers and initial values in place of drawn ones.", valueName: "file"))
  var draws: String?

  @Option(
    help: ArgumentHelp(
      "With rate networks: the rule whose gradient moves the weights after every step.", valueName: "name"))
  var learn: OnlineRule?

  @Option(help: "Decides everything that is drawn.")
  var seed: UInt64 = 1

  @Flag(help: "Compare whole gradients only.")
  var totals = false

  @Option(help: ArgumentHelp("Write everything to this file, - for the standard output.", valueName: "file"))
  var json: String?

  @Flag(help: "With --json: what every step contributes to every gradient, too.")
  var perStep = false

  @Option(help: ArgumentHelp("Write cosines and norm ratios over time to this file, for plotting.", valueName: "file"))
  var data: String?

  func validate() throws {
    if perStep, json == nil { throw ValidationError("--per-step goes with --json") }
    if totals, perStep || data != nil { throw ValidationError("--totals goes neither with --per-step nor with --data") }
    do throws(Findings) { _ = try choices() } catch { throw ValidationError(error.asUsage) }
  }

  private func choices(
    default names: String = "e-prop-1,e-prop-1-symmetric,m-order:2,bptt"
  ) throws(Findings) -> [RuleChoice] {
    var choices: [RuleChoice] = []
    var findings: [Finding] = []
    for name in (rules ?? names).split(separator: ",", omittingEmptySubsequences: false) + [Substring(against)] {
      do throws(Findings) {
        choices.append(try RuleChoice(String(name), among: RuleCatalogue.entries))
      } catch {
        findings += error.all
      }
    }
    guard findings.isEmpty else { throw Findings(findings) }
    return choices
  }

  func run() throws {
    if let loaded = try Loading.rateNetwork(network, withTrials: trials) {
      try run(loaded.network, loaded.trials)
      return
    }
    if learn != nil {
      throw Findings(
        Finding(
          "rule.not-applicable", at: Finding.Location(path: "--learn"),
          "only rate networks learn after every step, and this is a spiking network", help: "leave out --learn"))
    }
    let loaded = try Loading.network(network, withTrials: trials)
    let choices = try choices()
    let draws = try draws.map { path throws(Findings) in try RuleDraws(path: path, for: RuleCatalogue.entries) }
    let recorded = try recordedDraws(choices, loaded.network, loaded.trials)
    let parameters = SpikingRuleRun.parameters(loaded.network)
    guard !parameters.isEmpty else {
      throw Findings(
        Finding("gradients.nothing-plastic", at: Finding.Location(file: network), "no weights are plastic"))
    }
    var runs = try RuleCatalogue.runs(
      choices, on: loaded.network, loaded.trials.trials,
      options: SpikingRules.Options(seed: seed, recorded: recorded), draws: draws)
    let reference = runs.removeLast()
    try checkSize(parameters, steps: reference.steps, rules: runs.count)
    try checkMemory(
      parameters, steps: reference.steps * loaded.trials.trials.count, rules: Self.onlineOfSpikes(choices))
    try write(compare(runs, reference, network: loaded.network.name, trials: loaded.trials.trials.count))
  }

  private static func onlineOfSpikes(_ choices: [RuleChoice]) -> [OnlineRule] {
    choices.compactMap { OnlineRule(rawValue: $0.entry.name) }.filter(OnlineRule.ofSpikes.contains)
  }

  /// What a file of draws has for the online rules on a spiking network.
  private func recordedDraws(
    _ choices: [RuleChoice], _ network: SpikingNetwork, _ trials: TrialSet
  ) throws(Findings) -> RecordedDraws? {
    guard let draws else { return nil }
    let others = RuleCatalogue.entries.filter { OnlineRule(rawValue: $0.name) == nil }
      .flatMap { entry in entry.draws.map { "\(entry.name).\($0.tensor)" } }
    return try RecordedDraws.read(
      path: draws, for: SpikingRules.onlineSizes(network), rules: Self.onlineOfSpikes(choices),
      trials: trials.trials.count, steps: trials.trials.map(\.steps).max() ?? 0, ignoring: Set(others))
  }

  private func run(_ network: RateNetwork, _ trials: TrialSet) throws {
    let choices = try choices(default: "rtrl,uoro,kf-rtrl,r-kf,kernl,rflo,dni,fixed-w")
    let findings = choices.flatMap { $0.findings(for: .rate) }
    guard findings.isEmpty else { throw Findings(findings) }
    let rules = choices.compactMap { OnlineRule(rawValue: $0.entry.name) }
    let parameters = RateRuleRun.parameters(network)
    guard !parameters.isEmpty else {
      throw Findings(
        Finding("gradients.nothing-plastic", at: Finding.Location(file: self.network), "no weights are plastic"))
    }
    let steps = trials.trials.map(\.steps).max() ?? 0
    let drawn = rules + (learn.map { [$0] } ?? [])
    let recorded = try draws.map { path throws(Findings) in
      try RecordedDraws.read(
        path: path, for: RateReference.sizes(network), rules: drawn, trials: trials.trials.count, steps: steps)
    }
    try checkSize(parameters, steps: steps, rules: rules.count - 1)
    try checkMemory(parameters, steps: steps, rules: rules)
    var runs: [any RuleRun] = rules.map { rule in
      RateRuleRun(network, trials.trials, rule, recorded: recorded, seed: seed, learning: learn)
    }
    let reference = runs.removeLast()
    try write(compare(runs, reference, network: network.name, trials: trials.trials.count))
  }

  /// The contributions of all steps are kept, and RTRL keeps n numbers per weight.
  private func checkMemory(_ parameters: [RuleParameter], steps: Int, rules: [OnlineRule]) throws(Findings) {
    guard !rules.isEmpty else { return }
    let weights = parameters.reduce(0) { $0 + $1.shape.reduce(1, *) }
    let units = parameters.flatMap(\.shape).max() ?? 1
    let kept = totals ? weights : weights * steps * rules.count
    guard kept + (rules.contains(.rtrl) || learn == .rtrl ? weights * units : 0) > 1 << 28 else { return }
    throw Findings(
      Finding(
        "rule.too-large", at: nil, "the gradients of all steps, or RTRL's influence matrix, would take more than 2 GiB",
        help: "--totals, shorter trials, or fewer rules"))
  }

  private var depth: GradientReport.Depth { totals ? .totals : perStep ? .contributions : .steps }

  private func checkSize(_ parameters: [RuleParameter], steps: Int, rules: Int) throws(Findings) {
    guard json != nil else { return }
    let count = GradientReport.numbers(parameters: parameters, steps: steps, rules: rules, depth: depth)
    guard count > GradientReport.maximumNumbers else { return }
    throw Findings(
      Finding(
        "gradients.size", at: Finding.Location(path: "--json"),
        "the document would hold \(count) numbers; at most \(GradientReport.maximumNumbers) are written",
        help: perStep ? "leave out --per-step, or choose fewer rules" : "choose fewer rules, or leave out --json"))
  }

  private func compare(
    _ runs: [any RuleRun], _ reference: any RuleRun, network: String, trials: Int
  ) -> GradientReport {
    let progress = Console.standard.progress()
    defer { progress.finish() }
    return GradientReport(network: network, trialCount: trials, runs: runs, reference: reference, depth: depth) {
      progress.update("step \($0) of \($1)")
    }
  }

  private func write(_ report: GradientReport) throws(Findings) {
    if let data { try Console.standard.write(report.data, to: data) }
    if let json {
      try Console.standard.write(report.json(), to: json, layout: .compact)
    } else {
      try Console.standard.say(report.text)
    }
  }
}
