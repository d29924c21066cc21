import ArgumentParser
import OnlineRules

/// What online rules leave open.
struct OnlineRuleOptions: ParsableArguments {
  /// Chosen on seeds 21 to 28 of the task Add.
  private static let defaults: OnlineRuleSettings = {
    var settings = OnlineRuleSettings()
    settings.dniLearningRate = 0.01
    settings.kernlLearningRate = 5
    return settings
  }()

  @Option(help: "On rate networks: steps that bptt and f-bptt look back on.")
  var horizon = 10

  @Option(help: "Learning rate of DNI's own matrix.")
  var dniRate = Self.defaults.dniLearningRate

  @Option(help: "Learning rate of DNI(b)'s Jacobian.")
  var jacobianRate = Self.defaults.dniJacobianRate

  @Option(help: "Learning rate of KeRNL's sensitivities and decays.")
  var kernlRate = Self.defaults.kernlLearningRate

  @Option(help: "Standard deviation of KeRNL's perturbations.")
  var kernlNoise = Self.defaults.kernlNoise

  func validate() throws {
    if !(1...65_535).contains(horizon) { throw ValidationError("--horizon must be from 1 to 65535") }
    if [dniRate, jacobianRate, kernlRate, kernlNoise].contains(where: { !($0 > 0 && $0.isFinite) }) {
      throw ValidationError("rates must be positive")
    }
  }

  var settings: OnlineRuleSettings {
    var settings = OnlineRuleSettings(horizon: horizon)
    settings.dniLearningRate = dniRate
    settings.dniJacobianRate = jacobianRate
    settings.kernlLearningRate = kernlRate
    settings.kernlNoise = kernlNoise
    return settings
  }
}
