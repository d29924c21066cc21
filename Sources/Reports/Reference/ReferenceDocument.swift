public import Diagnostics
import FloatReference
import Networks
import Trials

extension ReferenceReport {
  /// The document that `Format.md` describes.
  ///
  /// - Parameter perStep: with the traces of every synapse, which only e-prop 1 has.
  /// - Throws: `reference.not-finite`, for every array that JSON cannot hold, and `reference.per-step` where a synapse has no one filtered trace.
  public func json(perStep: Bool = false) throws(Findings) -> JSONText {
    guard !perStep || network.readout.timeConstant.isCommon else {
      throw Findings(
        Finding(
          "reference.per-step", at: Finding.Location(path: "readout.tau_out_ms"),
          "the readouts have time constants of their own, so that a synapse has a filtered trace for each of them",
          help: "leave out --per-step: the gradients are exact without it"))
    }
    var arrays = ArrayWriter()
    let gradients = gradients.map { gradient in
      JSONText.object(
        [JSONText.Member("name", .string(gradient.name)), JSONText.Member("parameter", .string(gradient.symbol))]
          + arrays.members(gradient.shape, gradient.values, "the gradient of \(gradient.name)"))
    }
    let trials = trials.indices.map { trial($0, perStep: perStep, &arrays) }
    let document = JSONText.object([
      JSONText.Member("format", .string("epropc-reference")), JSONText.Member("version", .integer(1)),
      JSONText.Member("network", .string(network.name)), JSONText.Member("rule", .string(ruleName)),
      JSONText.Member("time_step_ms", .number(network.timeStep)), JSONText.Member("populations", populations),
      JSONText.Member("loss", arrays.number(evaluation.loss, "the loss")),
      JSONText.Member("rate_hz", .number(meanRate)), JSONText.Member("gradients", .array(gradients)),
      JSONText.Member("trials", .array(trials)),
    ])
    guard arrays.findings.isEmpty else { throw Findings(arrays.findings) }
    return document
  }

  private var populations: JSONText {
    .array(
      network.populations.indices.map { index in
        .object([
          JSONText.Member("name", .string(network.populations[index].name)),
          JSONText.Member("first", .integer(network.firstNeuron(of: index))),
          JSONText.Member("count", .integer(network.populations[index].count)),
        ])
      })
  }

  private func trial(_ index: Int, perStep: Bool, _ arrays: inout ArrayWriter) -> JSONText {
    let recording = evaluation.recordings[index]
    let (number, trial) = trials[index]
    let signals = LearningSignals(network)
    let averaged = network.convention.rateAverage == .trial ? [recording] : evaluation.recordings
    let rateSignals = signals.rateSignals(averaged, steps: recording.steps)
    let neurons = [recording.steps, network.neuronCount]
    let outputs = [recording.steps, network.readout.count]
    var members = [
      JSONText.Member("trial", .integer(number)), JSONText.Member("steps", .integer(recording.steps)),
      JSONText.Member("loss", arrays.number(recording.loss, "the loss of trial \(number)")),
      JSONText.Member("rate_hz", .number(meanRate(recording))),
    ]
    func add(_ name: String, _ shape: [Int], _ values: [Double]) {
      members.append(JSONText.Member(name, .object(arrays.members(shape, values, "\(name) of trial \(number)"))))
    }
    add("z", neurons, recording.spikeRaster)
    add("v", neurons, recording.voltages)
    add("a", neurons, recording.adaptations)
    add("psi", neurons, recording.surrogates)
    if network.convention.thresholdDerivative == .scale { add("chi", neurons, recording.thresholdSlopes) }
    add("y", outputs, recording.readouts)
    add("err", outputs, recording.errors)
    if isEProp { add("L", neurons, signals.signals(recording)) }
    if let rateSignals { add("r", [network.neuronCount], rateSignals) }
    if perStep {
      let followed = traces(recording, trial, signals.signals(recording), rateSignals, &arrays)
      members.append(JSONText.Member("traces", .array(followed)))
    }
    return .object(members)
  }

  private func traces(
    _ recording: Recording, _ trial: Trial, _ signals: [Double], _ rateSignals: [Double]?, _ arrays: inout ArrayWriter
  ) -> [JSONText] {
    let rates = rateSignals ?? [Double](repeating: 0, count: network.neuronCount)
    let projections = network.projections.map { projection in
      entry(
        projection.name, projection.symbol,
        [recording.steps, network.postsynapticCount(of: projection), network.presynapticCount(of: projection)],
        SynapseTraces(projection, of: network, recording, trial, signals: signals, rateSignals: rates), &arrays)
    }
    let bias = SynapseTraces(biasOf: network, recording)
    return projections + [
      entry(network.readout.name, "b_out", [recording.steps, network.readout.count], bias, &arrays)
    ]
  }

  private func entry(
    _ name: String, _ symbol: String, _ shape: [Int], _ traces: SynapseTraces, _ arrays: inout ArrayWriter
  ) -> JSONText {
    var members = [JSONText.Member("name", .string(name)), JSONText.Member("parameter", .string(symbol))]
    for (array, values) in [("e", traces.e), ("ebar", traces.filtered), ("g", traces.gradient)] {
      members.append(JSONText.Member(array, .object(arrays.members(shape, values, "\(array) of \(name)"))))
    }
    return .object(members)
  }
}

/// Writes arrays as their shape and their elements in row-major order, and notes which are not finite.
private struct ArrayWriter {
  private(set) var findings: [Finding] = []

  mutating func members(_ shape: [Int], _ values: [Double], _ what: String) -> [JSONText.Member] {
    [
      JSONText.Member("shape", .array(shape.map(JSONText.integer))),
      JSONText.Member("data", .array(values.allSatisfy(\.isFinite) ? values.map(JSONText.number) : refused(what))),
    ]
  }

  mutating func number(_ value: Double, _ what: String) -> JSONText {
    value.isFinite ? .number(value) : .array(refused(what))
  }

  private mutating func refused(_ what: String) -> [JSONText] {
    let message = "\(what) is not finite throughout"
    findings.append(Finding("reference.not-finite", at: Finding.Location(path: "--json"), message))
    return []
  }
}
