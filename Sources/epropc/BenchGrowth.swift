import ArgumentParser
import Conformance
import Diagnostics
import Foundation
import Planning
import Reports
import Toolchains

extension Bench {
  /// `epropc bench growth`
  struct Growth: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "How bytes and instructions grow with neurons and trial length, for stored psi, replay and traces.",
      discussion: """
        As many 20 Hz inputs as LIF neurons of about 10 Hz, two readouts, all plastic int8. Bytes are those of the plans; \
        instructions are counted, and every bit is compared with the integer model.
        """)

    @OptionGroup var targets: TargetOptions

    @Option(help: ArgumentHelp("Write growth.gp, a gnuplot script with its data, into this folder.", valueName: "dir"))
    var plot: String?

    @Flag(help: "As JSON.")
    var json = false

    /// Bytes of 100 inputs, 100 neurons and two readouts over tiles, with room for half as many events again as there are.
    private func tiles() throws -> String {
      var rows: [(history: String, tile: Int, memory: Memory)] = []
      for history in [Layout.History.storedSurrogate, .replay] {
        for tile in [1, 2, 4, 8] {
          var options = PlanOptions()
          (options.history, options.tile) = (history, tile)
          (options.recordedRate, options.recordedInputRate) = (15, 30)
          let plan = try FixedPlan(BenchmarkNetwork().network, options: options)
          rows.append((history == .replay ? "replay" : "stored", tile, plan.memory))
        }
      }
      return GrowthText.tiles(
        rows,
        title:
          "bytes of 100 inputs, 100 LIF neurons and 2 readouts, all plastic int8, trials of 1,000 steps; room for 30 Hz of "
          + "inputs and 15 Hz of neurons")
    }

    func run() async throws {
      let folder = NSTemporaryDirectory() + "/epropc-growth-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let benchmark = GrowthBenchmark(directory: folder)
      let progress = Console.standard.progress()
      defer { progress.finish() }
      guard let target = try targets.load(default: ["host-gcc"]).first else { return }
      let points = try await benchmark.run(on: target) { progress.update($0) }
      progress.finish()
      if let plot {
        try OutputFolder.write([("growth.gp", Array(GrowthText.plot(points, benchmark).utf8))], to: plot)
      }
      guard !json else { return try Console.standard.write(GrowthText.document(points), to: "-") }
      try Console.standard.say(GrowthText.text(points, benchmark) + "\n\n" + tiles())
    }
  }
}
