import Foundation
import Planning
public import Profiling

/// Profiles as tables for people.
public enum ProfileText {
  /// What the plan costs.
  public static func text(_ profile: Profile) -> String {
    ["\(profile.name), plan \(profile.hash)", synapses(profile), memory(profile)].joined(separator: "\n\n")
  }

  private static func synapses(_ profile: Profile) -> String {
    let synapses = profile.synapses
    var table = Table(
      [.text("bytes per"), .number("how many"), .number("total")] + purposes.map { .number($0.rawValue) }
        + [.number("other")])
    func add(_ name: String, _ count: Int, _ bytes: [Memory.Purpose: Int]) {
      let total = bytes.values.reduce(0, +)
      guard total > 0, count > 0 else { return }
      func each(_ bytes: Int) -> String { bytes == 0 ? "0" : String(format: "%.2f", Double(bytes) / Double(count)) }
      let other = total - purposes.reduce(0) { $0 + (bytes[$1] ?? 0) }
      table.add([name, "\(count)", each(total)] + purposes.map { each(bytes[$0] ?? 0) } + [each(other)])
    }
    add("plastic synapse", synapses.plasticCount, synapses.plasticRAM)
    add("plastic synapse, flash index", synapses.plasticCount, [.index: synapses.plasticIndex])
    for unit in profile.units { add(unit.name, unit.count, unit.bytes) }
    add("frozen synapse, flash", synapses.frozenCount, [.weight: synapses.frozenFlash])
    return table.text + "\nRAM where nothing else is said; sources are inputs and neurons"
  }

  private static let purposes = SynapseBytes.purposes + [.scratch]

  private static func memory(_ profile: Profile) -> String {
    var ram = Table([.text("RAM"), .number("bytes"), .text("")])
    for share in Profile.Share.allCases { ram.add([share.rawValue, "\(profile.ram(share))", share.summary]) }
    ram.add(["struct", "\(profile.memory.structBytes)"])
    var flash = Table([.text("flash"), .number("bytes"), .text("")])
    if profile.synapses.plasticFlash > 0 {
      flash.add(["initial weights", "\(profile.synapses.plasticFlash)", "of the synapses that learn"])
    }
    if profile.synapses.frozenFlash > 0 { flash.add(["frozen weights", "\(profile.synapses.frozenFlash)"]) }
    if profile.synapses.plasticIndex > 0 {
      flash.add(["indices", "\(profile.synapses.plasticIndex)", "of the synapses that learn: which exist"])
    }
    flash.add(["other tables", "\(profile.otherTables)"])
    flash.add(["tables", "\(profile.memory.flashBytes)"])
    return ram.text + "\n\n" + flash.text
  }

  /// What compilers made of it, a row for each target.
  public static func text(_ targets: [TargetProfile], of profile: Profile) -> String {
    var table = Table([
      .text("target"), .number("struct"), .number("code"), .number("constants"), .number("helpers"), .number("flash"),
      .number("RAM"), .number("stack"), .text("plan and object"),
    ])
    for target in targets {
      let differences = target.differences(from: profile.memory)
      table.add([
        target.target, "\(target.structBytes)", "\(target.codeBytes)", "\(target.constantBytes)",
        target.image.map { "\($0.helperBytes)" } ?? "?", "\(target.flashBytes)", "\(target.ramBytes)", stack(target),
        differences.isEmpty ? "agree" : "DIFFER",
      ])
    }
    return table.text + "\n" + legend(targets)
  }

  private static func stack(_ target: TargetProfile) -> String {
    if let deepest = target.deepestStack { return "\(deepest)" }
    return target.largestFrame.map { "≥ \($0)" } ?? "?"
  }

  private static func legend(_ targets: [TargetProfile]) -> String {
    var lines = [
      "constants: the tables (but tiny ones become code) and those of the code itself",
      "helpers: functions of the compiler's library, such as a 64-bit division",
      "stack: the deepest chain of calls; after ≥ the largest function, where the compiler reports no calls",
    ]
    let inRAM = targets.filter { $0.image.map { $0.constantBytesInRAM > 0 } ?? false }.map(\.target)
    if !inRAM.isEmpty { lines.append("constants are in RAM, too: \(inRAM.joined(separator: ", "))") }
    lines += grouped(targets) { target in
      target.unknownCallees.isEmpty ? nil : "not in the stack: \(target.unknownCallees.joined(separator: ", "))"
    }
    lines += grouped(targets) {
      "\($0.compiler), \($0.optimisation)" + ($0.kernels == .portable ? "" : ", \($0.kernels.rawValue)")
    }
    return lines.joined(separator: "\n")
  }

  /// What is the same for several targets, said once.
  private static func grouped(_ targets: [TargetProfile], _ remark: (TargetProfile) -> String?) -> [String] {
    var order: [String] = []
    var names: [String: [String]] = [:]
    for target in targets {
      guard let text = remark(target) else { continue }
      if names[text] == nil { order.append(text) }
      names[text, default: []].append(target.target)
    }
    return order.map { "\(names[$0, default: []].joined(separator: ", ")): \($0)" }
  }

  /// The functions of a target.
  public static func functions(_ target: TargetProfile) -> String {
    var table = Table([
      .text("function"), .number("code"), .number("stack"), .number("with calls"), .text("in \(target.target)"),
    ])
    for function in target.functions {
      table.add([
        function.name, "\(function.bytes)", function.stack.map(String.init) ?? "",
        function.deepestStack.map(String.init) ?? "", function.isPublic ? "" : "internal",
      ])
    }
    return table.text
  }
}

extension Profile.Share {
  /// What the share is, in a few words.
  var summary: String {
    switch self {
    case .synapses: "all that grows with the synapses that learn"
    case .neurons: "what inference needs per neuron"
    case .readouts: "readouts and their bias"
    case .learning: "learning state of neurons, inputs and readouts"
    case .history: "events, errors and surrogate derivatives of a block"
    case .scratch: "overwritten by every update"
    case .control: "counters, flags and padding"
    }
  }
}

extension Profile {
  /// The learning and inference state of which there is one per neuron, source and readout.
  var units: [(name: String, count: Int, bytes: [Memory.Purpose: Int])] {
    [
      ("neuron", neuronCount, ram(per: .neuron)), ("source", inputCount + neuronCount, ram(per: .source)),
      ("readout", outputCount, ram(per: .readout)),
    ]
  }
}
