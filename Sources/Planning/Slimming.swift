public import Diagnostics
public import Networks

/// One way to need less RAM, and what the network's struct has then.
public struct Slimming: Sendable, Hashable {
  /// The options of the command line that do it, or what is to be changed in the description.
  public let change: String
  public let bytes: Int
}

extension Slimming {
  /// What would make the struct of `network` smaller, the least change first: each with all before it but the last,
  /// which gives learning up.
  public static func all(_ network: SpikingNetwork, options: PlanOptions) -> [Slimming] {
    var list: [Slimming] = []
    guard let before = try? FixedPlan(network, options: options).memory.structBytes else { return [] }
    func add(_ change: String, _ network: SpikingNetwork, _ options: PlanOptions) {
      guard let bytes = try? FixedPlan(network, options: options).memory.structBytes else { return }
      if bytes < (list.last?.bytes ?? before) { list.append(Slimming(change: change, bytes: bytes)) }
    }
    var smaller = options
    var words: [String] = []
    func take(_ word: String, _ change: (inout PlanOptions) -> Void) {
      var next = smaller
      change(&next)
      guard next != smaller, let now = try? FixedPlan(network, options: next).memory.structBytes,
        now < (list.last?.bytes ?? before)
      else { return }
      smaller = next
      words.append(word)
      add(words.joined(separator: " "), network, smaller)
    }
    if !options.inferenceOnly {
      take("--weights int8") { $0.weightBits = 8 }
      if case .adam = network.optimiser.kind { take("--moments int8") { $0.momentBits = 8 } }
      if case .factored = network.optimiser.kind {
        take("--second-moments postsynaptic") { $0.secondMoments = .postsynaptic }
      }
      take("--tile 1") { $0.tile = 1 }
      take("--history replay") { $0.history = .replay }
      if options.recordedRate > 50 { take("--recorded-rate 50") { $0.recordedRate = 50 } }
      var steps = network.maximumSteps
      while steps > 8, list.count < 12 {
        steps /= 2
        var shorter = network
        shorter.maximumSteps = steps
        add("\(words.joined(separator: " ")) and trials of at most \(steps) steps", shorter, smaller)
      }
    }
    var inference = options
    inference.inferenceOnly = true
    add("--inference-only", network, inference)
    return list
  }

  /// That a network is too large for a machine: by how many bytes, and what would have to go.
  public static func finding(
    _ network: SpikingNetwork, options: PlanOptions, bytes: Int, limit: Int, target: String,
    severity: Finding.Severity = .error
  ) -> Finding {
    let list = all(network, options: options)
    let enough = list.first { $0.bytes <= limit }
    let choices = list.prefix { $0.bytes > limit } + (enough.map { [$0] } ?? [])
    var help = choices.map { "\($0.change): \($0.bytes) bytes" }
    if enough == nil { help.append("none of these is enough: it takes fewer neurons or inputs") }
    return Finding(
      "target.ram", severity, at: .init(path: target),
      "the network's struct has \(bytes) bytes, and \(target) has \(limit) for it: \(bytes - limit) bytes too many",
      help: "what would have to go: " + help.joined(separator: "; "))
  }
}
