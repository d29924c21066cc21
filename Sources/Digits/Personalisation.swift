public import Diagnostics
import Foundation
public import Networks
import Tasks
public import Toolchains
import Training
import Trials

/// Learning a speaker on the device: a network that has never heard him learns from his recordings, one pass, one at a time.
public struct Personalisation: Sendable {
  /// What may learn on the device.
  public enum Plasticity: String, Sendable, Hashable, CaseIterable {
    case all = "all weights"
    case readout = "readout only"
  }

  /// One network and speaker. Shares of digits recognised.
  public struct Outcome: Sendable, Hashable {
    public var speaker: Int
    public var seed: UInt64
    public var plasticity: Plasticity
    /// On the speaker's test recordings, before and after.
    public var before: Double
    public var after: Double
    /// On the test recordings of the others, whom the network was trained on.
    public var othersBefore: Double
    public var othersAfter: Double
    /// Recordings that he was learnt from, and those that did not fit the record.
    public var learnt: Int
    public var spoilt: Int

    public var forgetting: Double { othersBefore - othersAfter }
  }

  public var data: DigitData
  public var target: Target
  public var directory: String

  public init(data: DigitData, target: Target, directory: String) {
    self.data = data
    self.target = target
    self.directory = directory
  }

  /// - Parameters:
  ///   - network: trained without the speaker.
  ///   - seed: decides the order of his recordings.
  public func run(
    _ network: SpikingNetwork, speaker: Int, seed: UInt64, plasticity: Plasticity,
    progress: (Int, Int) -> Void = { _, _ in }
  ) async throws(Findings) -> Outcome {
    let lesson = data.train.spoken(by: speaker)
    let tests = data.test.trials.count
    var device = plasticity == .readout ? network.learningReadoutOnly() : network
    device.optimiser = SpokenDigits.deviceOptimiser(
      recordings: lesson.trials.count, readoutOnly: plasticity == .readout)
    let digits = try IntegerDigits(
      device, target: target, directory: "\(directory)/\(speaker)-\(seed)-\(plasticity == .all ? "all" : "readout")")
    var set = data.test
    set.trials += lesson.trials
    set.attributes = [:]
    let lessons = ShuffledOrder.indices(of: lesson.trials.count, draws: lesson.trials.count, seed: seed)
    let order = Array(0..<tests) + lessons.map { tests + $0 } + Array(0..<tests)
    let learnt = tests..<tests + lessons.count
    let recordings = try await digits.run(set, order: order, learnt: learnt, progress: progress)
    let speakers = data.test.attributes["speaker"] ?? []
    func accuracy(_ run: ArraySlice<IntegerDigits.Recording>, ofSpeaker: Bool) -> Double {
      let chosen = (0..<tests).filter { (speakers[$0] == speaker) == ofSpeaker }
      let right = chosen.count { run[run.startIndex + $0].digit == data.test.label($0) }
      return Double(right) / Double(max(chosen.count, 1))
    }
    let (first, last) = (recordings[..<tests], recordings[learnt.upperBound...])
    return Outcome(
      speaker: speaker, seed: seed, plasticity: plasticity, before: accuracy(first, ofSpeaker: true),
      after: accuracy(last, ofSpeaker: true), othersBefore: accuracy(first, ofSpeaker: false),
      othersAfter: accuracy(last, ofSpeaker: false), learnt: lessons.count,
      spoilt: recordings[learnt].count(where: \.isSpoilt))
  }
}
