import ArgumentParser
import Diagnostics
import Foundation
import Networks
import RateReference
import Reports
import Tasks
import Training
import Trials

/// `epropc train`
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network in float64: a built-in task's, or one of your own on your own trials.",
    usage: """
      epropc train <task> [<options>] -o <dir>
      epropc train --network <network> --trials <file> [<options>] -o <dir>
      """,
    discussion: """
      Writes the trained network to <dir>/network.json, with its weights beside it. --optimizer and --learning-rate decide \
      this training only: the description has the optimiser that the device will use, the task's or the network's own.

      A rate network learns after every step. The built-in tasks for them, add, add-leaky and mimic, are one endless stream; \
      an iteration is a stretch of it.
      """)

  enum Feedback: String, ExpressibleByArgument, CaseIterable { case random, symmetric }
  enum Optimiser: String, ExpressibleByArgument, CaseIterable { case sgd, momentum, adam, factored, postsynaptic }

  @Argument(help: "A built-in task; `epropc tasks` lists them.")
  var task: String?

  @Option(help: "The network to train: network.json, or the folder it is in.")
  var network: String?

  @Option(help: "The trials to train it on, one batch after the other and from the start again.")
  var trials: String?

  @Flag(help: "Take the trials of the file in an order that is drawn anew in every pass over them.")
  var shuffle = false

  @Option(help: ArgumentHelp("Score the trained network on the trials of this file.", valueName: "file"))
  var test: String?

  @OptionGroup var rules: RuleOptions
  @OptionGroup var online: OnlineRuleOptions

  @Option(
    help: """
      With rate networks: update the weights after every step, or once per iteration. bptt then goes back over the whole \
      trial. (default: step)
      """)
  var updates: RateTrainingRun.Updates?

  @Option(help: "The matrix that broadcasts the errors: random or symmetric. (default: the network's own)")
  var feedback: Feedback?

  @Option(
    help: "sgd, momentum, adam, factored or postsynaptic, for this training. (default: the task's or network's own)")
  var optimizer: Optimiser?

  @Option(name: .long, help: "The learning rate of this training. (default: the task's or network's own)")
  var learningRate: Double?

  @Option(help: "How often the weights are updated. (default: the task's; 100 with --network)")
  var iterations: Int?

  @Option(help: "Trials per iteration. (default: the task's; 1 with --network)")
  var batch: Int?

  @Option(help: "Decides everything that is drawn.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp("Write one JSON line per iteration to this file, - for the standard output.", valueName: "file"))
  var log: String?

  @Option(
    help: ArgumentHelp(
      "Write the loss, the gradients and the weights of every iteration to this file.", valueName: "file"))
  var record: String?

  @Option(help: ArgumentHelp("Write the trials of the first iteration to this file.", valueName: "file"))
  var saveTrials: String?

  @Flag(help: "Write the untrained network too, to <dir>/initial.")
  var keepInitial = false

  @Option(name: .shortAndLong, help: ArgumentHelp("Where the trained network goes.", valueName: "dir"))
  var output: String

  func validate() throws {
    switch (task, network, trials) {
    case (let task?, nil, nil):
      if BuiltInTasks.named(task) == nil, RateTasks.named(task) == nil {
        let names = BuiltInTasks.all.map(\.name) + RateTasks.all.map(\.name)
        let help = Nearest.help(for: task, among: names).map { "; " + $0 } ?? ""
        throw ValidationError("there is no task \(Quoted.text(task))\(help)")
      }
    case (nil, _?, _?): break
    case (nil, _?, nil), (nil, nil, _?): throw ValidationError("--network and --trials go together")
    case (nil, nil, nil): throw ValidationError("expected a task, or --network and --trials")
    case (_?, _, _): throw ValidationError("expected either a task or --network and --trials, not both")
    }
    if task != nil, shuffle || test != nil { throw ValidationError("--shuffle and --test go with --trials") }
    if shuffle, Double(iterations ?? 100) * Double(batch ?? 1) > Double(Self.maximumShuffled) {
      throw ValidationError("--shuffle draws at most \(Self.maximumShuffled) trials")
    }
    if let iterations, iterations < 1 { throw ValidationError("--iterations must be at least 1") }
    if let batch, batch < 1 { throw ValidationError("--batch must be at least 1") }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be positive")
    }
  }

  /// The order of a training is drawn before it begins.
  private static let maximumShuffled = 100_000_000

  func run() throws {
    try OutputFolder.check(output)
    for file in [saveTrials, record].compactMap({ $0 }) {
      try OutputFolder.check(URL(fileURLWithPath: file).deletingLastPathComponent().path)
    }
    let job: any TrainingJob = try RateJob(self) ?? SpikingJob(self)
    let log = try self.log.map { path throws(Findings) in try LineLog(path: path) }
    // The signal is deferred until the files stand, and a training that it ends has written none.
    let summary = try Interruption.deferring { () throws(Findings) -> TrainingSummary? in
      try train(job, log)
    }
    guard let summary else { throw ExitStatus.finding }
    if self.log != "-" { try Console.standard.say(summary.text + "\nwritten to \(output)") }
    if let score = summary.testScore, let count = job.testCount {
      let text = "\(job.score) of \(count) test trials: \(Figure.short(score))"
      if self.log == "-" { Console.standard.complain(text) } else { try Console.standard.say(text) }
    }
  }

  /// nil if a signal ended the training.
  private func train(_ job: any TrainingJob, _ log: LineLog?) throws(Findings) -> TrainingSummary? {
    let progress = Console.standard.progress()
    var summary = TrainingSummary(score: job.score)
    var history = try record.map { _ throws(Findings) in
      try TrainingRecord(
        job.parameters, weights: job.weights, iterations: job.iterations, hasGradients: job.hasGradients)
    }
    var isSound = true
    for _ in 0..<job.iterations {
      let iteration = job.iterate()
      summary.add(iteration)
      history?.add(loss: iteration.loss, gradient: job.gradient, weights: job.weights)
      log?.add(iteration.logLine)
      progress.update(iteration.progress(of: job.iterations, score: job.score))
      isSound = iteration.loss.isFinite
      guard isSound, log?.failure == nil, !Interruption.isPending else { break }
    }
    progress.finish()
    guard !Interruption.isPending else {
      Console.standard.complain("interrupted: nothing was written to \(output)")
      return nil
    }
    if let failure = log?.failure { throw Findings(failure) }
    guard isSound, job.weights.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw Findings(job.divergence(after: summary.count))
    }
    try write(job, history)
    summary.testScore = job.testScore()
    Console.standard.report(summary.findings)
    return summary
  }

  private func write(_ job: any TrainingJob, _ history: TrainingRecord?) throws(Findings) {
    var files = try job.files()
    if keepInitial { files += try job.initialFiles().map { ("initial/" + $0.name, $0.bytes) } }
    if let saveTrials { try job.firstBatch().write(path: saveTrials) }
    if let record, let history { try history.write(path: record) }
    try OutputFolder.write(files, to: output)
  }
}
