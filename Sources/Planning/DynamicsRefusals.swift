import Diagnostics
import Networks

/// Features of the dynamics that the float reference has and the compiler has not.
func dynamicsRefusals(_ network: SpikingNetwork) -> [Finding] {
  var findings: [Finding] = []
  func refuse(_ id: String, _ path: String, _ message: String, _ help: String? = nil) {
    findings.append(Finding("plan.\(id)", at: .init(path: path), message, help: help))
  }
  for (index, population) in network.populations.enumerated() {
    let place = "populations[\(index)]"
    if population.synapticTimeConstant != nil {
      refuse("tau.synapse", "\(place).tau_syn_ms", "a synaptic current is not compiled")
    }
  }
  for (index, projection) in network.projections.enumerated() where projection.delaySteps == 0 {
    refuse(
      "delay", "projections[\(index)].delay_steps", "a projection without a delay is not compiled",
      "with a delay of 1 step everything behind it comes a step later; import has --layer-delay 1")
  }
  return findings
}
