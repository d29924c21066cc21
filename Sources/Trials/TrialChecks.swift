public import Diagnostics

extension TrialSet {
  /// Sources are numbered in 16 bits: 65,535.
  public static let maximumInputs = 65_535

  /// What a network expects of its trials, in plain values.
  public struct Expectation: Sendable, Hashable {
    /// n_in.
    public var inputCount: Int
    /// The range of analog inputs; nil for spikes.
    public var analogRange: ClosedRange<Double>?
    /// n_out.
    public var outputCount: Int
    /// The longest trial allowed, in steps.
    public var maximumSteps: Int
    /// Whether targets must be one-hot in every step that the mask counts.
    public var classTargets: Bool
    /// For how many steps an analog input stays.
    public var holdSteps: Int

    /// All of it.
    public init(
      inputCount: Int, analogRange: ClosedRange<Double>?, outputCount: Int, maximumSteps: Int,
      classTargets: Bool = false, holdSteps: Int = 1
    ) {
      self.holdSteps = holdSteps
      self.inputCount = inputCount
      self.analogRange = analogRange
      self.outputCount = outputCount
      self.maximumSteps = maximumSteps
      self.classTargets = classTargets
    }
  }

  /// Everything that keeps these trials from running on a network that expects the given.
  ///
  /// - Parameters:
  ///   - expectation: what the network expects.
  ///   - file: where the trials come from.
  /// - Returns: no findings if they fit.
  public func findings(for expectation: Expectation, file: String? = nil) -> [Finding] {
    var findings = consistencyFindings(file: file)
    func report(_ id: String, _ path: String, _ message: String) {
      findings.append(Finding(id, at: Finding.Location(file: file, path: path), message))
    }
    if inputCount != expectation.inputCount {
      report(
        "trials.input-count", "inputs", "the network has \(expectation.inputCount) inputs, the trials \(inputCount)")
    }
    if outputCount != expectation.outputCount {
      let message = "the network has \(expectation.outputCount) readouts, the trials \(outputCount) outputs"
      report("trials.output-count", "targets", message)
    }
    if let trial = trials.first {
      let isAnalog = if case .analog = trial.inputs { true } else { false }
      if isAnalog != (expectation.analogRange != nil) {
        let kinds = isAnalog ? "spikes, but the trials hold analog values" : "analog values, but the trials hold spikes"
        report("trials.inputs.kind", "inputs", "the network expects \(kinds)")
      }
    }
    if let index = trials.firstIndex(where: { $0.isAnalog && $0.holdSteps != expectation.holdSteps }) {
      let held = "an input for \(expectation.holdSteps) steps, the trial for \(trials[index].holdSteps)"
      report("trials.inputs.hold", "inputs[\(index)]", "the network holds \(held)")
    }
    if let index = trials.firstIndex(where: { $0.steps > expectation.maximumSteps }) {
      let message = "the network runs at most \(expectation.maximumSteps) steps, the trial has \(trials[index].steps)"
      report("trials.too-long", "inputs[\(index)]", message)
    }
    guard findings.isEmpty else { return findings }
    if let range = expectation.analogRange, let (path, value) = firstOutside(range) {
      report("trials.inputs.range", path, "expected \(range.lowerBound) to \(range.upperBound), but found \(value)")
    }
    if expectation.classTargets, let path = firstNotOneHot() {
      report("trials.targets.not-one-hot", path, "expected a single 1 among zeros: cross-entropy compares with a class")
    }
    return findings
  }

  /// What makes the trials contradict themselves or their counts; code that builds trials can slip, files cannot.
  func consistencyFindings(file: String? = nil) -> [Finding] {
    func finding(_ id: String, _ path: String, _ message: String) -> Finding {
      Finding(id, at: Finding.Location(file: file, path: path), message)
    }
    if trials.isEmpty { return [finding("trials.empty", "inputs", "expected at least one trial")] }
    guard (1...Self.maximumInputs).contains(inputCount) else {
      return [
        finding("trials.limit.inputs", "inputs", "expected 1 to \(Self.maximumInputs) inputs, but found \(inputCount)")
      ]
    }
    guard outputCount > 0 else { return [finding("trials.empty", "targets", "expected at least one output")] }
    var findings: [Finding] = []
    for (name, values) in attributes.sorted(by: { $0.key < $1.key }) where values.count != trials.count {
      findings.append(finding("trials.inconsistent", name, "expected a number for each trial"))
    }
    for (index, trial) in trials.enumerated() {
      if let part = trial.inconsistency(inputCount: inputCount, outputCount: outputCount) {
        findings.append(finding("trials.inconsistent", "\(part)[\(index)]", "its size does not fit the trial's steps"))
      }
      if let part = trial.notFinite {
        findings.append(finding("trials.not-finite", "\(part)[\(index)]", "expected finite numbers"))
      }
      if trial.isAnalog != trials[0].isAnalog {
        findings.append(
          finding("trials.inputs.mixed", "inputs[\(index)]", "all trials hold spikes or all analog values"))
      }
    }
    return findings
  }

  private func firstOutside(_ range: ClosedRange<Double>) -> (path: String, value: Double)? {
    for (index, trial) in trials.enumerated() {
      guard case .analog(let values) = trial.inputs, let at = values.firstIndex(where: { !range.contains($0) }) else {
        continue
      }
      return ("inputs[\(index), \(at / inputCount), \(at % inputCount)]", values[at])
    }
    return nil
  }

  private func firstNotOneHot() -> String? {
    for (index, trial) in trials.enumerated() {
      for step in 0..<trial.steps where trial.mask?[step] ?? true {
        let row = trial.targets[(step * outputCount)..<((step + 1) * outputCount)]
        if row.count(where: { $0 == 1 }) != 1 || row.count(where: { $0 == 0 }) != outputCount - 1 {
          return "targets[\(index), \(step)]"
        }
      }
    }
    return nil
  }
}

extension Trial {
  var isAnalog: Bool { if case .analog = inputs { true } else { false } }

  /// The tensor that holds a NaN or an infinity, if there is one.
  fileprivate var notFinite: String? {
    if case .analog(let values) = inputs, !values.allSatisfy(\.isFinite) { return "inputs" }
    return targets.allSatisfy(\.isFinite) ? nil : "targets"
  }

  /// The tensor whose size does not fit, if there is one.
  fileprivate func inconsistency(inputCount: Int, outputCount: Int) -> String? {
    guard steps > 0, holdSteps > 0 else { return "inputs" }
    switch inputs {
    case .analog(let values): if values.count != rows * inputCount { return "inputs" }
    case .spikes(let train): if !train.isSound(steps: steps, inputCount: inputCount) { return "inputs" }
    }
    if targets.count != steps * outputCount { return "targets" }
    return mask.map { $0.count == steps } ?? true ? nil : "mask"
  }
}

extension EventTrain {
  /// Offsets that rise from 0 to the number of sources, and ascending sources that exist in every step.
  fileprivate func isSound(steps: Int, inputCount: Int) -> Bool {
    guard offsets.count == steps + 1, offsets.first == 0, offsets.last == sources.count else { return false }
    for step in 0..<steps {
      guard offsets[step] <= offsets[step + 1], offsets[step + 1] <= sources.count else { return false }
      let fired = sources[offsets[step]..<offsets[step + 1]]
      guard zip(fired, fired.dropFirst()).allSatisfy({ $0 < $1 }), fired.last.map({ Int($0) < inputCount }) ?? true
      else { return false }
    }
    return true
  }
}
