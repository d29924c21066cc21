import Descriptions
import Diagnostics

/// One rule that every network keeps: a stable id, and a function that says where a description breaks it.
///
/// A rule looks only at what is there: a missing or mistyped field is a finding of the reader, and no rule repeats it.
struct Rule: Sendable {
  let id: String
  let severity: Finding.Severity
  let check: @Sendable (NetworkDescription) -> [Problem]

  init(
    _ id: String, severity: Finding.Severity = .error, _ check: @escaping @Sendable (NetworkDescription) -> [Problem]
  ) {
    self.id = id
    self.severity = severity
    self.check = check
  }

  func findings(in description: NetworkDescription) -> [Finding] {
    check(description).map { Finding(id, severity, at: $0.location, $0.message, help: $0.help) }
  }
}

/// One place where a rule is broken.
struct Problem {
  let location: Finding.Location
  let message: String
  let help: String?

  init(_ location: Finding.Location, _ message: String, help: String? = nil) {
    self.location = location
    self.message = message
    self.help = help
  }
}

/// All the rules.
public enum NetworkRules {
  static let all: [Rule] =
    nameRules + choiceRules + countRules + numberRules + populationRules + projectionRules + arrayRules + synapseRules
    + readoutRules + feedbackRules + optimiserRules + neuronFeatureRules

  /// The ids of the rules' findings; those of reading a file are listed in Format.md beside them.
  public static var ids: [String] { all.map(\.id) }
}
