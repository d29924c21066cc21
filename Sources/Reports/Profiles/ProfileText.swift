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
    let purposes = SynapseBytes.purposes
    var table = Table(
      [.text("bytes per"), .number("number"), .number("total")] + purposes.map { .number($0.rawValue) } + [.text("")])
    func bytes(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "" }
    if let total = synapses.perPlastic {
      table.add(
        ["plastic synapse", "\(synapses.plasticCount)", bytes(total)] + purposes.map { bytes(synapses.perPlastic($0)) }
          + ["RAM"])
    }
    if let total = synapses.perFrozen {
      table.add(
        ["frozen synapse", "\(synapses.frozenCount)", bytes(total), bytes(total)]
          + Array(repeating: "", count: purposes.count - 1) + ["flash"])
    }
    for (name, count, part) in profile.units {
      let total = part.values.reduce(0, +)
      guard total > 0 else { continue }
      func each(_ bytes: Int) -> String { self.each(bytes, count) }
      table.add([name, "\(count)", each(total)] + purposes.map { each(part[$0] ?? 0) } + ["RAM"])
    }
    return table.text
  }

  private static func each(_ bytes: Int, _ count: Int) -> String {
    String(format: "%.2f", Double(bytes) / Double(count))
  }

  private static func memory(_ profile: Profile) -> String {
    var ram = Table([.text("RAM"), .number("bytes"), .text("")])
    for share in Profile.Share.allCases { ram.add([share.rawValue, "\(profile.ram(share))", share.summary]) }
    ram.add(["struct", "\(profile.memory.structBytes)"])
    var flash = Table([.text("flash"), .number("bytes"), .text("")])
    if profile.synapses.plasticFlash > 0 {
      flash.add(["initial weights", "\(profile.synapses.plasticFlash)", "of the synapses that learn"])
    }
    if profile.synapses.frozenFlash > 0 { flash.add(["frozen weights", "\(profile.synapses.frozenFlash)"]) }
    flash.add(["other tables", "\(profile.otherTables)"])
    flash.add(["tables", "\(profile.memory.flashBytes)"])
    return ram.text + "\n\n" + flash.text
  }

  /// What compilers made of it, a row for each target.
  public static func text(_ targets: [TargetProfile], of profile: Profile) -> String {
    var table = Table([
      .text("target"), .number("struct"), .number("tables"), .number("code"), .number("helpers"), .number("flash"),
      .number("RAM"), .number("stack"), .text("plan and object"),
    ])
    for target in targets {
      let differences = target.differences(from: profile.memory)
      table.add([
        target.target, "\(target.structBytes)", "\(target.constantBytes)", "\(target.codeBytes)",
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
      "bytes; helpers: functions of the compiler's library that the code needs, such as a 64-bit division",
      "stack: the deepest chain of calls; after ≥ the largest single function, where the compiler reports no calls",
    ]
    let inRAM = targets.filter { $0.image.map { $0.tableBytesInRAM > 0 } ?? false }.map(\.target)
    if !inRAM.isEmpty { lines.append("tables are kept in RAM, too: \(inRAM.joined(separator: ", "))") }
    for target in targets {
      if !target.unknownCallees.isEmpty {
        lines.append("\(target.target): not in the stack: \(target.unknownCallees.joined(separator: ", "))")
      }
      lines.append("\(target.target): \(target.compiler), \(target.optimisation)")
    }
    return lines.joined(separator: "\n")
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
