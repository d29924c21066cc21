import CBackend
import FixedPoint
import IntegerModel
import Planning

/// What the integer model computes from a stimulus, as digests.
struct GoldenExpectations: Sendable, Hashable {
  struct Update: Sendable, Hashable {
    var status: UpdateResult
    var learnt: [UInt32]
    /// Of the image.
    var image: UInt32
  }

  let stimulus: Stimulus
  /// Arrays that a step changes, and that learning changes.
  let stateArrays: [GoldenArray]
  let learntArrays: [GoldenArray]
  /// Per step of the stimulus, one digest for each of `stateArrays`.
  private(set) var state: [[UInt32]] = []
  /// Per trial; empty without learning.
  private(set) var updates: [Update] = []
  /// How often all trials are learnt from, one after the other, and the digest of the image after that.
  let rounds: Int
  private(set) var finalImage: UInt32 = 0

  init(_ plan: FixedPlan, _ stimulus: Stimulus) {
    self.stimulus = stimulus
    let names = DriverArrays(plan)
    stateArrays = names.step.map { GoldenArray(state: $0, plan) }
    learntArrays = names.learnt.map { GoldenArray(learnt: $0, plan) }
    let network = IntegerNetwork(plan)
    let synapses = plan.projections.reduce(0) { $0 + plan.synapseCount($1) }
    rounds = synapses < 50_000 ? 24 : 3
    let arrays = Dictionary(uniqueKeysWithValues: network.stateArrays.map { ($0.name, $0) })
    func digests(_ names: [String]) -> [UInt32] {
      names.map { name in
        guard let array = arrays[name] else { preconditionFailure("the integer model has no array '\(name)'") }
        let isAbsent = network.isSpoilt && ["psi", "error"].contains(name)
        return isAbsent ? 0 : network.digest(of: array)
      }
    }
    for trial in stimulus.order.map({ stimulus.trials[$0] }) {
      network.reset()
      for step in 0..<trial.steps {
        network.take(trial, step)
        state.append(digests(names.step))
      }
      guard plan.learning != nil else { continue }
      let status = network.update()
      let image = network.imageDigest
      updates.append(Update(status: status, learnt: digests(names.learnt), image: image))
    }
    for _ in 1..<rounds where plan.learning != nil {
      for trial in stimulus.order.map({ stimulus.trials[$0] }) {
        network.reset()
        for step in 0..<trial.steps { network.take(trial, step) }
        _ = network.update()
      }
    }
    finalImage = network.imageDigest
  }

  static func == (a: Self, b: Self) -> Bool { a.state == b.state && a.updates == b.updates }
  func hash(into hasher: inout Hasher) { hasher.combine(state) }
}

extension IntegerNetwork {
  /// The CRC-32 of an image without its own: with it, every image has the same.
  fileprivate var imageDigest: UInt32 { save().dropLast(4).withUnsafeBytes { CRC32.of($0) } }

  /// One step of a trial, with its target.
  func take(_ trial: Stimulus.QuantisedTrial, _ step: Int) {
    if trial.values.isEmpty {
      self.step(spikes: trial.spikes[step])
    } else {
      self.step(analog: trial.values[step])
    }
    if let target = trial.targets[step] { learn(target: target) }
  }
}

/// An array of the model, and the members of the struct that hold it.
struct GoldenArray: Sendable, Hashable {
  /// The model's name of it.
  let name: String
  /// Places, as C, one after the other.
  let parts: [Part]
  /// Whether it is there only while the trial is recorded.
  var isRecorded = false

  struct Part: Sendable, Hashable {
    var place: String
    var count: String
    var bytes: Int
  }

  /// An array that a step changes.
  init(state name: String, _ plan: FixedPlan) {
    let macro = plan.name.uppercased()
    self.name = name
    func row(_ field: String, _ width: String) -> String { "&net->\(field)[row * \(width)]" }
    switch name {
    case "v": parts = [Part(place: "potentials(net)", count: "\(macro)_NEURONS", bytes: 2)]
    case "adaptation":
      parts = plan.populations.filter { $0.adaptation != nil }.map {
        Part(place: "&net->raise_\($0.name)[0]", count: "\($0.count)U", bytes: 4)
      }
    case "current":
      parts = plan.populations.filter { $0.current != nil }.map {
        Part(place: "&net->synaptic_\($0.name)[0]", count: "\($0.count)U", bytes: 4)
      }
    case "spikes":
      parts = [Part(place: "&net->spikes[0]", count: "net->spike_end[\(plan.populations.count - 1)]", bytes: 2)]
    case "psi":
      let isPacked = plan.learning?.surrogateBits != 8
      parts = [
        Part(
          place: isPacked ? "&net->last_psi[0]" : row("psi", "\(macro)_NEURONS"), count: "\(macro)_NEURONS", bytes: 1)
      ]
      isRecorded = true
    case "y": parts = [Part(place: "&net->y[0]", count: "\(macro)_OUTPUTS", bytes: 4)]
    case "error":
      parts = [Part(place: row("error", "\(macro)_OUTPUTS"), count: "\(macro)_OUTPUTS", bytes: 2)]
      isRecorded = true
    default: preconditionFailure("no member of the struct holds '\(name)'")
    }
  }

  /// An array that learning changes: `weights.recurrent`, `bias`, …
  init(learnt name: String, _ plan: FixedPlan) {
    self.name = name
    let words = name.split(separator: ".", maxSplits: 1).map(String.init)
    let prefixes = [
      "weights": "w_", "row": "row_", "col": "col_", "trace": "trace_", "current_trace": "current_trace_",
      "eligibility": "eligibility_",
      "adaptation_eligibility": "adaptation_", "accumulator": "sum_", "ratio": "ratio_", "square": "square_",
      "exponent": "exponent_",
    ]
    let field = words.count == 2 ? (prefixes[words[0]] ?? "") + words[1] : name == "var" ? "var_bias" : name
    guard let member = plan.memory.ram.first(where: { $0.name == field }) else {
      preconditionFailure("no member of the struct holds '\(name)'")
    }
    let count = member.count > 65535 ? "UINT32_C(\(member.count))" : "\(member.count)U"
    parts = [Part(place: "&net->\(field)[0]", count: count, bytes: member.bits / 8)]
  }
}
