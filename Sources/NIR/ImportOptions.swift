/// What a `.nir` file does not say and an import must know.
public struct ImportOptions: Sendable, Hashable {
  /// Whose file it is: these two write other units than the format's, and leave things out.
  public enum Exporter: String, Sendable, Hashable, CaseIterable { case snntorch, norse }

  /// What happens to v after a spike (Format.md, `reset` of a population).
  public enum Reset: String, Sendable, Hashable, CaseIterable {
    /// To the file's v_reset, in the step of the spike: what the format says.
    case value
    case zero, subtract
    case subtractAtOnce = "subtract-at-once"
    case hold, none
  }

  /// How a differential equation becomes steps.
  public enum Discretisation: String, Sendable, Hashable, CaseIterable {
    /// α = 1 − Δt/τ.
    case euler
    /// α = exp(−Δt/τ), exact for a drive that is constant within a step.
    case exponential
  }

  /// What the inputs carry.
  public enum Inputs: Sendable, Hashable {
    case spikes
    case analog(low: Double, high: Double)
  }

  /// Δt in ms.
  public var timeStep: Double
  public var exporter: Exporter?
  /// Of all nodes but those in `resets`; nil: the exporter's usual one.
  public var reset: Reset?
  /// By node.
  public var resets: [String: Reset] = [:]
  public var discretisation = Discretisation.euler
  public var inputs = Inputs.spikes
  /// Steps that a spike takes from one population to a later one: 0, as the exporters have it, or 1. Backward and within a
  /// population it is always 1.
  public var layerDelay = 0
  /// The network's name; nil: from the file's.
  public var name: String?

  public init(timeStep: Double) { self.timeStep = timeStep }
}
