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

  private let network: SpikingNetwork
  private let wiring: Wiring
  private let method: any GradientMethod
  private let forwardPass: ForwardPass
  private var tapes: [TrialTape] = []
  private let rates: Buffer<Double>
  /// The B that learns, with the adaptive rule: whoever trains tells it of every update.
  public let adaptiveFeedback: AdaptiveFeedback?

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
    var adaptive: AdaptiveFeedback?
    switch rule {
    case .eProp1(let options):
      let feedback = Feedback(network, wiring, weights: weights, choice: options.feedback)
      adaptive = feedback.adaptive
      method =
        options.form == .traces
        ? TraceForm(wiring, options, feedback: feedback, timeStep: network.timeStep)
        : BlockForm(wiring, options, feedback: feedback, timeStep: network.timeStep, wanted: wanted)
    case .backpropagation(let resetPath):
      let paths = DerivativePaths.all(wiring, followsReset: resetPath)
      method = Backpropagation(wiring, weights: weights, paths: paths, wanted: wanted)
    case .deepEProp:
      method = Backpropagation(wiring, weights: weights, paths: DeepEProp.paths(wiring), wanted: wanted)
    case .mOrder(let order, let resetPath):
      method = MOrderEProp(wiring, weights: weights, order: order, followsReset: resetPath, wanted: wanted)
    case .online(let choice):
      method = OnlineMethod(network, wiring, weights: weights, choice, wanted: wanted)
    case .realTime(let resetPath):
      method = RealTimeRecurrentLearning(wiring, weights: weights, followsReset: resetPath, wanted: wanted)
    }
    adaptiveFeedback = adaptive
  }

  /// Forward only. With `forcing`, one raster per trial, the neurons fire exactly when it says.
  public func run(_ trials: [Trial], forcing: [EventTrain]? = nil) -> Outcome {
    forward(trials, forcing: forcing, recordingStates: false)
    return outcome(trials)
  }

  /// Forward, and the gradient. With `forcing`, one raster per trial, the neurons fire exactly when it says.
  @discardableResult
  public func evaluate(_ trials: [Trial], forcing: [EventTrain]? = nil) -> Outcome {
    forward(trials, forcing: forcing, recordingStates: method.needsStates)
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
      OutputErrors.fill(tapes[index], for: trial, loss: network.loss, isMean: wiring.averagesLoss)
    }
  }

  /// Forward, with everything that `formContribution` needs.
  func prepareContributions(_ trials: [Trial]) {
    forward(trials, forcing: nil, recordingStates: method.needsStates)
    prepareGradient(trials)
  }

  /// Puts into `gradient` what one step adds to the gradient of the batch of `prepareContributions`. To be called for the
  /// steps in their order.
  func formContribution(of step: Int, _ trials: [Trial]) {
    gradient.clear()
    for (tape, trial) in zip(tapes, trials) where step < trial.steps {
      fillRateTerm(tape, trial)
      method.add(tape, trial, .step(step), factor: 1 / Double(trials.count), to: gradient)
    }
    clearAbsent()
  }

  private func formGradient(_ trials: [Trial]) {
    gradient.clear()
    prepareGradient(trials)
    for (tape, trial) in zip(tapes, trials) {
      fillRateTerm(tape, trial)
      method.add(tape, trial, .whole, factor: 1 / Double(trials.count), to: gradient)
    }
    clearAbsent()
  }

  /// No synapse, no gradient.
  private func clearAbsent() {
    for (index, link) in wiring.links.enumerated() {
      for pair in link.absent { gradient.projections[index][pair] = 0 }
    }
  }

  private func prepareGradient(_ trials: [Trial]) {
    if !wiring.ratesAreOfTrial {
      rates.fill(0)
      for (tape, trial) in zip(tapes, trials) { addRates(tape, trial, trials: trials.count) }
    }
    method.prepare()
    for (tape, trial) in zip(tapes, trials) { sortEvents(tape, trial) }
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

  /// Adds one trial's part of f_j in Hz, the mean over so many trials and over their time.
  private func addRates(_ tape: TrialTape, _ trial: Trial, trials: Int) {
    let perSpike = 1000 / (network.timeStep * Double(max(trial.steps, 1)) * Double(trials))
    for event in 0..<tape.spikeCount { rates.base[Int(tape.spikes.base[event])] += perSpike }
  }

  private func fillRateTerm(_ tape: TrialTape, _ trial: Trial) {
    guard let regulariser = network.rateRegularisation else { return }
    if wiring.ratesAreOfTrial {
      rates.fill(0)
      addRates(tape, trial, trials: 1)
    }
    let perHertz = network.rateSignalPerHertz(steps: trial.steps)
    let rateTerm = method.rateTerm
    for j in 0..<wiring.neuronCount { rateTerm.base[j] = perHertz * (rates.base[j] - regulariser.target) }
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
