extension SpikingNetwork.Optimiser {
  /// Settings of the factored optimiser that were chosen on tasks unlike each other. The schedule is the user's: linear
  /// to zero over the trials that there will be is the best known one.
  public enum Preset: String, Sendable, Hashable, CaseIterable {
    /// Learns everything that was tried, also from rare and heavy-tailed gradients: a trial in a hundred that says
    /// something may move a weight by ten ordinary steps.
    case standard = "default"
    /// For losses that every step of every trial contributes to: steps of one size, and larger ones.
    case regression

    /// The largest step, in learning rates.
    public var clip: Double { self == .standard ? 10 : 1 }
    /// η.
    public var learningRate: Double { self == .standard ? 0.003 : 0.01 }
  }

  /// The factored optimiser with the settings of a preset.
  public init(_ preset: Preset, schedule: Schedule) {
    self.init(kind: .factored(clip: preset.clip), learningRate: preset.learningRate, schedule: schedule)
  }
}
