import Foundation

extension FixedPlan {
  func describeMemory(_ layout: inout PlanTextLayout) {
    let memory = memory
    layout.section("RAM: the struct, \(memory.structBytes) bytes on every machine")
    var rows = memory.ram.map(row)
    if memory.padding > 0 {
      rows.append(["padding", "uint8[\(memory.padding)]", "\(memory.padding)", "", "", "to a multiple of 8"])
    }
    layout.table(Self.headings, numbers: [2], rows)

    layout.section("Flash: tables, \(memory.flashBytes) bytes")
    layout.table(Self.headings, numbers: [2], memory.flash.map(row))

    layout.section("Bytes by purpose")
    layout.table(
      ["purpose", "RAM", "flash", ""], numbers: [1, 2],
      Memory.Purpose.allCases.filter { $0 != .index || uses(.index) }.map { purpose in
        func sum(_ fields: [Memory.Field]) -> String {
          String(fields.filter { $0.purpose == purpose }.reduce(0) { $0 + $1.bytes })
        }
        return [purpose.rawValue, sum(memory.ram), sum(memory.flash), ""]
      })
    describeSynapses(SynapseBytes(self, memory), &layout)
  }

  private func uses(_ purpose: Memory.Purpose) -> Bool {
    (memory.ram + memory.flash).contains { $0.purpose == purpose }
  }

  private static let headings = ["name", "type", "bytes", "purpose", "per", ""]

  private func row(_ field: Memory.Field) -> [String] {
    let type = "\(field.isSigned ? "" : "u")int\(field.bits)\(field.count == 0 ? "" : "[\(field.count)]")"
    return [field.name, type, "\(field.bytes)", field.purpose.rawValue, field.unit.rawValue, field.remark]
  }

  private func describeSynapses(_ bytes: SynapseBytes, _ layout: inout PlanTextLayout) {
    layout.section("Bytes per synapse")
    if let total = bytes.perPlastic {
      let parts = SynapseBytes.purposes.compactMap { purpose in
        bytes.perPlastic(purpose).map { "\(purpose.rawValue) \(String(format: "%.2f", $0))" }
      }
      layout.line(
        "plastic",
        "\(String(format: "%.2f", total)) of RAM (\(parts.joined(separator: ", "))), "
          + PlanFigure.count(bytes.plasticCount, "synapse"))
    }
    if let index = bytes.indexPerPlastic, index > 0 {
      layout.line("index of plastic", "\(String(format: "%.2f", index)) of flash: which of them exist")
    }
    if let flash = bytes.perFrozen {
      layout.line(
        "frozen", "\(String(format: "%.2f", flash)) of flash, \(PlanFigure.count(bytes.frozenCount, "synapse"))")
    }
  }

  func describeBounds(_ layout: inout PlanTextLayout) {
    layout.section("Proven bounds")
    layout.table(
      ["quantity", "largest", "limit", "margin", "because"], numbers: [1, 2, 3],
      bounds.map { bound in
        [bound.quantity, "\(bound.largest)", PlanFigure.limit(bound.limit), bound.marginText, bound.reason]
      })
  }
}

extension Bound {
  /// How many times the largest value could still be doubled; nil where it is 0.
  public var marginBits: Double? { largest > 0 ? log2(Double(limit) / Double(largest)) : nil }

  var marginText: String { marginBits.map { String(format: "%.1f bits", $0) } ?? "" }
}
