import Planning

/// The weights as they stand in memory and in images: little-endian bytes.
///
/// The model itself computes with a matrix of whole weights, whatever the plan stores: those that do not exist are 0.
extension ProjectionState {
  var storedBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(storedByteCount)
    switch plan.weightBits {
    case 4, 6: for i in 0..<pre { pack(column: i, into: &bytes) }
    default:
      forEachStored { pair in
        bytes.append(UInt8(truncatingIfNeeded: weights[pair]))
        if plan.weightBits == 16 { bytes.append(UInt8(truncatingIfNeeded: weights[pair] >> 8)) }
      }
    }
    return bytes
  }

  /// The same, without a copy where the matrix stands as it is stored.
  func withStoredBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    guard plan.weightBits >= 8, plan.sparsity?.storage != .columns else {
      return try storedBytes.withUnsafeBytes(body)
    }
    switch weights {
    case .narrow(let storage): return try body(UnsafeRawBufferPointer(storage.buffer))
    case .wide(let storage): return try body(UnsafeRawBufferPointer(storage.buffer))
    }
  }

  var storedByteCount: Int {
    switch plan.weightBits {
    case 4: pre * ((post + 1) / 2)
    case 6: pre * ((post + 3) / 4) * 3
    default: storedCount * plan.weightBits / 8
    }
  }

  private var storedCount: Int {
    guard let sparsity = plan.sparsity, sparsity.storage == .columns else { return pre * post }
    return sparsity.mask.count { $0 }
  }

  /// The positions [pre × post] of the weights that are stored, in their order.
  private func forEachStored(_ body: (Int) -> Void) {
    let sparsity = plan.sparsity
    for pair in 0..<pre * post where sparsity?.storage != .columns || sparsity?.mask[pair] == true { body(pair) }
  }

  /// Two weights to a byte, or four to three bytes, the first one lowest.
  private func pack(column i: Int, into bytes: inout [UInt8]) {
    let (bits, group) = (plan.weightBits, plan.weightBits == 4 ? 2 : 4)
    for first in stride(from: 0, to: post, by: group) {
      var word: UInt32 = 0
      for k in 0..<min(group, post - first) {
        let weight = UInt32(bitPattern: weights[i * post + first + k]) & ((1 << UInt32(bits)) - 1)
        word |= weight << UInt32(bits * k)
      }
      for k in 0..<group * bits / 8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt32(8 * k))) }
    }
  }

  /// Takes over the weights of an image.
  func load(_ bytes: UnsafeRawBufferPointer) {
    for (pair, weight) in values(bytes) { weights.set(pair, weight) }
  }

  /// Whether what does not exist is 0 in an image: pairs without a synapse, and what fills the last group of a column.
  func isSound(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let mask = plan.sparsity?.mask
    let weightsAreSound = values(bytes).allSatisfy { pair, weight in
      let exists = mask?[pair] ?? true
      let isDiagonal = plan.skipsDiagonal && pair / post == pair % post
      return weight == 0 || (exists && !isDiagonal)
    }
    guard weightsAreSound, plan.weightBits < 8 else { return weightsAreSound }
    let group = plan.weightBits == 4 ? 2 : 4
    guard post % group != 0 else { return true }
    return (0..<pre).allSatisfy { i in
      (post % group..<group).allSatisfy { packed(bytes, column: i, post - post % group + $0) == 0 }
    }
  }

  private func values(_ bytes: UnsafeRawBufferPointer) -> [(pair: Int, weight: Int16)] {
    var values: [(Int, Int16)] = []
    values.reserveCapacity(pre * post)
    if plan.weightBits < 8 {
      for i in 0..<pre { for j in 0..<post { values.append((i * post + j, packed(bytes, column: i, j))) } }
      return values
    }
    var at = 0
    forEachStored { pair in
      if plan.weightBits == 8 {
        values.append((pair, Int16(Int8(bitPattern: bytes[at]))))
      } else {
        values.append((pair, Int16(bitPattern: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8)))
      }
      at += plan.weightBits / 8
    }
    return values
  }

  private func packed(_ bytes: UnsafeRawBufferPointer, column i: Int, _ j: Int) -> Int16 {
    let (bits, group) = (plan.weightBits, plan.weightBits == 4 ? 2 : 4)
    let width = group * bits / 8
    let start = (i * ((post + group - 1) / group) + j / group) * width
    let word = (0..<width).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
    let value = Int16(word >> UInt32(bits * (j % group)) & ((1 << UInt32(bits)) - 1))
    return value < 1 << Int16(bits - 1) ? value : value - 1 << Int16(bits)
  }
}
