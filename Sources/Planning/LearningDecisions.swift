import Foundation
import Networks

extension Planner {
  /// Formats of errors, sweeps and gradients, and the optimiser's integers (written into the projections and readout).
  mutating func planLearning(
    _ populations: [PopulationPlan], _ projections: inout [ProjectionPlan], _ readout: inout ReadoutPlan
  ) -> LearningPlan {
    let gain = min(sweepHorizon, 1 / readout.decay.slowestRate)
    let errorFormat = decideErrorFormat(readout, gain: gain)
    let (feedback, feedbackLSB) = planFeedback(projections)
    let errorLSB = Double(sign: .plus, exponent: -(errorFormat.fraction - errorFormat.filtered), significand: 1)
    let traceScaling = network.convention.traceScaling == .one ? 1 : readout.decay[0].rate

    let learning = populations.enumerated().map { index, population in
      planSweep(population, index: index, signalLSB: feedbackLSB * errorLSB * traceScaling, outputs: readout.count)
    }
    let limit = gradientLimit(projections)
    let blockBound = Int64(blockSteps + windowSteps) << 15
    bounds.append(
      Bound(
        quantity: "|g| of a synapse and block", largest: blockBound, limit: Int64(Int32.max),
        reason: "|δ| < 2^15 and a source arrives at most once per step"))
    if isCarried { proveTraces(populations, projections, readout) }
    if windowSteps > 0 { noteWindow(populations, readout) }
    for p in projections.indices where projections[p].isPlastic {
      projections[p].gradientLSB = gradientLSB(
        projections[p], learning, errorLSB: errorLSB, keepReadout: 1 - readout.decay[0].rate)
      projections[p].step = planStep(projections[p])
    }
    if readout.biasIsPlastic {
      let unit = Double(sign: .plus, exponent: readout.fractionBits, significand: 1)
      readout.biasStep = planStep(lsb: [1 / unit], gradientLSB: errorLSB, fraction: 1)
    }
    let records = recordsInputs(projections)
    return LearningPlan(
      blockSteps: blockSteps, isStream: options.isStream, windowSteps: windowSteps,
      surrogateBits: options.surrogateBits, updateTime: options.isStream ? .block : updateTime,
      loss: network.loss == .squaredError ? .squaredError : .crossEntropy, errorShift: errorFormat.shift,
      errorFractionBits: errorFormat.fraction, filteredShift: errorFormat.filtered, feedback: feedback,
      populations: learning, schedule: planSchedule(), momentWindow: 1000, gradientLimit: limit,
      inputEventCapacity: network.inputs.kind == .spikes && records
        ? capacity(network.inputs.count, period: 1, rate: options.recordedInputRate ?? options.recordedRate) : 0,
      spikeCapacity: network.populations.reduce(0) { sum, population in
        sum + capacity(population.count, period: refractorySteps(population) + 1, rate: options.recordedRate)
      }, recordsInputs: records)
  }

  /// When the weights change: a number of steps is a number of whole blocks.
  var updateTime: LearningPlan.UpdateTime {
    guard let steps = options.updateSteps else { return options.updateTime }
    let blocks = steps / blockSteps
    return steps >= network.maximumSteps ? .trial : blocks == 1 ? .block : .blocks(blocks)
  }

  /// Whether what learns needs the inputs: for its gradients, or to replay the neurons that they drive.
  func recordsInputs(_ projections: [ProjectionPlan]) -> Bool {
    let swept = projections.filter(\.isPlastic).map(\.target)
    return projections.contains { projection in
      projection.source == .inputs
        && (projection.isPlastic || (options.history == .replay && swept.contains(projection.target)))
    }
  }

  /// Formats of err and of the filtered error F.
  mutating func decideErrorFormat(
    _ readout: ReadoutPlan, gain: Double
  ) -> (fraction: Int, shift: Int, filtered: Int) {
    bounds.append(
      Bound(
        quantity: "|Ē|", largest: Int64(32768 * (gain + 1)), limit: Int64(Int32.max),
        reason: "|err| ≤ 2^15, filtered by κ"))
    switch network.loss {
    case .crossEntropy:
      // |err| ≤ 1, so F never saturates.
      return (15, 0, bits(gain))
    case .squaredError:
      let fraction = min(readout.fractionBits, 15 - exponent(covering: options.errorRange))
      return (fraction, readout.fractionBits - fraction, Int(log2(gain) / 2))
    }
  }

  /// B as integers, and the real value of its LSB.
  func planFeedback(_ projections: [ProjectionPlan]) -> (LearningPlan.Feedback, Double) {
    switch network.feedback {
    case .symmetric:
      let lsb = projections.first { $0.target == .readout }?.lsb[0] ?? 1
      return (.symmetric, options.weightBits == 16 ? lsb * 256 : lsb)
    case .fixed(let matrix, _):
      let top = matrix.reduce(0) { max($0, abs($1)) }
      let lsb = top > 0 ? top / 127 : 1
      return (.fixed(matrix.map { Int8(($0 / lsb).rounded()) }), lsb)
    }
  }

  /// Shifts of one population's backward sweep, such that it provably fits 32 bits.
  mutating func planSweep(
    _ population: PopulationPlan, index: Int, signalLSB: Double, outputs: Int
  ) -> LearningPlan.PopulationLearning {
    let keep = population.slowestKeep
    let gain = min(sweepHorizon, 1 / (1 - keep)) + 1
    let largest = Double(outputs) * 128 * 32768
    let saturates = population.adaptation != nil || population.current != nil || hasBlocks
    // The rate signal may be as large as that of the errors, where δ or S is saturated; else an eighth of it.
    let share = saturates ? 1.0 : 0.125
    var feedbackShift = 0
    func sweepBound() -> Double { ((1 + share) * largest / Double(1 << feedbackShift) + 1) * 255 * gain + 0x1p17 }
    while sweepBound() >= (saturates ? 0x1p30 : 0x1p31) { feedbackShift += 1 }
    prove(
      "|Σ B F| of \(population.name)", Int64(largest), Int64(Int32.max), "\(outputs) outputs of |B| ≤ 2^7, |F| ≤ 2^15",
      "plan.feedback.range", "too many readouts")
    bounds.append(
      Bound(
        quantity: "|S| of \(population.name)", largest: Int64(sweepBound()),
        limit: saturates ? 1 << 30 : Int64(Int32.max),
        reason: population.adaptation != nil
          ? "saturated" : saturates ? "255 |H| / (1 − α)" : "255 |H| / (1 − α) + 2^17"))
    if isCarried {
      prove(
        "|σ| of \(population.name)", Int64(255 * Double(1 << Fixed.coefficientBits) * min(gain, Double(blockSteps))),
        Int64(Int32.max), "255 · 2^12 / (1 − α)", "plan.tau.long",
        "τ_m is too long for the traces of blocks shorter than a trial")
    }
    // Where S fades δ is its upper half. Else the bound is for the largest error, feedback and ψ at
    // every step at once: what happens stays 2^4 below it (with 2^6 assumed, gradients of store-recall fall to cosine 0.98).
    let (currentShift, currentBound) = sweepThroughCurrent(population, sweepBound())
    let deltaShift = saturates ? max(0, bits(currentBound) - 15 - 4) : 16
    let readoutGain = 1 / (1 - (network.decays(timeConstant: network.readout.timeConstant).values.max() ?? 0))
    let typicalTrace = 255 * (gain * readoutGain).squareRoot()
    let signal = signalLSB * Double(1 << feedbackShift)
    return LearningPlan.PopulationLearning(
      feedbackShift: feedbackShift, deltaShift: deltaShift, currentShift: currentShift,
      traceFractionBits: max(0, 14 - bits(typicalTrace)),
      rate: planRate(signalLSB: signal, limit: Int32(largest * share / Double(1 << feedbackShift))), signalLSB: signal,
      surrogateLSB: surrogateHeight(network.populations[index]) / 256)
  }

  func planRate(signalLSB: Double, limit: Int32) -> LearningPlan.RatePlan? {
    guard let regulariser = network.rateRegularisation, regulariser.coefficient != 0 else { return nil }
    let perHertz = network.rateSignalPerHertz(steps: network.maximumSteps) / signalLSB * 256
    return LearningPlan.RatePlan(
      perSpike: Int64((perHertz * 1000 / network.timeStep).rounded()),
      constant: Int64((perHertz * regulariser.target).rounded()), limit: limit)
  }

  /// What a block's gradient is clamped to, and what the plan knows of the products that follow.
  mutating func gradientLimit(_ projections: [ProjectionPlan]) -> Int32 {
    let limit: Int32 = 1 << 30
    let t = Int64(Fixed.quantisedGradientLimit)
    let longest = projections.filter(\.isPlastic).map { max($0.preCount, $0.postCount) }.max() ?? 1
    bounds.append(
      Bound(
        quantity: "|g| + 2^17", largest: Int64(limit) + 1 << 17, limit: Int64(Int32.max),
        reason: "|g| is clamped to 2^30, and t = g / 2^e with e ≤ \(Fixed.exponentLimit)"))
    if case .adam = network.optimiser.kind {
      proveAdam()
      return limit
    }
    let factor = secondMoments == .postsynaptic ? "F < 2^19" : "F = a b / 2^11 < 2^19"
    bounds += [
      Bound(
        quantity: "|t F|", largest: t << 19, limit: Int64(Int32.max), reason: "|t| ≤ 2^11, \(factor)"),
      Bound(
        quantity: "Σ t² of a row or column", largest: Int64(longest) * t * t, limit: Int64.max, reason: "|t| ≤ 2^11"),
    ]
    return limit
  }

  func gradientLSB(
    _ plan: ProjectionPlan, _ learning: [LearningPlan.PopulationLearning], errorLSB: Double, keepReadout: Double
  ) -> Double {
    switch plan.target {
    case .readout: return errorLSB * (network.convention.readoutScaling == .one ? 1 : 1 - keepReadout)
    case .population(let index):
      let population = learning[index]
      let keep = network.decays(timeConstant: network.populations[index].timeConstant)[0]
      let choice = plan.source == .inputs ? network.convention.inputScaling : network.convention.recurrentScaling
      return population.signalLSB * population.surrogateLSB
        * Double(1 << (population.deltaShift + population.currentShift))
        * (choice == .one ? 1 : 1 - keep)
    }
  }

  mutating func planStep(_ plan: ProjectionPlan) -> StepPlan? {
    planStep(lsb: plan.lsb, gradientLSB: plan.gradientLSB, fraction: 65536)
  }

  /// - Parameters:
  ///   - lsb: real size of one LSB of what is stepped.
  ///   - fraction: steps are in LSB / fraction.
  mutating func planStep(lsb: [Double], gradientLSB: Double, fraction: Double) -> StepPlan? {
    let rate = network.optimiser.learningRate
    func integer(_ x: Double) -> UInt32 { UInt32(max(0, min(0x1p30, x.rounded()))) }
    switch network.optimiser.kind {
    case .factored(let clip), .postsynaptic(let clip):
      let limits = lsb.map { rate * clip / $0 * fraction }
      if limits.contains(where: { $0 > 0x1p30 }) { notes.append("the largest step is clipped to 2^30 / 2^16 LSB") }
      let units = lsb.map { integer(rate / $0 * fraction) }
      if secondMoments == .described {
        return .factored(unit: units, limit: limits.map(integer))
      }
      return .postsynaptic(unit: units, limit: limits.map(integer))
    case .sgd:
      let exact = lsb.map { rate * gradientLSB / $0 * fraction }
      let top = exact.max() ?? 0
      let exponent = top > 0 ? max(8, min(62, 30 - Planning.exponent(covering: top))) : 30
      // 64 LSB of a weight for one of the gradient.
      if top >= 0x1p22 { refuse("optimiser.rate", "optimiser.learning_rate", "the learning rate is too large") }
      return .sgd(
        multiplier: exact.map { integer($0 * Double(sign: .plus, exponent: exponent, significand: 1)) },
        exponent: exponent)
    case .adam(let beta1, let beta2, let epsilon):
      let units = lsb.map { rate / $0 * fraction }
      return .adam(planAdam(beta1, beta2, epsilon: gradientLSB > 0 ? epsilon / gradientLSB : 0, units: units))
    case .momentum: return nil
    }
  }

  func planSchedule() -> LearningPlan.Schedule {
    switch network.optimiser.schedule {
    case .constant: .constant
    case .linearToZero(let trials): .linearToZero(trials: UInt32(trials))
    case .linearToFloor(let trials, let floor):
      .linearToFloor(trials: UInt32(trials), floor: UInt32((floor * 65536).rounded()))
    case .stepwise(let factor, let every):
      .stepwise(factor: UInt32((factor * 65536).rounded()), every: UInt32(every))
    }
  }

  /// Room for the events of `count` sources in a block: `rate` Hz each, and four each or 16 in all besides (so that
  /// the shortest trials of the smallest networks are not too busy); at most what can happen.
  func capacity(_ count: Int, period: Int, rate: Double) -> Int {
    let steps = blockSteps + windowSteps
    let most = count * ((steps + period - 1) / period + 1)
    let expected = Double(count * steps) * network.timeStep * rate / 1000
    return min(most, max(4 * count, 16) + Int(expected.rounded(.up)))
  }
}
