import Diagnostics
import Features
import Foundation
import Safetensors
import Testing

/// Files of recordings: what is read, and what becomes of files that are none.
@Suite struct RecordingTests {
  static func wave(
    code: UInt16 = 1, channels: UInt16 = 1, rate: UInt32 = 8000, bits: UInt16 = 16, data: [UInt8], before: [UInt8] = []
  ) -> [UInt8] {
    func number(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    let width = bits / 8 * channels
    var format = number(code) + number(channels) + number(rate) + number(rate * UInt32(width)) + number(width)
    format += number(bits)
    let body =
      Array("WAVEfmt ".utf8) + number(UInt32(format.count)) + format + before + Array("data".utf8)
      + number(UInt32(data.count)) + data
    return Array("RIFF".utf8) + number(UInt32(body.count)) + body
  }

  private func ids(_ bytes: [UInt8]) -> [String] {
    do throws(Findings) {
      _ = try Recording(bytes: bytes)
      return []
    } catch { return error.all.map(\.id) }
  }

  @Test func everyCode() throws {
    #expect(try Recording(bytes: Self.wave(bits: 8, data: [0, 128, 192])).samples == [-1, 0, 0.5])
    #expect(try Recording(bytes: Self.wave(data: [0, 0x80, 0, 0x40])).samples == [-1, 0.5])
    #expect(try Recording(bytes: Self.wave(bits: 24, data: [0, 0, 0x80, 0, 0, 0x20])).samples == [-1, 0.25])
    #expect(try Recording(bytes: Self.wave(bits: 32, data: [0, 0, 0, 0xC0])).samples == [-0.5])
    #expect(try Recording(bytes: Self.wave(code: 3, bits: 32, data: [0, 0, 0, 0x3F])).samples == [0.5])
    let stereo = Self.wave(channels: 2, rate: 44100, data: [0, 0x40, 0, 0xC0, 0, 0x40, 0, 0])
    #expect(try Recording(bytes: stereo) == Recording(rate: 44100, samples: [0, 0.25]))
    let list = Array("LIST".utf8) + [3, 0, 0, 0, 1, 2, 3, 0]
    #expect(try Recording(bytes: Self.wave(data: [0, 0x40], before: list)).samples == [0.5])
  }

  @Test func whatIsNoRecording() {
    #expect(ids([]) == ["wav.header"])
    #expect(ids(Self.wave(data: [])) == ["wav.empty"])
    #expect(ids(Self.wave(code: 2, data: [0, 0])) == ["wav.format"])
    #expect(ids(Self.wave(channels: 0, data: [0, 0])) == ["wav.format"])
    #expect(ids(Self.wave(bits: 12, data: [0, 0])) == ["wav.format"])
    #expect(ids(Self.wave(code: 3, bits: 32, data: [0, 0, 0xC0, 0x7F])) == ["wav.not-finite"])
    let whole = Self.wave(data: [1, 2, 3, 4])
    for count in 0..<whole.count { #expect(!ids(Array(whole.prefix(count))).isEmpty) }
  }

  /// Whatever byte is changed, the file is read or refused.
  @Test func damage() {
    let whole = Self.wave(data: [1, 2, 3, 4, 5, 6, 7, 8])
    for place in whole.indices {
      for value in [0, 1, 0x7F, 0x80, 0xFE, 0xFF] as [UInt8] {
        var bytes = whole
        bytes[place] = value
        _ = ids(bytes)
      }
    }
  }

  @Test(arguments: ["7_jackson_32.wav", "0_a_b_0.wav"]) func names(name: String) throws {
    let parts = try #require(FeatureSet.parts(of: name))
    #expect(parts == (name == "7_jackson_32.wav" ? (7, "jackson", 32) : (0, "a_b", 0)))
  }

  @Test(arguments: [
    "7_jackson.wav", "x_jackson_1.wav", "-1_a_2.wav", "7__3.wav", "7_a,b_3.wav", "7_a_3.mp3", "7_a_-3.wav",
  ])
  func otherNames(name: String) { #expect(FeatureSet.parts(of: name) == nil) }

  @Test func aSetOfRecordings() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("features-\(UUID().uuidString)").path
    try Files.makeDirectory(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
      try Files.write([(folder + "/" + name, bytes)])
      return folder + "/" + name
    }
    let noise = (0..<3000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
    let paths = [
      try write("3_zoe_1.wav", Self.wave(data: noise)),
      try write("4_ann_0.wav", Self.wave(data: Array(noise.prefix(1000)))),
    ]
    let set = try FeatureSet(paths: paths, longest: 10)
    #expect(set.speakers == ["ann", "zoe"])
    #expect(set.items.map(\.frames.count) == [10, 4])
    let file = try SafetensorsFile(bytes: set.file(scale: set.scale, speakers: set.speakers).bytes())
    #expect(file.tensor(named: "inputs")?.shape == [2, 10, 39])
    #expect(file.tensor(named: "lengths")?.doubles() == [10, 4])
    #expect(file.tensor(named: "label")?.doubles() == [3, 4])
    #expect(file.tensor(named: "speaker")?.doubles() == [1, 0])
    #expect(file.tensor(named: "inputs")?.bytes()?.suffix(6 * 39).allSatisfy { $0 == 0 } == true)
    try set.file(scale: set.scale, speakers: set.speakers).write(path: folder + "/t.safetensors")
    #expect(try FeatureScale.read(path: folder + "/t.safetensors", count: 39) == set.scale)
    let wrong = [paths[0], try write("5_ann_0.wav", Self.wave(rate: 16000, data: noise)), try write("x.wav", [])]
    do throws(Findings) {
      _ = try FeatureSet(paths: wrong, longest: 10)
      Issue.record("nothing was found")
    } catch { #expect(error.all.map(\.id) == ["wav.rate", "features.name"]) }
  }
}
