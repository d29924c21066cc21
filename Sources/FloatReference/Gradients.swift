/// The derivative of the loss (and the rate regulariser) with respect to every weight and readout bias, the mean over
/// the trials of a batch.
public struct Gradients: Sendable, Hashable {
  /// Per projection of the network, [post × pre], row major, as its weights stand.
  public var projections: [[Double]]
  /// One per readout.
  public var bias: [Double]

  public init(projections: [[Double]], bias: [Double]) {
    self.projections = projections
    self.bias = bias
  }

  init(_ buffers: ParameterBuffers) {
    projections = buffers.projections.indices.map(buffers.rowMajor)
    bias = Array(buffers.bias)
  }
}
