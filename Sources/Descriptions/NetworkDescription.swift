public import Diagnostics
public import Safetensors

/// A network as its author wrote it: typed, but not judged. What the author left out, or wrote as another type, is nil.
///
/// The meaning of every field is that of the same field in `network.json`, which Format.md defines.
public struct NetworkDescription: Sendable {
  /// The document as a whole.
  public var location: Finding.Location
  /// `name`.
  public var name: Located<String>?
  /// `time_step_ms`.
  public var timeStep: Located<Double>?
  /// `convention`.
  public var convention: Convention?
  /// `inputs`.
  public var inputs: Inputs?
  /// `populations`; nil if the field is missing or not an array.
  public var populations: Located<[Population]>?
  /// `projections`; nil if the field is missing or not an array.
  public var projections: Located<[Projection]>?
  /// `readout`.
  public var readout: Readout?
  /// `loss`.
  public var loss: Located<String>?
  /// `feedback`.
  public var feedback: Feedback?
  /// `surrogate`.
  public var surrogate: Surrogate?
  /// `rate_regularisation`, which may be left out.
  public var rateRegularisation: RateRegularisation?
  /// `optimiser`.
  public var optimiser: Optimiser?
  /// `maximum_steps`.
  public var maximumSteps: Located<Int>?
  /// `weights_file`, which may be left out.
  public var weightsFile: Located<String>?
  /// The content of the weights file, if there is one and it could be read.
  public var weights: SafetensorsFile?
  /// What is wrong with the document whatever it describes: unknown and missing fields, wrong types, duplicate names,
  /// a weights file that cannot be read.
  public var findings: [Finding] = []

  /// A description of nothing yet, from the given place.
  public init(location: Finding.Location = Finding.Location()) { self.location = location }

  /// `convention`: a preset, single choices, or a preset with exceptions.
  public struct Convention: Sendable, Hashable {
    /// The string or object.
    public var location: Finding.Location
    /// The preset's name.
    public var preset: Located<String>?
    /// Field name (`input_scaling`) to the value chosen.
    public var choices: [String: Located<String>] = [:]
    /// No preset and no choice yet.
    public init(location: Finding.Location) { self.location = location }
    /// The names of the choices, in the order in which they are written.
    public static let fields = [
      "input_scaling", "recurrent_scaling", "readout_scaling", "trace_scaling", "adaptation_scaling",
      "surrogate_height", "surrogate_width", "threshold_derivative", "spike_condition", "refractory_count", "rate_term",
      "rate_average", "loss_reduction", "adam_epsilon",
    ]
  }

  /// `inputs`.
  public struct Inputs: Sendable, Hashable {
    /// The object.
    public var location: Finding.Location
    /// `count`.
    public var count: Located<Int>?
    /// `kind`.
    public var kind: Located<String>?
    /// `range`, low and high.
    public var range: Located<Numbers>?
    /// `hold_steps`.
    public var holdSteps: Located<Int>?
    /// No fields yet.
    public init(location: Finding.Location) { self.location = location }
  }

  /// One of `populations`.
  public struct Population: Sendable, Hashable {
    /// The object.
    public var location: Finding.Location
    /// `name`.
    public var name: Located<String>?
    /// `count`.
    public var count: Located<Int>?
    /// `model`.
    public var model: Located<String>?
    /// `tau_m_ms`.
    public var timeConstant: Located<Values>?
    /// `threshold`.
    public var threshold: Located<Double>?
    /// `reset`.
    public var reset: Located<String>?
    /// `reset_potential`.
    public var resetPotential: Located<Values>?
    /// `tau_syn_ms`, which may be left out.
    public var synapticTimeConstant: Located<Values>?
    /// `refractory_ms`.
    public var refractory: Located<Double>?
    /// `beta`.
    public var adaptationStrength: Located<Double>?
    /// `tau_a_ms`.
    public var adaptationTimeConstant: Located<Values>?
    /// `alpha`.
    public var alpha: Located<Double>?
    /// `bias`.
    public var bias: Located<Array>?
    /// `plastic_bias`.
    public var biasIsPlastic: Located<Bool>?
    /// No fields yet.
    public init(location: Finding.Location) { self.location = location }
  }

  /// One of `projections`.
  public struct Projection: Sendable, Hashable {
    /// The object.
    public var location: Finding.Location
    /// `name`.
    public var name: Located<String>?
    /// `from`.
    public var from: Located<String>?
    /// `to`.
    public var to: Located<String>?
    /// `weights`; nil where the synapses are listed.
    public var weights: Located<Array>?
    /// `mask`, which may be left out.
    public var mask: Located<Array>?
    /// `synapses`, in place of `weights`.
    public var synapses: Synapses?
    /// Whether one of the three was there and could not be read.
    public var isMistyped = false
    /// `plastic`.
    public var isPlastic: Located<Bool>?
    /// `autapses`, which may be left out.
    public var autapses: Located<Bool>?
    /// `delay_steps`, which may be left out.
    public var delaySteps: Located<Int>?
    /// No fields yet.
    public init(location: Finding.Location) { self.location = location }
  }

  /// `synapses` of a projection: three lists of one length.
  public struct Synapses: Sendable, Hashable {
    /// The object.
    public var location: Finding.Location
    /// `post`, the number of each synapse's target.
    public var post: Located<Array>?
    /// `pre`, the number of its source.
    public var pre: Located<Array>?
    /// `weights`.
    public var weights: Located<Array>?
    /// No fields yet.
    public init(location: Finding.Location) { self.location = location }
  }

  /// `readout`.
  public struct Readout: Sendable, Hashable {
    /// The object.
    public var location: Finding.Location
    /// `name`.
    public var name: Located<String>?
    /// `count`.
    public var count: Located<Int>?
    /// `tau_out_ms`.
    public var timeConstant: Located<Values>?
    /// `bias`.
    public var bias: Located<Array>?
    /// `plastic_bias`.
    public var biasIsPlastic: Located<Bool>?
    /// No fields yet.
    public init(location: Finding.Location) { self.location = location }
  }

  /// `feedback`.
  public struct Feedback: Sendable, Hashable {
    /// The object.
    public var location: Finding.Location
    /// `kind`.
    public var kind: Located<String>?
    /// `seed`.
    public var seed: Located<Int>?
    /// `standard_deviation`.
    public var standardDeviation: Located<Double>?
    /// `matrix`.
    public var matrix: Located<Array>?
    /// `origin`.
    public var origin: Located<String>?
    /// No fields yet.
    public init(location: Finding.Location) { self.location = location }
  }

  /// `surrogate`.
  public struct Surrogate: Sendable, Hashable {
    /// The object.
    public var location: Finding.Location
    /// `kind`.
    public var kind: Located<String>?
    /// `dampening`.
    public var dampening: Located<Double>?
    /// `width`.
    public var width: Located<Double>?
    /// No fields yet.
    public init(location: Finding.Location) { self.location = location }
  }

  /// `rate_regularisation`.
  public struct RateRegularisation: Sendable, Hashable {
    /// The object.
    public var location: Finding.Location
    /// `coefficient`.
    public var coefficient: Located<Double>?
    /// `target_hz`.
    public var target: Located<Double>?
    /// No fields yet.
    public init(location: Finding.Location) { self.location = location }
  }

  /// `optimiser`.
  public struct Optimiser: Sendable, Hashable {
    /// The object.
    public var location: Finding.Location
    /// `preset`, which may be left out.
    public var preset: Located<String>?
    /// `kind`.
    public var kind: Located<String>?
    /// `learning_rate`.
    public var learningRate: Located<Double>?
    /// `momentum`, `beta1`, `beta2`, `epsilon` and `clip`, by name.
    public var parameters: [String: Located<Double>] = [:]
    /// `schedule`.
    public var schedule: Schedule?
    /// No fields yet.
    public init(location: Finding.Location) { self.location = location }
  }

  /// `schedule` of the optimiser.
  public struct Schedule: Sendable, Hashable {
    /// The object.
    public var location: Finding.Location
    /// `kind`.
    public var kind: Located<String>?
    /// `trials`.
    public var trials: Located<Int>?
    /// `floor`.
    public var floor: Located<Double>?
    /// `factor`.
    public var factor: Located<Double>?
    /// `every`.
    public var every: Located<Int>?
    /// No fields yet.
    public init(location: Finding.Location) { self.location = location }
  }

  /// An array of numbers: the name of a tensor in the weights file, or the numbers themselves.
  public enum Array: Sendable, Hashable {
    case tensor(String)
    case inline(Numbers)
  }

  /// A number that all units share, or an array with one for each.
  public enum Values: Sendable, Hashable {
    case common(Double)
    case each(Array)
  }

  /// Numbers and their shape.
  public struct Numbers: Sendable, Hashable {
    /// One or two extents, outermost first.
    public var shape: [Int]
    /// Row major.
    public var values: [Double]
    /// The values in the given shape.
    public init(shape: [Int], values: [Double]) {
      self.shape = shape
      self.values = values
    }
  }
}
