import ArgumentParser
import FloatReference

/// `--rule`.
struct RuleOptions: ParsableArguments {
  enum Rule: String, ExpressibleByArgument, CaseIterable {
    case eProp1 = "e-prop-1"
    case backpropagation = "bptt"
  }

  @Option(help: "How the gradient is formed: e-prop-1 or bptt.")
  var rule = Rule.eProp1

  @Flag(name: .customLong("no-reset-path"), help: "With bptt: no derivative through the reset of a neuron's own spike.")
  var ignoresReset = false

  func validate() throws {
    if ignoresReset, rule != .backpropagation { throw ValidationError("--no-reset-path goes with --rule bptt") }
  }

  var learningRule: LearningRule {
    rule == .eProp1 ? .eProp1(EProp1()) : .backpropagation(resetPath: !ignoresReset)
  }
}
