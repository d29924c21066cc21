public import Descriptions
public import Diagnostics

/// What `network.json` can describe.
public enum DescribedNetwork: Sendable, Hashable {
  case spiking(SpikingNetwork)
  case rate(RateNetwork)

  /// Reads a network of either kind and the weights beside it.
  ///
  /// - Parameter path: the file, or a folder that holds it as `network.json`.
  /// - Throws: everything that is wrong with either; what is worth saying of a network that passes is appended to
  ///   `warnings`.
  public static func read(path: String, warnings: inout [Finding]) throws(Findings) -> DescribedNetwork {
    let description = try NetworkDescription.read(path: path)
    if description.describesRates { return .rate(try .validating(description, warnings: &warnings)) }
    return .spiking(try .validating(description, warnings: &warnings))
  }
}

extension RateNetwork {
  /// Runs every rule on a description.
  ///
  /// - Throws: everything that is wrong, at once, in the order of the document.
  /// - Returns: the network that the description means. Random feedback is drawn here.
  public static func validating(
    _ description: NetworkDescription, warnings: inout [Finding]
  ) throws(Findings) -> RateNetwork {
    let rules = NetworkRules.all + NetworkRules.rates
    let findings = SpikingNetwork.inOrder(description.findings + rules.flatMap { $0.findings(in: description) })
    guard !findings.contains(where: { $0.severity == .error }) else { throw Findings(findings) }
    guard let network = RateNetwork(checked: description) else {
      let message = "the description is incomplete, and no rule says where"
      throw Findings(findings + [Finding("network.incomplete", at: description.location, message)])
    }
    warnings += findings
    return network
  }

  /// Puts a network that code has built through the rules of a description.
  ///
  /// - Throws: everything that is wrong with it.
  @discardableResult
  public func validated() throws(Findings) -> RateNetwork {
    var warnings: [Finding] = []
    _ = try RateNetwork.validating(NetworkDescription(self), warnings: &warnings)
    return self
  }
}

extension NetworkDescription {
  /// Why a network of rate units is none of spikes: `network.model.rate`, at every such population.
  var rateModelFindings: [Finding] {
    populationList.compactMap { population in
      guard let model = population.model, model.value == Self.rateModel else { return nil }
      return Finding(
        "network.model.rate", at: model.location,
        "\(Quoted.text(model.value)) units do not spike: they learn in float64, and are not compiled, planned, verified or "
          + "profiled",
        help: "`epropc gradients` and `epropc train` take them; on a device choose \"lif\" or \"adaptive-lif\"")
    }
  }
}
