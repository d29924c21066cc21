public import Networks
public import Trials

/// Runs a network and forms its gradients, over and over, in memory that is allocated once: the engine of the training
/// loop. `Reference` has plain functions for single runs.
///
/// Not thread-safe: one engine per task.
public final class ReferenceEngine {
  /// The weights and readout bias that the next run uses. Whoever trains changes them in place.
  public let weights: ParameterBuffers
  /// The gradient of the last `evaluate`: the mean over its trials.
  public let gradient: ParameterBuffers

  /// What a batch came to.
  public struct Outcome: Sendable, Hashable {
    /// E, the mean over the trials, without the rate regulariser.
    public var loss: Double
    /// Hz, the mean over neurons and trials.
    public var meanRate: Double
    /// y of each trial, [steps × outputs].
    public var readouts: [[Double]]
  }

  private enum Method {
    case traces(EProp1)
    case blocks(BlockForm, EProp1)
    case backpropagation(Backpropagation)
  }

  private let network: SpikingNetwork
  private let wiring: Wiring
  private let method: Method
  private let forwardPass: ForwardPass
  private var tapes: [TrialTape] = []
  /// B, [outputs × neurons], and the rate term, as `method` wants them.
  private let feedback: Buffer<Double>
  private let rateTerm: Buffer<Double>
  private let rates: Buffer<Double>

  /// `includingFrozen`: also form the gradient of projections that are not plastic.
  public init(_ network: SpikingNetwork, rule: LearningRule, includingFrozen: Bool = false) {
    let wiring = Wiring(network)
    let weights = ParameterBuffers(shapedLike: network)
    weights.read(from: network)
    self.network = network
    self.wiring = wiring
    self.weights = weights
    gradient = ParameterBuffers(shapedLike: network)
    forwardPass = ForwardPass(wiring, weights: weights)
    rates = Buffer(wiring.neuronCount, filledWith: 0)
    let wanted = wiring.links.map { $0.isPlastic || includingFrozen }
    switch rule {
    case .eProp1(let options) where options.form == .traces:
      method = .traces(options)
      feedback = Buffer(wiring.neuronCount * wiring.outputCount, filledWith: 0)
      rateTerm = Buffer(wiring.neuronCount, filledWith: 0)
    case .eProp1(let options):
      var length: Int?
      if case .blocks(let steps) = options.form { length = max(steps, 1) }
      let blocks = BlockForm(
        wiring, blockLength: length, eligibility: options.eligibility, wanted: wanted)
      method = .blocks(blocks, options)
      feedback = blocks.sweep.feedback
      rateTerm = blocks.sweep.rateTerm
    case .backpropagation(let resetPath):
      let backward = Backpropagation(wiring, weights: weights, followsReset: resetPath, wanted: wanted)
      method = .backpropagation(backward)
      feedback = Buffer(0, filledWith: 0)
      rateTerm = backward.rateTerm
    }
  }

  /// Forward only.
  public func run(_ trials: [Trial]) -> Outcome {
    forward(trials, forcing: nil, recordingStates: false)
    return outcome(trials)
  }

  /// Forward, and the gradient. With `forcing`, one raster per trial, the neurons fire exactly when it says.
  @discardableResult
  public func evaluate(_ trials: [Trial], forcing: [EventTrain]? = nil) -> Outcome {
    let needsStates =
      switch method {
      case .blocks: false
      case .traces, .backpropagation: true
      }
    forward(trials, forcing: forcing, recordingStates: needsStates)
    formGradient(trials)
    return outcome(trials)
  }

  /// The same, with everything recorded.
  func record(_ trials: [Trial], forcing: [EventTrain]?, formingGradient: Bool) -> [Recording] {
    forward(trials, forcing: forcing, recordingStates: true)
    if formingGradient { formGradient(trials) }
    return trials.indices.map { Recording(tapes[$0]) }
  }

  private func forward(_ trials: [Trial], forcing: [EventTrain]?, recordingStates: Bool) {
    while tapes.count < trials.count { tapes.append(TrialTape(wiring)) }
    for (index, trial) in trials.enumerated() {
      forwardPass.run(trial, onto: tapes[index], forced: forcing?[index], recordingStates: recordingStates)
      OutputErrors.fill(tapes[index], for: trial, loss: network.loss)
    }
  }

  private func formGradient(_ trials: [Trial]) {
    gradient.clear()
    measureRates(trials)
    let factor = 1 / Double(trials.count)
    switch method {
    case .blocks(_, let options), .traces(let options): fillFeedback(options.feedback)
    case .backpropagation: break
    }
    for (tape, trial) in zip(tapes, trials) {
      fillRateTerm(steps: trial.steps)
      sortEvents(tape, trial)
      switch method {
      case .blocks(let blocks, _): blocks.add(tape, trial, factor: factor, to: gradient)
      case .backpropagation(let backward): backward.add(tape, trial, factor: factor, to: gradient)
      case .traces(let options): addTraces(options, tape, trial, factor: factor)
      }
    }
  }

  private func addTraces(_ options: EProp1, _ tape: TrialTape, _ trial: Trial, factor: Double) {
    let (neurons, outputs) = (wiring.neuronCount, wiring.outputCount)
    let rows = (0..<neurons * outputs).map { feedback.base[($0 % outputs) * neurons + $0 / outputs] }
    let traces = TraceForm(
      wiring: wiring, feedback: rows, rateTerm: Array(rateTerm.elements),
      eligibility: options.eligibility)
    let sums = traces.gradients(Recording(tape), trial)
    for (index, rows) in sums.projections.enumerated() {
      let (pre, post) = gradient.shapes[index]
      for j in 0..<post { for i in 0..<pre { gradient.projections[index][i * post + j] += factor * rows[j * pre + i] } }
    }
    for k in 0..<outputs { gradient.bias[k] += factor * sums.bias[k] }
  }

  private func sortEvents(_ tape: TrialTape, _ trial: Trial) {
    tape.spikesBySource.sort(steps: trial.steps, rowOffsets: tape.spikeOffsets.base, sources: tape.spikes.base)
    guard case .spikes(let train) = trial.inputs else { return }
    train.offsets.withUnsafeBufferPointer { offsets in
      train.sources.withUnsafeBufferPointer { sources in
        guard let rowOffsets = offsets.baseAddress else { return }
        tape.inputsBySource.sort(
          steps: trial.steps, rowOffsets: rowOffsets, sources: sources.baseAddress ?? UnsafePointer(tape.spikes.base))
      }
    }
  }

  /// f_j in Hz, the mean over the trials and over their time.
  private func measureRates(_ trials: [Trial]) {
    rates.fill(0)
    for (tape, trial) in zip(tapes, trials) {
      let perSpike = 1000 / (network.timeStep * Double(max(trial.steps, 1)) * Double(trials.count))
      for event in 0..<tape.spikeCount { rates.base[Int(tape.spikes.base[event])] += perSpike }
    }
  }

  private func fillRateTerm(steps: Int) {
    guard let regulariser = network.rateRegularisation else { return }
    let perHertz = network.rateSignalPerHertz(steps: steps)
    for j in 0..<wiring.neuronCount { rateTerm.base[j] = perHertz * (rates.base[j] - regulariser.target) }
  }

  private func fillFeedback(_ choice: EProp1.Feedback) {
    let neurons = wiring.neuronCount
    switch choice {
    case .ofNetwork:
      switch network.feedback {
      case .symmetric: fillFeedback(.symmetric)
      case .fixed(let rows, origin: _): fillFeedback(.fixed(rows))
      }
    case .fixed(let rows):
      for j in 0..<neurons {
        for k in 0..<wiring.outputCount { feedback.base[k * neurons + j] = rows[j * wiring.outputCount + k] }
      }
    case .global: feedback.fill(1 / Double(neurons).squareRoot())
    case .symmetric:
      feedback.fill(0)
      for (index, link) in wiring.links.enumerated() where link.targetGroup == nil && link.sourceGroup != nil {
        for i in 0..<link.preCount {
          for k in 0..<link.postCount {
            feedback.base[k * neurons + link.preFirst + i] += weights.projections[index][i * link.postCount + k]
          }
        }
      }
    }
  }

  private func outcome(_ trials: [Trial]) -> Outcome {
    var (loss, rate) = (0.0, 0.0)
    for (tape, trial) in zip(tapes, trials) {
      loss += tape.loss / Double(trials.count)
      rate += Double(tape.spikeCount) / (Double(max(trial.steps, 1)) * Double(trials.count))
    }
    return Outcome(
      loss: loss, meanRate: rate * 1000 / (network.timeStep * Double(wiring.neuronCount)),
      readouts: zip(tapes, trials).map { tape, trial in
        Array(UnsafeBufferPointer(start: tape.readouts.base, count: trial.steps * wiring.outputCount))
      })
  }
}
