import Diagnostics
import Networks
import Reports
import Trials

/// What the verbs read.
enum Loading {
  /// The network in a file, or in a folder as `network.json`. Warnings are printed.
  static func network(_ path: String) throws(Findings) -> SpikingNetwork {
    var warnings: [Finding] = []
    let network = try SpikingNetwork.read(path: path, warnings: &warnings)
    Console.standard.report(warnings)
    return network
  }

  /// The trials in a file, after a check that the network can run them.
  static func trials(_ path: String, for network: SpikingNetwork) throws(Findings) -> TrialSet {
    let trials = try TrialSet.read(path: path)
    let findings = trials.findings(for: TrialSet.Expectation(network), file: path)
    guard !findings.contains(where: { $0.severity == .error }) else { throw Findings(findings) }
    Console.standard.report(findings)
    return trials
  }

  /// Both. Where both are wrong, everything is reported at once.
  static func network(
    _ networkPath: String, withTrials trialsPath: String
  ) throws(Findings) -> (network: SpikingNetwork, trials: TrialSet) {
    let network: SpikingNetwork
    do { network = try Self.network(networkPath) } catch {
      do { _ = try TrialSet.read(path: trialsPath) } catch let others { throw Findings(error.all + others.all) }
      throw error
    }
    return (network, try trials(trialsPath, for: network))
  }
}

extension TrialSet.Expectation {
  /// What this network expects of its trials.
  init(_ network: SpikingNetwork) {
    var range: ClosedRange<Double>?
    if case .analog(let low, let high) = network.inputs.kind { range = low...high }
    self.init(
      inputCount: network.inputs.count, analogRange: range, outputCount: network.readout.count,
      maximumSteps: network.maximumSteps, classTargets: network.loss == .crossEntropy)
  }
}
