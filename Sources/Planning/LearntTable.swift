/// The constant table that says of each projection that learns where its arrays are and what its numbers are.
public struct LearntTable: Sendable, Hashable {
  /// What a row of the table says.
  public enum Column: String, Sendable, Hashable {
    case salt, unit, limit, multiplier, epsilon
    /// Offsets into the network's struct.
    case w
    case row, col
    case rowSum = "row_sum"
    case rowFactor = "row_factor"
    case rowShift = "row_shift"
    case ratio, square, exponent
    case sum
    case sources, targets, first, rates
    case fromInputs = "from_inputs"
    case skipsDiagonal = "skips_diagonal"
    case immediate
    case bits
    case targetBits = "target_bits"
    case driven
    case rowLift = "row_lift"
    case colLift = "col_lift"
    case strideMask = "stride_mask"
    case lift, drop

    public var isOffset: Bool {
      [.w, .row, .col, .rowSum, .rowFactor, .rowShift, .ratio, .square, .exponent, .sum].contains(self)
    }
    public var isSigned: Bool { [.rowLift, .colLift].contains(self) }
  }

  /// In the order of their declaration: falling alignment.
  public var columns: [Column]
  /// Width of an offset.
  public var offsetBits: Int
  /// Projections that learn.
  public var rows: Int

  init(_ plan: FixedPlan, structBytes: Int) {
    let plastic = plan.projections.filter(\.isPlastic)
    let ofTrial = !plan.isCarried
    rows = plastic.count
    offsetBits = structBytes > 65535 ? 32 : 16
    columns = [.salt]
    if plan.isFactored { columns.append(.unit) }
    if plan.learnsByAdam {
      columns += [.unit, .epsilon]
    } else if plan.hasCommonRates {
      columns.append(plan.isFactored ? .limit : .multiplier)
    }
    columns.append(.w)
    if plan.hasRows {
      columns += [.row, .col, .rowSum, .rowFactor, .rowShift]
    } else if plan.isFactored {
      columns.append(.col)
    }
    if plan.learnsByAdam { columns += [.ratio, .square, .exponent] }
    if plan.accumulates { columns.append(.sum) }
    columns += [.sources, .targets]
    if plan.hasSparseMoments { columns.append(.driven) }
    if ofTrial { columns.append(.first) }
    if !plan.hasCommonRates { columns.append(.rates) }
    if ofTrial && plastic.contains(where: { $0.source == .inputs }) { columns.append(.fromInputs) }
    if ofTrial && plastic.contains(where: \.skipsDiagonal) { columns.append(.skipsDiagonal) }
    if ofTrial && plastic.contains(where: \.isImmediate) { columns.append(.immediate) }
    if Set(plastic.map(\.weightBits)).count > 1 { columns.append(.bits) }
    if plan.isFactored {
      columns += plan.hasRows ? [.targetBits, .rowLift, .colLift] : [.targetBits, .colLift]
      if plastic.contains(where: { $0.momentStride > 1 }) { columns.append(.strideMask) }
    } else if !plan.learnsByAdam {
      columns += [.lift, .drop]
    }
  }

  /// Width of a column.
  public func bits(_ column: Column) -> Int {
    switch column {
    case .salt, .unit, .limit, .multiplier, .epsilon: 32
    case .sources, .targets, .driven, .first, .rates: 16
    default: column.isOffset ? offsetBits : 8
    }
  }

  /// Bytes at the end of a row that make it a multiple of 4 on every ABI.
  public var padding: Int { (4 - columns.reduce(0) { $0 + bits($1) / 8 } % 4) % 4 }
  /// Bytes of the table.
  public var bytes: Int { rows * (columns.reduce(0) { $0 + bits($1) / 8 } + padding) }
}
