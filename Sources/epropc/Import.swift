import ArgumentParser
import Diagnostics
import NIR
import Networks
import Reports

/// `epropc import`
struct Import: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a network of a .nir file (Neuromorphic Intermediate Representation).",
    discussion: """
      Says of every node whether what it became is exact, approximated (with what, and by how much), or refused (why), and \
      writes network.json and its weights if none is refused. A .nir file has no time step and does not say whether a \
      spike subtracts the threshold, so --dt and --reset do; --from knows what snnTorch and Norse write in units of their \
      own or leave out. Learning comes from a file of its own, --learning.
      """)

  @Argument(help: "The .nir file.")
  var file: String

  @Option(name: .shortAndLong, help: ArgumentHelp("Where the network goes.", valueName: "dir"))
  var output: String

  @OptionGroup var options: ImportOptionGroup

  @Flag(help: "The verdicts as JSON.")
  var json = false

  func validate() throws { try options.requireTimeStep() }

  func run() throws {
    try OutputFolder.check(output)
    let lowering = try options.lowering(of: file)
    if json {
      try Console.standard.write(ImportReport.json(lowering.verdicts), to: "-")
    } else {
      try Console.standard.say(ImportReport.text(lowering.verdicts))
    }
    var warnings: [Finding] = []
    let network = try lowering.network(warnings: &warnings)
    Console.standard.report(warnings)
    try OutputFolder.write(network.files(), to: output)
  }
}
