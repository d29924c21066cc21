import Planning
import TestSupport

/// The shape of the pattern generation network: 20 inputs, 600 neurons, 3 outputs, 1000 steps, everything plastic.
enum PatternPlan {
  static func make(neurons: Int = 600, steps: Int = 1000, block: Int = 1000, adaptive: Bool = false) -> FixedPlan {
    var random = Generator(1)
    let decay = DecayPlan(factor: 25600, shift: 4)
    let population = PopulationPlan(
      name: "rec", first: 0, count: neurons, leak: .common(31164), traceDecay: .common(decay), threshold: .common(4096),
      surrogateScale: .common(4096), firesAtThreshold: true, reset: .subtract(.common(4306)), refractorySteps: 5,
      adaptation: adaptive
        ? AdaptationPlan(
          decay: .common(DecayPlan(factor: 16400, shift: 8)), increment: .common(3000), fractionBits: 4,
          surrogateStrength: 1500) : nil,
      driveShift: 0, accumulatorBound: 1 << 24, lsb: [1])
    func projection(
      _ name: String, _ source: ProjectionPlan.Source, _ target: ProjectionPlan.Target, _ pre: Int, _ post: Int,
      _ spread: Int, shift: Int, skips: Bool = false
    ) -> ProjectionPlan {
      var weights = (0..<pre * post).map { _ in Int16(random.int(-spread...spread)) }
      if skips { for i in 0..<pre { weights[i * post + i] = 0 } }
      return ProjectionPlan(
        name: name, source: source, target: target, preCount: pre, postCount: post, weightBits: 8, weights: weights,
        isPlastic: true, skipsDiagonal: skips, shift: shift, lsb: [1], gradientLSB: 1,
        step: .factored(unit: [20000], limit: [200000]), roundingSalt: UInt32(truncatingIfNeeded: random.next()))
    }
    let projections = [
      projection("in", .inputs, .population(0), 20, neurons, 110, shift: 4),
      projection("rec", .population(0), .population(0), neurons, neurons, 90, shift: 2, skips: true),
      projection("out", .population(0), .readout, neurons, 3, 90, shift: 0),
    ]
    let readout = ReadoutPlan(
      name: "out", count: 3, decay: .common(decay), fractionBits: 12, shift: 4, bias: [0, 0, 0], biasIsPlastic: true,
      biasLimit: 1 << 20, biasStep: .factored(unit: [10], limit: [100]))
    let feedback = (0..<neurons * 3).map { _ in Int8(random.int(-100...100)) }
    let learning = LearningPlan(
      blockSteps: block, updateTime: .trial, loss: .squaredError, errorShift: 4, errorFractionBits: 8, filteredShift: 4,
      feedback: .fixed(feedback),
      populations: [
        .init(
          feedbackShift: 9, deltaShift: adaptive || block < steps ? 8 : 16, traceFractionBits: 4,
          rate: .init(perSpike: 1_000_000, constant: 10000, limit: 1000), signalLSB: 1, surrogateLSB: 1)
      ],
      schedule: .linearToZero(trials: 1000), momentWindow: 1000, gradientLimit: 1 << 30, inputEventCapacity: 20 * block,
      spikeCapacity: 64 * block)
    return FixedPlan(
      name: "pattern", timeStep: 1, maximumSteps: steps, inputs: InputPlan(count: 20, kind: .spikes),
      populations: [population], projections: projections, readout: readout, learning: learning,
      layout: Layout(history: .storedSurrogate, tile: 8), bounds: [], notes: [])
  }
}
