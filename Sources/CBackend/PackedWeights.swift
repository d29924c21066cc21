import CSyntax
import Planning

/// Weights narrower than a byte: two of 4 bits to a byte, four of 6 bits to three bytes, the first one lowest. The column
/// of a source begins with a byte of its own.
extension Emitter {
  /// Reads and writes of packed weights, as far as the network needs them.
  mutating func emitPackedWeights() {
    let packed = plan.projections.filter(\.isPacked)
    guard !packed.isEmpty else { return }
    text.section("Packed weights")
    for bits in Set(packed.map(\.weightBits)).sorted() {
      let own = packed.filter { $0.weightBits == bits }
      for isPlastic in [true, false] {
        guard let one = own.first(where: { $0.isPlastic == isPlastic }) else { continue }
        if readsSingly(own.filter { $0.isPlastic == isPlastic }) { emitRead(one) }
        if own.contains(where: { $0.isPlastic == isPlastic && addsColumns($0) }) { emitAddPacked(one) }
      }
      if own.contains(where: \.isPlastic) { emitWrite(bits) }
    }
  }

  /// Whether the columns of a projection are added whole: where spikes arrive at a population.
  func addsColumns(_ projection: ProjectionPlan) -> Bool {
    guard projection.isPacked, case .population = projection.target else { return false }
    return projection.source != .inputs || plan.inputs.kind == .spikes
  }

  private func readsSingly(_ projections: [ProjectionPlan]) -> Bool {
    projections.contains { projection in
      guard !(projection.isPlastic && plan.learning != nil), addsColumns(projection),
        case .population(let target) = projection.target
      else {
        return true
      }
      return projection.isImmediate || (replays && learnsInto(target))
    }
  }

  /// The name of the function that reads a weight.
  private func reader(_ projection: ProjectionPlan) -> String {
    "\(projection.isPlastic ? "" : "table_")weight\(projection.weightBits)"
  }

  func packedAdder(_ projection: ProjectionPlan) -> String {
    "add_\(projection.isPlastic ? "" : "table_")column\(projection.weightBits)"
  }

  private func byte(_ projection: ProjectionPlan, _ place: String) -> String {
    projection.isPlastic ? place : element(place, "uint8_t")
  }

  private mutating func emitRead(_ projection: ProjectionPlan) {
    let memory = projection.isPlastic ? "" : " of a table"
    if projection.weightBits == 4 {
      text.function(
        "Weight j of a column\(memory) of two weights of 4 bits to a byte. x ^ 8 is the weight + 8.",
        "static inline int32_t \(reader(projection))(const uint8_t *column, uint32_t j)",
        """
        uint32_t x = (uint32_t)\(byte(projection, "column[j >> 1]")) >> (4U * (j & 1U));
        return (int32_t)((x & 15U) ^ 8U) - 8;
        """)
    } else {
      text.function(
        "Weight j of a column\(memory) of four weights of 6 bits to three bytes: bits 6 j ... 6 j + 5, of one byte or of two. x ^ 32 is the "
          + "weight + 32.",
        "static inline int32_t \(reader(projection))(const uint8_t *column, uint32_t j)",
        """
        uint32_t bit = 6U * j;
        uint32_t x = (uint32_t)\(byte(projection, "column[bit >> 3]")) >> (bit & 7U);
        if ((bit & 7U) > 2U) {
            x |= (uint32_t)\(byte(projection, "column[(bit >> 3) + 1U]")) << (8U - (bit & 7U));
        }
        return (int32_t)((x & 63U) ^ 32U) - 32;
        """)
    }
  }

  private mutating func emitAddPacked(_ projection: ProjectionPlan) {
    let contract = "Adds a column of n packed weights\(projection.isPlastic ? "" : " of a table") to n sums."
    let signature =
      "static EPROP_APART void \(packedAdder(projection))(\(accumulator) *acc, const uint8_t *column, uint16_t n)"
    func add(_ k: Int, _ field: String, _ half: Int) -> String {
      "acc[\(k)] = (\(accumulator))(acc[\(k)] + (int32_t)(\(field)) - \(half));"
    }
    if projection.weightBits == 4 {
      text.function(
        contract, signature,
        """
        for (; n > 1U; n = (uint16_t)(n - 2U), acc += 2, column++) {
            uint32_t x = (uint32_t)\(byte(projection, "*column")) ^ 0x88U;
            \(add(0, "x & 15U", 8))
            \(add(1, "x >> 4", 8))
        }
        if (n != 0U) {
            uint32_t x = (uint32_t)\(byte(projection, "*column")) ^ 0x88U;
            \(add(0, "x & 15U", 8))
        }
        """)
      return
    }
    func load(_ count: Int) -> String {
      (0..<count).map { k in
        let read = "(uint32_t)" + byte(projection, "column[\(k)]")
        return k == 0 ? read : "\(read) << \(8 * k)"
      }.joined(separator: " | ")
    }
    text.function(
      contract, signature,
      """
      for (; n > 3U; n = (uint16_t)(n - 4U), acc += 4, column += 3) {
          uint32_t x = (\(load(3))) ^ UINT32_C(0x820820);
          \(add(0, "x & 63U", 32))
          \(add(1, "(x >> 6) & 63U", 32))
          \(add(2, "(x >> 12) & 63U", 32))
          \(add(3, "x >> 18", 32))
      }
      if (n != 0U) {
          uint32_t x = (\(load(3))) ^ UINT32_C(0x820820);
          for (; n != 0U; n--, acc++, x >>= 6) {
              \(add(0, "x & 63U", 32))
          }
      }
      """)
  }

  private mutating func emitWrite(_ bits: Int) {
    let (low, high) = (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    let clamp = "uint32_t x = (uint32_t)(w < \(low) ? \(low) : w > \(high) ? \(high) : w) & \(1 << bits - 1)U;"
    if bits == 4 {
      text.function(
        "Stores w, clamped to \(low) ... \(high), as weight j of a column.",
        "static inline void set_weight4(uint8_t *column, uint32_t j, int32_t w)",
        """
        \(clamp)
        uint8_t *at = &column[j >> 1];
        *at = (uint8_t)((j & 1U) == 0U ? ((uint32_t)*at & 0xF0U) | x : ((uint32_t)*at & 0x0FU) | (x << 4));
        """)
    } else {
      text.function(
        "Stores w, clamped to \(low) ... \(high), as weight j of a column.",
        "static inline void set_weight6(uint8_t *column, uint32_t j, int32_t w)",
        """
        \(clamp)
        uint32_t shift = (6U * j) & 7U;
        uint8_t *at = &column[(6U * j) >> 3];
        at[0] = (uint8_t)(((uint32_t)at[0] & ~(63U << shift)) | (x << shift));
        if (shift > 2U) {
            at[1] = (uint8_t)(((uint32_t)at[1] & ~(63U >> (8U - shift))) | (x >> (8U - shift)));
        }
        """)
    }
  }

  /// The declaration of `column`: where the weights of a source begin, from target `first` on.
  func column(_ projection: ProjectionPlan, of source: String, from first: String? = nil) -> String {
    let width =
      projection.isPacked
      ? count(projection.columnBytes) : projection.target == .readout ? "\(P)_OUTPUTS" : count(projection.postCount)
    // The targets of a packed column are counted from its beginning.
    let start = projection.isPacked ? "" : first.map { " + \($0)" } ?? ""
    return "const \(weightType(projection)) *column = &\(weights(projection))[\(source) * \(width)\(start)];"
  }

  /// Weight `index` of a `column` that is declared so.
  func weight(_ projection: ProjectionPlan, at index: String, from first: String? = nil) -> String {
    guard projection.isPacked else { return weight(projection, "column[\(index)]") }
    return "\(reader(projection))(column, \(packedIndex(index, from: first)))"
  }

  private func packedIndex(_ index: String, from first: String?) -> String {
    first.map { "(uint32_t)\($0) + \(index)" } ?? index
  }

  /// The bytes of a table of packed weights.
  func packedBytes(_ projection: ProjectionPlan) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: projection.storedWeights)
    let mask = (1 << projection.weightBits) - 1
    for i in 0..<projection.preCount {
      for j in 0..<projection.postCount {
        let value = Int(projection.weights[i * projection.postCount + j]) & mask
        let bit = projection.weightBits * j
        let place = i * projection.columnBytes + bit / 8
        let spread = value << (bit % 8)
        bytes[place] |= UInt8(spread & 255)
        if spread > 255 { bytes[place + 1] |= UInt8(spread >> 8) }
      }
    }
    return bytes
  }
}
