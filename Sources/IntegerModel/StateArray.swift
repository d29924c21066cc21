import FixedPoint
import Planning

/// The name of an array of state, as digests and reports print it.
public struct StateArray: Sendable, Hashable, CustomStringConvertible {
  /// Where the bytes of the array come from.
  enum Subject: Hashable {
    case v, adaptation, current, spikes, psi, y, error, bias, biasMoment, exponents, biasTrace, biasAccumulator
    case weights(Int)
    case rows(Int)
    case columns(Int)
    case ratios(Int)
    case squares(Int)
    case adamExponents(Int)
    case biasRatios, biasSquares, biasExponents
    case traces(Int)
    case currentTraces(Int)
    case eligibility(Int)
    case adaptationEligibility(Int)
    case accumulator(Int)
  }
  let subject: Subject
  /// `v`, `adaptation`, `current`, `spikes`, `psi`, `y`, `error`, `bias`, `var`, `exponent`, `trace.bias`, `accumulator.bias`, `ratio.bias`,
  /// `square.bias`, `exponent.bias`, or one of `weights`, `row`, `col`, `ratio`, `square`, `exponent`, `trace`, `current_trace`, `eligibility`, `adaptation_eligibility` and `accumulator` with a projection's name after a
  /// dot.
  public let name: String
  /// Bytes of one element.
  public let elementBytes: Int

  /// The name.
  public var description: String { name }
}

extension IntegerNetwork {
  /// All arrays that this network has, in a fixed order.
  public var stateArrays: [StateArray] {
    var arrays = [StateArray(subject: .v, name: "v", elementBytes: 2)]
    if neurons.adaptation.count > 0 {
      arrays.append(StateArray(subject: .adaptation, name: "adaptation", elementBytes: 4))
    }
    if neurons.currents.count > 0 {
      arrays.append(StateArray(subject: .current, name: "current", elementBytes: 4))
    }
    arrays.append(StateArray(subject: .spikes, name: "spikes", elementBytes: 2))
    if learner != nil { arrays.append(StateArray(subject: .psi, name: "psi", elementBytes: 1)) }
    arrays.append(StateArray(subject: .y, name: "y", elementBytes: 4))
    if learner != nil { arrays.append(StateArray(subject: .error, name: "error", elementBytes: 2)) }
    for (p, projection) in projections.enumerated() {
      let width = max(8, projection.plan.weightBits) / 8
      arrays.append(StateArray(subject: .weights(p), name: "weights.\(projection.plan.name)", elementBytes: width))
    }
    arrays.append(StateArray(subject: .bias, name: "bias", elementBytes: 4))
    return arrays + learningArrays
  }

  private var learningArrays: [StateArray] {
    guard let learner else { return [] }
    var arrays: [StateArray] = []
    for (p, projection) in projections.enumerated() {
      func add(_ subject: StateArray.Subject, _ name: String, _ elementBytes: Int, _ count: Int) {
        let name = "\(name).\(projection.plan.name)"
        if count > 0 { arrays.append(StateArray(subject: subject, name: name, elementBytes: elementBytes)) }
      }
      add(.rows(p), "row", 4, projection.rows.count)
      add(.columns(p), "col", 4, projection.columns.count)
      if let moments = projection.adam {
        add(.ratios(p), "ratio", moments.bits / 8, projection.pre * projection.post)
        add(.squares(p), "square", moments.bits / 8, projection.pre * projection.post)
        add(.adamExponents(p), "exponent", 1, projection.post)
      }
      add(.traces(p), "trace", 4, projection.traces.count)
      add(.currentTraces(p), "current_trace", 4, projection.currentTraces.count)
      add(.eligibility(p), "eligibility", 2, projection.eligibility.count)
      add(.adaptationEligibility(p), "adaptation_eligibility", 4, projection.adaptationEligibility.count)
      add(.accumulator(p), "accumulator", 4, projection.accumulator.count)
    }
    if learner.biasMoment.count > 0 { arrays.append(StateArray(subject: .biasMoment, name: "var", elementBytes: 4)) }
    if !exponents.isEmpty { arrays.append(StateArray(subject: .exponents, name: "exponent", elementBytes: 1)) }
    if learner.biasAdam != nil {
      arrays += [
        StateArray(subject: .biasRatios, name: "ratio.bias", elementBytes: 2),
        StateArray(subject: .biasSquares, name: "square.bias", elementBytes: 2),
        StateArray(subject: .biasExponents, name: "exponent.bias", elementBytes: 1),
      ]
    }
    if learner.isCarried, plan.readout.biasIsPlastic {
      arrays.append(StateArray(subject: .biasTrace, name: "trace.bias", elementBytes: 4))
    }
    if learner.biasAccumulator.count > 0 {
      arrays.append(StateArray(subject: .biasAccumulator, name: "accumulator.bias", elementBytes: 4))
    }
    return arrays
  }

  /// The little-endian bytes of an array, without a copy; valid until `body` returns.
  public func withBytes<Result>(
    of array: StateArray, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    switch array.subject {
    case .v: try body(raw(neurons.v))
    case .adaptation: try body(raw(neurons.adaptation))
    case .current: try body(raw(neurons.currents))
    case .spikes: try body(UnsafeRawBufferPointer(start: neurons.spikes.base, count: 2 * neurons.spikeCount))
    case .psi: try body(raw(neurons.psi))
    case .y: try body(raw(readout.y))
    case .error: try body(raw(readout.error))
    case .bias: try body(raw(readout.bias))
    case .biasMoment: try body(raw(learner?.biasMoment))
    case .exponents: try exponents.withUnsafeBytes(body)
    case .biasTrace: try withUnsafeBytes(of: learner?.biasTrace ?? 0, body)
    case .biasAccumulator: try body(raw(learner?.biasAccumulator))
    case .weights(let p): try projections[p].withStoredBytes(body)
    case .rows(let p): try body(raw(projections[p].rows))
    case .columns(let p): try body(raw(projections[p].columns))
    case .ratios(let p): try body(UnsafeRawBufferPointer(projections[p].adam?.ratioBytes ?? nothing))
    case .squares(let p): try body(UnsafeRawBufferPointer(projections[p].adam?.squareBytes ?? nothing))
    case .adamExponents(let p): try body(raw(projections[p].adam?.exponents))
    case .biasRatios: try body(UnsafeRawBufferPointer(learner?.biasAdam?.ratioBytes ?? nothing))
    case .biasSquares: try body(UnsafeRawBufferPointer(learner?.biasAdam?.squareBytes ?? nothing))
    case .biasExponents: try body(raw(learner?.biasAdam?.exponents))
    case .traces(let p): try body(raw(projections[p].traces))
    case .currentTraces(let p): try body(raw(projections[p].currentTraces))
    case .eligibility(let p): try body(raw(projections[p].eligibility))
    case .adaptationEligibility(let p): try body(raw(projections[p].adaptationEligibility))
    case .accumulator(let p): try body(raw(projections[p].accumulator))
    }
  }

  /// The CRC-32 of an array's bytes.
  public func digest(of array: StateArray) -> UInt32 { withBytes(of: array) { CRC32.of($0) } }

  /// All arrays as copies of their little-endian bytes.
  public var allArrays: [(name: String, bytes: [UInt8])] {
    stateArrays.map { array in (array.name, withBytes(of: array) { Array($0) }) }
  }
}

/// No bytes.
private var nothing: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(start: nil, count: 0) }

private func raw<Element>(_ storage: Storage<Element>?) -> UnsafeRawBufferPointer {
  UnsafeRawBufferPointer(start: storage?.base, count: (storage?.count ?? 0) * MemoryLayout<Element>.stride)
}

#if _endian(big)
  #error("state is read as little-endian bytes where it stands")
#endif
