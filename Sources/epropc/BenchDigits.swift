import ArgumentParser
import Diagnostics
import Digits
import Foundation
import Networks
import Reports
import Tasks
import Toolchains
import Trials

/// `epropc bench digits`
struct BenchDigits: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digits",
    abstract:
      "Learn spoken digits in double precision, recognise them in integers, and learn a new speaker on the device.",
    discussion: """
      The features of the recordings are the user's: <dir> holds one file whose name ends in train.safetensors and one that \
      ends in test.safetensors, with labels and speakers (`epropc features` makes them). Every network is trained with \
      e-prop 1, with its readout only, and with BPTT; the first is compiled to int8 and run as C on this machine, every bit \
      compared with the integer model. Then each speaker in turn is left out of the training, and learnt on the device from \
      his recordings, one pass, one at a time, with one byte per plastic synapse.
      """)

  enum Part: String, ExpressibleByArgument, CaseIterable { case training, speakers }

  @Option(help: ArgumentHelp("The folder of the features.", valueName: "dir"))
  var data: String

  @Option(parsing: .upToNextOption, help: "Seeds of weights, feedback and order.")
  var seeds: [UInt64] = [11, 12, 13]

  @Option(help: "Passes over the training recordings.")
  var epochs = 8

  @Option(parsing: .upToNextOption, help: "What to run: training, speakers. (default: both)")
  var part: [Part] = Part.allCases

  @Option(parsing: .upToNextOption, help: "Rules to train with: e-prop, readout, bptt. (default: all)")
  var rule: [Rule] = Rule.allCases

  @Option(help: ArgumentHelp("Write the networks trained with e-prop 1 to this folder.", valueName: "dir"))
  var networks: String?

  @Flag(help: "As JSON.")
  var json = false

  enum Rule: String, ExpressibleByArgument, CaseIterable {
    case eProp = "e-prop"
    case readout, bptt

    var rule: DigitRule {
      switch self {
      case .eProp: .eProp1
      case .readout: .readoutOnly
      case .bptt: .backpropagation
      }
    }
  }

  func validate() throws {
    if !(1...1000).contains(epochs) { throw ValidationError("--epochs must be from 1 to 1000") }
    if seeds.isEmpty || Set(seeds).count != seeds.count { throw ValidationError("--seeds must differ") }
  }

  func run() async throws {
    if let networks { try OutputFolder.check(networks) }
    let data = try DigitData.read(directory: data, for: SpokenDigits().network(seed: 1, updates: 1))
    let target = try Target.named("host-gcc", in: TargetOptions.folder())
    let folder = NSTemporaryDirectory() + "/epropc-bench-digits-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let progress = Console.standard.progress()
    defer { progress.finish() }
    var bench = DigitBench(epochs: epochs)
    (bench.speakers, bench.names) = (data.speakers, data.names)
    let work = DigitWork(
      data: data, target: target, folder: folder, epochs: epochs, networks: networks,
      progress: progress)
    if part.contains(.training) {
      let runs = rule.flatMap { rule in seeds.map { DigitTraining(rule: rule.rule, seed: $0, epochs: epochs) } }
      bench.trainings = try await SideBySide.map(runs, processors: work.processors) { try await work.train($0) }
    }
    if part.contains(.speakers) {
      let runs = data.speakers.flatMap { speaker in seeds.map { (speaker, $0) } }
      bench.personalisations = try await SideBySide.map(runs, processors: work.processors) {
        try await work.learn(speaker: $0.0, seed: $0.1)
      }.flatMap(\.self)
    }
    progress.finish()
    if json {
      try Console.standard.write(bench.json, to: "-")
    } else {
      try Console.standard.say(bench.text)
    }
  }
}

/// What one training or one speaker takes.
private struct DigitWork: Sendable {
  let data: DigitData
  let target: Target
  let folder: String
  let epochs: Int
  let networks: String?
  let progress: ProgressLine

  var processors: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// A training on all speakers. What was trained with e-prop 1 is also run in integers.
  func train(_ training: DigitTraining) async throws -> DigitBench.Training {
    let name = "\(training.rule.rawValue), seed \(training.seed)"
    let network = training.run(on: data.train.trials) { done, all in
      progress.update("\(name): iteration \(done) of \(all)")
    }
    let score = DigitScore(network, on: data.test.trials)
    var result = DigitBench.Training(
      rule: training.rule, seed: training.seed, accuracy: score.accuracy, meanRate: score.meanRate)
    guard training.rule == .eProp1 else { return result }
    var device = network
    device.optimiser = SpokenDigits.deviceOptimiser(recordings: data.train.trials.count)
    if let networks {
      try OutputFolder.write(device.validated().files(), to: "\(networks)/digits-\(training.seed)")
    }
    let digits = try IntegerDigits(device, target: target, directory: "\(folder)/all-\(training.seed)")
    result.integerAccuracy = try await digits.accuracy(on: data.test) { done, all in
      progress.update("\(name), in integers: recording \(done) of \(all)")
    }
    return result
  }

  /// A training without a speaker, and learning him on the device.
  func learn(speaker: Int, seed: UInt64) async throws -> [Personalisation.Outcome] {
    let training = DigitTraining(rule: .eProp1, seed: seed, epochs: epochs)
    let network = training.run(on: data.train(without: speaker)) { done, all in
      progress.update("without speaker \(speaker), seed \(seed): iteration \(done) of \(all)")
    }
    let personalisation = Personalisation(data: data, target: target, directory: folder)
    var outcomes: [Personalisation.Outcome] = []
    for plasticity in Personalisation.Plasticity.allCases {
      outcomes.append(
        try await personalisation.run(network, speaker: speaker, seed: seed, plasticity: plasticity) { done, all in
          progress.update("speaker \(speaker), seed \(seed), \(plasticity.rawValue): recording \(done) of \(all)")
        })
    }
    return outcomes
  }
}
