public import Diagnostics
import Foundation
import Planning
public import Toolchains

/// The forms of the one algorithm whose growth is measured.
public enum GrowthForm: String, Sendable, Hashable, CaseIterable {
  /// One block per trial, ψ of every neuron and step kept.
  case stored
  /// One block per trial, events kept and the rest computed again.
  case replay
  /// Blocks of one step: the textbook's traces, touched in every step.
  case traces = "W = 1"

  var options: PlanOptions {
    var options = PlanOptions()
    options.scale = .common
    options.recordedRate = 50
    switch self {
    case .stored: break
    case .replay: options.history = .replay
    case .traces: options.block = .steps(1)
    }
    return options
  }
}

/// What a network of one size costs in one form.
public struct GrowthPoint: Sendable, Hashable {
  public var form: GrowthForm
  /// As many inputs as neurons, and two readouts.
  public var neurons: Int
  /// T.
  public var steps: Int
  public var plasticSynapses: Int
  /// Bytes of the struct, and of that the record and what is overwritten in an update.
  public var ram: Int
  public var record: Int
  /// Counted instructions per step: forward with recording, and a step's share of learning.
  public var forward: Double
  public var learning: Double
  public var spikes: Double

  public var learningPerSynapseStep: Double { learning / Double(plasticSynapses) }
}

/// Networks from small to large, all with 20 Hz inputs and neurons at about 10 Hz: bytes from their plans, instructions
/// counted on a target, every bit compared with the integer model.
public struct GrowthBenchmark: Sendable {
  /// Numbers of neurons, with trials of `commonSteps`.
  public var neurons = [50, 100, 200, 400, 800]
  /// Trial lengths in steps, with `commonNeurons`.
  public var steps = [250, 500, 1000, 2000, 4000]
  public var commonNeurons = 100
  public var commonSteps = 1000
  public let directory: String

  public init(directory: String) { self.directory = directory }

  /// All sizes, each once.
  var sizes: [(neurons: Int, steps: Int)] {
    neurons.map { ($0, commonSteps) } + steps.filter { $0 != commonSteps }.map { (commonNeurons, $0) }
  }

  public func run(
    on target: Target, progress: (String) -> Void = { _ in }
  ) async throws(Findings) -> [GrowthPoint] {
    var points: [GrowthPoint] = []
    for form in GrowthForm.allCases {
      var traces: [Int: (fixed: Double, perStep: Double, forward: Double, spikes: Double)] = [:]
      for (neurons, steps) in sizes {
        progress("\(form.rawValue), \(neurons) neurons, \(steps) steps")
        var point = try planned(form, neurons, steps)
        if form == .traces {
          let line = if let known = traces[neurons] { known } else { try await countTraces(neurons, on: target) }
          traces[neurons] = line
          (point.forward, point.spikes) = (line.forward, line.spikes)
          point.learning = line.perStep + line.fixed / Double(steps)
        } else {
          let counted = try await count(form, neurons, steps, on: target)
          (point.forward, point.learning, point.spikes) = (counted.step, counted.update, counted.spikes)
        }
        points.append(point)
      }
    }
    return points
  }

  static func network(_ neurons: Int, _ steps: Int) -> BenchmarkNetwork {
    var network = BenchmarkNetwork()
    (network.inputs, network.plain, network.steps) = (neurons, neurons, steps)
    return network
  }

  private func planned(_ form: GrowthForm, _ neurons: Int, _ steps: Int) throws(Findings) -> GrowthPoint {
    let plan = try FixedPlan(Self.network(neurons, steps).network, options: form.options)
    let memory = plan.memory
    let record = memory.ram.filter { $0.purpose == .history || $0.purpose == .scratch }.reduce(0) { $0 + $1.bytes }
    return GrowthPoint(
      form: form, neurons: neurons, steps: steps, plasticSynapses: SynapseBytes(plan, memory).plasticCount,
      ram: memory.structBytes, record: record, forward: 0, learning: 0, spikes: 0)
  }

  private func count(
    _ form: GrowthForm, _ neurons: Int, _ steps: Int, on target: Target
  ) async throws(Findings) -> KernelBenchmark.Counted {
    let network = Self.network(neurons, steps).network
    let plan = try FixedPlan(network, options: form.options)
    return try await KernelBenchmark(directory: directory)
      .count(plan, of: network, target, "\(form)-\(neurons)-\(steps)")
  }

  /// Traces cost the same in every step, and the update at the end of a trial the same in every trial: two short trials
  /// tell both.
  private func countTraces(
    _ neurons: Int, on target: Target
  ) async throws(Findings) -> (fixed: Double, perStep: Double, forward: Double, spikes: Double) {
    let (short, long) = (20.0, 60.0)
    let a = try await count(.traces, neurons, Int(short), on: target)
    let b = try await count(.traces, neurons, Int(long), on: target)
    let perStep = (b.update * long - a.update * short) / (long - short)
    return (max(0, (a.update - perStep) * short), perStep, b.step, b.spikes)
  }
}

/// The exponent of a power law through points, by least squares of logarithms.
public func fittedExponent(_ points: [(x: Double, y: Double)]) -> Double {
  let logs = points.map { (log($0.x), log($0.y)) }
  let n = Double(logs.count)
  let (mx, my) = (logs.reduce(0) { $0 + $1.0 } / n, logs.reduce(0) { $0 + $1.1 } / n)
  return logs.reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) } / logs.reduce(0) { $0 + ($1.0 - mx) * ($1.0 - mx) }
}
