/// Everything that `bench digits` finds out.
public struct DigitBench: Sendable {
  /// A training in double precision on the recordings of all speakers, and what became of it.
  public struct Training: Sendable, Hashable {
    public var rule: DigitRule
    public var seed: UInt64
    /// Of the test recordings.
    public var accuracy: Double
    /// Hz, the mean over neurons and test recordings.
    public var meanRate: Double
    /// Of the same network in integers, computed by the C; nil where it was not run.
    public var integerAccuracy: Double?

    public init(rule: DigitRule, seed: UInt64, accuracy: Double, meanRate: Double, integerAccuracy: Double? = nil) {
      self.rule = rule
      self.seed = seed
      self.accuracy = accuracy
      self.meanRate = meanRate
      self.integerAccuracy = integerAccuracy
    }
  }

  public var epochs: Int
  public var trainings: [Training] = []
  public var personalisations: [Personalisation.Outcome] = []
  public var speakers: [Int] = []
  /// The speakers' names by their numbers; empty where the files have none.
  public var names: [String] = []

  public init(epochs: Int) { self.epochs = epochs }

  /// A speaker's name, or his number.
  public func name(of speaker: Int) -> String {
    names.indices.contains(speaker) ? names[speaker] : String(speaker)
  }

  /// The mean accuracy of a rule over its seeds.
  public func meanAccuracy(_ rule: DigitRule) -> Double? { mean(trainings.filter { $0.rule == rule }.map(\.accuracy)) }

  /// The mean over what was run of a plasticity, and of one speaker where one is given.
  public func mean(
    _ value: KeyPath<Personalisation.Outcome, Double>, _ plasticity: Personalisation.Plasticity,
    speaker: Int? = nil
  ) -> Double? {
    mean(
      personalisations.filter { $0.plasticity == plasticity && (speaker == nil || $0.speaker == speaker) }
        .map { $0[keyPath: value] })
  }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }
}

/// Runs trainings side by side, as many as there are processors; each is the same as if it ran alone.
public enum SideBySide {
  public static func map<Input: Sendable, Output: Sendable>(
    _ inputs: [Input], processors: Int, _ body: @escaping @Sendable (Input) async throws -> Output
  ) async throws -> [Output] {
    try await withThrowingTaskGroup(of: (Int, Output).self) { group in
      var results = [Output?](repeating: nil, count: inputs.count)
      var next = 0
      func start() {
        guard next < inputs.count else { return }
        let (index, input) = (next, inputs[next])
        next += 1
        group.addTask { (index, try await body(input)) }
      }
      for _ in 0..<max(processors, 1) { start() }
      while let (index, output) = try await group.next() {
        results[index] = output
        start()
      }
      return results.compactMap(\.self)
    }
  }
}
