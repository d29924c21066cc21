import ArgumentParser
import Diagnostics
import Reports

/// The compiler's command line. Every verb has a file of its own.
@main
struct Epropc: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "epropc",
    abstract: "Compiles trained spiking networks to C99 that keeps learning on the device (e-prop 1).",
    discussion: "Exit codes: 0 done, 1 something was found, 2 wrong usage.",
    subcommands: verbs)

  static let verbs: [any ParsableCommand.Type] = [
    Compile.self,
    Import.self,
    Verify.self,
    ShowProfile.self,
    ShowPlan.self,
    Train.self,
    ComputeFeatures.self,
    ShowReference.self,
    CompareGradients.self,
    ListTasks.self,
    ListRules.self,
    Demo.self,
    Bench.self,
  ]

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var waiting = command as? any AsyncParsableCommand { try await waiting.run() } else { try command.run() }
    } catch {
      leave(because: error)
    }
  }

  func run() throws {
    Console.standard.complain(Epropc.helpMessage())
    throw ExitStatus.usage
  }
}
