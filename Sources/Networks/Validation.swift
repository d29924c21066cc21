public import Descriptions
public import Diagnostics

extension SpikingNetwork {
  /// Runs every rule on a description.
  ///
  /// - Throws: everything that is wrong, at once, in the order of the document: the reader's findings and the rules',
  ///   with the warnings among them.
  /// - Returns: the network that the description means. Random feedback is drawn here.
  public static func validating(_ description: NetworkDescription) throws(Findings) -> SpikingNetwork {
    var warnings: [Finding] = []
    return try validating(description, warnings: &warnings)
  }

  /// As `validating(_:)`; what is worth saying of a network that passes is appended to `warnings`.
  public static func validating(
    _ description: NetworkDescription, warnings: inout [Finding]
  ) throws(Findings) -> SpikingNetwork {
    let findings = inOrder(
      description.findings + NetworkRules.all.flatMap { $0.findings(in: description) } + description.rateModelFindings)
    guard !findings.contains(where: { $0.severity == .error }) else { throw Findings(findings) }
    guard let network = SpikingNetwork(checked: description) else {
      let message = "the description is incomplete, and no rule says where"
      throw Findings(findings + [Finding("network.incomplete", at: description.location, message)])
    }
    warnings += findings
    return network
  }

  /// Reads a network and the weights beside it.
  ///
  /// - Parameter path: the file, or a folder that holds it as `network.json`.
  /// - Throws: everything that is wrong with either.
  public static func read(path: String) throws(Findings) -> SpikingNetwork {
    try validating(NetworkDescription.read(path: path))
  }

  /// As `read(path:)`; what is worth saying of a network that passes is appended to `warnings`.
  public static func read(path: String, warnings: inout [Finding]) throws(Findings) -> SpikingNetwork {
    try validating(NetworkDescription.read(path: path), warnings: &warnings)
  }

  /// Puts a network that code has built through the rules of a description.
  ///
  /// - Throws: everything that is wrong with it; the findings' locations have a JSON path, but no file.
  /// - Returns: the network itself.
  @discardableResult
  public func validated() throws(Findings) -> SpikingNetwork {
    _ = try SpikingNetwork.validating(NetworkDescription(self))
    return self
  }

  /// By line and column; what has neither goes last, and equals keep the order of the rules.
  static func inOrder(_ findings: [Finding]) -> [Finding] {
    let keys = findings.enumerated().map { ($1.location?.line ?? .max, $1.location?.column ?? .max, $0) }
    return keys.sorted { $0 < $1 }.map { findings[$0.2] }
  }
}
