import Planning

/// Processing a block.
extension LiteralNetwork {
  struct Sweep {
    var sigma: [Int] = []
    var s = 0
    var q = 0
    var p = 0
  }

  func process() {
    let learning = plan.learning!
    let n = block.count
    let (filtered, filteredBefore) = filterErrors()
    let applies = !carried || learning.updateTime == .block
    var gradients: [Int: [[Int]]] = [:]
    for (p, projection) in projections.enumerated() where projection.plan.isPlastic {
      switch projection.plan.target {
      case .population(let index): gradients[p] = populationGradient(p, index, filtered, filteredBefore)
      case .readout: gradients[p] = readoutGradient(p, filtered, filteredBefore)
      }
    }
    var biasG = (0..<plan.readout.count).map { k in filtered.reduce(0) { $0 + $1[k] } }
    if carried { biasG = biasG.indices.map { biasG[$0] + Literal.near(filteredBefore[$0] * biasTrace, 8) } }
    if carried { advanceTraces(n) }
    if applies {
      beginUpdate()
      for p in projections.indices { if let g = gradients[p] { apply(p, g) } }
      if plan.readout.biasIsPlastic { applyBias(biasG) }
    } else {
      for (p, g) in gradients {
        for i in g.indices {
          for j in g[i].indices {
            projections[p].accumulator[i][j] = Literal.sat32(projections[p].accumulator[i][j] + g[i][j])
          }
        }
      }
      if plan.readout.biasIsPlastic {
        for k in biasG.indices { biasAccumulator[k] = Literal.sat32(biasAccumulator[k] + biasG[k]) }
      }
    }
    if isStream, period > plan.maximumSteps - learning.blockSteps {
      (lastCounts, lastSteps, period) = (counts, period, 0)
      counts = counts.map { _ in 0 }
    }
  }

  private func d(_ tau: Int) -> Int { Literal.dither(recordStart + tau + firstNumber) }

  private func decayed(_ x: Int, _ plan: DecayPlan, _ d: Int) -> Int {
    Literal.decay(x, Int(plan.factor), plan.shift, d)
  }

  private func filterErrors() -> ([[Int]], [Int]) {
    let shift = plan.learning!.filteredShift
    var filtered = block.map { $0.error }
    var before: [Int] = []
    for k in 0..<plan.readout.count {
      var e = 0
      for tau in block.indices.reversed() {
        e = Literal.int32(decayed(e, plan.readout.decay[k], d(tau)) + block[tau].error[k])
        filtered[tau][k] = Literal.sat16(Literal.near(e, shift))
      }
      before.append(Literal.sat16(Literal.near(decayed(e, plan.readout.decay[k], d(block.count)), shift)))
    }
    return (filtered, before)
  }

  private func feedback(_ n: Int, _ population: Int, _ k: Int) -> Int {
    switch plan.learning!.feedback {
    case .fixed(let matrix): return Int(matrix[n * plan.readout.count + k])
    case .symmetric:
      let j = n - plan.populations[population].first
      for projection in projections
      where projection.plan.target == .readout && projection.plan.source == .population(population) {
        return projection.plan.weightBits == 16 ? projection.w(j, k) >> 8 : projection.w(j, k)
      }
      return 0
    }
  }

  private func rate(_ n: Int, _ population: Int) -> Int {
    guard let rate = plan.learning!.populations[population].rate else { return 0 }
    if hasBlocks && lastSteps == 0 { return 0 }
    let (count, steps) = hasBlocks ? (lastCounts[n], lastSteps) : (counts[n], block.count)
    return Literal.clamp((count * (Int(rate.perSpike) / steps) - Int(rate.constant)) >> 8, Int(rate.limit))
  }

  /// S and Q backward with the coefficients ψ · h.
  ///
  /// - Parameter fades: S of plain neurons loses its share of its upper half only.
  private func sweep(_ n: Int, _ population: PopulationPlan, _ shift: Int, _ h: [Int], fades: Bool) -> Sweep {
    var sweep = Sweep(sigma: h)
    let j = n - population.first
    let fades = fades && population.adaptation == nil && population.current == nil && !hasBlocks
    if fades { sweep.s = 32768 }
    for tau in block.indices.reversed() {
      let psi = block[tau].psi[n]
      let c = Literal.int32(psi * h[tau])
      let scaled = Literal.scale(sweep.s, Int(population.leak[j]))
      if let adaptation = population.adaptation {
        let m = (psi * Int(adaptation.surrogateStrength) + 128) >> 8
        let x = Literal.scale(sweep.q, m)
        sweep.s = Literal.clamp(scaled + c + x, 1 << 30)
        sweep.q = Literal.clamp(decayed(sweep.q, adaptation.decay[j], d(tau)) - x - c, 1 << 30)
      } else {
        let kept = fades ? sweep.s - (sweep.s >> 16) * (65536 - 2 * Int(population.leak[j])) : scaled
        sweep.s = Literal.int32(kept + c)
      }
      sweep.sigma[tau] = sweep.s
      guard let filter = population.current else { continue }
      sweep.p = Literal.int32(decayed(sweep.p, filter.decay[j], d(tau)) + Literal.near(sweep.s, shift))
      sweep.sigma[tau] = sweep.p
    }
    return sweep
  }

  /// What arrives from source i in every step of the block.
  private func arrivals(_ projection: LiteralProjection, _ i: Int) -> [Int] {
    block.indices.map { tau in
      let previous = tau == 0 ? before : block[tau - 1].z
      return arrival(projection, i, block[tau].x, projection.plan.isImmediate ? block[tau].z : previous)
    }
  }

  private func isAnalog(_ projection: LiteralProjection) -> Bool {
    projection.plan.source == .inputs && plan.inputs.kind != .spikes
  }

  private func populationGradient(_ p: Int, _ index: Int, _ filtered: [[Int]], _ filteredBefore: [Int]) -> [[Int]] {
    let (projection, population) = (projections[p], plan.populations[index])
    let learning = plan.learning!.populations[index]
    let bits = isAnalog(projection) ? plan.inputs.kind.fractionBits : 0
    var g = projection.eligibility
    for j in 0..<population.count {
      let n = population.first + j
      func signal(_ f: [Int]) -> Int {
        let sum = (0..<plan.readout.count).reduce(0) { $0 + feedback(n, index, $1) * f[$1] }
        return Literal.near(Literal.int32(sum), learning.feedbackShift)
      }
      let h = filtered.map { Literal.int32(rate(n, index) + signal($0)) }
      let main = sweep(n, population, learning.currentShift, h, fades: true)
      let delta = main.sigma.map {
        population.adaptation == nil && population.current == nil && !hasBlocks
          ? $0 >> 16 : Literal.sat16(Literal.near($0, learning.deltaShift))
      }
      for i in 0..<projection.plan.preCount {
        if projection.plan.skipsDiagonal && i == j {
          g[i][j] = 0
          continue
        }
        let arrivals = arrivals(projection, i)
        g[i][j] = Literal.near(zip(arrivals, delta).reduce(0) { $0 + $1.0 * $1.1 }, bits)
        if carried { g[i][j] += carriedGradient(p, index, i, j, main, signal(filteredBefore)) }
        if carried { g[i][j] = Literal.sat32(g[i][j]) }
      }
      if carried { carry(p, index, j) }
    }
    return g
  }

  private func carriedGradient(_ p: Int, _ index: Int, _ i: Int, _ j: Int, _ main: Sweep, _ k: Int) -> Int {
    let (projection, population) = (projections[p], plan.populations[index])
    let learning = plan.learning!.populations[index]
    let (shift, kind) = (learning.deltaShift, LiteralNetwork.kinds(population).of[j])
    var sum = Literal.near(
      Literal.scale(main.s, Int(population.leak[j])) * projection.traces[i][kind], 12 + learning.currentShift + shift)
    if let filter = population.current {
      sum += Literal.near(
        decayed(main.p, filter.decay[j], d(block.count)) * projection.currentTraces[i][kind], 12 + shift)
    }
    if let adaptation = population.adaptation {
      let q = (main.q * Int(adaptation.surrogateStrength)) >> 8
      sum += Literal.near(q * projection.epsilon[i][j], 19 + shift)
    }
    return sum + Literal.near(k * projection.eligibility[i][j], learning.traceFractionBits + shift)
  }

  /// The new ē and ε of the synapses into neuron j.
  private func carry(_ p: Int, _ index: Int, _ j: Int) {
    let (projection, population) = (projections[p], plan.populations[index])
    let learning = plan.learning!.populations[index]
    let n = population.first + j
    let bits = isAnalog(projection) ? plan.inputs.kind.fractionBits : 0
    let dithered = d(block.count) >> 20
    var (g, h) = (1 << 12, block.map { _ in 0 })
    for tau in block.indices.reversed() {
      h[tau] = g
      g = decayed(g, plan.readout.decay[0], d(tau))
    }
    let (shift, kind) = (learning.currentShift, LiteralNetwork.kinds(population).of[j])
    let sweep = sweep(n, population, shift, h, fades: false)
    let (sigma, last, r, lastP) = adaptationSweep(n, population, shift)
    func throughCurrent(_ p: Int, _ i: Int) -> Int {
      guard let filter = population.current else { return 0 }
      return (decayed(p, filter.decay[j], d(block.count)) * projection.currentTraces[i][kind]) >> 12
    }
    for i in 0..<projection.plan.preCount where !(projection.plan.skipsDiagonal && i == j) {
      let arrivals = arrivals(projection, i)
      let (e, epsilon, trace) = (projection.eligibility[i][j], projection.epsilon[i][j], projection.traces[i][kind])
      var s = zip(arrivals, sweep.sigma).reduce(0) { $0 + $1.0 * $1.1 } >> bits
      s += ((Literal.scale(sweep.s, Int(population.leak[j])) * trace) >> (12 + shift)) + throughCurrent(sweep.p, i)
      if let adaptation = population.adaptation {
        s += (((sweep.q * Int(adaptation.surrogateStrength)) >> 8) * epsilon) >> 19
        var a = zip(arrivals, sigma).reduce(0) { $0 + $1.0 * $1.1 } >> bits
        a += ((Literal.scale(last, Int(population.leak[j])) * trace) >> (12 + shift)) + throughCurrent(lastP, i)
        projections[p].epsilon[i][j] = Literal.clamp((a * 16 + ((r * epsilon) >> 12) + dithered) >> 12, 1 << 24)
      }
      projections[p].eligibility[i][j] = Literal.sat16((s * (1 << learning.traceFractionBits) + g * e + dithered) >> 12)
    }
  }

  private func adaptationSweep(_ n: Int, _ population: PopulationPlan, _ shift: Int) -> ([Int], Int, Int, Int) {
    guard let adaptation = population.adaptation else { return ([], 0, 0, 0) }
    var (sigma, s, r, p) = (block.map { _ in 0 }, 0, 1 << 24, 0)
    let j = n - population.first
    for tau in block.indices.reversed() {
      let psi = block[tau].psi[n]
      s = Literal.int32(Literal.scale(s, Int(population.leak[j])) + psi * (r >> 12))
      let m = (psi * Int(adaptation.surrogateStrength) + 128) >> 8
      r = Literal.int32(decayed(r, adaptation.decay[j], d(tau)) - Literal.scale(r, m))
      sigma[tau] = s
      guard let filter = population.current else { continue }
      p = Literal.int32(decayed(p, filter.decay[j], d(tau)) + Literal.near(s, shift))
      sigma[tau] = p
    }
    return (sigma, s, r, p)
  }

  private func readoutGradient(_ p: Int, _ filtered: [[Int]], _ before: [Int]) -> [[Int]] {
    let projection = projections[p]
    guard case .population(let source) = projection.plan.source else { return [] }
    let first = plan.populations[source].first
    return (0..<projection.plan.preCount).map { i in
      (0..<plan.readout.count).map { k in
        var g = block.indices.reduce(0) { $0 + block[$1].z[first + i] * filtered[$1][k] }
        if carried { g = Literal.sat32(g + Literal.near(before[k] * projection.traces[i][0], 8)) }
        return g
      }
    }
  }

  private func advanceTraces(_ n: Int) {
    for (p, projection) in projections.enumerated() {
      for i in 0..<projection.plan.preCount {
        switch (projection.plan.target, projection.plan.source) {
        case (.readout, .population(let source)):
          var trace = projection.traces[i][0]
          for tau in 0..<n {
            let z = block[tau].z[plan.populations[source].first + i]
            trace = decayed(trace, plan.readout.decay[0], d(tau)) + 256 * z
          }
          projections[p].traces[i][0] = trace
        case (.readout, .inputs): break
        case (.population(let index), _): advanceTraces(p, i, plan.populations[index], n)
        }
      }
    }
    for tau in 0..<n { biasTrace = decayed(biasTrace, plan.readout.decay[0], d(tau)) + 256 }
  }

  /// ẑ and ζ of source i, by the first neuron of every kind.
  private func advanceTraces(_ p: Int, _ i: Int, _ population: PopulationPlan, _ n: Int) {
    let projection = projections[p]
    let unit = isAnalog(projection) ? 1 << (12 - plan.inputs.kind.fractionBits) : 1 << 12
    let arrivals = arrivals(projection, i)
    for (kind, j) in LiteralNetwork.kinds(population).firsts.enumerated() {
      var (trace, current) = (projection.traces[i][kind], projection.currentTraces[i][kind])
      for tau in 0..<n {
        var arrived = unit * arrivals[tau]
        if let filter = population.current {
          current = decayed(current, filter.decay[j], d(tau)) + arrived
          arrived = current
        }
        trace = decayed(trace, population.traceDecay[j], d(tau)) + arrived
      }
      projections[p].traces[i][kind] = trace
      projections[p].currentTraces[i][kind] = current
    }
  }

  /// Neurons that filter alike are of one kind: the first of each, and which is whose.
  static func kinds(_ population: PopulationPlan) -> (firsts: [Int], of: [Int]) {
    func isAlike(_ a: Int, _ b: Int) -> Bool {
      population.traceDecay[a] == population.traceDecay[b]
        && population.current?.decay[a] == population.current?.decay[b]
    }
    let firsts = (0..<population.count).filter { j in !(0..<j).contains { isAlike($0, j) } }
    return (firsts, (0..<population.count).map { j in firsts.firstIndex { isAlike($0, j) }! })
  }
}
