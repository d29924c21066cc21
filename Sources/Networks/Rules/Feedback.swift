import Descriptions
import Diagnostics

/// The matrix B.
let feedbackRules = [
  Rule("network.feedback.seed", feedbackSeed),
  Rule("network.feedback.standard-deviation") { require([$0.feedback?.standardDeviation], .positive) },
  Rule("network.feedback.shape", feedbackShape),
]

@Sendable private func feedbackSeed(_ description: NetworkDescription) -> [Problem] {
  guard let seed = description.feedback?.seed, seed.value < 0 else { return [] }
  return [Problem(seed.location, "expected a whole number of at least 0, but found \(seed.value)")]
}

@Sendable private func feedbackShape(_ description: NetworkDescription) -> [Problem] {
  guard let matrix = description.feedback?.matrix, let neurons = description.neuronCount, neurons > 0,
    let outputs = description.readout?.count?.value, outputs > 0
  else { return [] }
  let problem = shapeProblem(matrix, [neurons, outputs], "neurons of all populations × readouts", in: description)
  return [problem].compactMap { $0 }
}
