import FixedPoint
import Planning

/// Why an image was refused. The network has not changed.
public enum ImageRefusal: Error, Sendable, Hashable {
  /// It ends before its content does.
  case truncated
  /// It goes on after its content.
  case tooLong
  /// It does not begin with `EPRW`.
  case magic
  /// It has a version that this code does not know, or its reserved field is not 0.
  case version
  /// It belongs to another plan.
  case plan
  /// Its CRC is wrong.
  case checksum
  /// Its CRC is right, and a value is out of its range: a bias, the schedule's factor, an exponent, or a skipped diagonal.
  case content
}

private let headerBytes = 32

extension IntegerNetwork {
  /// The weight image of `Image.md`: everything that learning has changed, and no state of a trial.
  ///
  /// - Precondition: no pieces of an update are left (`isUpdating`).
  public func save() -> [UInt8] {
    precondition(!isUpdating, "an update is under way")
    var image = Writer()
    image.bytes += Array("EPRW".utf8)
    image.put(UInt16(2))
    image.put(UInt16(0))
    image.put(plan.hash)
    image.put(updates)
    image.put(skippedTrials)
    image.put(scheduleFactor)
    image.put(learner?.lastSteps ?? 0)
    for projection in plasticProjections { image.bytes += projection.storedBytes }
    for section in sections { image.bytes += UnsafeRawBufferPointer(section) }
    image.bytes += exponents
    for count in learner?.lastCounts.array ?? [] { image.put(count) }
    image.put(image.bytes.withUnsafeBytes { CRC32.of($0) })
    return image.bytes
  }

  /// Takes over an image; on refusal nothing has changed.
  public func load(_ bytes: [UInt8]) throws(ImageRefusal) {
    try check(bytes)
    learner?.pieces = []
    bytes.withUnsafeBytes { image in
      updates = image.little(16)
      skippedTrials = image.little(20)
      scheduleFactor = image.little(24)
      learner?.lastSteps = image.little(28)
      var at = headerBytes
      for projection in plasticProjections {
        let count = projection.storedByteCount
        projection.load(UnsafeRawBufferPointer(rebasing: image[at..<at + count]))
        at += count
      }
      for section in sections {
        section.copyMemory(from: UnsafeRawBufferPointer(rebasing: image[at..<at + section.count]))
        at += section.count
      }
      for projection in projections where projection.isFactored {
        projection.exponent = image[at]
        at += 1
      }
      guard let learner else { return }
      if learner.biasMoment.count > 0 {
        learner.biasExponent = image[at]
        at += 1
      }
      for n in 0..<learner.lastCounts.count { learner.lastCounts[n] = image.little(at + 2 * n) }
    }
  }

  /// Those whose weights an image begins with.
  private var plasticProjections: [ProjectionState] { learner == nil ? [] : projections.filter(\.isPlastic) }

  /// The bytes of everything after the weights, in the order of the image.
  private var sections: [UnsafeMutableRawBufferPointer] {
    guard let learner else { return [] }
    var sections: [UnsafeMutableRawBufferPointer] = []
    if plan.readout.biasIsPlastic { sections.append(UnsafeMutableRawBufferPointer(readout.bias.buffer)) }
    for projection in projections where projection.isFactored {
      sections.append(UnsafeMutableRawBufferPointer(projection.rows.buffer))
      sections.append(UnsafeMutableRawBufferPointer(projection.columns.buffer))
    }
    for projection in projections { sections += projection.adam?.sections ?? [] }
    sections.append(UnsafeMutableRawBufferPointer(learner.biasMoment.buffer))
    sections += learner.biasAdam?.sections ?? []
    return sections
  }

  private func check(_ bytes: [UInt8]) throws(ImageRefusal) {
    let counts = 2 * (learner?.lastCounts.count ?? 0)
    let weights = plasticProjections.reduce(0) { $0 + $1.storedByteCount }
    let length = headerBytes + weights + sections.reduce(0) { $0 + $1.count } + exponents.count + counts + 4
    let refusal: ImageRefusal? = bytes.withUnsafeBytes { image in
      if image.count < 8 { return .truncated }
      if !image.prefix(4).elementsEqual("EPRW".utf8) { return .magic }
      if (image.little(4) as UInt16) != 2 || (image.little(6) as UInt16) != 0 { return .version }
      if image.count < headerBytes { return .truncated }
      if (image.little(8) as UInt64) != plan.hash { return .plan }
      if image.count < length { return .truncated }
      if image.count > length { return .tooLong }
      let crc = CRC32.of(UnsafeRawBufferPointer(rebasing: image[..<(length - 4)]))
      if (image.little(length - 4) as UInt32) != crc { return .checksum }
      return isInRange(image) ? nil : .content
    }
    if let refusal { throw refusal }
  }

  private func isInRange(_ image: UnsafeRawBufferPointer) -> Bool {
    if (image.little(24) as UInt32) > 65536 { return false }
    let weights = plasticProjections.reduce(0) { $0 + $1.storedByteCount }
    let first = headerBytes + weights + sections.reduce(0) { $0 + $1.count }
    if image[first..<first + exponents.count].contains(where: { Int($0) > Fixed.exponentLimit }) { return false }
    if !hasAdamExponents(image) { return false }
    var at = headerBytes
    for projection in projections where projection.isPlastic {
      let count = projection.storedByteCount
      if !projection.isSound(UnsafeRawBufferPointer(rebasing: image[at..<at + count])) { return false }
      at += count
    }
    guard plan.readout.biasIsPlastic else { return true }
    return (0..<readout.count).allSatisfy { k in
      let bias: Int32 = image.little(at + 4 * k)
      return abs(Int64(bias)) <= Int64(plan.readout.biasLimit)
    }
  }
}

extension IntegerNetwork {
  /// Whether the exponents of Adam's moments in an image of the right length are in their range.
  private func hasAdamExponents(_ image: UnsafeRawBufferPointer) -> Bool {
    var places = Set<UnsafeMutableRawPointer>()
    for moments in projections.map(\.adam) + [learner?.biasAdam] {
      if let moments { places.insert(UnsafeMutableRawPointer(moments.exponents.base)) }
    }
    var at = headerBytes + plasticProjections.reduce(0) { $0 + $1.storedByteCount }
    for section in sections {
      let values = image[at..<at + section.count]
      at += section.count
      guard let place = section.baseAddress, places.contains(place) else { continue }
      if values.contains(where: { Int($0) > Fixed.adamExponentLimit }) { return false }
    }
    return true
  }
}

private struct Writer {
  var bytes: [UInt8] = []

  mutating func put<I: FixedWidthInteger>(_ value: I) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func little<I: FixedWidthInteger & BitwiseCopyable>(_ at: Int) -> I {
    I(littleEndian: loadUnaligned(fromByteOffset: at, as: I.self))
  }
}
