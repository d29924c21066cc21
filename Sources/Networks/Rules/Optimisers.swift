import Descriptions
import Diagnostics

/// Learning rate, the optimisers' constants and the schedule.
let optimiserRules = [
  Rule("network.learning-rate") { require([$0.optimiser?.learningRate], .positive) },
  Rule("network.optimiser.parameter", optimiserParameters),
  Rule("network.schedule", schedule),
]

@Sendable private func optimiserParameters(_ description: NetworkDescription) -> [Problem] {
  let parameters = description.optimiser?.parameters ?? [:]
  return require(["momentum", "beta1", "beta2"].map { parameters[$0] }, .belowOne)
    + require(["epsilon", "clip"].map { parameters[$0] }, .positive)
}

@Sendable private func schedule(_ description: NetworkDescription) -> [Problem] {
  let schedule = description.optimiser?.schedule
  let counts = [schedule?.trials, schedule?.every].compactMap { count -> Problem? in
    guard let count, !(1...Int(Int32.max)).contains(count.value) else { return nil }
    return Problem(count.location, "expected a whole number from 1 to \(Int32.max), but found \(count.value)")
  }
  return counts + require([schedule?.factor, schedule?.floor], .upToOne)
}
