import CSyntax
import Planning

/// Packed weights are learnt as bytes: the tile's part of a row is unpacked, learnt like any other, and packed again.
extension Emitter {
  private var packedRows: [ProjectionPlan] { rows.filter(\.isPacked) }
  private var packedBits: [Int] { Set(packedRows.map(\.weightBits)).sorted() }
  /// Whether a test says which rows are packed.
  private var mixesPacking: Bool { packedRows.count < rows.count }
  private var isPackedTest: String { "\(member("bits", "uint8_t")) < 8U" }

  /// The weights of `bits` bits in a function that several projections share.
  func rowPointer(_ bits: Int) -> String { mixesWidths ? "w\(bits)" : "w" }

  /// The declarations of the weights of a projection whose rows are learnt.
  var weightDeclarations: [String] {
    var lines: [String] = []
    if rows.contains(where: { $0.weightBits == 8 }) { lines.append("int8_t *\(rowPointer(8)) = \(array("w"));") }
    if hasWideRows { lines.append("int16_t *\(rowPointer(16)) = \(array("w"));") }
    guard !packedRows.isEmpty else { return lines }
    lines.append("uint8_t *bytes = \(array("w"));")
    let targets = member("targets", "uint16_t")
    func width(_ bits: Int) -> String { bits == 4 ? "(\(targets) + 1U) / 2U" : "(\(targets) + 3U) / 4U * 3U" }
    let row =
      packedBits.count == 1
      ? width(packedBits[0]) : "\(member("bits", "uint8_t")) == 4U ? \(width(4)) : \(width(6))"
    lines.append("const uint32_t row_bytes = \(row);")
    return lines
  }

  /// The weights of a row that are learnt as bytes.
  var narrowRow: String {
    guard !packedRows.isEmpty else { return "\(rowPointer(8)) + s" }
    guard rows.contains(where: { $0.weightBits == 8 }) else { return "net->unpacked" }
    return "\(isPackedTest) ? net->unpacked : \(rowPointer(8)) + s"
  }

  /// The lines that call `verb`_row for the tile's part of row i, where that is packed.
  func unpackedRow(_ verb: String) -> String {
    guard !packedRows.isEmpty else { return "" }
    let bits = packedBits.count == 1 ? "\(packedBits[0])" : ""
    func call(_ bits: String) -> String { "\(verb)_row\(bits)(net, bytes + i * row_bytes, j0, lanes);" }
    let calls =
      packedBits.count == 1
      ? call(bits)
      : """
      if (\(member("bits", "uint8_t")) == 4U) {
          \(call("4"))
      } else {
          \(call("6"))
      }
      """
    return mixesPacking ? "if (\(isPackedTest)) {\n\(indented(calls, by: 4))\n}" : calls
  }

  mutating func emitPackedRows() {
    for bits in packedBits {
      text.function(
        "Brings the weights of a row of \(bits) bits each onto the tile at j0 into net->unpacked.",
        "static EPROP_APART void unpack_row\(bits)(\(net) *net, const uint8_t *row, uint16_t j0, uint16_t lanes)",
        """
        for (uint16_t lane = 0; lane < lanes; lane++) {
            net->unpacked[lane] = (int8_t)weight\(bits)(row, (uint32_t)j0 + lane);
        }
        """)
      text.function(
        "Brings them back, clamped to their range.",
        "static EPROP_APART void pack_row\(bits)(const \(net) *net, uint8_t *row, uint16_t j0, uint16_t lanes)",
        """
        for (uint16_t lane = 0; lane < lanes; lane++) {
            set_weight\(bits)(row, (uint32_t)j0 + lane, net->unpacked[lane]);
        }
        """)
    }
  }
}
