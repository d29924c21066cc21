import Descriptions
import Diagnostics
import Foundation

/// Real parameters of the dynamics and the loss.
let numberRules = [
  Rule("network.time-step", timeStep),
  Rule("network.time-constant", timeConstants),
  Rule("network.threshold") { require($0.populationList.map(\.threshold), .positive) },
  Rule("network.refractory", refractoryPeriods),
  Rule("network.beta") { require($0.populationList.map(\.adaptationStrength), .notNegative) },
  Rule("network.dampening") { require([$0.surrogate?.dampening, $0.surrogate?.width], .positive) },
  Rule("network.surrogate.width", surrogateWidth),
  Rule("network.inputs.range", inputRange),
  Rule("network.rate-regularisation", rateRegularisation),
]

/// A set of finite numbers.
struct Interval: Sendable {
  let description: String
  let contains: @Sendable (Double) -> Bool

  static let positive = Interval(description: "a finite number above 0") { $0.isFinite && $0 > 0 }
  static let notNegative = Interval(description: "a finite number of at least 0") { $0.isFinite && $0 >= 0 }
  static let belowOne = Interval(description: "a number of at least 0 and below 1") { $0 >= 0 && $0 < 1 }
  static let upToOne = Interval(description: "a number above 0 and at most 1") { $0 > 0 && $0 <= 1 }
}

func require(_ numbers: [Located<Double>?], _ interval: Interval) -> [Problem] {
  numbers.compactMap { number in
    guard let number, !interval.contains(number.value) else { return nil }
    return Problem(number.location, "expected \(interval.description), but found \(number.value)")
  }
}

@Sendable private func timeStep(_ description: NetworkDescription) -> [Problem] {
  require([description.timeStep], .positive)
}

/// A width of its own leaves the convention's choice of a threshold without a meaning.
@Sendable private func surrogateWidth(_ description: NetworkDescription) -> [Problem] {
  guard let width = description.surrogate?.width, let convention = description.convention else { return [] }
  let chosen = convention.choices["surrogate_width"]
  let preset: Convention.Preset? = convention.preset?.choice()
  let isAdaptive =
    chosen.map { $0.value == Convention.SurrogateWidth.adaptive.rawValue }
    ?? (preset?.convention.surrogateWidth == .adaptive)
  guard isAdaptive else { return [] }
  return [
    Problem(
      width.location, "the convention divides v − A by the adaptive threshold, so there is no width to give",
      help: "leave it out, or choose \"surrogate_width\": \"base\" in the convention")
  ]
}

/// Positive, and short enough that the decay exp(−Δt/τ) is below 1 in a double.
@Sendable private func timeConstants(_ description: NetworkDescription) -> [Problem] {
  let constants =
    description.populationList.flatMap { [$0.timeConstant, $0.synapticTimeConstant, $0.adaptationTimeConstant] }
    + [description.readout?.timeConstant]
  let step = description.timeStep?.value ?? 0
  return constants.compactMap { constant in
    guard let constant, let values = description.numbers(of: constant) else { return nil }
    for (index, value) in values.enumerated() {
      let place = values.count > 1 ? " at [\(index)]" : ""
      guard Interval.positive.contains(value) else {
        // That an array holds what is not finite is another rule's matter.
        if values.count > 1, !value.isFinite { continue }
        return Problem(constant.location, "expected \(Interval.positive.description), but found \(value)\(place)")
      }
      guard !Interval.positive.contains(step) || exp(-step / value) != 1 else {
        return Problem(constant.location, "\(value) ms\(place) is so long that the state would never decay")
      }
    }
    return nil
  }
}

/// A whole number of steps, at most as many as a trial can have.
@Sendable private func refractoryPeriods(_ description: NetworkDescription) -> [Problem] {
  let periods = description.populationList.map(\.refractory)
  let invalid = require(periods, .notNegative)
  guard let step = description.timeStep?.value, Interval.positive.contains(step) else { return invalid }
  return invalid
    + periods.compactMap { period in
      guard let period, Interval.notNegative.contains(period.value) else { return nil }
      let steps = period.value / step
      guard steps > 65_534 || abs(steps - steps.rounded()) > 1e-9 * max(1, steps) else { return nil }
      return Problem(
        period.location, "expected a whole number of time steps of \(step) ms, at most 65534, but found \(steps)")
    }
}

@Sendable private func inputRange(_ description: NetworkDescription) -> [Problem] {
  guard let range = description.inputs?.range else { return [] }
  let values = range.value.values
  guard values.count == 2, values[0].isFinite, values[1].isFinite, values[0] < values[1] else {
    return [Problem(range.location, "expected two finite numbers, the lower first, but found \(values.prefix(4))")]
  }
  return []
}

@Sendable private func rateRegularisation(_ description: NetworkDescription) -> [Problem] {
  let regulariser = description.rateRegularisation
  return require([regulariser?.coefficient, regulariser?.target], .notNegative)
}
