public import Networks
public import Trials

extension TrialSet.Expectation {
  /// What this network expects of its trials.
  public init(_ network: SpikingNetwork) {
    var range: ClosedRange<Double>?
    if case .analog(let low, let high) = network.inputs.kind { range = low...high }
    self.init(
      inputCount: network.inputs.count, analogRange: range, outputCount: network.readout.count,
      maximumSteps: network.maximumSteps, classTargets: network.loss == .crossEntropy,
      holdSteps: network.inputs.holdSteps)
  }
}
