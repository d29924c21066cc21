/// How busy a network is expected to be, for estimates of instructions. Nothing that is compiled depends on it.
public struct Activity: Sendable, Hashable {
  /// Mean rate of an input in Hz; analog inputs have a value in every step instead.
  public var inputRate: Double
  /// Mean rate of a neuron in Hz.
  public var neuronRate: Double

  /// 20 Hz for inputs and 10 Hz for neurons unless said otherwise, as in `epropc bench kernels`.
  public init(inputRate: Double = 20, neuronRate: Double = 10) {
    self.inputRate = inputRate
    self.neuronRate = neuronRate
  }

  /// Input events per step of the whole network; 0 where the inputs are analog.
  func inputEvents(_ plan: FixedPlan) -> Double {
    plan.inputs.kind == .spikes ? Double(plan.inputs.count) * inputRate * plan.timeStep / 1000 : 0
  }

  /// Spikes per step of `count` neurons.
  func spikes(_ plan: FixedPlan, of count: Int) -> Double { Double(count) * neuronRate * plan.timeStep / 1000 }
}
