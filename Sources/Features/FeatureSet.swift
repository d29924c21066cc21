public import Diagnostics
import Foundation
public import Safetensors

/// Features of recordings whose names say what they are, as those of the Free Spoken Digit Dataset do: `7_jackson_32.wav` is
/// take 32 of class 7 by jackson.
public struct FeatureSet: Sendable {
  /// One recording.
  public struct Item: Sendable {
    public var label: Int
    public var speaker: String
    public var take: Int
    /// [frames × 39].
    public var frames: [[Double]]
  }

  public var items: [Item]

  /// Reads recordings and computes their features, at most `longest` frames of each. `progress` is told how many are done.
  ///
  /// - Throws: everything that is wrong with any of them, at once.
  public init(
    paths: [String], longest: Int, progress: (Int) -> Void = { _ in }
  ) throws(Findings) {
    var (items, findings) = ([Item](), [Finding]())
    let cepstrum = MelCepstrum()
    for (index, path) in paths.enumerated() {
      do throws(Findings) {
        items.append(try Self.item(path, cepstrum, longest))
      } catch { findings += error.all }
      progress(index + 1)
    }
    guard findings.isEmpty else { throw Findings(findings) }
    self.items = items
  }

  private static func item(_ path: String, _ cepstrum: MelCepstrum, _ longest: Int) throws(Findings) -> Item {
    let place = Finding.Location(file: path)
    guard let (label, speaker, take) = parts(of: URL(fileURLWithPath: path).lastPathComponent) else {
      throw Findings(
        Finding(
          "features.name", at: place, "the name does not say what was spoken by whom",
          help: "expected <class>_<speaker>_<take>.wav, as 7_jackson_32.wav"))
    }
    let recording = try Recording.read(path: path)
    guard recording.rate == MelCepstrum.rate else {
      throw Findings(
        Finding(
          "wav.rate", at: place, "expected 8000 samples per second, but found \(recording.rate)",
          help: "convert it, as with `ffmpeg -i in.wav -ar 8000 -c:a pcm_s16le out.wav`"))
    }
    let frames = cepstrum.features(recording.samples, longest: longest)
    return Item(label: label, speaker: speaker, take: take, frames: frames)
  }

  /// Class, speaker and take; nil where the name is another.
  public static func parts(of name: String) -> (Int, String, Int)? {
    guard name.hasSuffix(".wav") else { return nil }
    let parts = name.dropLast(4).split(separator: "_", omittingEmptySubsequences: false)
    guard parts.count >= 3, let label = Int(parts[0]), (0...32766).contains(label),
      let take = Int(parts[parts.count - 1]),
      (0...1_000_000).contains(take)
    else { return nil }
    let speaker = parts[1..<parts.count - 1].joined(separator: "_")
    return speaker.isEmpty || speaker.contains(",") ? nil : (label, speaker, take)
  }

  /// The speakers' names, sorted; a speaker's number is his place here.
  public var speakers: [String] { Set(items.map(\.speaker)).sorted() }

  /// The scale of these recordings.
  public var scale: FeatureScale { FeatureScale(of: items.flatMap(\.frames)) }

  /// Those of which the condition holds.
  public func filtered(_ isIncluded: (Item) -> Bool) -> FeatureSet {
    var set = self
    set.items = items.filter(isIncluded)
    return set
  }

  /// A trials file: `inputs` U8 [recordings, frames, 39], `lengths`, `label`, `speaker`, `take`, and the scale and the names
  /// of the speakers as metadata.
  public func file(scale: FeatureScale, speakers: [String]) -> SafetensorsWriter {
    let (count, width) = (items.count, MelCepstrum.featureCount)
    let longest = items.map(\.frames.count).max() ?? 0
    var bytes = [UInt8](repeating: 0, count: count * longest * width)
    for (index, item) in items.enumerated() {
      for (t, frame) in item.frames.enumerated() {
        let place = (index * longest + t) * width
        bytes.replaceSubrange(place..<place + width, with: scale.bytes(frame))
      }
    }
    var writer = SafetensorsWriter(
      metadata: scale.metadata.merging(["speakers": speakers.joined(separator: ",")]) { $1 })
    writer.add("inputs", shape: [count, longest, width], bytes: bytes)
    func add(_ name: String, _ value: (Item) -> Int) {
      writer.add(name, shape: [count], items.map { Double(value($0)) }, as: .int32)
    }
    add("lengths") { $0.frames.count }
    add("label") { $0.label }
    add("speaker") { speakers.firstIndex(of: $0.speaker) ?? 0 }
    add("take") { $0.take }
    return writer
  }
}
