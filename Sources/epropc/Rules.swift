import ArgumentParser
import LearningRules
import Reports

/// `epropc rules`
struct ListRules: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules", abstract: "List the learning rules, with their sources, what they cost and where they apply.",
    discussion: """
      With --measure each rule runs on random networks of several sizes n, and the growth of its time per step with n \
      stands beside the growth that it should have. CPU time beyond the forward pass; rules of O(n²) on 128 to 512 \
      neurons, others on 16 to 64.
      """)

  @Flag(help: "As JSON.")
  var json = false

  @Flag(help: "Measure how the time of a step grows with the number of neurons.")
  var measure = false

  func run() throws {
    let timings = measure ? try time() : []
    if json {
      let named = Dictionary(uniqueKeysWithValues: timings.map { ($0.entry.name, $0.timing) })
      try Console.standard.write(RuleList.json(RuleCatalogue.entries, timings: named), to: "-")
    } else {
      try Console.standard.say(measure ? RuleList.timings(timings) : RuleList.text(RuleCatalogue.entries))
    }
  }

  private func time() throws -> [(entry: RuleEntry, timing: RuleTiming)] {
    let progress = Console.standard.progress()
    defer { progress.finish() }
    return try RuleCatalogue.entries.map { entry in
      progress.update(entry.name)
      return (entry, try RuleCatalogue.time(entry))
    }
  }
}
