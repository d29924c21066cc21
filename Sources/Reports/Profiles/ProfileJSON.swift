public import Diagnostics
import Planning
public import Profiling
import Toolchains

/// Profiles as a document.
public enum ProfileJSON {
  /// The document of `profile --json`, as `Format.md` describes it.
  public static func document(
    _ profile: Profile, _ targets: [TargetProfile], _ executions: [ExecutionText.Row] = []
  ) -> JSONText {
    var members: [JSONText.Member] = [
      .init("format", .string("epropc-profile")), .init("version", .integer(1)), .init("name", .string(profile.name)),
      .init("hash", .string(profile.hash)), .init("learns", .bool(profile.learns)),
      .init("inputs", .integer(profile.inputCount)), .init("neurons", .integer(profile.neuronCount)),
      .init("outputs", .integer(profile.outputCount)),
      .init("plastic_synapses", .integer(profile.synapses.plasticCount)),
      .init("frozen_synapses", .integer(profile.synapses.frozenCount)),
    ]
    if let bytes = perPlasticSynapse(profile.synapses) { members.append(.init("bytes_per_plastic_synapse", bytes)) }
    if let flash = profile.synapses.perFrozen {
      members.append(.init("bytes_per_frozen_synapse", .object([.init("flash", .number(flash))])))
    }
    for (name, count, bytes) in profile.units { members.append(.init("bytes_per_\(name)", each(bytes, count))) }
    let shares = Profile.Share.allCases.map { JSONText.Member($0.rawValue, .integer(profile.ram($0))) }
    members.append(.init("ram", .object(shares + [.init("total", .integer(profile.memory.structBytes))])))
    members.append(.init("flash", flash(profile)))
    members.append(
      .init(
        "targets",
        .array(
          targets.map { one in
            target(one, of: profile, executions.first { $0.target.name == one.target })
          })))
    return .object(members)
  }

  private static func perPlasticSynapse(_ bytes: SynapseBytes) -> JSONText? {
    guard let total = bytes.perPlastic else { return nil }
    let parts = SynapseBytes.purposes.map { JSONText.Member($0.rawValue, .number(bytes.perPlastic($0) ?? 0)) }
    return .object([.init("total", .number(total))] + parts)
  }

  private static func each(_ bytes: [Memory.Purpose: Int], _ count: Int) -> JSONText {
    func share(_ bytes: Int) -> JSONText { .number(count == 0 ? 0 : Double(bytes) / Double(count)) }
    let parts = Memory.Purpose.allCases.compactMap { purpose in
      bytes[purpose].map { JSONText.Member(purpose.rawValue, share($0)) }
    }
    return .object([.init("total", share(bytes.values.reduce(0, +)))] + parts)
  }

  private static func flash(_ profile: Profile) -> JSONText {
    .object([
      .init("indices", .integer(profile.synapses.plasticIndex)),
      .init("initial_weights", .integer(profile.synapses.plasticFlash)),
      .init("frozen_weights", .integer(profile.synapses.frozenFlash)),
      .init("other_tables", .integer(profile.otherTables)), .init("total", .integer(profile.memory.flashBytes)),
    ])
  }

  private static func target(
    _ target: TargetProfile, of profile: Profile, _ execution: ExecutionText.Row?
  ) -> JSONText {
    let differences = target.differences(from: profile.memory)
    var members: [JSONText.Member] = [
      .init("name", .string(target.target)), .init("core", .string(target.core)),
      .init("compiler", .string(target.compiler)), .init("optimisation", .string(target.optimisation)),
      .init("kernels", .string(target.kernels.rawValue)),
      .init("plan_matches", .bool(differences.isEmpty)),
      .init("differences", .array(differences.map { .string($0.message) })),
      .init("struct_bytes", .integer(target.structBytes)),
      .init("table_bytes", .integer(target.tables.values.reduce(0, +))),
      .init("constant_bytes", .integer(target.constantBytes)),
      .init("code_bytes", .integer(target.codeBytes)),
    ]
    if let image = target.image {
      members.append(.init("helper_bytes", .integer(image.helperBytes)))
      members.append(.init("constant_bytes_in_ram", .integer(image.constantBytesInRAM)))
    }
    if let failure = target.linkFailure { members.append(.init("link_failure", .string(failure))) }
    members.append(.init("flash_bytes", .integer(target.flashBytes)))
    members.append(.init("ram_bytes", .integer(target.ramBytes)))
    members.append(.init("stack", stack(target)))
    if let execution { members.append(.init("execution", ExecutionJSON.document(execution))) }
    members.append(.init("functions", .array(target.functions.map(function))))
    return .object(members)
  }

  private static func stack(_ target: TargetProfile) -> JSONText {
    var members: [JSONText.Member] = []
    if let deepest = target.deepestStack { members.append(.init("deepest_bytes", .integer(deepest))) }
    if let frame = target.largestFrame { members.append(.init("largest_function_bytes", .integer(frame))) }
    members.append(.init("unknown_callees", .array(target.unknownCallees.map { .string($0) })))
    return .object(members)
  }

  private static func function(_ function: TargetProfile.Function) -> JSONText {
    var members: [JSONText.Member] = [
      .init("name", .string(function.name)), .init("public", .bool(function.isPublic)),
      .init("code_bytes", .integer(function.bytes)),
    ]
    if let stack = function.stack { members.append(.init("stack_bytes", .integer(stack))) }
    if let deepest = function.deepestStack { members.append(.init("deepest_stack_bytes", .integer(deepest))) }
    return .object(members)
  }
}
