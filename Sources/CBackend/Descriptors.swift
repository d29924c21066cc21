import CSyntax
import Planning

/// A table that says of each projection that learns where its arrays are and what its numbers are, so that all of them share
/// their code.
extension Emitter {
  /// Those that learn, in the order of the table.
  var plastic: [ProjectionPlan] { plan.projections.filter(\.isPlastic) }

  /// Type of an offset into the struct.
  var place: String { memory.structBytes > 65535 ? "uint32_t" : "uint16_t" }

  var hasWideWeights: Bool { plastic.contains { $0.weightBits == 16 } }
  var hasNarrowWeights: Bool { plastic.contains { $0.weightBits <= 8 } }
  /// Those whose weights stand as a matrix, row by row, and those that stand as compressed columns.
  var rows: [ProjectionPlan] { plastic.filter { !$0.isCompressed } }
  var columns: [ProjectionPlan] { plastic.filter(\.isCompressed) }
  var learnsRows: Bool { !rows.isEmpty }
  var learnsColumns: Bool { !columns.isEmpty }
  var hasWideRows: Bool { rows.contains { $0.weightBits == 16 } }
  var hasNarrowRows: Bool { rows.contains { $0.weightBits <= 8 } }
  /// Whether there are two functions that learn rows of weights.
  var mixesWidths: Bool { hasWideRows && hasNarrowRows }
  var skipsDiagonals: Bool { plastic.contains(where: \.skipsDiagonal) }

  /// The type of a sum of squares.
  var square: String { "uint\(plan.squareBits)_t" }

  /// The value of a projection in a column of the table.
  private func value(_ column: LearntTable.Column, _ projection: ProjectionPlan) -> String {
    let n = projection.name
    switch column {
    case .salt: return "UINT32_C(\(projection.roundingSalt))"
    case .unit, .multiplier: return "UINT32_C(\(rate(projection).0))"
    case .epsilon: return "UINT32_C(\(projection.step?.adam?.epsilon ?? 0))"
    case .limit: return "UINT32_C(\(rate(projection).1))"
    case .w, .row, .col, .rowSum, .rowFactor, .rowShift, .ratio, .square, .exponent, .sum:
      return "AT(\(column.rawValue)_\(n))"
    case .sources: return count(projection.preCount)
    case .targets: return count(projection.postCount)
    case .first:
      guard case .population(let source) = projection.source else { return "0U" }
      return "\(plan.populations[source].first + (plan.scattersGradients ? plan.scatteredInputs : 0))U"
    case .rates: return "\(plastic.prefix { $0.name != n }.reduce(0) { $0 + $1.postCount })U"
    case .fromInputs: return projection.source == .inputs ? "1U" : "0U"
    case .skipsDiagonal: return projection.skipsDiagonal ? "1U" : "0U"
    case .immediate: return projection.isImmediate ? "1U" : "0U"
    case .bits: return "\(projection.weightBits)U"
    case .targetBits: return "\(Emitter.ceilingLog2(projection.postCount))U"
    case .driven:
      return projection.sparsity.map { count($0.drivenTargets(postCount: projection.postCount)) } ?? "0U"
    case .rowLift: return "\(lift(projection, over: projection.postCount))"
    case .colLift: return "\(lift(projection, over: projection.preCount))"
    case .strideMask: return "\(projection.momentStride - 1)U"
    case .lift: return "\(max(0, 32 - exponent(projection)))U"
    case .drop: return "\(max(0, exponent(projection) - 32))U"
    }
  }

  private func remark(_ column: LearntTable.Column) -> String {
    switch column {
    case .salt: "of the rounding thresholds"
    case .unit: plan.learnsByAdam ? "learning rate, in 2^-16 LSB" : "step at g = rms, in 2^-16 LSB"
    case .epsilon: "in 2^-8 of a unit of gradients"
    case .limit: "largest step"
    case .multiplier: "steps per gradient"
    case .w: "offsets in the struct: weights"
    case .row: "means of the rows"
    case .col: "means of the columns"
    case .rowSum: "squares of the rows"
    case .rowFactor: "presynaptic factors"
    case .rowShift: "and their exponents"
    case .ratio: "ratios of the moments"
    case .square: "second moments"
    case .exponent: "their exponents"
    case .sum: "gradients so far"
    case .sources: "rows"
    case .targets: "synapses of a row"
    case .first:
      plan.scattersGradients ? "the first source's place in sums" : "the first source's place among the sorted"
    case .rates: "the first target's place in the tables of rates"
    case .fromInputs: "1: the sources are the inputs"
    case .skipsDiagonal: "1: without autapses"
    case .immediate: "1: spikes arrive in their own step"
    case .bits: "of a weight"
    case .targetBits: "targets <= 2^target_bits"
    case .driven: "targets with a synapse; 0: every pair is one"
    case .rowLift: "a sum of squares of a row times 2^lift is a mean in Q\(Fixed.momentBits)"
    case .colLift: "the same for a column"
    case .strideMask: "squares are taken where i + j / 8 + updates has none of these bits"
    case .lift: "a step is the upper half of g 2^lift multiplier ..."
    case .drop: "... over 2^drop"
    }
  }

  /// Whether weights of the projection `p` have 16 bits, where there are both.
  var isWide: String { "\(member("bits", "uint8_t")) == 16U" }

  var hasMomentStride: Bool { plan.isFactored && plastic.contains { $0.momentStride > 1 } }

  static func ceilingLog2(_ n: Int) -> Int { n <= 1 ? 0 : Int.bitWidth - (n - 1).leadingZeroBitCount }

  private func lift(_ projection: ProjectionPlan, over n: Int) -> Int {
    Fixed.momentBits + projection.momentStride.trailingZeroBitCount - Emitter.ceilingLog2(n)
  }

  private func exponent(_ projection: ProjectionPlan) -> Int {
    if case .sgd(_, let exponent) = projection.step { exponent } else { 0 }
  }

  /// Unit and limit, or the multiplier; of several, the largest.
  func rate(_ projection: ProjectionPlan) -> (UInt32, UInt32) {
    switch projection.step {
    case .factored(let unit, let limit)?, .postsynaptic(let unit, let limit)?: (unit.max() ?? 0, limit.max() ?? 0)
    case .adam(let adam)?: (adam.unit.max() ?? 0, 0)
    case .sgd(let multiplier, _)?: (multiplier.max() ?? 0, 0)
    case nil: (0, 0)
    }
  }

  mutating func emitDescriptors() {
    guard let table = memory.learnt else { return }
    text.section("What learns")
    text.comment("A projection whose weights learn. Its arrays are given as offsets, so that the table is constant.")
    text.add("typedef struct {")
    for column in table.columns {
      let left = "    \(column.isSigned ? "" : "u")int\(table.bits(column))_t \(column.rawValue);"
      text.add(left + String(repeating: " ", count: max(1, 28 - left.count)) + "/* \(remark(column)) */")
    }
    if table.padding > 0 {
      text.add("    uint8_t padding[\(table.padding)]; /* cppcheck-suppress unusedStructMember */")
    }
    text.add("} projection;")
    text.add("\n#define AT(member) (\(place))offsetof(\(net), member)\n")
    text.add("static const projection learnt[\(table.rows)] EPROP_TABLE = {")
    for (number, projection) in plastic.enumerated() {
      var values = table.columns.map { value($0, projection) }
      if table.padding > 0 { values.append("{0}") }
      text.add("    /* \(projection.name) */\n    {")
      for line in Emitter.wrapped(values.joined(separator: ", "), width: CText.width - 8) {
        text.add("        \(line)")
      }
      text.add("    }\(number + 1 < plastic.count ? "," : "")")
    }
    text.add("};\n\n#undef AT")
    emitArrayAt()
  }

  mutating func emitArrayAt() {
    text.function(
      "The array of the struct at an offset.", "static void *array_at(\(net) *net, uint32_t offset)",
      """
      void *place = (unsigned char *)net + offset;

      /* gcc 12 else takes what one projection learns for overwritten by the next, and leaves it out */
      EPROP_UNKNOWN(place);
      return place;
      """)
  }

  /// Words of a text in lines of at most `width` columns.
  static func wrapped(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty && line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return lines + [line]
  }

  /// A member of the projection `p`.
  func member(_ name: String, _ type: String) -> String { element("p->\(name)", type) }
  /// A pointer to an array of the projection `p`.
  func array(_ name: String) -> String { "array_at(net, \(member(name, place)))" }
}
