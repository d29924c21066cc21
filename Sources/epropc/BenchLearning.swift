import ArgumentParser
import Benchmarks
import Diagnostics
import Foundation
import Reports
import Toolchains

extension Bench {
  /// `epropc bench learning`
  struct Learning: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Learn the paper's tasks with the generated C on this machine, beside Adam in double precision.",
      discussion: """
        Every run is compared with the integer model: the state at the end of each trial, and all that was learnt after \
        each update. Exits with 1 if a bit differs; bars that are missed are marked in the table. No setting was chosen \
        on the default seeds. Takes about a quarter of an hour on two cores.
        """)

    @Option(parsing: .upToNextOption, help: "Seeds of the networks and targets.")
    var seeds = LearningBenchmark.seeds

    @Option(name: .long, parsing: .upToNextOption, help: "The tasks: pattern, adaptation, recall. (default: all)")
    var work: [Work] = []

    @Option(help: "The host that the C is built for.")
    var target = "host-gcc"

    @Option(help: "Runs at a time. (default: the cores of this machine)")
    var parallel: Int?

    @Option(help: ArgumentHelp("Keep the C and the programs in this folder.", valueName: "dir"))
    var keep: String?

    @Option(help: "The commit of the sources, for the report.")
    var commit: String?

    @Flag(help: "A few trials of small networks, to see that everything runs.")
    var quick = false

    @Flag(help: "As JSON.")
    var json = false

    enum Work: String, ExpressibleByArgument, CaseIterable { case pattern, adaptation, recall }

    func validate() throws {
      if seeds.isEmpty { throw ValidationError("--seeds needs at least one seed") }
      if Set(seeds).count < seeds.count { throw ValidationError("--seeds: each seed once") }
      if let parallel, parallel < 1 { throw ValidationError("--parallel must be at least 1") }
    }

    func run() async throws {
      let place = keep ?? NSTemporaryDirectory() + "/epropc-bench-\(ProcessInfo.processInfo.processIdentifier)"
      defer { if keep == nil { try? FileManager.default.removeItem(atPath: place) } }
      let host = await HostInformation.current()
      let machine = try Target.named(target, in: TargetOptions.folder())
      let wanted = Set(work.map(\.rawValue))
      let cases = LearningCase.all(isQuick: quick).filter { wanted.isEmpty || wanted.contains($0.work.rawValue) }
      let benchmark = LearningBenchmark(
        cases: cases, seeds: seeds, isQuick: quick, target: machine, directory: place, parallel: parallel ?? host.cores)
      let progress = Console.standard.progress()
      let figures = try await benchmark.run { progress.update($0) }
      progress.finish()
      let compiler = "\(target): \(figures.lazy.flatMap(\.results).compactMap(\.compiler).first ?? "no C was built")"
      if json {
        try Console.standard.write(
          LearningBenchmarkText.document(figures, isQuick: quick, compiler: compiler, host: host, commit: commit),
          to: "-")
      } else {
        try Console.standard.say(
          LearningBenchmarkText.text(figures, isQuick: quick, compiler: compiler, host: host, commit: commit))
      }
      if !figures.allSatisfy(\.isBitExact) { throw ExitStatus.finding }
    }
  }
}
