/// What each invalid fixture must be told: one row per rule. The valid fixture of the same name differs as little as it can.
struct Expected: Sendable {
  /// The fixture's name without its ending, and the finding's id.
  let id: String
  var line: Int?
  var column: Int?
  var path: String?
  /// The ids of findings that cannot be kept out of the same fixture.
  var also: [String] = []
}

/// `Fixtures/invalid/<id>.json`.
let invalidNetworks = [
  Expected(id: "description.field.unknown", line: 10, column: 68, path: "populations[0].tau_m"),
  Expected(id: "description.field.missing", line: 25, column: 14, path: "readout.tau_out_ms"),
  Expected(id: "description.type", line: 19, column: 106, path: "projections[0].plastic"),
  Expected(id: "description.format", line: 2, column: 13, path: "format"),
  Expected(id: "description.version", line: 3, column: 14, path: "version"),
  Expected(id: "description.weights-file", line: 32, column: 19, path: "weights_file"),
  Expected(id: "network.name.identifier", line: 4, column: 11, path: "name"),
  Expected(id: "network.name.reserved", line: 14, column: 15, path: "populations[1].name"),
  Expected(id: "network.name.duplicate", line: 20, column: 15, path: "projections[1].name"),
  Expected(id: "network.value.unknown", line: 14, column: 103, path: "populations[1].reset"),
  Expected(id: "network.convention.incomplete", line: 6, column: 17, path: "convention"),
  Expected(id: "network.field.needed", line: 13, column: 5, path: "populations[1].tau_a_ms"),
  Expected(id: "network.field.not-applicable", line: 30, column: 45, path: "optimiser.momentum"),
  Expected(id: "network.count", line: 7, column: 24, path: "inputs.count"),
  Expected(id: "network.limit.neurons", line: 10, column: 32, path: "populations[0].count"),
  Expected(id: "network.limit.sources", line: 7, column: 24, path: "inputs.count"),
  Expected(id: "network.limit.outputs", line: 18, column: 40, path: "readout.count"),
  Expected(id: "network.limit.steps", line: 31, column: 20, path: "maximum_steps"),
  Expected(id: "network.time-step", line: 5, column: 19, path: "time_step_ms"),
  Expected(id: "network.time-constant", line: 25, column: 57, path: "readout.tau_out_ms"),
  Expected(id: "network.threshold", line: 10, column: 81, path: "populations[0].threshold"),
  Expected(id: "network.refractory", line: 11, column: 24, path: "populations[0].refractory_ms"),
  Expected(id: "network.reset-potential", line: 10, column: 123, path: "populations[0].reset_potential"),
  Expected(id: "network.per-unit.shape", line: 10, column: 64, path: "populations[0].tau_m_ms"),
  Expected(id: "network.per-unit.scaling", line: 10, column: 64, path: "populations[0].tau_m_ms"),
  Expected(id: "network.projection.delay", line: 21, column: 124, path: "projections[2].delay_steps"),
  Expected(id: "network.beta", line: 15, column: 35, path: "populations[1].beta"),
  Expected(id: "network.dampening", line: 28, column: 59, path: "surrogate.dampening"),
  Expected(id: "network.surrogate.width", line: 28, column: 68, path: "surrogate.width"),
  Expected(id: "network.inputs.range", line: 7, column: 54, path: "inputs.range"),
  Expected(id: "network.inputs.hold", line: 7, column: 77, path: "inputs.hold_steps"),
  Expected(id: "network.rate-regularisation", line: 29, column: 62, path: "rate_regularisation.target_hz"),
  Expected(
    id: "network.populations.empty", line: 8, column: 18, path: "populations", also: ["network.readout.unreached"]),
  Expected(id: "network.population.undriven", line: 14, column: 15, path: "populations[1].name"),
  Expected(id: "network.projection.from", line: 21, column: 38, path: "projections[2].from"),
  Expected(id: "network.projection.to", line: 21, column: 53, path: "projections[2].to"),
  Expected(id: "network.projection.from-readout", line: 21, column: 38, path: "projections[2].from"),
  Expected(id: "network.projection.inputs-to-readout", line: 23, column: 51, path: "projections[4].to"),
  Expected(id: "network.projection.parallel", line: 23, column: 5, path: "projections[4]"),
  Expected(id: "network.projection.autapses", line: 19, column: 124, path: "projections[0].autapses"),
  Expected(id: "network.tensor.missing", line: 19, column: 71, path: "projections[0].weights"),
  Expected(id: "network.tensor.type", line: 19, column: 71, path: "projections[0].weights"),
  Expected(id: "network.weights.shape", line: 20, column: 69, path: "projections[1].weights"),
  Expected(id: "network.weights.not-finite", line: 19, column: 71, path: "projections[0].weights"),
  Expected(id: "network.weights.diagonal", line: 21, column: 73, path: "projections[2].weights"),
  Expected(id: "network.synapses.form", line: 21, column: 104, path: "projections[2].synapses"),
  Expected(id: "network.mask.shape", line: 21, column: 99, path: "projections[2].mask"),
  Expected(id: "network.mask.values", line: 21, column: 99, path: "projections[2].mask"),
  Expected(id: "network.mask.weights", line: 21, column: 73, path: "projections[2].weights"),
  Expected(id: "network.synapses.shape", line: 21, column: 74, path: "projections[2].synapses"),
  Expected(id: "network.synapses.index", line: 21, column: 84, path: "projections[2].synapses.post"),
  Expected(id: "network.synapses.duplicate", line: 21, column: 74, path: "projections[2].synapses"),
  Expected(id: "network.synapses.diagonal", line: 21, column: 74, path: "projections[2].synapses"),
  Expected(id: "network.synapses.empty", line: 21, column: 99, path: "projections[2].mask"),
  Expected(id: "network.synapses.limit", line: 19, column: 72, path: "projections[0].synapses"),
  Expected(id: "network.readout.unreached", line: 23, column: 24, path: "readout.name"),
  Expected(id: "network.bias.shape", line: 25, column: 69, path: "readout.bias"),
  Expected(id: "network.loss.outputs", line: 26, column: 11, path: "loss"),
  Expected(id: "network.feedback.seed", line: 27, column: 43, path: "feedback.seed"),
  Expected(id: "network.feedback.standard-deviation", line: 27, column: 68, path: "feedback.standard_deviation"),
  Expected(id: "network.feedback.shape", line: 27, column: 44, path: "feedback.matrix"),
  Expected(id: "network.learning-rate", line: 30, column: 50, path: "optimiser.learning_rate"),
  Expected(id: "network.optimiser.parameter", line: 30, column: 57, path: "optimiser.beta2"),
  Expected(id: "network.schedule", line: 30, column: 114, path: "optimiser.schedule.every"),
  Expected(id: "network.tensor.unused", path: "spare"),
  Expected(id: "json.syntax", line: 32, column: 1),
  Expected(id: "json.utf8", line: 4, column: 11),
  Expected(id: "json.surrogate", line: 4, column: 15),
  Expected(id: "json.depth", line: 4, column: 42),
  Expected(id: "json.duplicate-key", line: 6, column: 3, path: "time_step_ms"),
]

/// `Fixtures/invalid/<id>.safetensors`: not a sound file.
let invalidSafetensors = [
  Expected(id: "safetensors.truncated"),
  Expected(id: "safetensors.header-size"),
  Expected(id: "safetensors.header"),
  Expected(id: "safetensors.metadata", path: "__metadata__.n"),
  Expected(id: "safetensors.entry", path: "a"),
  Expected(id: "safetensors.dtype", path: "a"),
  Expected(id: "safetensors.offsets", path: "a"),
  Expected(id: "safetensors.byte-count", path: "a"),
  Expected(id: "safetensors.overlap", path: "b"),
  Expected(id: "safetensors.hole", path: "b"),
  Expected(id: "safetensors.trailing"),
  Expected(id: "safetensors.bool", path: "a"),
  Expected(id: "safetensors.duplicate-name", path: "a"),
]

/// `Fixtures/invalid/<id>.safetensors`: a sound file that holds no trials.
let invalidTrials = [
  Expected(id: "trials.tensor.unknown", path: "masks"),
  Expected(id: "trials.tensor.missing", path: "targets"),
  Expected(id: "trials.tensor.type", path: "inputs"),
  Expected(id: "trials.tensor.shape", path: "targets"),
  Expected(id: "trials.empty", path: "targets"),
  Expected(id: "trials.limit.inputs", path: "inputs"),
  Expected(id: "trials.lengths", path: "lengths[1]"),
  Expected(id: "trials.not-finite", path: "targets[1, 2, 0]"),
  Expected(id: "trials.inputs.not-binary", path: "inputs[0, 1, 0]"),
  Expected(id: "trials.mask", path: "mask[1, 0]"),
  Expected(id: "trials.label", path: "label"),
]
