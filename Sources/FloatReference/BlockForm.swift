import Networks
import Trials

/// e-prop 1 block by block. Between blocks three things are carried per projection onto neurons:
/// ẑ (per source), ε (per synapse onto adaptive neurons) and ē (per synapse). At the start of a block they add
/// α S_j ẑ_i, R_j ε_ji and κ G_j ē_ji to its gradient, with S, R, G as the sweep leaves them at the first step. Their
/// values at the block's end are linear in the same things, from two more sweeps that are seeded with 1.
/// Onto readouts there is one, the spikes filtered by κ (per source), and one for the bias. Where the drive flows through a
/// synaptic current, a source carries ε_I as well, which adds α_s Q_j ε_I, and ẑ is ε_v.
final class BlockForm: GradientMethod {
  /// What one projection carries over a block's start.
  private final class Carry {
    /// ẑ_i; the κ-filtered spikes for a projection onto the readout. [pre × `width`]
    let sources: Buffer<Double>
    /// How many filters of a source there are: 1, or as many as targets where these filter each in its own way.
    let width: Int
    /// ε_I of a projection onto neurons with a synaptic current; there ẑ_i is ε_v.
    let currents: Buffer<Double>
    /// ε_ji and ē_ji, [pre × post].
    let adaptation: Buffer<Double>
    let filtered: Buffer<Double>

    init(_ link: Wiring.Link, filtersAlike: Bool, isAdaptive: Bool, hasSynapse: Bool) {
      let synapses = link.targetGroup == nil ? 0 : link.preCount * link.postCount
      width = filtersAlike ? 1 : link.postCount
      sources = Buffer(link.preCount * width, filledWith: 0)
      currents = Buffer(hasSynapse ? link.preCount * width : 0, filledWith: 0)
      adaptation = Buffer(isAdaptive ? synapses : 0, filledWith: 0)
      filtered = Buffer(synapses, filledWith: 0)
    }

    /// Where the filter of source i for target j is.
    func place(_ i: Int, _ j: Int) -> Int { width == 1 ? i : i * width + j }

    func clear() {
      sources.fill(0)
      currents.fill(0)
      adaptation.fill(0)
      filtered.fill(0)
    }
  }

  private let wiring: Wiring
  private let gather: GradientGather
  private let coefficients: Coefficients
  private let sweep: GradientSweep
  private let feedback: Feedback
  private let clopath: ClopathFactor?
  private let blockLength: Int?
  /// Which projections' gradients are formed.
  private let wanted: [Bool]
  private var carries: [Carry] = []
  private var carriedBias = 0.0

  var rateTerm: Buffer<Double> { sweep.rateTerm }
  var needsStates: Bool { clopath != nil }

  init(_ wiring: Wiring, _ options: EProp1, feedback: Feedback, timeStep: Double, wanted: [Bool]) {
    var blockLength: Int?
    if case .blocks(let steps) = options.form { blockLength = max(steps, 1) }
    self.wiring = wiring
    self.blockLength = blockLength
    self.wanted = wanted
    self.feedback = feedback
    clopath = options.factor == .clopath ? ClopathFactor(wiring, timeStep: timeStep) : nil
    gather = GradientGather(wiring: wiring)
    coefficients = Coefficients(wiring)
    sweep = GradientSweep(wiring, eligibility: options.eligibility, feedback: feedback)
    if blockLength != nil {
      carries = wiring.links.map { link in
        let group = link.targetGroup.map { wiring.groups[$0] }
        return Carry(
          link, filtersAlike: group?.filtersAlike ?? wiring.readsAlike, isAdaptive: group?.isAdaptive ?? false,
          hasSynapse: group?.synapticDecay != nil)
      }
    }
  }

  func prepare() { feedback.prepare() }

  /// A single step is a trial of one block that ends with it.
  func add(_ tape: TrialTape, _ trial: Trial, _ part: TrialPart, factor: Double, to gradient: ParameterBuffers) {
    let steps = part.steps(of: trial)
    let length = part == .whole ? min(blockLength ?? steps.count, steps.count) : steps.count
    coefficients.prepare(steps: length)
    for carry in carries { carry.clear() }
    carriedBias = 0
    let factors = clopath?.follow(tape) ?? PostsynapticFactors(tape)
    var start = 0
    while start < steps.count {
      let block = start..<min(start + length, steps.count)
      coefficients.filterErrors(tape, block, part, decays: wiring.readoutDecays.base)
      sweep.run(.loss(part), tape, factors: factors, block, into: coefficients)
      for link in wiring.links.indices where wanted[link] {
        gather.add(link, tape, trial, block, coefficients, factor: factor, to: gradient.projections[link])
        if start > 0 { addCarried(link, factor: factor, to: gradient.projections[link]) }
      }
      addBias(block, factor: factor, to: gradient)
      if block.upperBound < steps.count { carry(tape, factors, trial, block) }
      start = block.upperBound
    }
  }

  private func addBias(_ block: Range<Int>, factor: Double, to gradient: ParameterBuffers) {
    let (rows, count) = (coefficients.outputs.base, wiring.outputCount)
    for step in 0..<block.count { for k in 0..<count { gradient.bias[k] += factor * rows[step * count + k] } }
    guard block.lowerBound > 0, blockLength != nil else { return }
    for k in 0..<count { gradient.bias[k] += factor * wiring.readoutDecay * rows[k] * carriedBias }
  }

  /// α S_j ẑ_i + R_j ε_ji + κ G_j ē_ji, or κ G_k times the filtered spikes.
  private func addCarried(_ index: Int, factor: Double, to sums: UnsafeMutableBufferPointer<Double>) {
    let (link, carry) = (wiring.links[index], carries[index])
    guard let target = link.targetGroup else {
      for i in 0..<link.preCount {
        for k in 0..<link.postCount {
          sums[i * link.postCount + k] +=
            factor * link.scale * wiring.readoutDecays.base[k] * coefficients.outputs.base[k]
            * carry.sources.base[carry.place(i, k)]
        }
      }
      return
    }
    addTraces(index, wiring.groups[target], factor: factor * link.scale, to: sums)
    let decay = wiring.readoutDecay
    for i in 0..<link.preCount {
      for j in 0..<link.postCount {
        let synapse = i * link.postCount + j
        sums[synapse] +=
          factor * link.scale * decay * sweep.signal.base[link.postFirst + j] * carry.filtered.base[synapse]
      }
    }
    clearDiagonal(link, sums)
  }

  /// factor · (α S_j ẑ_i + R_j ε_ji), and α_s Q_j ε_I with a synaptic current
  private func addTraces(
    _ index: Int, _ group: Wiring.Group, factor: Double, to sums: UnsafeMutableBufferPointer<Double>
  ) {
    let (link, carry) = (wiring.links[index], carries[index])
    let (s, r) = (sweep.membrane.base + link.postFirst, sweep.adaptation.base + link.postFirst)
    let (alpha, synaptic) = (group.membraneDecay + group.first, group.synapticDecay.map { $0 + group.first })
    for i in 0..<link.preCount {
      for j in 0..<link.postCount {
        let (synapse, place) = (i * link.postCount + j, carry.place(i, j))
        sums[synapse] += factor * alpha[j] * s[j] * carry.sources.base[place]
        if let synaptic {
          sums[synapse] += factor * synaptic[j] * sweep.current.base[link.postFirst + j] * carry.currents.base[place]
        }
        if group.isAdaptive { sums[synapse] += factor * r[j] * carry.adaptation.base[synapse] }
      }
    }
  }

  /// Moves everything that is carried from the block's start to its end.
  private func carry(_ tape: TrialTape, _ factors: PostsynapticFactors, _ trial: Trial, _ block: Range<Int>) {
    sweep.run(.filteredTrace, tape, factors: factors, block, into: coefficients)
    for (index, link) in wiring.links.enumerated() where wanted[index] {
      guard let target = link.targetGroup else { continue }
      let sums = carries[index].filtered
      for step in sums.elements.indices { sums.base[step] *= power(wiring.readoutDecay, block.count) }
      addTraces(index, wiring.groups[target], factor: 1, to: sums.elements)
      gather.add(index, tape, trial, block, coefficients, factor: 1 / link.scale, to: sums.elements)
    }
    if wiring.groups.contains(where: \.isAdaptive) {
      sweep.run(.adaptationTrace, tape, factors: factors, block, into: coefficients)
      for (index, link) in wiring.links.enumerated() where wanted[index] {
        if let target = link.targetGroup, wiring.groups[target].isAdaptive {
          carryAdaptation(index, wiring.groups[target], tape, trial, block)
        }
      }
    }
    for index in wiring.links.indices { carrySources(index, tape, trial, block) }
    for _ in block { carriedBias = wiring.readoutDecay * carriedBias + 1 }
  }

  private func carryAdaptation(
    _ index: Int, _ group: Wiring.Group, _ tape: TrialTape, _ trial: Trial, _ block: Range<Int>
  ) {
    let (link, carry) = (wiring.links[index], carries[index])
    let (s, r) = (sweep.membrane.base + link.postFirst, sweep.adaptation.base + link.postFirst)
    let (alpha, synaptic) = (group.membraneDecay + group.first, group.synapticDecay.map { $0 + group.first })
    for i in 0..<link.preCount {
      for j in 0..<link.postCount {
        let (synapse, place) = (carry.adaptation.base + i * link.postCount + j, carry.place(i, j))
        synapse.pointee = r[j] * synapse.pointee + alpha[j] * s[j] * carry.sources.base[place]
        if let synaptic {
          synapse.pointee += synaptic[j] * sweep.current.base[link.postFirst + j] * carry.currents.base[place]
        }
      }
    }
    gather.add(index, tape, trial, block, coefficients, factor: 1 / link.scale, to: carry.adaptation.elements)
  }

  /// ẑ ← α ẑ + p at every step of the block; with κ for a projection onto the readout.
  private func carrySources(_ index: Int, _ tape: TrialTape, _ trial: Trial, _ block: Range<Int>) {
    if let target = wiring.links[index].targetGroup, wiring.groups[target].synapticDecay != nil {
      carryCurrents(index, wiring.groups[target], tape, trial, block)
      return
    }
    let width = carries[index].width
    let decays =
      wiring.links[index].targetGroup.map { wiring.groups[$0].membraneDecay }
      ?? UnsafePointer(wiring.readoutDecays.base)
    for j in 0..<width {
      carrySources(index, tape, trial, block, filter: j, of: width, decay: decays[wiring.links[index].postFirst + j])
    }
  }

  /// One filter of every source, that of target j or of all.
  private func carrySources(
    _ index: Int, _ tape: TrialTape, _ trial: Trial, _ block: Range<Int>, filter j: Int, of width: Int, decay: Double
  ) {
    let (link, sources) = (wiring.links[index], carries[index].sources.base + j)
    if link.sourceGroup == nil, case .analog(let values) = trial.inputs {
      for i in 0..<link.preCount {
        for step in block {
          sources[i * width] = decay * sources[i * width] + values[trial.row(of: step) * wiring.inputCount + i]
        }
      }
      return
    }
    let events = link.sourceGroup == nil ? tape.inputsBySource : tape.spikesBySource
    let arrivals = block.lowerBound - link.delay..<block.upperBound - link.delay
    for i in 0..<link.preCount {
      var (value, now) = (sources[i * width], arrivals.lowerBound - 1)
      for event in events.window(of: link.preFirst + i, within: arrivals) {
        let time = Int(events.times.base[event])
        value = value * power(decay, time - now) + 1
        now = time
      }
      sources[i * width] = value * power(decay, arrivals.upperBound - 1 - now)
    }
  }

  /// ε_I ← α_s ε_I + p and ε_v ← α ε_v + ε_I at every step of the block.
  private func carryCurrents(
    _ index: Int, _ group: Wiring.Group, _ tape: TrialTape, _ trial: Trial, _ block: Range<Int>
  ) {
    let (link, carry) = (wiring.links[index], carries[index])
    let arrivals = Arrivals(tape, trial, inputCount: wiring.inputCount)
    guard let synaptic = group.synapticDecay else { return }
    for i in 0..<link.preCount {
      for j in 0..<carry.width {
        let (current, source) = (carry.currents.base + carry.place(i, j), carry.sources.base + carry.place(i, j))
        for step in block {
          current.pointee = synaptic[group.first + j] * current.pointee + arrivals.value(of: i, through: link, step)
          source.pointee = group.membraneDecay[group.first + j] * source.pointee + current.pointee
        }
      }
    }
  }

  private func clearDiagonal(_ link: Wiring.Link, _ sums: UnsafeMutableBufferPointer<Double>) {
    guard link.lacksDiagonal else { return }
    for i in 0..<link.preCount { sums[i * link.postCount + i] = 0 }
  }

  /// base^exponent by repeated multiplication: for the short exponents here as exact as the steps themselves.
  private func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    for _ in 0..<exponent { result *= base }
    return result
  }
}
