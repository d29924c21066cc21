/// A rule at work on one network.
public protocol OnlineLearner: AnyObject {
  /// Before the first step of trial number `trial`, from 0. What was learnt about the network stays; what follows its
  /// state starts anew.
  func begin(trial: Int, _ cell: OnlineCell)
  /// Once per step, after the cell has advanced: moves on what the rule keeps, and puts what it has of the gradient of
  /// W, [n × m], into `gradient`. `isLast`: no step follows.
  func learn(_ cell: OnlineCell, isLast: Bool, into gradient: Buffer)
}

/// The rules that work on any cell, each documented with its type.
public enum OnlineLearners {
  /// See `RTRL`.
  public static func rtrl(_ cell: OnlineCell) -> any OnlineLearner { RTRL(cell.sizes) }
  /// See `UORO`.
  public static func uoro(_ cell: OnlineCell, draws: Draws) -> any OnlineLearner { UORO(cell.sizes, draws: draws) }
  /// See `KFRTRL`.
  public static func kfRTRL(_ cell: OnlineCell, draws: Draws) -> any OnlineLearner { KFRTRL(cell.sizes, draws: draws) }
  /// See `ReverseKF`.
  public static func reverseKF(_ cell: OnlineCell, draws: Draws) -> any OnlineLearner {
    ReverseKF(cell.sizes, draws: draws)
  }
  /// See `DNI`.
  public static func dni(
    _ cell: OnlineCell, draws: Draws, settings: OnlineRuleSettings, learnsJacobian: Bool
  ) -> any OnlineLearner {
    DNI(cell, draws: draws, settings: settings, learnsJacobian: learnsJacobian)
  }
  /// See `FixedW`.
  public static func fixedW() -> any OnlineLearner { FixedW() }
}
