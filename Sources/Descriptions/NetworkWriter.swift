public import Diagnostics

extension NetworkDescription {
  /// The document, its fields in the order of Format.md; what is nil is left out.
  public var json: JSONText {
    document([
      ("format", .string(Self.format)),
      ("version", .integer(Self.version)),
      ("name", name.text),
      ("time_step_ms", timeStep.text),
      ("convention", convention?.json),
      ("inputs", inputs?.json),
      ("populations", (populations?.value).map { .array($0.map(\.json)) }),
      ("projections", (projections?.value).map { .array($0.map(\.json)) }),
      ("readout", readout?.json),
      ("loss", loss.text),
      ("feedback", feedback?.json),
      ("surrogate", surrogate?.json),
      ("rate_regularisation", rateRegularisation?.json),
      ("optimiser", optimiser?.json),
      ("maximum_steps", maximumSteps.text),
      ("weights_file", weightsFile.text),
    ])
  }
}

private func document(_ members: [(String, JSONText?)]) -> JSONText {
  .object(members.compactMap { name, value in value.map { JSONText.Member(name, $0) } })
}

extension Located<String>? {
  fileprivate var text: JSONText? { self.map { .string($0.value) } }
}

extension Located<Double>? {
  fileprivate var text: JSONText? { self.map { .number($0.value) } }
}

extension Located<Int>? {
  fileprivate var text: JSONText? { self.map { .integer($0.value) } }
}

extension Located<Bool>? {
  fileprivate var text: JSONText? { self.map { .bool($0.value) } }
}

extension Located<NetworkDescription.Array>? {
  fileprivate var text: JSONText? {
    self.map { $0.value.json }
  }
}

extension NetworkDescription.Array {
  fileprivate var json: JSONText {
    switch self {
    case .tensor(let name): .string(name)
    case .inline(let numbers): numbers.json
    }
  }
}

extension Located<NetworkDescription.Values>? {
  fileprivate var text: JSONText? {
    self.map {
      switch $0.value {
      case .common(let value): .number(value)
      case .each(let array): array.json
      }
    }
  }
}

extension NetworkDescription.Numbers {
  fileprivate var json: JSONText {
    guard shape.count == 2 else { return .array(values.map { .number($0) }) }
    let width = shape[1]
    return .array((0..<shape[0]).map { row in .array(values[(row * width)..<((row + 1) * width)].map { .number($0) }) })
  }
}

extension NetworkDescription.Convention {
  fileprivate var json: JSONText {
    if choices.isEmpty, let preset { return .string(preset.value) }
    return document([("preset", preset.text)] + Self.fields.map { ($0, choices[$0].text) })
  }
}

extension NetworkDescription.Inputs {
  fileprivate var json: JSONText {
    document([
      ("count", count.text), ("kind", kind.text), ("range", range?.value.json), ("hold_steps", holdSteps.text),
    ])
  }
}

extension NetworkDescription.Population {
  fileprivate var json: JSONText {
    document([
      ("name", name.text), ("count", count.text), ("model", model.text), ("tau_m_ms", timeConstant.text),
      ("tau_syn_ms", synapticTimeConstant.text), ("threshold", threshold.text), ("reset", reset.text),
      ("reset_potential", resetPotential.text), ("refractory_ms", refractory.text),
      ("beta", adaptationStrength.text), ("tau_a_ms", adaptationTimeConstant.text), ("alpha", alpha.text),
      ("bias", bias.text), ("plastic_bias", biasIsPlastic.text),
    ])
  }
}

extension NetworkDescription.Projection {
  fileprivate var json: JSONText {
    document([
      ("name", name.text), ("from", from.text), ("to", to.text), ("weights", weights.text),
      ("mask", mask.text), ("synapses", synapses?.json), ("plastic", isPlastic.text), ("autapses", autapses.text),
      ("delay_steps", delaySteps.text),
    ])
  }
}

extension NetworkDescription.Synapses {
  fileprivate var json: JSONText {
    document([("post", post.text), ("pre", pre.text), ("weights", weights.text)])
  }
}

extension NetworkDescription.Readout {
  fileprivate var json: JSONText {
    document([
      ("name", name.text), ("count", count.text), ("tau_out_ms", timeConstant.text), ("bias", bias.text),
      ("plastic_bias", biasIsPlastic.text),
    ])
  }
}

extension NetworkDescription.Feedback {
  fileprivate var json: JSONText {
    document([
      ("kind", kind.text), ("seed", seed.text), ("standard_deviation", standardDeviation.text),
      ("matrix", matrix.text), ("origin", origin.text),
    ])
  }
}

extension NetworkDescription.Surrogate {
  fileprivate var json: JSONText {
    document([("kind", kind.text), ("dampening", dampening.text), ("width", width.text)])
  }
}

extension NetworkDescription.RateRegularisation {
  fileprivate var json: JSONText { document([("coefficient", coefficient.text), ("target_hz", target.text)]) }
}

extension NetworkDescription.Optimiser {
  fileprivate var json: JSONText {
    document(
      [("preset", preset.text), ("kind", kind.text), ("learning_rate", learningRate.text)]
        + Self.parameterNames.map { ($0, parameters[$0].text) } + [("schedule", schedule?.json)])
  }
}

extension NetworkDescription.Schedule {
  fileprivate var json: JSONText {
    document([
      ("kind", kind.text), ("trials", trials.text), ("floor", floor.text), ("factor", factor.text),
      ("every", every.text),
    ])
  }
}
