import CBackend
public import Diagnostics
public import Planning
public import Toolchains

extension Machine {
  /// Runs up to the step of `divergence` once more, compares whole arrays there, and names the first element that
  /// differs. Returns `divergence` as it was where the arrays agree (then the digest itself is wrong).
  public func locate(
    _ divergence: Divergence, plan: FixedPlan, stimulus: Stimulus, limits: RunLimits
  ) async throws(Findings) -> Divergence {
    guard divergence.trial < stimulus.order.count else { return divergence }
    var prefix = stimulus
    prefix.order = Array(stimulus.order[...divergence.trial])
    var at = prefix.order.dropLast().reduce(0) { $0 + stimulus.trials[$1].steps } + (divergence.step ?? 0)
    if divergence.step == nil {
      // After an update: what it left is still there in the first step of a further trial.
      at += stimulus.trials[stimulus.order[divergence.trial]].steps
      prefix.order.append(stimulus.order[divergence.trial])
    }
    let rhythm = DigestRhythm(every: 1 << 30)
    let (output, _) = try await run(prefix.bytes(rhythm: rhythm, dumpAt: at), limits: limits)
    let model = ModelRun.state(plan, prefix, at: at)
    let layout = DigestLayout(plan, prefix, rhythm)
    return difference(output, from: 4 * layout.words(through: at), model: model, plan: plan, of: divergence)
  }

  private func difference(
    _ output: [UInt8], from start: Int, model: [(name: String, bytes: [UInt8])], plan: FixedPlan,
    of divergence: Divergence
  ) -> Divergence {
    var position = start
    var found: Divergence?
    let arrays = DriverArrays(plan)
    for name in arrays.step + arrays.learnt {
      guard position + 4 <= output.count else { break }
      let size = (0..<4).reduce(0) { $0 | Int(output[position + $1]) << (8 * $1) }
      position += 4
      guard position + size <= output.count else { break }
      let got = output[position..<position + size]
      position += size
      guard let expected = model.first(where: { $0.name == name })?.bytes, size > 0, !got.elementsEqual(expected) else {
        continue
      }
      let element = arrays.element(name)
      let place = zip(got, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? min(size, expected.count)
      var result = divergence
      result.array = name
      result.index = place / element.bytes
      result.expected = element.value(expected[...], at: place / element.bytes)
      result.got = element.value(got, at: place / element.bytes)
      result.lsb = plan.lsb(of: name, index: place / element.bytes)
      // The array that the digest named wins over those that merely come before it.
      if name == divergence.array { return result }
      found = found ?? result
    }
    return found ?? divergence
  }
}

extension DigestLayout {
  /// Words that the driver has written when it dumps at step `target` of the run.
  func words(through target: Int) -> Int {
    var words = 0
    var total = 0
    for (position, index) in stimulus.order.enumerated() {
      for step in 0..<stimulus.trials[index].steps {
        if rhythm.isDue(step, of: stimulus.trials[index].steps) { words += arrays.step.count }
        if rhythm.learntIsDue(step) { words += arrays.learnt.count }
        if total == target { return words }
        total += 1
      }
      if stimulus.learns(at: position) { words += 1 + arrays.learnt.count }
    }
    return words
  }
}

/// How the bytes of an array are read.
struct ArrayElement {
  var bytes: Int
  var isSigned: Bool

  /// Element `index` of little-endian bytes; nil where they end before it.
  func value(_ array: ArraySlice<UInt8>, at index: Int) -> Int64? {
    let start = array.startIndex + index * bytes
    guard start + bytes <= array.endIndex else { return nil }
    var value: UInt64 = 0
    for k in 0..<bytes { value |= UInt64(array[start + k]) << UInt64(8 * k) }
    guard isSigned else { return Int64(truncatingIfNeeded: value) }
    let shift = Int64(64 - 8 * bytes)
    return (Int64(truncatingIfNeeded: value) << shift) >> shift
  }
}

extension DriverArrays {
  /// The elements of the array of this name.
  func element(_ name: String) -> ArrayElement {
    let bits = elementBits[name] ?? 8
    let unsigned =
      ["spikes", "psi", "var"].contains(name)
      || ["row.", "col.", "square.", "exponent"].contains { name.hasPrefix($0) }
    return ArrayElement(bytes: bits / 8, isSigned: !unsigned)
  }
}

extension FixedPlan {
  /// Real value of one LSB of an element, where the array has one.
  func lsb(of name: String, index: Int) -> Double? {
    switch name {
    case "v":
      let lsbs = populations.flatMap(\.lsb)
      return index < lsbs.count ? lsbs[index] : nil
    case "current":
      let lsbs = populations.flatMap { population in
        population.current.map { current in
          population.lsb.map { $0 * Double(sign: .plus, exponent: -current.fractionBits, significand: 1) }
        } ?? []
      }
      return index < lsbs.count ? lsbs[index] : nil
    case "y", "bias": return Double(sign: .plus, exponent: -readout.fractionBits, significand: 1)
    case "error":
      return learning.map { Double(sign: .plus, exponent: -$0.errorFractionBits, significand: 1) }
    default:
      // A byte of packed weights is none of them.
      guard let projection = projections.first(where: { name == "weights.\($0.name)" }), !projection.isPacked else {
        return nil
      }
      return projection.lsb.count == 1 ? projection.lsb[0] : projection.lsb[projection.target(ofStored: index)]
    }
  }
}
