import Diagnostics
import Foundation
import Networks

extension Planner {
  /// Formats of one population and of the projections into it.
  mutating func planPopulation(_ index: Int, inputs: InputPlan) -> (PopulationPlan, [ProjectionPlan]) {
    let population = network.populations[index]
    let keeps = network.decays(timeConstant: population.timeConstant)
    let incoming = network.projections.filter { $0.target == .population(index) }
    let scalings = incoming.map { scaling(of: $0, keep: keeps[0]) }
    let largest = zip(incoming, scalings).map { largestWeights($0, scaling: $1, unit: population.threshold) }
    let leaks = leaks(population)
    let formats = WeightFormats.deciding(
      population, largest: largest, tops: leaks.map { population.reset == .subtract ? Double($0) / 2 : 4096 },
      isPlastic: incoming.contains(where: isPlastic), options: options)

    // An analog input's sum carries its fraction bits as well.
    let exponents = zip(incoming, formats.exponents).map { $1 - ($0.source == .inputs ? inputs.kind.fractionBits : 0) }
    var driveShift = exponents.min() ?? 0
    let unit = (0..<population.count).map { population.threshold / Double(formats.threshold[$0]) }
    var plans: [ProjectionPlan] = []
    for (p, projection) in incoming.enumerated() {
      let size = Double(sign: .plus, exponent: formats.exponents[p], significand: 1) / scalings[p]
      var lsb = unit.map { $0 * size }
      if case .common = formats.threshold { lsb = [lsb[0]] }
      plans.append(quantise(projection, lsb: lsb, shift: exponents[p] - driveShift))
    }

    note(leaks, of: population)
    let bound = accumulatorBound(plans, inputs: inputs)
    let current = planCurrent(population, unit, drive: scalbn(Double(bound), driveShift))
    driveShift += current?.fractionBits ?? 0
    let plan = PopulationPlan(
      name: population.name, first: network.firstNeuron(of: index), count: population.count, leak: PerNeuron(leaks),
      traceDecay: Decays((0..<population.count).map { DecayPlan(rate: 1 - keeps[$0]) }), threshold: formats.threshold,
      surrogateScale: map(formats.threshold) { Int32((0x1p24 / Double($0)).rounded()) },
      firesAtThreshold: network.convention.spikeCondition == .atOrAbove,
      reset: reset(population, formats.threshold, leaks, unit), refractorySteps: refractorySteps(population),
      adaptation: population.adaptation.map { planAdaptation($0, population, formats.threshold) },
      current: current, driveShift: driveShift,
      bias: bias(population, unit.map { scalbn($0, -(current?.fractionBits ?? 0)) }), accumulatorBound: bound, lsb: unit
    )
    prove(plan)
    proveCurrent(plan)
    return (plan, plans)
  }

  /// Less of v than this is not left after a step where a spike subtracts v_th / α from it: with v_th at least 2^8 that is 2^14.
  private static let leastLeak: Int32 = 512

  /// α of each neuron in Q15.
  func leaks(_ population: SpikingNetwork.Population) -> [Int32] {
    let keeps = network.decays(timeConstant: population.timeConstant)
    let least = population.reset == .subtract ? Self.leastLeak : 0
    return (0..<population.count).map { max(least, min(32767, Int32((keeps[$0] * 32768).rounded()))) }
  }

  private mutating func note(_ leaks: [Int32], of population: SpikingNetwork.Population) {
    let keeps = network.decays(timeConstant: population.timeConstant)
    let short = leaks.indices.filter { keeps[$0] * 32768 < Double(leaks[$0]) - 1 }
    // A neuron that should keep nothing has no time constant to be realised.
    let realised = leaks.indices.map { short.contains($0) ? keeps[$0] : Double(leaks[$0]) / 32768 }
    note(population.timeConstant, keeps: realised, of: "\(population.name): τ_m")
    guard !short.isEmpty else { return }
    notes.append(
      "\(population.name): \(short.count) of \(leaks.count) neurons forget so fast that nothing would be left to subtract v_th from; "
        + "they keep 1/64 of v")
  }

  /// What the convention multiplies the weights of a projection by: by 1 less a decay only where that is one for all neurons.
  func scaling(of projection: SpikingNetwork.Projection, keep: Double) -> Double {
    let choice = projection.source == .inputs ? network.convention.inputScaling : network.convention.recurrentScaling
    return choice == .one ? 1 : 1 - keep
  }

  /// The largest |weight| × scaling per postsynaptic neuron, as far as weights of few bits cover it.
  func largestWeights(_ projection: SpikingNetwork.Projection, scaling: Double, unit: Double) -> [Double] {
    let covered = options.coveredMagnitude(of: projection.weights, unit: unit / scaling) * scaling
    let pre = network.presynapticCount(of: projection)
    return (0..<network.postsynapticCount(of: projection)).map { post in
      projection.weights[post * pre..<(post + 1) * pre]
        .reduce(0) { min(covered, max($0, abs($1) * scaling)) }
    }
  }

  mutating func quantise(
    _ projection: SpikingNetwork.Projection, lsb: [Double], shift: Int
  ) -> ProjectionPlan {
    let pre = network.presynapticCount(of: projection)
    let post = network.postsynapticCount(of: projection)
    let quantised = QuantisedWeights(
      projection.weights, preCount: pre, postCount: post, lsb: lsb, bits: options.weightBits)
    if quantised.clipped > 0 { notes.append("\(projection.name): \(quantised.clipped) weights clipped") }
    let source: ProjectionPlan.Source
    switch projection.source {
    case .inputs: source = .inputs
    case .population(let index): source = .population(index)
    }
    let target: ProjectionPlan.Target
    switch projection.target {
    case .population(let index): target = .population(index)
    case .readout: target = .readout
    }
    let recurrent = source.code == target.code && source.code >= 0
    var plan = ProjectionPlan(
      name: projection.name, source: source, target: target, isImmediate: isImmediate(projection), preCount: pre,
      postCount: post,
      weightBits: options.weightBits, weights: quantised.weights, isPlastic: isPlastic(projection),
      skipsDiagonal: recurrent && !projection.autapses, shift: shift, lsb: lsb, gradientLSB: 0, step: nil,
      roundingSalt: 0)
    plan.sparsity = planSparsity(projection.mask, of: plan)
    return plan
  }

  /// A quantity of each neuron in LSB of its v, nearest.
  private func perNeuron(
    _ population: SpikingNetwork.Population, _ unit: [Double], common threshold: PerNeuron?, _ value: (Int) -> Double
  ) -> PerNeuron {
    let values = (0..<population.count).map { Int32(max(-0x1p30, min(0x1p30, value($0) / unit[$0])).rounded()) }
    if case .common? = threshold, Set(values).count == 1 { return .common(values[0]) }
    return PerNeuron(values)
  }

  func bias(_ population: SpikingNetwork.Population, _ unit: [Double]) -> PerNeuron? {
    population.bias.isEmpty ? nil : perNeuron(population, unit, common: nil) { population.bias[$0] }
  }

  func reset(
    _ population: SpikingNetwork.Population, _ threshold: PerNeuron, _ leaks: [Int32], _ unit: [Double]
  ) -> PopulationPlan.Reset {
    switch population.reset {
    case .zero: .zero
    case .value: .value(perNeuron(population, unit, common: threshold) { population.resetPotential[$0] })
    case .hold: .hold
    case .none: .subtract(map(threshold) { _ in 0 })
    case .subtractAtOnce: .subtract(threshold)
    case .subtract: .subtract(beforeDecay(threshold, leaks))
    }
  }

  /// v_th / α.
  private func beforeDecay(_ threshold: PerNeuron, _ leaks: [Int32]) -> PerNeuron {
    let amounts = leaks.indices.map { Int32((Double(threshold[$0]) * 32768 / Double(leaks[$0])).rounded()) }
    if case .common = threshold { return PerNeuron(amounts) }
    return .each(amounts)
  }

  /// Steps of silence after the step of a spike.
  func refractorySteps(_ population: SpikingNetwork.Population) -> Int {
    let steps =
      network.convention.refractoryCount == .after ? population.refractorySteps : max(0, population.refractorySteps - 1)
    return population.reset == .hold ? max(steps, 1) : steps
  }

  mutating func planAdaptation(
    _ adaptation: SpikingNetwork.Population.Adaptation, _ population: SpikingNetwork.Population, _ threshold: PerNeuron
  ) -> AdaptationPlan {
    let keeps = network.decays(timeConstant: adaptation.timeConstant).values
    let keep = keeps.max() ?? 0
    let scaled = network.convention.adaptationScaling == .one ? adaptation.strength : adaptation.strength * (1 - keep)
    let decay = decays(adaptation.timeConstant, count: population.count, of: "\(population.name): τ_a")
    // b is largest when the neuron fires as often as it can.
    let period = Double(refractorySteps(population) + 1)
    let gain = min(horizon, 1 / (1 - pow(keep, period))) + 1
    let top = (0..<population.count).map { Double(threshold[$0]) }.max() ?? 0
    let raise = scaled / population.threshold * top
    var fraction = 12
    while fraction > 0 && abs(raise) * gain * Double(1 << fraction) >= 0x1p30 { fraction -= 1 }
    if abs(raise) * gain >= 0x1p30 {
      refuse("adaptation.range", "populations.\(population.name).beta", "β is too large for the threshold's format")
    }
    let strength = surrogateHeight(population) * scaled
    if strength < 0 || strength >= 0.999 {
      refuse(
        "adaptation.strength", "populations.\(population.name).beta",
        "γ β must be at least 0 and below 1 for the eligibility of the adaptation to stay bounded")
    }
    return AdaptationPlan(
      decay: decay,
      increment: map(threshold) {
        Int32((min(0x1p30, scaled / population.threshold * Double($0) * Double(1 << fraction))).rounded())
      },
      fractionBits: fraction, surrogateStrength: Int32((max(0, min(0.999, strength)) * 32768).rounded()))
  }

  /// γ, divided by the threshold where the convention says so.
  func surrogateHeight(_ population: SpikingNetwork.Population) -> Double {
    let gamma = network.surrogate.dampening
    return network.convention.surrogateHeight == .gamma ? gamma : gamma / population.threshold
  }

  func accumulatorBound(_ plans: [ProjectionPlan], inputs: InputPlan) -> Int64 {
    plans.reduce(0) { sum, plan in
      let input: Int64 = plan.source == .inputs && inputs.kind != .spikes ? 128 : 1
      return sum + (largestSum(plan) * input) << Int64(plan.shift)
    }
  }

  /// The largest |sum of weights| of a postsynaptic neuron when every source fires: from the weights themselves where
  /// they are frozen, from their range where they learn.
  func largestSum(_ plan: ProjectionPlan) -> Int64 {
    if plan.isPlastic {
      let sources = plan.sparsity?.fanIn(postCount: plan.postCount).max() ?? plan.preCount
      return Int64(sources) << Int64(plan.weightBits - 1)
    }
    return (0..<plan.postCount).reduce(0) { top, post in
      max(top, (0..<plan.preCount).reduce(0) { $0 + abs(Int64(plan.weights[$1 * plan.postCount + post])) })
    }
  }

  mutating func prove(_ plan: PopulationPlan) {
    let drive = plan.driveShift > 0 ? plan.accumulatorBound << Int64(plan.driveShift) : plan.accumulatorBound
    prove(
      "|drive| of \(plan.name)", drive, 1 << 30, "every source fires at once", "plan.drive.range",
      "the weights into \(plan.name) span too wide a range")
    let top = (0..<plan.count).map { j -> Int32 in
      switch plan.reset {
      case .subtract(let amount): amount[j]
      case .value(let potential): plan.isNarrow ? abs(potential[j]) + (1 << 14) : abs(potential[j])
      case .zero, .hold: plan.threshold[j]
      }
    }
    prove(
      "reset of \(plan.name)", Int64(top.max() ?? 0), 32767, "v_th / α in LSB of v", "plan.reset.range",
      "τ_m is too short, or the potential after a reset too far from the threshold")
    guard plan.current == nil, let bias = plan.bias else { return }
    let largest = (0..<plan.count).map { abs(bias[$0]) }.max() ?? 0
    prove(
      "|bias| of \(plan.name)", Int64(largest), 32767, "in LSB of v", "plan.bias.range",
      "the bias current is many times the threshold")
  }

  /// Records a proven bound, or a finding where it does not hold.
  mutating func prove(
    _ quantity: String, _ largest: Int64, _ limit: Int64, _ reason: String, _ id: String, _ message: String
  ) {
    bounds.append(Bound(quantity: quantity, largest: largest, limit: limit, reason: reason))
    if largest > limit { refuse(String(id.dropFirst(5)), quantity, "\(message): \(quantity) can reach \(largest)") }
  }

  mutating func refuse(_ id: String, _ path: String, _ message: String) {
    findings.append(.init("plan.\(id)", at: .init(path: path), message))
  }

  /// - Parameter keeps: what is left after a step as realised, of each unit.
  mutating func note(_ timeConstant: PerUnit, keeps: [Double], of what: String) {
    let real = keeps.map { realisedTimeConstant(keep: $0, timeStep: network.timeStep) }
    // A unit that keeps nothing has no time constant.
    let errors = real.indices.map { real[$0] > 0 ? 100 * (real[$0] / timeConstant[$0] - 1) : 0 }
    guard case .each(let asked) = timeConstant, let low = asked.min(), let high = asked.max() else {
      notes.append(
        "\(what) \(String(format: "%g", timeConstant[0])) ms is realised as \(String(format: "%.4g", real[0])) ms "
          + "(\(String(format: "%+.3f", errors[0])) %)")
      return
    }
    let worst = errors.map { abs($0) }.max() ?? 0
    notes.append(
      "\(what) of each unit, \(String(format: "%g … %g", low, high)) ms, is realised to within \(String(format: "%.3f", worst)) %"
    )
  }

  func map(_ values: PerNeuron, _ transform: (Int32) -> Int32) -> PerNeuron {
    switch values {
    case .common(let value): .common(transform(value))
    case .each(let list): .each(list.map(transform))
    }
  }
}
