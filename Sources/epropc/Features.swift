import ArgumentParser
import Diagnostics
import Features
import Foundation
import Reports
import Safetensors

/// `epropc features`
struct ComputeFeatures: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "features",
    abstract: "Compute features of recorded speech and write them as trials.",
    discussion: """
      Recordings are .wav files of 8,000 samples per second whose names are <class>_<speaker>_<take>.wav, as those of the \
      Free Spoken Digit Dataset. Of every frame of 10 ms: 13 mel-frequency cepstral coefficients of a window of 25 ms, their \
      first and their second differences, each a byte from the 0.5th percentile of the recordings that are learnt from to the \
      99.5th. The file holds inputs, lengths, label, speaker and take.

      With --test-takes the takes of that range go to another file: <name>-train.safetensors and <name>-test.safetensors in \
      place of <name>.safetensors, both with the scale of the first.
      """)

  @Argument(help: "Recordings, or folders of them.", completion: .file(extensions: ["wav"]))
  var recordings: [String]

  @Option(help: ArgumentHelp("The takes to test on, as 0-4.", valueName: "first-last"))
  var testTakes: TakeRange?

  @Option(help: ArgumentHelp("Take over the scale of this file of features.", valueName: "file"))
  var scale: String?

  @Option(help: "Frames after which recordings are cut.")
  var longest = 98

  @Option(name: .shortAndLong, help: ArgumentHelp("Where the features go: <name>.safetensors.", valueName: "file"))
  var output: String

  func validate() throws {
    if recordings.isEmpty { throw ValidationError("expected recordings") }
    if !(1...65_534).contains(longest) { throw ValidationError("--longest must be from 1 to 65534") }
    if !output.hasSuffix(".safetensors") { throw ValidationError("the output's name must end in .safetensors") }
  }

  func run() throws {
    try OutputFolder.check(URL(fileURLWithPath: output).deletingLastPathComponent().path)
    let paths = try self.paths()
    let progress = Console.standard.progress()
    let set: FeatureSet
    do {
      defer { progress.finish() }
      set = try FeatureSet(paths: paths, longest: longest) { done in
        progress.update("recording \(done) of \(paths.count)")
      }
    }
    let (learnt, tested) = try split(set)
    let scale = try scale.map { path throws(Findings) in
      try FeatureScale.read(path: path, count: MelCepstrum.featureCount)
    }
    let chosen = scale ?? learnt.scale
    let name = output.dropLast(".safetensors".count)
    var files = [(path: output, bytes: learnt.file(scale: chosen, speakers: set.speakers).bytes())]
    if let tested {
      files[0].path = name + "-train.safetensors"
      files.append((name + "-test.safetensors", tested.file(scale: chosen, speakers: set.speakers).bytes()))
    }
    try Files.write(files)
    let counts = [learnt, tested].compactMap(\.self).map(\.items.count)
    for (file, count) in zip(files, counts) { try Console.standard.say("\(count) recordings: \(file.path)") }
  }

  private func split(_ set: FeatureSet) throws(Findings) -> (FeatureSet, FeatureSet?) {
    guard let takes = testTakes?.range else { return (set, nil) }
    let (learnt, tested) = (set.filtered { !takes.contains($0.take) }, set.filtered { takes.contains($0.take) })
    guard !learnt.items.isEmpty, !tested.items.isEmpty else {
      throw Findings(
        Finding(
          "features.takes", at: Finding.Location(path: "--test-takes"),
          "\(learnt.items.count) recordings to learn from and \(tested.items.count) to test on: neither may be none"))
    }
    return (learnt, tested)
  }

  /// Folders stand for the recordings in them, in the order of their names.
  private func paths() throws(Findings) -> [String] {
    var (paths, findings) = ([String](), [Finding]())
    for path in recordings {
      guard Files.isDirectory(path) else {
        paths.append(path)
        continue
      }
      let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      let found = names.filter { $0.hasSuffix(".wav") }.sorted()
      if found.isEmpty {
        findings.append(
          Finding("features.empty", at: Finding.Location(file: path), "there are no .wav files in the folder"))
      }
      paths += found.map { path + "/" + $0 }
    }
    guard findings.isEmpty else { throw Findings(findings) }
    return paths
  }
}

/// `0-4`, or a single take.
struct TakeRange: ExpressibleByArgument {
  let range: ClosedRange<Int>

  init?(argument: String) {
    let bounds = argument.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(bounds.count), let first = bounds[0], let last = bounds[bounds.count - 1], first <= last
    else { return nil }
    range = first...last
  }
}
