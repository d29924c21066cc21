import Foundation
import Safetensors
import Testing

/// `epropc features`
@Suite struct FeaturesTests {
  private func wave(_ samples: [Int16], rate: UInt32 = 8000) -> [UInt8] {
    func number(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
    let data = samples.flatMap { number($0) }
    let format = number(UInt16(1)) + number(UInt16(1)) + number(rate) + number(2 * rate) + number(UInt16(2))
    let body =
      Array("WAVEfmt ".utf8) + number(UInt32(16)) + format + number(UInt16(16)) + Array("data".utf8)
      + number(UInt32(data.count)) + data
    return Array("RIFF".utf8) + number(UInt32(body.count)) + body
  }

  private func tone(_ frequency: Double, _ count: Int) -> [Int16] {
    (0..<count).map { Int16(8000 * sin(2 * .pi * frequency * Double($0) / 8000) * sin(Double($0) / 300)) }
  }

  @Test func splitsByTakes() throws {
    try withTemporaryFolder { folder in
      try Files.makeDirectory(folder + "/recordings")
      for take in 0..<4 {
        for label in 0..<2 {
          let samples = tone(300 * Double(label + 1) + 20 * Double(take), 1500 + 100 * take)
          try Files.write([("\(folder)/recordings/\(label)_zoe_\(take).wav", wave(samples))])
        }
      }
      let arguments = ["features", "recordings", "-o", "digits.safetensors"]
      let run = try epropc(arguments + ["--test-takes", "0-1"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let learnt = try SafetensorsFile(path: folder + "/digits-train.safetensors")
      let tested = try SafetensorsFile(path: folder + "/digits-test.safetensors")
      #expect(learnt.metadata == tested.metadata)
      #expect(learnt.metadata["speakers"] == "zoe")
      #expect(learnt.tensor(named: "take")?.doubles() == [2, 3, 2, 3])
      #expect(tested.tensor(named: "label")?.doubles() == [0, 0, 1, 1])
      #expect(learnt.tensor(named: "lengths")?.doubles() == [19, 21, 19, 21])
      // Their own scale is another; that of the others is taken over.
      let own = try epropc(arguments, in: folder)
      #expect(own.status == 0)
      let all = try SafetensorsFile(path: folder + "/digits.safetensors")
      #expect(all.metadata != learnt.metadata)
      #expect(try epropc(arguments + ["--scale", "digits-train.safetensors"], in: folder).status == 0)
      #expect(try SafetensorsFile(path: folder + "/digits.safetensors").metadata == learnt.metadata)
    }
  }

  @Test func everythingThatIsWrongAtOnce() throws {
    try withTemporaryFolder { folder in
      try Files.write([
        (folder + "/0_a_0.wav", wave(tone(400, 900), rate: 44100)), (folder + "/hello.wav", []),
        (folder + "/1_a_0.wav", Array(wave(tone(400, 900)).prefix(100))),
      ])
      let before = try contents(folder)
      let run = try epropc(
        "features", "0_a_0.wav", "hello.wav", "1_a_0.wav", "2_a_0.wav", "-o", "t.safetensors", in: folder)
      #expect(run.status == 1)
      for id in ["wav.rate", "features.name", "wav.truncated", "file.missing"] {
        #expect(run.errors.contains("[\(id)]"))
      }
      #expect(try contents(folder) == before)
      #expect(try epropc("features", "0_a_0.wav", "-o", "t.txt", in: folder).status == 2)
      #expect(try epropc("features", "0_a_0.wav", "-o", "t.safetensors", "--test-takes", "4-1", in: folder).status == 2)
    }
  }
}
