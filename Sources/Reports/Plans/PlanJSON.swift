public import Diagnostics
public import Planning

extension FixedPlan {
  /// The document of `plan --json`, as `Format.md` describes it.
  public var json: JSONText {
    let memory = memory
    return .object([
      .init("format", .string("epropc-plan")), .init("version", .integer(1)), .init("name", .string(name)),
      .init("hash", .string(hashText)), .init("maximum_steps", .integer(maximumSteps)),
      .init("block_steps", .integer(learning?.blockSteps ?? 0)), .init("stream", .bool(isStream)),
      .init("window_steps", .integer(learning?.windowSteps ?? 0)),
      .init("surrogate_bits", .integer(learning?.surrogateBits ?? 0)), .init("learns", .bool(learning != nil)),
      .init("inputs", .integer(inputs.count)), .init("neurons", .integer(neuronCount)),
      .init("outputs", .integer(readout.count)), .init("projections", .array(projections.map(entry))),
      .init("ram", .array(memory.ram.map(entry))), .init("flash", .array(memory.flash.map(entry))),
      .init("struct_bytes", .integer(memory.structBytes)), .init("table_bytes", .integer(memory.flashBytes)),
      .init("bounds", .array(bounds.map(entry))), .init("notes", .array(notes.map { .string($0) })),
    ])
  }

  private func entry(_ projection: ProjectionPlan) -> JSONText {
    .object([
      .init("name", .string(projection.name)), .init("pre", .integer(projection.preCount)),
      .init("post", .integer(projection.postCount)), .init("synapses", .integer(synapseCount(projection))),
      .init("plastic", .bool(projection.isPlastic)), .init("immediate", .bool(projection.isImmediate)),
      .init("weight_bits", .integer(projection.weightBits)),
      .init("storage", .string(projection.isCompressed ? "columns" : "matrix")),
      .init("shift", .integer(projection.shift)), .init("weight_lsb", .array(projection.lsb.map { .number($0) })),
      .init("gradient_lsb", .number(projection.gradientLSB)),
    ])
  }

  private func entry(_ field: Memory.Field) -> JSONText {
    .object([
      .init("name", .string(field.name)), .init("type", .string("\(field.isSigned ? "" : "u")int\(field.bits)")),
      .init("count", .integer(max(1, field.count))), .init("bytes", .integer(field.bytes)),
      .init("purpose", .string(field.purpose.rawValue)), .init("per", .string(field.unit.rawValue)),
    ])
  }

  private func entry(_ bound: Bound) -> JSONText {
    .object([
      .init("quantity", .string(bound.quantity)), .init("largest", .integer(Int(bound.largest))),
      .init("limit", .integer(Int(bound.limit))), .init("because", .string(bound.reason)),
    ])
  }
}
