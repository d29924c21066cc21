import Planning

/// Semantics.md written down once more: slow, dense, on `Int` with checked operations and without event lists.
final class LiteralNetwork {
  struct Step {
    var x: [Int]
    var z: [Int]
    var psi: [Int]
    var error: [Int]
  }

  let plan: FixedPlan
  let carried: Bool
  var t = 0
  var v: [Int]
  var b: [Int]
  /// I.
  var current: [Int]
  var ready: [Int]
  var z: [Int]
  var psi: [Int]
  var y: [Int]
  var error: [Int]
  var counts: [Int]
  var block: [Step] = []
  var before: [Int]
  /// t of the first step in `block`, and how many of its steps belong to earlier blocks.
  var recordStart = 0
  var kept = 0
  var firstNumber = 0
  var isStream: Bool { plan.learning?.isStream ?? false }
  /// Several blocks to a trial.
  var hasBlocks: Bool { plan.learning.map { $0.isStream || $0.blockSteps < plan.maximumSteps } ?? false }
  /// The block has been processed, and the next one has not begun.
  var learnt = false
  /// t of the block's own first step, and steps of the unfinished period.
  var ownStart = 0
  var period = 0
  var spoilt = false
  var ended = false
  var updates = 0
  var skipped = 0
  var factor = 65536
  var lastCounts: [Int]
  var lastSteps = 0
  var projections: [LiteralProjection]
  var bias: [Int]
  var biasMoment: [Int]
  var biasExponent = 0
  var biasTrace = 0
  var biasAccumulator: [Int]
  var biasGradient: [Int]
  /// The input that is held, and its sums by projection.
  var x: [Int]
  var heldSums: [[Int]]

  init(_ plan: FixedPlan) {
    self.plan = plan
    carried = plan.learning.map { ($0.isStream || $0.blockSteps < plan.maximumSteps) && $0.windowSteps == 0 } ?? false
    let n = plan.neuronCount
    let zeros = [Int](repeating: 0, count: n)
    let outputs = [Int](repeating: 0, count: plan.readout.count)
    (v, b, ready, z, psi, counts, before, lastCounts) = (zeros, zeros, zeros, zeros, zeros, zeros, zeros, zeros)
    current = zeros
    (y, error, biasAccumulator, biasGradient) = (outputs, outputs, outputs, outputs)
    biasMoment = outputs
    bias = plan.readout.bias.map { Int($0) }
    projections = plan.projections.map { projection in
      guard case .population(let index) = projection.target else { return LiteralProjection(projection, kinds: 1) }
      return LiteralProjection(projection, kinds: Self.kinds(plan.populations[index]).firsts.count)
    }
    x = [Int](repeating: 0, count: plan.inputs.count)
    heldSums = plan.projections.map { [Int](repeating: 0, count: $0.postCount) }
  }

  func reset() {
    for n in 0..<plan.neuronCount { (v[n], b[n], current[n], ready[n], z[n], counts[n]) = (0, 0, 0, 0, 0, 0) }
    for k in 0..<plan.readout.count { (y[k], error[k], biasAccumulator[k]) = (0, 0, 0) }
    (t, recordStart, kept, ownStart, period) = (0, 0, 0, 0, 0)
    (spoilt, ended, learnt, biasTrace) = (false, false, false, 0)
    block = []
    before = z
    for p in projections.indices { projections[p].reset() }
  }

  // MARK: - One step

  func step(_ given: [Int], forced: Set<Int>? = nil) {
    let takesInput = t % plan.inputs.holdSteps == 0
    if takesInput { x = given }
    if let learning = plan.learning, !ended {
      let isOver = learnt || t - ownStart == learning.blockSteps
      if hasBlocks, !spoilt, isOver { nextBlock() }
      if isStream, spoilt, t - ownStart == learning.blockSteps { dropBlock() }
      if !isStream, t >= plan.maximumSteps { spoilt = true }
    }
    let previous = z
    let d = Literal.dither(t + firstNumber)
    var acc = [Int](repeating: 0, count: plan.neuronCount)
    for (p, projection) in projections.enumerated() {
      guard case .population(let target) = projection.plan.target, !projection.plan.isImmediate else { continue }
      for j in 0..<projection.plan.postCount {
        var sum = heldSums[p][j]
        if takesInput || projection.plan.source != .inputs {
          sum = 0
          for i in 0..<projection.plan.preCount { sum += arrival(projection, i, x, previous) * projection.w(i, j) }
          heldSums[p][j] = sum
        }
        acc[plan.populations[target].first + j] += sum * (1 << projection.plan.shift)
      }
    }
    for population in plan.populations {
      for j in 0..<population.count {
        let n = population.first + j
        let shift = population.driveShift
        let sum = acc[n] + arrivingNow(population, j)
        let drive = shift >= 0 ? sum * (1 << shift) : Literal.near(sum, -shift)
        var push = drive + Int(population.bias?[j] ?? 0)
        if let filter = population.current {
          let kept = Literal.decay(current[n], Int(filter.decay[j].factor), filter.decay[j].shift, d)
          current[n] = Literal.int32(kept + push)
          push = Literal.near(current[n], filter.fractionBits)
        }
        let moved = Literal.leak(v[n], Int(population.leak[j]), d) + push
        let highest = (0..<population.count).map { Int(population.threshold[$0]) }.max() ?? 0
        if population.adaptation == nil && population.current == nil && highest <= 4096 {
          let threshold = Int(population.threshold[j])
          v[n] = min(max(moved, threshold - 16384), threshold + 16383)
        } else {
          v[n] = Literal.sat16(moved)
        }
        if case .hold = population.reset, previous[n] == 1 { v[n] = 0 }
        var a = Int(population.threshold[j])
        if let adaptation = population.adaptation {
          b[n] = Literal.decay(b[n], Int(adaptation.decay[j].factor), adaptation.decay[j].shift, d)
          if previous[n] == 1 { b[n] += Int(adaptation.increment[j]) }
          _ = Literal.int32(b[n])
          a += Literal.asr(b[n], adaptation.fractionBits)
        }
        let silent = t < ready[n]
        let m = Int(population.threshold[j]) - abs(v[n] - a)
        psi[n] = silent || m <= 0 ? 0 : min(255, (m * Int(population.surrogateScale[j])) >> 16)
        var fires = !silent && (population.firesAtThreshold ? v[n] >= a : v[n] > a)
        if let forced { fires = forced.contains(n) }
        z[n] = fires ? 1 : 0
        if fires {
          ready[n] = t + 1 + population.refractorySteps
          switch population.reset {
          case .zero, .hold: v[n] = 0
          case .value(let potential): v[n] = Int(potential[j])
          case .subtract(let amount): v[n] = Literal.sat16(v[n] - Int(amount[j]))
          }
        }
      }
    }
    for k in 0..<plan.readout.count {
      var sum = 0
      for projection in projections where projection.plan.target == .readout {
        guard case .population(let source) = projection.plan.source else { continue }
        for i in 0..<projection.plan.preCount where z[plan.populations[source].first + i] == 1 {
          sum += projection.w(i, k)
        }
      }
      let kept = Literal.decay(y[k], Int(plan.readout.decay[k].factor), plan.readout.decay[k].shift, d)
      y[k] = Literal.int32(kept + bias[k] + sum * (1 << plan.readout.shift))
      error[k] = 0
    }
    record(x)
    t += 1
  }

  /// The weights of what earlier populations have fired in this step.
  private func arrivingNow(_ population: PopulationPlan, _ j: Int) -> Int {
    var sum = 0
    for projection in projections where projection.plan.isImmediate {
      guard case .population(let target) = projection.plan.target,
        case .population(let source) = projection.plan.source,
        plan.populations[target].first == population.first
      else { continue }
      for i in 0..<projection.plan.preCount where z[plan.populations[source].first + i] == 1 {
        sum += projection.w(i, j) * (1 << projection.plan.shift)
      }
    }
    return sum
  }

  /// What arrives from source i: a spike of this step's inputs or of the last step, or an analog value.
  func arrival(_ projection: LiteralProjection, _ i: Int, _ x: [Int], _ previous: [Int]) -> Int {
    switch projection.plan.source {
    case .inputs: x[i]
    case .population(let source): previous[plan.populations[source].first + i]
    }
  }

  private func record(_ x: [Int]) {
    guard let learning = plan.learning, !spoilt, !ended else { return }
    let isSpiking = plan.inputs.kind == .spikes
    let events = block.reduce(x.reduce(0, +)) { $0 + $1.x.reduce(0, +) }
    var spikes = block.reduce(z.reduce(0, +)) { $0 + $1.z.reduce(0, +) }
    spikes += before.reduce(0, +)
    if isSpiking && learning.recordsInputs && events > learning.inputEventCapacity || spikes > learning.spikeCapacity {
      spoilt = true
      return
    }
    let recorded = psi.map { psi in
      switch learning.surrogateBits {
      case 8: psi
      case 4: (psi + 8) / 17 * 17
      default: psi > 0 ? 128 : 0
      }
    }
    block.append(Step(x: x, z: z, psi: recorded, error: error))
    period += 1
    for n in z.indices { counts[n] += z[n] }
  }

  private func nextBlock() {
    if !learnt { process() }
    learnt = false
    let window = plan.learning!.windowSteps
    if block.count > window {
      before = window == 0 ? z : block[block.count - window - 1].z
      block.removeFirst(block.count - window)
    }
    for k in block.indices { block[k].error = block[k].error.map { _ in 0 } }
    kept = block.count
    recordStart = t - kept
    ownStart = t
  }

  private func dropBlock() {
    skipped += 1
    spoilt = false
    block = []
    before = z
    (recordStart, ownStart, kept, period, biasTrace) = (t, t, 0, 0, 0)
    counts = counts.map { _ in 0 }
    for p in projections.indices { projections[p].forget() }
  }

  // MARK: - Error

  func learn(_ target: [Int]?) {
    guard let learning = plan.learning else { return }
    for k in 0..<plan.readout.count {
      guard let target else {
        error[k] = 0
        continue
      }
      let wanted = Literal.clamp(target[k], 1 << 30)
      switch learning.loss {
      case .squaredError: error[k] = Literal.sat16(Literal.near(y[k] - wanted, learning.errorShift))
      case .crossEntropy: error[k] = Literal.sat16(LiteralNetwork.softmax(y, plan.readout.fractionBits)[k] - wanted)
      }
    }
    if !spoilt, !ended, !block.isEmpty { block[block.count - 1].error = error }
  }

  static func softmax(_ y: [Int], _ bits: Int) -> [Int] {
    let m = y.max() ?? 0
    let e = y.map { value -> Int in
      let distance = m - value
      if distance >= 16 * (1 << bits) { return 0 }
      let a = bits <= 11 ? distance * (1 << (11 - bits)) : distance / (1 << (bits - 11))
      let q = a * 47274 / 32768
      let (i, f) = (q / 2048, q % 2048)
      let r = f % 64
      return (table(f / 64) * (64 - r) + table(f / 64 + 1) * r) / 64 / (1 << i)
    }
    let total = e.reduce(0, +)
    return e.map { $0 * 32768 / total }
  }

  static func table(_ n: Int) -> Int {
    // 2^(16 − n/32) to the nearest integer, by its defining inequality (2x)^32 against 2^(32·17 − n).
    var x = 1.0
    for _ in 0..<32 - n { x *= 1.0218971486541166 }
    return Int((x * 32768).rounded())
  }

  // MARK: - Update

  func update() -> String {
    guard let learning = plan.learning, !ended else { return "nothing" }
    if spoilt {
      if isStream {
        dropBlock()
      } else {
        skipped += 1
        ended = true
      }
      return "spoilt"
    }
    if t == ownStart { return "nothing" }
    if isStream {
      if !learnt { process() }
      learnt = true
      return "learnt"
    }
    process()
    if carried && learning.updateTime != .block {
      beginUpdate()
      for p in projections.indices where projections[p].plan.isPlastic {
        apply(p, projections[p].accumulator)
        projections[p].clear()
      }
      if plan.readout.biasIsPlastic { applyBias(biasAccumulator) }
      biasAccumulator = biasAccumulator.map { _ in 0 }
    }
    if hasBlocks {
      lastCounts = counts
      lastSteps = t
    }
    ended = true
    return "learnt"
  }

  func beginUpdate() {
    updates += 1
    if case .stepwise(let by, let every) = plan.learning!.schedule, updates > 1, (updates - 1) % Int(every) == 0 {
      factor = (factor * Int(by) + 32768) >> 16
    }
  }

  func scheduled(_ rate: UInt32) -> Int {
    switch plan.learning!.schedule {
    case .constant: Int(rate)
    case .linearToZero(let total):
      updates > total ? 0 : (Int(rate) * (65536 * (Int(total) - updates + 1) / Int(total))) >> 16
    case .linearToFloor(let total, let floor):
      (Int(rate) * max(Int(floor), updates > total ? 0 : 65536 * (Int(total) - updates + 1) / Int(total))) >> 16
    case .stepwise: (Int(rate) * factor) >> 16
    }
  }

  /// One projection's update with the gradient g, [pre][post].
  func apply(_ p: Int, _ g: [[Int]]) {
    let (projection, n) = (projections[p], updates)
    let (pre, post, bits) = (projection.plan.preCount, projection.plan.postCount, projection.plan.stepBits)
    let limit = Int(plan.learning!.gradientLimit)
    let sparsity = projection.plan.sparsity
    func exists(_ i: Int, _ j: Int) -> Bool { sparsity?.mask[i * post + j] ?? true }
    let g = (0..<pre).map { i in (0..<post).map { j in exists(i, j) ? g[i][j] : 0 } }
    projections[p].gradient = g
    var squares = [[Int]](repeating: [Int](repeating: 0, count: post), count: pre)
    for i in 0..<pre {
      for j in 0..<post {
        var step = Literal.clamp(g[i][j], limit)
        switch projection.plan.step! {
        case .sgd(let multiplier, let exponent):
          let by = multiplier.count == 1 ? multiplier[0] : multiplier[j]
          step = (Literal.clamp(step, 0x7FFF_FFFF >> max(0, 32 - exponent)) * scheduled(by)) >> exponent
        case .adam: fatalError("the literal network has no Adam")
        case .factored(let unit, let limit):
          let t = max(-2048, min(2047, Literal.near(step, projection.exponent)))
          if (i + j / 8 + n) % projection.plan.momentStride == 0 { squares[i][j] = t * t }
          let (a, shift) = rowFactor(projection.rows[i], scheduled(unit.max()!), bits)
          var b = columnFactor(projection.columns, j, driven(projection.plan))
          if unit.count > 1 { b = b * min(32767, Int(unit[j]) * 32768 / max(1, Int(unit.max()!))) / 32768 }
          let most = n == 1 ? 0 : scheduled(limit.count == 1 ? limit[0] : limit[j]) / (1 << (16 - bits))
          step = Literal.clamp(Literal.int32(t * (a * b / (1 << shift))), most)
        case .postsynaptic(let unit, let limit):
          let t = max(-2048, min(2047, Literal.near(step, projection.exponent)))
          if (i + j / 8 + n) % projection.plan.momentStride == 0 { squares[i][j] = t * t }
          let most = n == 1 ? 0 : scheduled(limit.count == 1 ? limit[0] : limit[j]) / (1 << (16 - bits))
          step = Literal.clamp(Literal.int32(t * columnFactor(projection.columns[j], unit, j, bits)), most)
        }
        let key = (Int(projection.plan.roundingSalt) + i * ((post + 7) / 8) + j / 8) & 0xFFFF_FFFF
        let rounded = Literal.int32(step + Literal.threshold(key, j % 8, n, bits)) >> bits
        let w = projection.w(i, j) - rounded
        let end = 1 << (projection.plan.weightBits - 1)
        projections[p].weights[i * post + j] = min(end - 1, max(-end, w))
      }
    }
    guard projection.plan.step!.keepsColumns else { return }
    let unit = projection.plan.momentStride * 256
    for i in 0..<pre where projection.plan.step!.keepsRows {
      let count = sparsity == nil ? 1 << Literal.bits(post) : max(1, (0..<post).count { exists(i, $0) })
      let mean = squares[i].reduce(0, +) * unit / count
      projections[p].rows[i] = moved(projection.rows[i], mean)
    }
    for j in 0..<post {
      let count = sparsity == nil ? 1 << Literal.bits(pre) : max(1, (0..<pre).count { exists($0, j) })
      let mean = squares.reduce(0) { $0 + $1[j] } * unit / count
      projections[p].columns[j] = moved(projection.columns[j], mean)
    }
    let change = change(of: projections[p].columns, projection.exponent, driven(projection.plan))
    projections[p].exponent += change
    projections[p].rows = rescaled(projections[p].rows, change)
    projections[p].columns = rescaled(projections[p].columns, change)
  }

  /// What the sum of the columns' means is divided by.
  func driven(_ plan: ProjectionPlan) -> Int {
    guard let mask = plan.sparsity?.mask else { return 1 << Literal.bits(plan.postCount) }
    return max(1, (0..<plan.postCount).count { j in (0..<plan.preCount).contains { mask[$0 * plan.postCount + j] } })
  }

  /// a_i and the shift y_i.
  func rowFactor(_ row: Int, _ rate: Int, _ bits: Int) -> (Int, Int) {
    if rate == 0 { return (0, 31) }
    let exponent = Literal.bits(rate + 1) - 15
    let (y, z) = Literal.inverseRoot(row)
    let a = Literal.scaled(rate, exponent) * y / 32768
    let shift = 38 - bits - exponent - z
    let end = max(11, min(31, shift))
    return (min(32767, Literal.scaled(a, shift - end)), end)
  }

  /// b_j.
  func columnFactor(_ columns: [Int], _ j: Int, _ driven: Int) -> Int {
    let mean = columns.reduce(0, +) / driven
    let (y, z) = Literal.inverseRoot(mean)
    let root = max(mean, 1) * (1 << (2 * z)) / 65536 * y / 16384
    let column = Literal.inverseRoot(columns[j])
    return min(32767, Literal.scaled(root * column.y / 32768, z + 4 - column.z))
  }

  /// F_j, where there are no rows.
  func columnFactor(_ column: Int, _ unit: [UInt32], _ j: Int, _ bits: Int) -> Int {
    let top = Int(unit.max()!)
    let rate = scheduled(UInt32(top))
    if rate == 0 { return 0 }
    let exponent = Literal.bits(rate + 1) - 15
    let (y, z) = Literal.inverseRoot(column)
    var a = Literal.scaled(rate, exponent) * y / 32768
    if unit.count > 1 { a = a * min(32767, Int(unit[j]) * 32768 / max(1, top)) / 32768 }
    let shift = 27 - bits - exponent - z
    return min((1 << 19) - 1, shift > 0 ? (a + (1 << (shift - 1))) / (1 << shift) : a * (1 << min(16, -shift)))
  }

  func moved(_ from: Int, _ to: Int) -> Int {
    let share = 65536 / min(updates, Int(plan.learning!.momentWindow))
    return from + ((to - from) * share + (updates * 0x9E37_79B9) % (1 << 32) / 65536) >> 16
  }

  /// By how much an exponent changes so that the mean of the moments is in its octave.
  func change(of moments: [Int], _ exponent: Int, _ count: Int) -> Int {
    var (mean, change) = (moments.reduce(0, +) / count, 0)
    while mean >= 1 << 22, exponent + change < 18, change < 8 { (mean, change) = (mean / 4, change + 1) }
    while mean < 1 << 20, exponent + change > 0, change > -8 { (mean, change) = (mean * 4, change - 1) }
    return change
  }

  func rescaled(_ moments: [Int], _ change: Int) -> [Int] {
    moments.map { min(0xFFFF_FFFF, Literal.scaled($0, 2 * change)) }
  }

  func applyBias(_ g: [Int]) {
    biasGradient = g
    for k in g.indices {
      var step = Literal.clamp(g[k], Int(plan.learning!.gradientLimit))
      switch plan.readout.biasStep! {
      case .sgd(let multiplier, let exponent):
        let by = multiplier.count == 1 ? multiplier[0] : multiplier[k]
        step = Literal.clamp((step * scheduled(by)) >> exponent, 1 << 30)
      case .adam: fatalError("the literal network has no Adam")
      case .factored(let unit, let limit), .postsynaptic(let unit, let limit):
        let t = max(-2048, min(2047, Literal.near(step, biasExponent)))
        let rate = scheduled(unit.count == 1 ? unit[0] : unit[k])
        let most = updates == 1 ? 0 : scheduled(limit.count == 1 ? limit[0] : limit[k])
        let exponent = Literal.bits(rate + 1) - 15
        let (y, z) = Literal.inverseRoot(biasMoment[k])
        let a = Literal.scaled(rate, exponent) * y / 32768
        step = rate == 0 ? 0 : Literal.clamp((t * a * (1 << 20)) >> (31 - exponent - z), most)
        biasMoment[k] = moved(biasMoment[k], t * t * 256)
      }
      bias[k] = Literal.clamp(bias[k] - step, Int(plan.readout.biasLimit))
    }
    guard plan.readout.biasStep!.keepsColumns else { return }
    let change = change(of: biasMoment, biasExponent, 1 << Literal.bits(biasMoment.count))
    biasExponent += change
    biasMoment = rescaled(biasMoment, change)
  }
}

/// A projection of the literal network.
struct LiteralProjection {
  let plan: ProjectionPlan
  /// In how many ways its targets filter what arrives.
  let kinds: Int
  var weights: [Int]
  var rows: [Int]
  var columns: [Int]
  var exponent = 0
  var traces: [[Int]] = []
  /// ζ.
  var currentTraces: [[Int]] = []
  var eligibility: [[Int]] = []
  var epsilon: [[Int]] = []
  var accumulator: [[Int]] = []
  var gradient: [[Int]] = []

  init(_ plan: ProjectionPlan, kinds: Int) {
    self.plan = plan
    self.kinds = kinds
    weights = plan.weights.map { Int($0) }
    rows = [Int](repeating: 0, count: plan.preCount)
    columns = [Int](repeating: 0, count: plan.postCount)
    reset()
  }

  func w(_ i: Int, _ j: Int) -> Int { weights[i * plan.postCount + j] }

  mutating func reset() {
    let zeros = [[Int]](repeating: [Int](repeating: 0, count: plan.postCount), count: plan.preCount)
    traces = [[Int]](repeating: [Int](repeating: 0, count: kinds), count: plan.preCount)
    currentTraces = traces
    (eligibility, epsilon, accumulator) = (zeros, zeros, zeros)
  }

  mutating func forget() {
    let total = accumulator
    reset()
    accumulator = total
  }

  mutating func clear() { accumulator = accumulator.map { $0.map { _ in 0 } } }
}
