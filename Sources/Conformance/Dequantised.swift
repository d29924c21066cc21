public import Networks
public import Planning

extension FixedPlan {
  /// `network` with the plan's weights and biases as real numbers: what the integers stand for.
  public func dequantised(_ network: SpikingNetwork) -> SpikingNetwork {
    var result = network
    for index in result.projections.indices {
      guard let plan = projections.first(where: { $0.name == result.projections[index].name }) else { continue }
      for post in 0..<plan.postCount {
        let lsb = plan.lsb.count == 1 ? plan.lsb[0] : plan.lsb[post]
        for pre in 0..<plan.preCount {
          result.projections[index].weights[post * plan.preCount + pre] =
            Double(plan.weights[pre * plan.postCount + post]) * lsb
        }
      }
    }
    for (index, plan) in populations.enumerated() {
      if let bias = plan.bias {
        let unit = Double(sign: .plus, exponent: -(plan.current?.fractionBits ?? 0), significand: 1)
        result.populations[index].bias = (0..<plan.count).map { Double(bias[$0]) * plan.lsb[$0] * unit }
      }
    }
    let unit = Double(sign: .plus, exponent: -readout.fractionBits, significand: 1)
    result.readout.bias = readout.bias.map { Double($0) * unit }
    return result
  }
}
