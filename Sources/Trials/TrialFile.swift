public import Diagnostics
public import Safetensors

extension TrialSet {
  /// What reading a file has to know of the network that the trials are for.
  public struct Reading: Sendable, Hashable {
    /// The range of analog inputs, which U8 values span; nil for spikes.
    public var analogRange: ClosedRange<Double>?
    /// n_out, where the file has labels; nil: one more than the largest.
    public var outputCount: Int?
    /// For how many steps a row of the file lasts.
    public var holdSteps: Int

    /// Without arguments: of a network that does not hold its inputs, and whose U8 are spikes.
    public init(analogRange: ClosedRange<Double>? = nil, outputCount: Int? = nil, holdSteps: Int = 1) {
      self.analogRange = analogRange
      self.outputCount = outputCount
      self.holdSteps = holdSteps
    }

    /// What a network expects.
    public init(_ expectation: Expectation) {
      self.init(
        analogRange: expectation.analogRange, outputCount: expectation.outputCount, holdSteps: expectation.holdSteps)
    }
  }

  /// Reads a trials file: `inputs` [trials, T, n_in] (U8 or BOOL spikes; F32, F64 or U8 analog), `targets` [trials, T, n_out]
  /// (F32, F64) or `label` [trials] (integers), and where present `mask` [trials, T] (U8, BOOL), `lengths` [trials]
  /// (integers from 1 to T) and attributes [trials] (integers).
  ///
  /// Steps beyond a trial's length are dropped unseen. A mask that is 1 throughout a trial reads as none.
  ///
  /// - Throws: everything that is wrong with the file (`file.…`, `json.…`, `safetensors.…`) or, if it is a sound file,
  ///   with the trials in it (`trials.…`).
  public static func read(path: String, as reading: Reading = Reading()) throws(Findings) -> TrialSet {
    try TrialSet(SafetensorsFile(path: path), as: reading, file: path)
  }

  /// The trials in a file that has been read.
  ///
  /// - Parameter file: named in the findings.
  /// - Throws: `trials.…` findings, all at once.
  public init(
    _ content: SafetensorsFile, as reading: Reading = Reading(), file: String? = nil
  ) throws(Findings) {
    var reader = TrialReader(content: content, reading: reading, file: file)
    guard let trials = reader.read() else { throw Findings(reader.findings) }
    self = trials
  }

  /// Writes the trials so that `read(path:as:)` gives them back (but see there for a mask of ones). Trials whose inputs are held
  /// are written by rows: targets and mask of the steps of a row must be equal, and the last row must be whole. Spikes become U8, analog
  /// values and targets F32 where that loses nothing and F64 elsewhere; shorter trials are padded with zeros and
  /// `lengths` is written. Equal trials give equal bytes, and the file appears whole or not at all.
  ///
  /// - Throws: what makes them no trials (`trials.…`), or `file.unwritable`.
  public func write(path: String) throws(Findings) {
    try fileContent().write(path: path)
  }

  /// The bytes that `write(path:)` writes.
  ///
  /// - Throws: what makes them no trials (`trials.…`).
  public func fileBytes() throws(Findings) -> [UInt8] { try fileContent().bytes() }

  private func fileContent() throws(Findings) -> SafetensorsWriter {
    let problems = consistencyFindings() + rowFindings()
    guard problems.isEmpty else { throw Findings(problems) }
    let hold = trials.first?.holdSteps ?? 1
    if hold > 1 { return try byRows(hold).fileContent() }
    let steps = trials.map(\.steps).max() ?? 0
    var writer = SafetensorsWriter()
    let inputShape = [trials.count, steps, inputCount]
    if case .spikes = trials.first?.inputs {
      writer.add("inputs", shape: inputShape, bytes: spikeBytes(steps: steps))
    } else {
      writer.add(
        "inputs", shape: inputShape, padded(steps * inputCount) { if case .analog(let x) = $0.inputs { x } else { [] } }
      )
    }
    writer.add("targets", shape: [trials.count, steps, outputCount], padded(steps * outputCount) { $0.targets })
    if trials.contains(where: { $0.mask != nil }) {
      let mask = trials.flatMap { trial in
        (0..<steps).map { step -> UInt8 in step < trial.steps && trial.mask?[step] ?? true ? 1 : 0 }
      }
      writer.add("mask", shape: [trials.count, steps], bytes: mask, as: .bool)
    }
    if trials.contains(where: { $0.steps != steps }) {
      writer.add("lengths", shape: [trials.count], trials.map { Double($0.steps) }, as: .int32)
    }
    for (name, values) in attributes.sorted(by: { $0.key < $1.key }) {
      writer.add(name, shape: [trials.count], values.map(Double.init), as: .int32)
    }
    return writer
  }

  /// What keeps trials with held inputs from being written by rows.
  private func rowFindings() -> [Finding] {
    trials.enumerated().compactMap { index, trial in
      let hold = trials[0].holdSteps
      let isWhole =
        trial.holdSteps == hold
        && (hold == 1
          || trial.steps % hold == 0
            && (0..<trial.steps).allSatisfy { step in
              let first = step - step % hold
              return trial.mask?[step] == trial.mask?[first]
                && (0..<outputCount).allSatisfy {
                  trial.targets[step * outputCount + $0] == trial.targets[first * outputCount + $0]
                }
            })
      if isWhole { return nil }
      return Finding(
        "trials.inconsistent", at: Finding.Location(path: "targets[\(index)]"),
        "they change while an input is held, and a file has one row for each")
    }
  }

  /// One step for each row.
  private func byRows(_ hold: Int) -> TrialSet {
    var set = self
    for index in trials.indices {
      let trial = trials[index]
      let firsts = stride(from: 0, to: trial.steps, by: hold)
      set.trials[index] = Trial(
        steps: trial.rows, inputs: trial.inputs,
        targets: firsts.flatMap { trial.targets[$0 * outputCount..<($0 + 1) * outputCount] },
        mask: trial.mask.map { mask in firsts.map { mask[$0] } })
    }
    return set
  }

  private func padded(_ count: Int, _ values: (Trial) -> [Double]) -> [Double] {
    trials.flatMap { trial -> [Double] in
      let values = values(trial)
      return values + [Double](repeating: 0, count: count - values.count)
    }
  }

  private func spikeBytes(steps: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: trials.count * steps * inputCount)
    for (index, trial) in trials.enumerated() {
      guard case .spikes(let train) = trial.inputs else { continue }
      for step in 0..<trial.steps {
        for source in train.sources[train.offsets[step]..<train.offsets[step + 1]] {
          bytes[(index * steps + step) * inputCount + Int(source)] = 1
        }
      }
    }
    return bytes
  }
}
