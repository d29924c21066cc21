import ArgumentParser

/// `epropc reference`
struct ShowReference: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "reference", abstract: "Run a network in float64.")
}
