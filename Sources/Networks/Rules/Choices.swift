import Descriptions
import Diagnostics

/// Values from a list, and fields that only some of those values have.
let choiceRules = [
  Rule("network.value.unknown", unknownValues),
  Rule("network.convention.incomplete", incompleteConvention),
  Rule("network.field.needed") { conditionalFields($0).filter(\.isMissing).map(\.problem) },
  Rule("network.field.not-applicable") { conditionalFields($0).filter { !$0.isMissing }.map(\.problem) },
]

private func unknown<Choice: RawRepresentable & CaseIterable>(
  _ value: Located<String>?, _: Choice.Type
) -> Problem? where Choice.RawValue == String {
  guard let value, Choice(rawValue: value.value) == nil else { return nil }
  let known = Choice.allCases.map(\.rawValue)
  return Problem(
    value.location, "unknown value \(Quoted.text(value.value)): expected " + list(known.map { Quoted.text($0) }, "or"),
    help: Nearest.name(to: value.value, among: known).map { "did you mean \(Quoted.text($0))?" })
}

@Sendable private func unknownValues(_ description: NetworkDescription) -> [Problem] {
  var problems = [
    unknown(description.inputs?.kind, InputKind.self),
    unknown(description.loss, LossKind.self),
    unknown(description.feedback?.kind, FeedbackKind.self),
    unknown(description.surrogate?.kind, SpikingNetwork.Surrogate.Shape.self),
    unknown(description.optimiser?.preset, SpikingNetwork.Optimiser.Preset.self),
    unknown(description.optimiser?.kind, OptimiserKind.self),
    unknown(description.optimiser?.schedule?.kind, ScheduleKind.self),
  ]
  for population in description.populationList {
    problems.append(unknown(population.model, Model.self))
    problems.append(unknown(population.reset, SpikingNetwork.Population.Reset.self))
  }
  if let convention = description.convention {
    problems.append(unknown(convention.preset, Convention.Preset.self))
    for field in NetworkDescription.Convention.fields {
      problems.append(unknownChoice(field, convention.choices[field]))
    }
  }
  return problems.compactMap { $0 }
}

private func unknownChoice(_ field: String, _ value: Located<String>?) -> Problem? {
  switch field {
  case "surrogate_height": unknown(value, Convention.SurrogateHeight.self)
  case "surrogate_width": unknown(value, Convention.SurrogateWidth.self)
  case "threshold_derivative": unknown(value, Convention.ThresholdDerivative.self)
  case "spike_condition": unknown(value, Convention.SpikeCondition.self)
  case "refractory_count": unknown(value, Convention.RefractoryCount.self)
  case "rate_term": unknown(value, Convention.RateTerm.self)
  case "rate_average": unknown(value, Convention.RateAverage.self)
  case "adam_epsilon": unknown(value, Convention.AdamEpsilon.self)
  case "loss_reduction": unknown(value, Convention.LossReduction.self)
  default: unknown(value, Convention.Scaling.self)
  }
}

/// Without a preset nothing is implied, so every choice must be there.
@Sendable private func incompleteConvention(_ description: NetworkDescription) -> [Problem] {
  guard let convention = description.convention, convention.preset == nil else { return [] }
  let missing = NetworkDescription.Convention.fields.filter { convention.choices[$0] == nil }
  guard !missing.isEmpty else { return [] }
  return [
    Problem(
      convention.location, "without a preset every choice must be named; missing: " + missing.joined(separator: ", "),
      help: "presets: " + Convention.Preset.allCases.map { Quoted.text($0.rawValue) }.joined(separator: ", "))
  ]
}

/// A field that is there without need, or missing although needed.
private struct ConditionalField {
  let isMissing: Bool
  let problem: Problem

  /// nil if the field is where it should be. `owner` is its object, `field` its place if it is there.
  init?(_ name: String, _ field: Finding.Location?, of owner: Finding.Location, neededBy needed: Bool, _ kind: String) {
    guard (field != nil) != needed else { return nil }
    isMissing = needed
    problem =
      needed
      ? Problem(owner.member(name), "\(Quoted.text(kind)) needs the field \(Quoted.text(name))")
      : Problem(field ?? owner, "\(Quoted.text(kind)) has no field \(Quoted.text(name))", help: "leave it out")
  }
}

private func conditionalFields(_ description: NetworkDescription) -> [ConditionalField] {
  var fields: [ConditionalField?] = []
  if let inputs = description.inputs, let kind: InputKind = inputs.kind?.choice() {
    fields.append(.init("range", inputs.range?.location, of: inputs.location, neededBy: kind == .analog, kind.rawValue))
    if kind == .spikes, let hold = inputs.holdSteps {
      fields.append(.init("hold_steps", hold.location, of: inputs.location, neededBy: false, kind.rawValue))
    }
  }
  for population in description.populationList {
    guard let model: Model = population.model?.choice() else { continue }
    let present = [
      ("beta", population.adaptationStrength?.location), ("tau_a_ms", population.adaptationTimeConstant?.location),
    ]
    for (name, field) in present {
      fields.append(
        .init(name, field, of: population.location, neededBy: model == .adaptiveLIF, model.rawValue))
    }
    if model != .leakyTanh, let reset: SpikingNetwork.Population.Reset = population.reset?.choice() {
      let field = population.resetPotential?.location
      fields.append(
        .init("reset_potential", field, of: population.location, neededBy: reset == .value, reset.rawValue))
    }
    fields += rateFields(population, model)
  }
  fields += fieldsOfSpikes(description)
  return (fields + feedbackFields(description) + optimiserFields(description)).compactMap { $0 }
}

/// What only rate units have, and what they have not.
private func rateFields(_ population: NetworkDescription.Population, _ model: Model) -> [ConditionalField?] {
  let isRate = model == .leakyTanh
  var own = [("alpha", population.alpha?.location), ("plastic_bias", population.biasIsPlastic?.location)]
  if isRate { own.append(("bias", population.bias?.location)) }
  let others = [
    ("tau_m_ms", population.timeConstant?.location), ("threshold", population.threshold?.location),
    ("reset", population.reset?.location), ("refractory_ms", population.refractory?.location),
    ("tau_syn_ms", population.synapticTimeConstant?.location),
    ("reset_potential", population.resetPotential?.location),
  ]
  return own.map { .init($0.0, $0.1, of: population.location, neededBy: isRate, model.rawValue) }
    + others.filter { isRate && $0.1 != nil }.map {
      .init($0.0, $0.1, of: population.location, neededBy: false, model.rawValue)
    }
}

/// What a network of rate units has not. That others have it is the reader's matter.
private func fieldsOfSpikes(_ description: NetworkDescription) -> [ConditionalField?] {
  guard description.describesRates else { return [] }
  let present = [
    ("time_step_ms", description.timeStep?.location), ("convention", description.convention?.location),
    ("tau_out_ms", description.readout?.timeConstant?.location), ("surrogate", description.surrogate?.location),
    ("rate_regularisation", description.rateRegularisation?.location),
    ("hold_steps", description.inputs?.holdSteps?.location),
  ]
  return present.map { .init($0.0, $0.1, of: description.location, neededBy: false, NetworkDescription.rateModel) }
}

private func feedbackFields(_ description: NetworkDescription) -> [ConditionalField?] {
  guard let feedback = description.feedback, let kind: FeedbackKind = feedback.kind?.choice() else { return [] }
  let isRandom = kind == .random
  var fields: [ConditionalField?] = [
    .init("seed", feedback.seed?.location, of: feedback.location, neededBy: isRandom, kind.rawValue),
    .init(
      "standard_deviation", feedback.standardDeviation?.location, of: feedback.location, neededBy: isRandom,
      kind.rawValue),
    .init("matrix", feedback.matrix?.location, of: feedback.location, neededBy: kind == .given, kind.rawValue),
  ]
  if kind != .given, let origin = feedback.origin {
    fields.append(.init("origin", origin.location, of: feedback.location, neededBy: false, kind.rawValue))
  }
  return fields
}

private func optimiserFields(_ description: NetworkDescription) -> [ConditionalField?] {
  guard let optimiser = description.optimiser else { return [] }
  var fields: [ConditionalField?] = []
  let preset = optimiser.preset?.choice(SpikingNetwork.Optimiser.Preset.self)
  if let kind = optimiser.kind.map({ $0.choice(OptimiserKind.self) }) ?? preset.map({ _ in .factored }) {
    let needed: Set<String> =
      switch kind {
      case .sgd: []
      case .momentum: ["momentum"]
      case .adam: ["beta1", "beta2", "epsilon"]
      case .factored, .postsynaptic: ["clip"]
      }
    for name in ["momentum", "beta1", "beta2", "epsilon", "clip"] {
      let field = optimiser.parameters[name]?.location
      if field == nil, name == "clip", kind == .factored, preset != nil { continue }
      fields.append(.init(name, field, of: optimiser.location, neededBy: needed.contains(name), kind.rawValue))
    }
  }
  if let schedule = optimiser.schedule, let kind: ScheduleKind = schedule.kind?.choice() {
    let name = kind.rawValue
    let isLinear = kind == .linearToZero || kind == .linearToFloor
    fields += [
      .init("trials", schedule.trials?.location, of: schedule.location, neededBy: isLinear, name),
      .init("floor", schedule.floor?.location, of: schedule.location, neededBy: kind == .linearToFloor, name),
      .init("factor", schedule.factor?.location, of: schedule.location, neededBy: kind == .stepwise, name),
      .init("every", schedule.every?.location, of: schedule.location, neededBy: kind == .stepwise, name),
    ]
  }
  return fields
}

/// "a, b or c".
private func list(_ words: [String], _ conjunction: String) -> String {
  guard words.count > 1, let last = words.last else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
}
