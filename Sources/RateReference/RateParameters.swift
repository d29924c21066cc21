public import Networks
import OnlineRules

/// The weights of a rate network, or a gradient or moment of them, as the inner loops want them.
///
/// W = [W_rec | W_in | b], [n × m] with m = n + n_in + 1, so that h = W â with â = [a^{t−1}; x^t; 1]; and
/// [W_out | b_out], [n_out × (n + 1)].
public final class RateParameters {
  /// n, n_in, n_out.
  public let units: Int
  public let inputs: Int
  public let outputs: Int
  /// m.
  public var columns: Int { units + inputs + 1 }
  let recurrent: Buffer
  let output: Buffer

  init(shapedLike network: RateNetwork) {
    units = network.population.count
    inputs = network.inputs.count
    outputs = network.readout.count
    recurrent = Buffer(units * (units + inputs + 1))
    output = Buffer(outputs * (units + 1))
  }

  /// Takes over the network's weights.
  func read(from network: RateNetwork) {
    clear()
    for projection in network.projections { write(projection.weights, of: RateNetwork.role(of: projection)) }
    for j in 0..<units { recurrent.base[j * columns + units + inputs] = network.population.bias[j] }
    for k in 0..<outputs { output.base[k * (units + 1) + units] = network.readout.bias[k] }
  }

  /// Puts these numbers into the network as its weights.
  public func write(to network: inout RateNetwork) {
    for index in network.projections.indices {
      network.projections[index].weights = matrix(RateNetwork.role(of: network.projections[index]))
    }
    network.population.bias = bias
    network.readout.bias = readoutBias
  }

  func clear() {
    recurrent.fill(0)
    output.fill(0)
  }

  func add(_ other: RateParameters) {
    Kernels.add(other.recurrent.base, times: 1, to: recurrent.base, count: recurrent.count)
    Kernels.add(other.output.base, times: 1, to: output.base, count: output.count)
  }

  func scale(by factor: Double) {
    Kernels.scale(recurrent.base, by: factor, count: recurrent.count)
    Kernels.scale(output.base, by: factor, count: output.count)
  }

  /// The part of W or [W_out | b_out] that is a projection's, row major as it stands in the network.
  public func matrix(_ role: RateNetwork.Role) -> [Double] {
    let (buffer, stride, first, count) = place(role)
    let rows = role == .output ? outputs : units
    return (0..<rows).flatMap { row in (0..<count).map { buffer.base[row * stride + first + $0] } }
  }

  /// b.
  public var bias: [Double] { (0..<units).map { recurrent.base[$0 * columns + units + inputs] } }
  /// b_out.
  public var readoutBias: [Double] { (0..<outputs).map { output.base[$0 * (units + 1) + units] } }

  private func write(_ weights: [Double], of role: RateNetwork.Role) {
    let (buffer, stride, first, count) = place(role)
    for (index, weight) in weights.enumerated() { buffer.base[index / count * stride + first + index % count] = weight }
  }

  private func place(_ role: RateNetwork.Role) -> (buffer: Buffer, stride: Int, first: Int, count: Int) {
    switch role {
    case .recurrent: (recurrent, columns, 0, units)
    case .input: (recurrent, columns, units, inputs)
    case .output: (output, units + 1, 0, units)
    }
  }
}
