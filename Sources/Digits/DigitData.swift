public import Diagnostics
import Foundation
public import Networks
import Safetensors
import Tasks
public import Trials

/// The recordings of a folder, as `epropc features` writes them: what is learnt from, and what is tested on.
public struct DigitData: Sendable {
  public var train: TrialSet
  public var test: TrialSet
  /// The names of the speakers by their numbers, where the files have them.
  public var names: [String] = []

  /// The numbers of the speakers, ascending.
  public var speakers: [Int] { Set(train.attributes["speaker"] ?? []).sorted() }

  /// Reads the two files of a folder whose names end in `train.safetensors` and `test.safetensors`.
  ///
  /// - Throws: `digits.…` where the folder has not these files, or recordings without a speaker; everything that is wrong with
  ///   the files.
  public static func read(directory: String, for network: SpikingNetwork) throws(Findings) -> DigitData {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).sorted()
    var findings: [Finding] = []
    var (sets, speakers) = ([TrialSet](), [String]())
    for part in ["train", "test"] {
      let found = names.filter { $0.hasSuffix("\(part).safetensors") }
      guard found.count == 1 else {
        findings.append(
          Finding(
            "digits.files", at: Finding.Location(file: directory),
            "expected one file …\(part).safetensors, but found \(found.count)",
            help: "epropc features makes them of recordings"))
        continue
      }
      do throws(Findings) {
        let content = try SafetensorsFile(path: "\(directory)/\(found[0])")
        speakers = content.metadata["speakers"].map { $0.split(separator: ",").map(String.init) } ?? speakers
        sets.append(try read(content, "\(directory)/\(found[0])", for: network))
      } catch { findings += error.all }
    }
    guard findings.isEmpty else { throw Findings(findings) }
    return DigitData(train: sets[0], test: sets[1], names: speakers)
  }

  private static func read(
    _ content: SafetensorsFile, _ path: String, for network: SpikingNetwork
  ) throws(Findings) -> TrialSet {
    let expectation = TrialSet.Expectation(network)
    let trials = try TrialSet(content, as: .init(expectation), file: path)
    var findings = trials.findings(for: expectation, file: path)
    if trials.attributes["speaker"] == nil {
      findings.append(
        Finding(
          "digits.speaker", at: Finding.Location(file: path, path: "speaker"), "the recordings have no speakers",
          help: "a tensor \"speaker\" says who spoke each"))
    }
    guard findings.isEmpty else { throw Findings(findings) }
    return trials
  }
}

extension DigitData {
  /// What is learnt from without a speaker.
  public func train(without speaker: Int) -> [Trial] { train.spoken(by: speaker, others: true).trials }
}

extension TrialSet {
  /// The trials of a speaker, or those of all others.
  func spoken(by speaker: Int, others: Bool = false) -> TrialSet {
    let speakers = attributes["speaker"] ?? []
    return filtered { (speakers[$0] == speaker) != others }
  }
}
