public import Diagnostics
public import Safetensors

/// What the rules of another program's run drew, and what they started with: Format.md, *Draws*.
public struct RecordedDraws: Sendable, Hashable {
  struct Recorded: Sendable, Hashable {
    var shape: [Int]
    var values: [Double]
  }
  private let arrays: [String: Recorded]

  /// Reads a file of draws for a network of these sizes, rules and trials.
  ///
  /// - Throws: what is wrong with the file (`file.…`, `safetensors.…`) or with the draws in it (`draws.…`), all at once.
  public static func read(
    path: String, for sizes: OnlineSizes, rules: [OnlineRule], trials: Int, steps: Int,
    ignoring others: Set<String> = []
  ) throws(Findings) -> RecordedDraws {
    try RecordedDraws(
      SafetensorsFile(path: path), file: path, for: sizes, rules: rules, trials: trials, steps: steps, ignoring: others)
  }

  /// The draws in a file that has been read.
  ///
  /// - Parameters:
  ///   - rules: those that will run; what they would draw must be there. Arrays of other rules may be there too.
  ///   - trials, steps: how many trials will run, and the steps of the longest.
  ///   - others: tensors that somebody else reads.
  public init(
    _ content: SafetensorsFile, file: String? = nil, for sizes: OnlineSizes, rules: [OnlineRule], trials: Int,
    steps: Int, ignoring others: Set<String> = []
  ) throws(Findings) {
    var known: [String: DrawnArray] = [:]
    let isRate = sizes.components == 1
    if isRate {
      known["activity"] = DrawnArray("activity", .perTrial, [("n", sizes.units)], "a before the first step")
    }
    for rule in isRate ? OnlineRule.allCases : OnlineRule.ofSpikes {
      for array in rule.drawnArrays(sizes) {
        known[rule.rawValue + "." + array.name] = array
      }
    }
    var findings: [Finding] = []
    func report(_ id: String, _ path: String, _ message: String, help: String? = nil) {
      findings.append(Finding(id, at: Finding.Location(file: file, path: path), message, help: help))
    }
    var arrays: [String: Recorded] = [:]
    for tensor in content.tensors where !others.contains(tensor.name) {
      guard let array = known[tensor.name] else {
        report(
          "draws.unknown", tensor.name, "unknown tensor \(Quoted.text(tensor.name))",
          help: Nearest.help(for: tensor.name, among: known.keys.sorted()))
        continue
      }
      let expected = array.shape(trials: trials, steps: steps)
      guard tensor.shape == expected || (array.kind == .setting && tensor.shape == [1]) else {
        report(
          "draws.shape", tensor.name,
          "expected the shape \(expected), but found \(tensor.shape.prefix(8))")
        continue
      }
      let values = tensor.doubles()
      if !values.allSatisfy(\.isFinite) {
        report("draws.not-finite", tensor.name, "expected finite numbers")
      } else if case .setting = array.kind, let problem = Self.problem(with: values[0], of: array.name) {
        report("draws.setting", tensor.name, problem)
      }
      arrays[tensor.name] = Recorded(shape: tensor.shape, values: values)
    }
    for rule in rules {
      for array in rule.drawnArrays(sizes) where array.isRequired {
        let name = rule.rawValue + "." + array.name
        guard content.tensor(named: name) == nil else { continue }
        let shape = array.shape(trials: trials, steps: steps)
        report("draws.missing", name, "a replay of \(rule.rawValue) needs the tensor, of shape \(shape)")
      }
    }
    guard findings.isEmpty else { throw Findings(findings) }
    self.arrays = arrays
  }

  private static func problem(with value: Double, of name: String) -> String? {
    if ["horizon", "interval", "reset"].contains(name) {
      return value >= 1 && value == value.rounded() && value <= 65_535
        ? nil : "expected a whole number from 1 to 65535, but found \(value)"
    }
    return value >= 0 ? nil : "expected a number of at least 0, but found \(value)"
  }

  /// All of an array.
  public func values(_ name: String) -> [Double]? { arrays[name]?.values }

  /// An array's part for a trial.
  public func row(_ name: String, trial: Int) -> [Double]? {
    guard let array = arrays[name] else { return nil }
    let width = array.values.count / array.shape[0]
    return Array(array.values[trial * width..<(trial + 1) * width])
  }

  /// Copies an array's part for a step; false if there is no such array.
  public func copy(_ name: String, trial: Int, step: Int, to buffer: Buffer) -> Bool {
    guard let array = arrays[name] else { return false }
    let first = (trial * array.shape[1] + step) * buffer.count
    for index in 0..<buffer.count { buffer.base[index] = array.values[first + index] }
    return true
  }

  /// The settings with those of the file put over them.
  public func settings(of rule: OnlineRule, over settings: OnlineRuleSettings) -> OnlineRuleSettings {
    var result = settings
    func value(_ name: String) -> Double? { values(rule.rawValue + "." + name)?.first }
    if let horizon = value("horizon") { result.horizon = Int(horizon) }
    if let interval = value("interval") { result.dniInterval = Int(interval) }
    if let rate = value("jacobian_rate") { result.dniJacobianRate = rate }
    if let reset = value("reset") { result.kernlReset = Int(reset) }
    if let rate = value("learning_rate") {
      if rule == .kernl { result.kernlLearningRate = rate } else { result.dniLearningRate = rate }
    }
    return result
  }
}
