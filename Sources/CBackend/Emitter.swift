import CSyntax
import Planning

/// What every part of the back end needs: the plan, its memory, and the names that follow from them.
///
/// Each part of the generated C is a method in a file of its own, which adds to `text`.
struct Emitter {
  let plan: FixedPlan
  let memory: Memory
  /// Prefix of functions and types: the network's name.
  let p: String
  /// Prefix of macros.
  // swift-format-ignore: AlwaysUseLowerCamelCase
  let P: String
  var text = CText()

  init(_ plan: FixedPlan) {
    self.plan = plan
    memory = plan.memory
    p = plan.name
    P = plan.name.uppercased()
  }

  var net: String { "\(p)_net" }
  var tile: Int { plan.layout.tile }
  var outputs: Int { plan.readout.count }
  /// Whether kernels are made of the functions of eprop_armv7em.h.
  var isFast: Bool { plan.layout.kernels == .armv7em }
  var replays: Bool { plan.layout.history == .replay && plan.hasSweeps }

  /// Type of offsets into the records.
  var offset: String { plan.offsetBits == 16 ? "uint16_t" : "uint32_t" }

  /// Types of the numbers of inputs and neurons in the record.
  var inputEvent: String { "uint\(plan.inputEventBits)_t" }
  var spikeEvent: String { "uint\(plan.spikeEventBits)_t" }

  /// A number of a neuron or input, as `type` of the record.
  func narrowed(_ number: String, to type: String) -> String { type == "uint16_t" ? number : "(\(type))\(number)" }

  /// C type of a field.
  static func type(_ field: Memory.Field) -> String { "\(field.isSigned ? "" : "u")int\(field.bits)_t" }

  /// C type of a projection's weights.
  func weightType(_ projection: ProjectionPlan) -> String {
    projection.isPacked ? "uint8_t" : "int\(projection.weightBits)_t"
  }

  /// Where the weights of a projection are read: in RAM if they learn, else in the table.
  func weights(_ projection: ProjectionPlan) -> String {
    projection.isPlastic ? "net->w_\(projection.name)" : "initial_\(projection.name)"
  }

  /// The bias of readout `index`.
  func bias(_ index: String) -> String {
    plan.readout.biasIsPlastic ? "net->bias[\(index)]" : element("initial_bias[\(index)]", "int32_t")
  }

  /// An element of a constant table, which may not be where variables are.
  func element(_ place: String, _ type: String) -> String { "EPROP_READ(\(type), \(place))" }

  /// A weight of a projection at `place`, which lies in `weights(projection)`.
  func weight(_ projection: ProjectionPlan, _ place: String) -> String {
    projection.isPlastic ? place : element(place, weightType(projection))
  }

  /// Four int8 weights of a projection from `place` on, as a word.
  func fourWeights(_ projection: ProjectionPlan, _ place: String) -> String {
    "\(projection.isPlastic ? "eprop_load4" : "eprop_table4")(\(place))"
  }

  func sat(_ projection: ProjectionPlan) -> String { "eprop_sat\(projection.weightBits)" }

  /// Projections into population `index`, coarsest weights first.
  func incoming(_ index: Int) -> [ProjectionPlan] {
    plan.projections.filter { $0.target == .population(index) }
      .enumerated().sorted { ($1.element.shift, $0.offset) < ($0.element.shift, $1.offset) }.map(\.element)
  }

  var outgoing: [ProjectionPlan] { plan.projections.filter { $0.target == .readout } }

  /// A value of a per-neuron quantity: a literal, or an element of the population's table.
  func value(
    _ values: PerNeuron, table: String, type: String = "int16_t", population: PopulationPlan, index: String
  ) -> String {
    switch values {
    case .common(let value): int(Int(value))
    case .each: element("\(table)_\(population.name)[\(index)]", type)
    }
  }

  /// A signed literal that is an int32 where a 16-bit int is too small.
  func int(_ value: Int) -> String { abs(value) > 32767 ? "INT32_C(\(value))" : "\(value)" }

  /// An unsigned literal for sizes and loop ends.
  func count(_ value: Int) -> String { value > 65535 ? "UINT32_C(\(value))" : "\(value)U" }

  /// `net->name`, moved to the first neuron of a population.
  func slice(_ name: String, _ population: PopulationPlan) -> String {
    population.first == 0 ? "net->\(name)" : "&net->\(name)[\(population.first)]"
  }

  /// `expression + n`, without adding nothing.
  func plus(_ expression: String, _ n: Int) -> String { n == 0 ? expression : "\(expression) + \(n)U" }
  /// `n + expression` as a uint16_t.
  func shifted(_ expression: String, by n: Int) -> String {
    n == 0 ? expression : "(uint16_t)(\(expression) + \(n)U)"
  }

  /// The parameters by which a step takes its input.
  var inputParameters: String {
    plan.inputs.kind == .spikes ? "const uint16_t *spikes, uint16_t count" : "const int8_t *values"
  }
  var inputArguments: String { plan.inputs.kind == .spikes ? "spikes, count" : "values" }

  func decay(_ decay: DecayPlan, _ x: String, _ dither: String) -> String {
    "eprop_decay(\(x), \(decay.factor), \(decay.shift)U, \(dither))"
  }

  /// The decay of the unit `index`, from the tables `<name>_rate` and `<name>_shift` with `suffix` where units have their own.
  func decay(
    _ decays: Decays, _ x: String, _ dither: String, table name: String, suffix: String = "", index: String
  ) -> String {
    guard case .each = decays else { return decay(decays[0], x, dither) }
    let rate = element("\(name)_rate\(suffix)[\(index)]", "int16_t")
    return "eprop_decay(\(x), \(rate), \(element("\(name)_shift\(suffix)[\(index)]", "uint8_t")), \(dither))"
  }

  /// The decay of neuron `index`'s adaptation.
  func decayRaise(_ population: PopulationPlan, _ adaptation: AdaptationPlan, _ x: String, index: String) -> String {
    decay(adaptation.decay, x, "dither", table: "raise", suffix: "_\(population.name)", index: index)
  }

  /// The decay of a readout.
  func decayReadout(_ x: String, _ dither: String, index: String) -> String {
    decay(plan.readout.decay, x, dither, table: "readout", index: index)
  }

  /// α of neuron `index` in Q15.
  func leak(_ population: PopulationPlan, _ index: String) -> String {
    value(population.leak, table: "leak", population: population, index: index)
  }
}
