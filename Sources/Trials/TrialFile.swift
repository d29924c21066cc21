public import Diagnostics
public import Safetensors

extension TrialSet {
  /// Reads a trials file: `inputs` [trials, T, n_in] (U8 or BOOL spikes, F32 or F64 analog), `targets` [trials, T, n_out]
  /// (F32, F64), and where present `mask` [trials, T] (U8, BOOL) and `lengths` [trials] (integers from 1 to T).
  ///
  /// Steps beyond a trial's length are dropped unseen. A mask that is 1 throughout a trial reads as none.
  ///
  /// - Throws: everything that is wrong with the file (`file.…`, `json.…`, `safetensors.…`) or, if it is a sound file,
  ///   with the trials in it (`trials.…`).
  public static func read(path: String) throws(Findings) -> TrialSet {
    try TrialSet(SafetensorsFile(path: path), file: path)
  }

  /// The trials in a file that has been read.
  ///
  /// - Parameter file: named in the findings.
  /// - Throws: `trials.…` findings, all at once.
  public init(_ content: SafetensorsFile, file: String? = nil) throws(Findings) {
    var reader = TrialReader(content: content, file: file)
    guard let trials = reader.read() else { throw Findings(reader.findings) }
    self = trials
  }

  /// Writes the trials so that `read(path:)` gives them back (but see there for a mask of ones). Spikes become U8, analog
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
    let problems = consistencyFindings()
    guard problems.isEmpty else { throw Findings(problems) }
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
    return writer
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
