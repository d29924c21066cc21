import Diagnostics
import Safetensors

/// Turns the tensors of a file into trials, gathering everything that is wrong.
struct TrialReader {
  let content: SafetensorsFile
  let reading: TrialSet.Reading
  let file: String?
  private(set) var findings: [Finding] = []
  /// Targets are kept for every step: no more than so many.
  static let maximumTargets = 1 << 27
  private static let integers: [ElementType] = [.uint8, .int8, .int16, .uint16, .int32, .int64]
  private static let names = ["inputs", "targets", "label", "mask", "lengths"]

  init(content: SafetensorsFile, reading: TrialSet.Reading, file: String?) {
    self.content = content
    self.reading = reading
    self.file = file
  }

  /// nil if there are findings.
  mutating func read() -> TrialSet? {
    checkNames()
    let inputs = tensor("inputs", [.uint8, .bool, .float32, .float64], rank: 3, required: true)
    let label = tensor("label", Self.integers, rank: 1, required: false)
    let hasLabel = content.tensor(named: "label") != nil
    let targets = tensor("targets", [.float32, .float64], rank: 3, required: !hasLabel)
    if hasLabel, content.tensor(named: "targets") != nil {
      report("trials.label", "label", "a file has targets or labels, not both")
    }
    let mask = tensor("mask", [.uint8, .bool], rank: 2, required: false)
    let lengths = tensor("lengths", Self.integers, rank: 1, required: false)
    guard let inputs, targets != nil || label != nil else { return nil }
    let (count, steps) = (inputs.shape[0], inputs.shape[1])
    checkExtents(of: inputs, targets, mask, [label, lengths])
    let attributes = readAttributes(trials: count)
    // Without any element the other extents are bounded by nothing.
    guard !inputs.shape.contains(0) else { return nil }
    let durations = self.durations(lengths, trials: count, steps: steps)
    // Values are looked at only where they belong to a trial, so the shapes must be right.
    guard findings.isEmpty else { return nil }
    let inputValues = self.inputs(inputs, durations)
    let targetValues = targets.map { checked($0, durations) }
    let classes = label.map { labels($0) }
    let maskValues = mask.map { self.mask($0, durations) }
    let width = targets?.shape[2] ?? reading.outputCount ?? (classes?.max() ?? 0) + 1
    let hold = reading.holdSteps
    if durations.reduce(0, +) * hold > Self.maximumTargets / max(width, 1) {
      report("trials.limit.targets", "inputs", "more than \(Self.maximumTargets) target values in all steps")
    }
    guard findings.isEmpty else { return nil }
    let trials = durations.indices.map { index in
      let length = durations[index]
      var rows: [Double]
      if let targetValues {
        rows = Array(targetValues[(index * steps * width)..<((index * steps + length) * width)])
      } else {
        rows = [Double](repeating: 0, count: length * width)
        for row in 0..<length { rows[row * width + (classes?[index] ?? 0)] = 1 }
      }
      return Trial(
        steps: length * hold, inputs: inputValues[index], targets: held(rows, width),
        mask: maskValues?[index].map { held($0, 1) },
        holdSteps: hold)
    }
    return TrialSet(inputCount: inputs.shape[2], outputCount: width, trials: trials, attributes: attributes)
  }

  /// Each row as often as it lasts steps.
  private func held<Element>(_ rows: [Element], _ width: Int) -> [Element] {
    guard reading.holdSteps > 1 else { return rows }
    return stride(from: 0, to: rows.count, by: width).flatMap { first in
      (0..<reading.holdSteps).flatMap { _ in rows[first..<first + width] }
    }
  }

  private func isAttribute(_ tensor: Tensor) -> Bool {
    tensor.shape.count == 1 && Self.integers.contains(tensor.elementType)
      && Nearest.name(to: tensor.name, among: Self.names) == nil
  }

  private mutating func checkNames() {
    for tensor in content.tensors where !Self.names.contains(tensor.name) && !isAttribute(tensor) {
      report(
        "trials.tensor.unknown", tensor.name, "unknown tensor \(Quoted.text(tensor.name))",
        help: Nearest.help(for: tensor.name, among: Self.names))
    }
  }

  private mutating func readAttributes(trials: Int) -> [String: [Int]] {
    var attributes: [String: [Int]] = [:]
    for tensor in content.tensors where !Self.names.contains(tensor.name) && isAttribute(tensor) {
      if tensor.shape == [trials] {
        attributes[tensor.name] = tensor.doubles().map { Int($0) }
      } else {
        reportExtents(tensor, [trials], "[trials]")
      }
    }
    return attributes
  }

  /// Classes, each below n_out.
  private mutating func labels(_ tensor: Tensor) -> [Int] {
    let values = tensor.doubles()
    let limit = Double(reading.outputCount ?? 32767)
    guard let first = values.firstIndex(where: { $0 < 0 || $0 >= limit }) else { return values.map { Int($0) } }
    report(
      "trials.label", "label[\(first)]", "expected a class from 0 to \(Int(limit) - 1), but found \(values[first])",
      values.count { $0 < 0 || $0 >= limit })
    return []
  }

  private mutating func tensor(_ name: String, _ types: [ElementType], rank: Int, required: Bool) -> Tensor? {
    guard let tensor = content.tensor(named: name) else {
      if required { report("trials.tensor.missing", name, "the tensor \(Quoted.text(name)) is missing") }
      return nil
    }
    if !types.contains(tensor.elementType) {
      let expected = types.map(\.rawValue).joined(separator: ", ")
      report("trials.tensor.type", name, "expected one of \(expected), but found \(tensor.elementType.rawValue)")
    }
    guard tensor.shape.count == rank else {
      report("trials.tensor.shape", name, "expected \(rank) dimensions, but found the shape \(tensor.shape.prefix(8))")
      return nil
    }
    return types.contains(tensor.elementType) ? tensor : nil
  }

  private mutating func checkExtents(
    of inputs: Tensor, _ targets: Tensor?, _ mask: Tensor?, _ perTrial: [Tensor?]
  ) {
    let expected = Array(inputs.shape.prefix(2))
    if inputs.shape.contains(0) { report("trials.empty", "inputs", "no extent may be 0, but found \(inputs.shape)") }
    if let targets, targets.shape[2] == 0 { report("trials.empty", "targets", "expected at least one output") }
    if inputs.shape[2] > TrialSet.maximumInputs {
      report("trials.limit.inputs", "inputs", "expected at most \(TrialSet.maximumInputs) inputs")
    }
    if let targets, Array(targets.shape.prefix(2)) != expected { reportExtents(targets, expected, "[trials, T]") }
    if let mask, mask.shape != expected { reportExtents(mask, expected, "[trials, T]") }
    for tensor in perTrial.compactMap(\.self) where tensor.shape != [expected[0]] {
      reportExtents(tensor, [expected[0]], "[trials]")
    }
  }

  private mutating func reportExtents(_ tensor: Tensor, _ expected: [Int], _ meaning: String) {
    report(
      "trials.tensor.shape", tensor.name,
      "expected \(meaning) = \(expected) as in \"inputs\", but found the shape \(tensor.shape)")
  }

  private mutating func durations(_ lengths: Tensor?, trials: Int, steps: Int) -> [Int] {
    guard let lengths else { return [Int](repeating: steps, count: trials) }
    let values = lengths.doubles()
    if let first = values.firstIndex(where: { $0 < 1 || $0 > Double(steps) }) {
      let count = values.count { $0 < 1 || $0 > Double(steps) }
      report("trials.lengths", "lengths[\(first)]", "expected 1 to \(steps) steps, but found \(values[first])", count)
      return []
    }
    return values.map { Int($0) }
  }

  /// All values, after those within the trials were found to be finite.
  private mutating func checked(_ tensor: Tensor, _ durations: [Int]) -> [Double] {
    let values = tensor.doubles()
    findFirst(
      tensor, durations, "trials.not-finite", expected: "a finite number", isGood: { values[$0].isFinite },
      describe: { "\(values[$0])" })
    return values
  }

  private mutating func inputs(_ tensor: Tensor, _ durations: [Int]) -> [Trial.Inputs] {
    let (steps, width) = (tensor.shape[1], tensor.shape[2])
    guard let bytes = tensor.bytes() else {
      let values = checked(tensor, durations)
      return durations.enumerated().map { index, duration in
        .analog(Array(values[(index * steps * width)..<((index * steps + duration) * width)]))
      }
    }
    if let range = reading.analogRange, tensor.elementType == .uint8 {
      let table = (0...255).map { range.lowerBound + (range.upperBound - range.lowerBound) * Double($0) / 255 }
      return durations.enumerated().map { index, duration in
        .analog(bytes[(index * steps * width)..<((index * steps + duration) * width)].map { table[Int($0)] })
      }
    }
    findFirst(
      tensor, durations, "trials.inputs.not-binary", expected: "0 or 1", isGood: { bytes[$0] <= 1 },
      describe: { "\(bytes[$0])" })
    return durations.enumerated().map { index, duration in
      var train = EventTrain(offsets: [0], sources: [])
      for step in 0..<duration {
        let row = (index * steps + step) * width
        for source in 0..<width where bytes[row + source] != 0 { train.sources.append(UInt16(source)) }
        train.offsets.append(train.sources.count)
      }
      return .spikes(train)
    }
  }

  private mutating func mask(_ tensor: Tensor, _ durations: [Int]) -> [[Bool]?] {
    let bytes = tensor.bytes() ?? []
    findFirst(
      tensor, durations, "trials.mask", expected: "0 or 1", isGood: { bytes[$0] <= 1 }, describe: { "\(bytes[$0])" })
    return durations.enumerated().map { index, duration in
      let first = index * tensor.shape[1]
      let mask = bytes[first..<(first + duration)].map { $0 != 0 }
      return mask.contains(false) ? mask : nil
    }
  }

  /// One finding for a tensor [trials, T, …]: its first bad element within a trial, and how many more there are.
  private mutating func findFirst(
    _ tensor: Tensor, _ durations: [Int], _ id: String, expected: String, isGood: (Int) -> Bool,
    describe: (Int) -> String
  ) {
    let (steps, width) = (tensor.shape[1], tensor.shape.dropFirst(2).first ?? 1)
    var first: (element: Int, path: String)?
    var count = 0
    for (trial, duration) in durations.enumerated() {
      let start = trial * steps * width
      for offset in 0..<(duration * width) where !isGood(start + offset) {
        count += 1
        guard first == nil else { continue }
        let last = tensor.shape.count == 3 ? ", \(offset % width)" : ""
        first = (start + offset, "\(tensor.name)[\(trial), \(offset / width)\(last)]")
      }
    }
    guard let first else { return }
    report(id, first.path, "expected \(expected), but found \(describe(first.element))", count)
  }

  private mutating func report(_ id: String, _ path: String, _ message: String, _ count: Int = 1, help: String? = nil) {
    let others = count > 1 ? "; so are \(count - 1) more" : ""
    findings.append(Finding(id, at: Finding.Location(file: file, path: path), message + others, help: help))
  }
}
