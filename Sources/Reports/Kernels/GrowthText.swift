public import Conformance
public import Diagnostics
import Foundation
public import Planning

/// The report of `epropc bench growth`.
public enum GrowthText {
  /// A line per size and form, the exponents, and the forms beside each other at the common size.
  public static func text(_ points: [GrowthPoint], _ benchmark: GrowthBenchmark) -> String {
    var table = Table([
      .text("form"), .number("neurons"), .number("T"), .number("synapses"), .number("RAM"), .number("record"),
      .number("forward"), .number("learning"), .number("per synapse-step"),
    ])
    for point in points {
      table.add([
        point.form.rawValue, String(point.neurons), String(point.steps), String(point.plasticSynapses),
        String(point.ram), String(point.record), whole(point.forward), whole(point.learning),
        String(format: "%.3f", point.learningPerSynapseStep),
      ])
    }
    return [
      "bytes of RAM, of which the record and scratch; instructions per step, forward with recording and learning's share",
      table.text, "",
      "growth as a power of N (trials of \(benchmark.commonSteps) steps) and of T (\(benchmark.commonNeurons) neurons)",
      exponents(points, benchmark).text, "", comparison(points, benchmark).text,
    ].joined(separator: "\n")
  }

  private static func whole(_ value: Double) -> String { String(format: "%.0f", value) }

  private static func exponents(_ points: [GrowthPoint], _ benchmark: GrowthBenchmark) -> Table {
    var table = Table([
      .text("form"), .number("RAM ~ N"), .number("RAM ~ T"), .number("record ~ N"), .number("record ~ T"),
      .number("learning of a trial ~ N"), .number("~ T"),
    ])
    for form in GrowthForm.allCases {
      let own = points.filter { $0.form == form }
      let byNeurons = own.filter { $0.steps == benchmark.commonSteps }
      let bySteps = own.filter { $0.neurons == benchmark.commonNeurons }
      func over(_ set: [GrowthPoint], _ x: (GrowthPoint) -> Int, _ y: (GrowthPoint) -> Double) -> String {
        String(format: "%.2f", fittedExponent(set.map { (Double(x($0)), y($0)) }))
      }
      func trial(_ point: GrowthPoint) -> Double { point.learning * Double(point.steps) }
      table.add([
        form.rawValue, over(byNeurons, \.neurons) { Double($0.ram) }, over(bySteps, \.steps) { Double($0.ram) },
        over(byNeurons, \.neurons) { Double($0.record) }, over(bySteps, \.steps) { Double($0.record) },
        over(byNeurons, \.neurons, trial), over(bySteps, \.steps, trial),
      ])
    }
    return table
  }

  private static func comparison(_ points: [GrowthPoint], _ benchmark: GrowthBenchmark) -> Table {
    var table = Table([
      .text("\(benchmark.commonNeurons) neurons, \(benchmark.commonSteps) steps"), .number("learning per synapse-step"),
      .number("of W = 1"), .number("of its forward pass"),
    ])
    let common = points.filter { $0.neurons == benchmark.commonNeurons && $0.steps == benchmark.commonSteps }
    guard let traces = common.first(where: { $0.form == .traces }) else { return table }
    for point in common {
      table.add([
        point.form.rawValue, String(format: "%.3f", point.learningPerSynapseStep),
        "1/" + String(format: "%.1f", traces.learning / point.learning),
        String(format: "%.2f", point.learning / point.forward),
      ])
    }
    return table
  }

  /// What learning with two readouts takes, over histories and tiles; bytes of plans.
  public static func tiles(_ rows: [(history: String, tile: Int, memory: Memory)], title: String) -> String {
    var table = Table([
      .text("history"), .number("tile"), .number("RAM"), .number("KiB"), .number("weights"), .number("history"),
      .number("scratch"), .number("optimiser"), .number("rest"),
    ])
    for row in rows {
      func bytes(_ purposes: Memory.Purpose...) -> Int {
        row.memory.ram.filter { purposes.contains($0.purpose) }.reduce(0) { $0 + $1.bytes }
      }
      let named = bytes(.weight) + bytes(.history) + bytes(.scratch) + bytes(.optimiser)
      table.add([
        row.history, String(row.tile), String(row.memory.structBytes),
        String(format: "%.1f", Double(row.memory.structBytes) / 1024), String(bytes(.weight)), String(bytes(.history)),
        String(bytes(.scratch)), String(bytes(.optimiser)), String(row.memory.structBytes - named),
      ])
    }
    return title + "\n" + table.text
  }

  /// As JSON.
  public static func document(_ points: [GrowthPoint]) -> JSONText {
    .object([
      .init("format", .string("epropc-growth")), .init("version", .integer(1)),
      .init(
        "points",
        .array(
          points.map { point in
            .object([
              .init("form", .string(point.form.rawValue)), .init("neurons", .integer(point.neurons)),
              .init("steps", .integer(point.steps)), .init("plastic_synapses", .integer(point.plasticSynapses)),
              .init("ram", .integer(point.ram)), .init("record", .integer(point.record)),
              .init("spikes_per_step", .number(point.spikes)), .init("forward", .number(point.forward)),
              .init("learning", .number(point.learning)),
            ])
          })),
    ])
  }

  /// A gnuplot script with its data inside: bytes and instructions, over neurons and over the trial's length.
  public static func plot(_ points: [GrowthPoint], _ benchmark: GrowthBenchmark) -> String {
    func data(_ name: String, _ set: [GrowthPoint], _ x: (GrowthPoint) -> Int) -> String {
      "$\(name) << EOD\n"
        + set.map { "\(x($0)) \($0.ram) \(String(format: "%.1f", $0.learning + $0.forward))" }.joined(separator: "\n")
        + "\nEOD\n"
    }
    var script = ""
    for (index, form) in GrowthForm.allCases.enumerated() {
      let own = points.filter { $0.form == form }
      script += data("n\(index)", own.filter { $0.steps == benchmark.commonSteps }, \.neurons)
      script += data(
        "t\(index)", own.filter { $0.neurons == benchmark.commonNeurons }.sorted { $0.steps < $1.steps }, \.steps)
    }
    script += """
      set terminal svg size 900,700 background "white"
      set output "growth.svg"
      set multiplot layout 2,2
      set logscale xy
      set key top left
      set grid

      """
    for (set, axis) in [("n", "neurons"), ("t", "steps of a trial")] {
      for (column, label) in [(2, "bytes of RAM"), (3, "instructions per step, learning included")] {
        let lines = GrowthForm.allCases.indices.map {
          "$\(set)\($0) using 1:\(column) with linespoints title \"\(GrowthForm.allCases[$0].rawValue)\""
        }
        script += "set xlabel \"\(axis)\"\nset ylabel \"\(label)\"\nplot \(lines.joined(separator: ", \\\n     "))\n"
      }
    }
    return script + "unset multiplot\n"
  }
}
