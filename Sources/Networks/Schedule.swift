extension SpikingNetwork.Optimiser {
  /// The learning rate of trial n = 1, 2, …: η times the schedule's factor.
  public func learningRate(trial n: Int) -> Double {
    switch schedule {
    case .constant: learningRate
    case .linearToZero(let trials): learningRate * Double(max(trials - n + 1, 0)) / Double(max(trials, 1))
    case .linearToFloor(let trials, let floor):
      learningRate * max(floor, Double(max(trials - n + 1, 0)) / Double(max(trials, 1)))
    case .stepwise(let factor, let every):
      (0..<(n - 1) / max(every, 1)).reduce(learningRate) { rate, _ in rate * factor }
    }
  }
}
