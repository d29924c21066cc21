public import Networks

/// One number per weight and readout bias, in the layout in which the engine reads it: the weights themselves, their
/// gradient, or what an optimiser keeps for each.
///
/// A projection's numbers stand as [pre × post], `buffer[pre * postCount + post]`: what one presynaptic neuron reaches
/// is contiguous. (`SpikingNetwork.Projection.weights` stands the other way round.)
public final class ParameterBuffers {
  /// How many sources and targets each projection has.
  public let shapes: [(pre: Int, post: Int)]
  /// One buffer per projection, [pre × post].
  public let projections: [UnsafeMutableBufferPointer<Double>]
  /// One number per readout.
  public let bias: UnsafeMutableBufferPointer<Double>
  private let owners: [Buffer<Double>]

  /// Zeros in the shape of a network's parameters.
  public init(shapedLike network: SpikingNetwork) {
    shapes = network.projections.map {
      (pre: network.presynapticCount(of: $0), post: network.postsynapticCount(of: $0))
    }
    let buffers =
      shapes.map { Buffer($0.pre * $0.post, filledWith: 0.0) } + [
        Buffer(network.readout.count, filledWith: 0.0)
      ]
    owners = buffers
    projections = buffers.dropLast().map(\.elements)
    bias = buffers[buffers.count - 1].elements
  }

  /// Sets every number to 0.
  public func clear() {
    for owner in owners { owner.fill(0) }
  }

  /// Adds `factor` times other numbers of the same shape.
  func add(_ other: ParameterBuffers, times factor: Double) {
    for (mine, its) in zip(projections + [bias], other.projections + [other.bias]) {
      guard let target = mine.baseAddress, let source = its.baseAddress else { continue }
      Kernels.add(source, times: factor, to: target, count: mine.count)
    }
  }

  /// Takes over the weights and the bias of a network.
  public func read(from network: SpikingNetwork) {
    for (index, projection) in network.projections.enumerated() {
      let (pre, post) = shapes[index]
      for j in 0..<post { for i in 0..<pre { projections[index][i * post + j] = projection.weights[j * pre + i] } }
    }
    for (k, value) in network.readout.bias.enumerated() { bias[k] = value }
  }

  /// Puts these weights and bias into a network.
  public func write(to network: inout SpikingNetwork) {
    for index in network.projections.indices { network.projections[index].weights = rowMajor(index) }
    network.readout.bias = Array(bias)
  }

  /// A projection's numbers as [post × pre], row major.
  public func rowMajor(_ projection: Int) -> [Double] {
    let (pre, post) = shapes[projection]
    var rows = [Double](repeating: 0, count: pre * post)
    for j in 0..<post { for i in 0..<pre { rows[j * pre + i] = projections[projection][i * post + j] } }
    return rows
  }
}
