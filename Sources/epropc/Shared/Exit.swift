import ArgumentParser
import Diagnostics
import Foundation
import Reports

/// The exit codes of every verb; 0 where nothing is thrown.
enum ExitStatus {
  /// Something is wrong with the input, or a check failed.
  static let finding = ExitCode(1)
  /// The command line itself is wrong.
  static let usage = ExitCode(2)
}

extension Findings {
  /// The findings as what is wrong with a command line.
  var asUsage: String {
    all.map { finding in finding.message + (finding.help.map { "; " + $0 } ?? "") }.joined(separator: "\n")
  }
}

extension Epropc {
  /// Prints what there is to say of an error and ends the process: findings and other failures with 1, wrong usage with 2,
  /// and requests for help with 0.
  static func leave(because error: any Error) -> Never {
    if let findings = error as? Findings {
      Console.standard.report(findings.all)
      Foundation.exit(ExitStatus.finding.rawValue)
    }
    if let status = error as? ExitCode { Foundation.exit(status.rawValue) }
    let code = exitCode(for: error)
    let message = fullMessage(for: error)
    guard code.isSuccess else {
      Console.standard.complain(message)
      Foundation.exit(code == .validationFailure ? ExitStatus.usage.rawValue : ExitStatus.finding.rawValue)
    }
    if !message.isEmpty { try? Console.standard.say(message) }
    Foundation.exit(EXIT_SUCCESS)
  }
}
