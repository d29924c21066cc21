import Features
import Foundation
import Safetensors
import Testing
import Toolchains

/// The features against NumPy's, which are computed from the same definitions in double precision.
@Suite struct IndependentTests {
  @Test func agreesWithNumPy() async throws {
    guard let python = await PythonExtra.first(of: ["python3"], importing: ["numpy"]) else {
      print("SKIPPED: features are not compared with NumPy, which no Python here can import")
      return
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("numpy-\(UUID().uuidString)").path
    try Files.makeDirectory(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
    for (number, samples) in [speech(5000), speech(200), speech(1234)].enumerated() {
      let path = "\(folder)/\(number).wav"
      let bytes = samples.flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } }
      try Files.write([(path, RecordingTests.wave(data: bytes))])
      let text = try await python.run(root + "/Extras/mfcc.py", [path])
      let expected = try JSONDecoder().decode([[Double]].self, from: Data(text.utf8))
      let got = MelCepstrum().features(try Recording.read(path: path).samples)
      #expect(got.count == expected.count)
      for (a, b) in zip(got, expected) { for (x, y) in zip(a, b) { #expect(abs(x - y) < 2e-3) } }
    }
  }

  /// Tones that glide, with noise, as 16-bit samples.
  private func speech(_ count: Int) -> [Int16] {
    var state: UInt32 = 12345
    return (0..<count).map { n in
      state = state &* 1_664_525 &+ 1_013_904_223
      let t = Double(n) / 8000
      let tones = sin(2 * .pi * (300 + 400 * t) * t) + 0.5 * sin(2 * .pi * (1800 - 900 * t) * t)
      return Int16(8000 * tones * (0.3 + 0.7 * sin(9 * t) * sin(9 * t)) + Double(state >> 22))
    }
  }
}
