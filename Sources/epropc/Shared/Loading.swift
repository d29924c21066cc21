import Descriptions
import Diagnostics
import NIR
import Networks
import Reports
import Tasks
import Trials

/// What the verbs read.
enum Loading {
  /// The network in a file, or in a folder as `network.json`, or in a `.nir` file where a verb has options for those.
  /// Warnings are printed.
  static func network(_ path: String, _ imports: ImportOptionGroup? = nil) throws(Findings) -> SpikingNetwork {
    var warnings: [Finding] = []
    let network: SpikingNetwork
    if path.hasSuffix(ImportOptionGroup.fileEnding) {
      guard let imports else {
        throw Findings(
          Finding(
            "nir.import", at: .init(file: path), "a .nir file does not say all that is needed here",
            help: "`epropc import \(path) --dt 1ms -o DIR` makes a network of it"))
      }
      let lowering = try imports.lowering(of: path)
      warnings += lowering.verdicts.compactMap { $0.finding(file: path) }
      network = try lowering.network(warnings: &warnings)
    } else {
      network = try SpikingNetwork.read(path: path, warnings: &warnings)
    }
    Console.standard.report(warnings)
    return network
  }

  /// The trials in a file, after a check that the network can run them.
  static func trials(_ path: String, for network: SpikingNetwork) throws(Findings) -> TrialSet {
    let expectation = TrialSet.Expectation(network)
    let trials = try TrialSet.read(path: path, as: .init(expectation))
    let findings = trials.findings(for: expectation, file: path)
    guard !findings.contains(where: { $0.severity == .error }) else { throw Findings(findings) }
    Console.standard.report(findings)
    return trials
  }

  /// Both. Where both are wrong, everything is reported at once.
  static func network(
    _ networkPath: String, _ imports: ImportOptionGroup? = nil, withTrials trialsPath: String
  ) throws(Findings) -> (network: SpikingNetwork, trials: TrialSet) {
    let network: SpikingNetwork
    do { network = try Self.network(networkPath, imports) } catch {
      do { _ = try TrialSet.read(path: trialsPath) } catch let others { throw Findings(error.all + others.all) }
      throw error
    }
    return (network, try trials(trialsPath, for: network))
  }
}

extension Loading {
  /// A rate network and trials for it; nil if the file describes another network, or none.
  static func rateNetwork(
    _ networkPath: String, withTrials trialsPath: String
  ) throws(Findings) -> (network: RateNetwork, trials: TrialSet)? {
    guard let description = try? NetworkDescription.read(path: networkPath), description.describesRates else {
      return nil
    }
    var warnings: [Finding] = []
    let network: RateNetwork
    do throws(Findings) { network = try RateNetwork.validating(description, warnings: &warnings) } catch {
      do throws(Findings) { _ = try TrialSet.read(path: trialsPath) } catch let others {
        throw Findings(error.all + others.all)
      }
      throw error
    }
    Console.standard.report(warnings)
    let trials = try TrialSet.read(path: trialsPath, as: .init(TrialSet.Expectation(network)))
    var findings = trials.findings(for: TrialSet.Expectation(network), file: trialsPath)
    if network.loss == .crossEntropy, let path = trials.firstWithoutDistribution {
      findings.append(
        Finding(
          "trials.targets.not-distribution", at: Finding.Location(file: trialsPath, path: path),
          "expected numbers of at least 0 with the sum 1: cross-entropy compares with a distribution"))
    }
    guard findings.isEmpty else { throw Findings(findings) }
    return (network, trials)
  }
}

extension TrialSet {
  /// The first step that the mask counts whose targets are no distribution.
  fileprivate var firstWithoutDistribution: String? {
    for (index, trial) in trials.enumerated() where trial.targets.count == trial.steps * outputCount {
      for step in 0..<trial.steps where trial.mask?[step] ?? true {
        let row = trial.targets[(step * outputCount)..<((step + 1) * outputCount)]
        guard row.allSatisfy({ $0 >= 0 }), abs(row.reduce(0, +) - 1) <= 1e-6 else {
          return "targets[\(index), \(step)]"
        }
      }
    }
    return nil
  }
}

extension TrialSet.Expectation {
  /// What this network expects of its trials.
  fileprivate init(_ network: RateNetwork) {
    var range: ClosedRange<Double>?
    if case .analog(let low, let high) = network.inputs.kind { range = low...high }
    self.init(
      inputCount: network.inputs.count, analogRange: range, outputCount: network.readout.count,
      maximumSteps: network.maximumSteps)
  }
}
