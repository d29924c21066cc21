public import Diagnostics
import Safetensors

extension NetworkDescription {
  /// The name that the network has in a folder: `network.json`.
  public static let fileName = "network.json"
  /// The value of the field `format`.
  public static let format = "epropc-network"
  /// The value of the field `version`.
  public static let version = 1

  /// Reads a network file, and the weights file that it names, without judging either.
  ///
  /// - Parameter path: the file, or a folder that holds it as `network.json`.
  /// - Throws: only if there is no document to speak of: the file cannot be read, its text is not JSON, or it is not an
  ///   object. Everything else is in `findings`, so that it can be reported together with what the rules find.
  public static func read(path: String) throws(Findings) -> NetworkDescription {
    let inside = path.hasSuffix("/") ? path + fileName : path + "/" + fileName
    let file = Files.isDirectory(path) ? inside : path
    let bytes = try Files.read(file, limit: JSONLimits().bytes)
    var description = try NetworkDescription(json: bytes, file: file)
    description.readWeights(besides: file)
    return description
  }

  /// Reads a network document alone.
  ///
  /// - Parameters:
  ///   - json: the document.
  ///   - file: named in the findings.
  /// - Throws: the document is not JSON, or not an object.
  public init(json: [UInt8], file: String? = nil) throws(Findings) {
    let document = try JSONDocument.read(json, file: file)
    let sink = FindingSink()
    for finding in document.findings { sink.add(finding) }
    let fields = [
      "format", "version", "name", "time_step_ms", "convention", "inputs", "populations", "projections", "readout",
      "loss", "feedback", "surrogate", "rate_regularisation", "optimiser", "maximum_steps", "weights_file",
    ]
    guard let root = ObjectReader(document.root, file: file, path: .root, fields: fields, sink: sink) else {
      throw Findings(sink.findings)
    }
    self.init(location: root.location)
    Self.checkFormat(root, sink)
    name = root.string("name")
    populations = root.objects("populations", fields: Population.fields)
      .map { Located($0.value.map { Population($0) }, at: $0.location) }
    let spikes = !describesRates
    timeStep = root.number("time_step_ms", required: spikes)
    convention = Convention(root, file: file, required: spikes, sink)
    inputs = root.object("inputs", fields: ["count", "kind", "range", "hold_steps"]).map { Inputs($0) }
    projections = root.objects("projections", fields: Projection.fields)
      .map { Located($0.value.map { Projection($0) }, at: $0.location) }
    readout = root.object("readout", fields: ["name", "count", "tau_out_ms", "bias", "plastic_bias"]).map {
      Readout($0, spikes: spikes)
    }
    loss = root.string("loss")
    feedback = root.object("feedback", fields: Feedback.fields).map { Feedback($0) }
    surrogate = root.object("surrogate", fields: ["kind", "dampening", "width"], required: spikes).map { Surrogate($0) }
    rateRegularisation = root.object("rate_regularisation", fields: ["coefficient", "target_hz"], required: false)
      .map { RateRegularisation($0) }
    optimiser = root.object("optimiser", fields: Optimiser.fields).map { Optimiser($0) }
    maximumSteps = root.integer("maximum_steps")
    weightsFile = root.string("weights_file", required: false)
    findings = sink.findings
  }

  /// The value of a population's `model` that makes the network one of rates.
  public static let rateModel = "leaky-tanh"

  /// Whether any population is one of rate units: such a network has neither a time step nor a convention, and no
  /// surrogate derivative.
  public var describesRates: Bool { populations?.value.contains { $0.model?.value == Self.rateModel } ?? false }

  private static func checkFormat(_ root: ObjectReader, _ sink: FindingSink) {
    if let found = root.string("format"), found.value != format {
      let message = "expected the format \(Quoted.text(format)), but found \(Quoted.text(found.value))"
      sink.add(Finding("description.format", at: found.location, message))
    }
    if let found = root.integer("version"), found.value != version {
      let message = "expected version \(version), but found \(found.value)"
      sink.add(Finding("description.version", at: found.location, message))
    }
  }

  private mutating func readWeights(besides file: String) {
    guard let weightsFile else { return }
    let name = weightsFile.value
    guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(where: { [0x2F, 0x5C, 0x3A, 0].contains($0) })
    else {
      findings.append(
        Finding(
          "description.weights-file", at: weightsFile.location,
          "expected the name of a file beside the network, but found \(Quoted.text(name))",
          help: "no folders, no drive, no \"..\""))
      return
    }
    do throws(Findings) {
      weights = try SafetensorsFile(path: Files.sibling(of: file, named: name))
    } catch { findings += error.all }
  }
}

extension NetworkDescription.Convention {
  /// nil, with a finding, unless the field is a string or an object.
  init?(_ root: ObjectReader, file: String?, required: Bool, _ sink: FindingSink) {
    guard let value = root.value("convention", required: required) else { return nil }
    let path = JSONPath.root.member("convention")
    self.init(location: value.position.location(file: file, path: path))
    if case .string(let text) = value.kind {
      preset = Located(text, at: location)
      return
    }
    guard case .object = value.kind else {
      let message = "expected the name of a preset or an object, but found \(value.kindName)"
      sink.add(Finding("description.type", at: location, message))
      return nil
    }
    guard let reader = ObjectReader(value, file: file, path: path, fields: ["preset"] + Self.fields, sink: sink) else {
      return nil
    }
    preset = reader.string("preset", required: false)
    for field in Self.fields { choices[field] = reader.string(field, required: false) }
  }
}

extension NetworkDescription.Inputs {
  init(_ reader: ObjectReader) {
    self.init(location: reader.location)
    count = reader.integer("count")
    kind = reader.string("kind")
    range = reader.numbers("range", depth: 1, required: false)
    holdSteps = reader.integer("hold_steps", required: false)
  }
}

extension NetworkDescription.Population {
  static let fields = [
    "name", "count", "model", "tau_m_ms", "tau_syn_ms", "threshold", "reset", "reset_potential", "refractory_ms",
    "beta",
    "tau_a_ms", "alpha", "bias", "plastic_bias",
  ]

  init(_ reader: ObjectReader) {
    self.init(location: reader.location)
    name = reader.string("name")
    count = reader.integer("count")
    model = reader.string("model")
    let spikes = model?.value != NetworkDescription.rateModel
    timeConstant = reader.values("tau_m_ms", required: spikes)
    threshold = reader.number("threshold", required: spikes)
    reset = reader.string("reset", required: spikes)
    resetPotential = reader.values("reset_potential", required: false)
    synapticTimeConstant = reader.values("tau_syn_ms", required: false)
    refractory = reader.number("refractory_ms", required: spikes)
    adaptationStrength = reader.number("beta", required: false)
    adaptationTimeConstant = reader.values("tau_a_ms", required: false)
    alpha = reader.number("alpha", required: false)
    bias = reader.array("bias", depth: 1, required: false)
    biasIsPlastic = reader.bool("plastic_bias", required: false)
  }
}

extension NetworkDescription.Projection {
  static let fields = ["name", "from", "to", "weights", "mask", "synapses", "plastic", "autapses", "delay_steps"]

  init(_ reader: ObjectReader) {
    self.init(location: reader.location)
    name = reader.string("name")
    from = reader.string("from")
    to = reader.string("to")
    weights = reader.array("weights", depth: 2, required: false)
    mask = reader.array("mask", depth: 2, required: false)
    synapses = reader.object("synapses", fields: ["post", "pre", "weights"], required: false).map { .init($0) }
    isMistyped = weights == nil && synapses == nil && (reader.has("weights") || reader.has("synapses"))
    isPlastic = reader.bool("plastic")
    autapses = reader.bool("autapses", required: false)
    delaySteps = reader.integer("delay_steps", required: false)
  }
}

extension NetworkDescription.Synapses {
  init(_ reader: ObjectReader) {
    self.init(location: reader.location)
    post = reader.array("post", depth: 1)
    pre = reader.array("pre", depth: 1)
    weights = reader.array("weights", depth: 1)
  }
}

extension NetworkDescription.Readout {
  init(_ reader: ObjectReader, spikes: Bool) {
    self.init(location: reader.location)
    name = reader.string("name")
    count = reader.integer("count")
    timeConstant = reader.values("tau_out_ms", required: spikes)
    bias = reader.array("bias", depth: 1)
    biasIsPlastic = reader.bool("plastic_bias")
  }
}

extension NetworkDescription.Feedback {
  static let fields = ["kind", "seed", "standard_deviation", "matrix", "origin"]

  init(_ reader: ObjectReader) {
    self.init(location: reader.location)
    kind = reader.string("kind")
    seed = reader.integer("seed", required: false)
    standardDeviation = reader.number("standard_deviation", required: false)
    matrix = reader.array("matrix", depth: 2, required: false)
    origin = reader.string("origin", required: false)
  }
}

extension NetworkDescription.Surrogate {
  init(_ reader: ObjectReader) {
    self.init(location: reader.location)
    kind = reader.string("kind")
    dampening = reader.number("dampening")
    width = reader.number("width", required: false)
  }
}

extension NetworkDescription.RateRegularisation {
  init(_ reader: ObjectReader) {
    self.init(location: reader.location)
    coefficient = reader.number("coefficient")
    target = reader.number("target_hz")
  }
}

extension NetworkDescription.Optimiser {
  static let parameterNames = ["momentum", "beta1", "beta2", "epsilon", "clip"]
  static let fields = ["preset", "kind", "learning_rate", "schedule"] + parameterNames

  init(_ reader: ObjectReader) {
    self.init(location: reader.location)
    preset = reader.string("preset", required: false)
    kind = reader.string("kind", required: preset == nil)
    learningRate = reader.number("learning_rate", required: preset == nil)
    for name in Self.parameterNames { parameters[name] = reader.number(name, required: false) }
    schedule = reader.object("schedule", fields: ["kind", "trials", "floor", "factor", "every"])
      .map { NetworkDescription.Schedule($0) }
  }
}

extension NetworkDescription.Schedule {
  init(_ reader: ObjectReader) {
    self.init(location: reader.location)
    kind = reader.string("kind")
    trials = reader.integer("trials", required: false)
    floor = reader.number("floor", required: false)
    factor = reader.number("factor", required: false)
    every = reader.integer("every", required: false)
  }
}
