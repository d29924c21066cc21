import Features
import Foundation
import Testing

/// Features whose values are known without computing them twice.
@Suite struct CepstrumTests {
  private let cepstrum = MelCepstrum()

  private func tone(_ frequency: Double, samples: Int = 1000, size: Double = 0.5) -> [Float] {
    (0..<samples).map { Float(size * sin(2 * .pi * frequency * Double($0) / 8000)) }
  }

  /// The n-th number of the k-th vector of the orthonormal DCT-II of 26 numbers.
  private func basis(_ k: Int, _ n: Int) -> Double {
    let scale = (Double(k == 0 ? 1 : 2) / 26).squareRoot()
    return scale * cos(Double.pi * Double(k) * (Double(n) + 0.5) / 26)
  }

  /// Every energy is the floor: c₀ = √26 ln 10⁻¹⁰, all else 0.
  @Test func silence() {
    let frames = cepstrum.features([Float](repeating: 0, count: 440))
    #expect(frames.count == 4)
    for frame in frames {
      #expect(frame.count == 39)
      #expect(abs(frame[0] - 26.0.squareRoot() * log(1e-10)) < 1e-9)
      #expect(frame.dropFirst().allSatisfy { abs($0) < 1e-9 })
    }
  }

  /// How loud a recording is does not matter.
  @Test func peaksAreEqualised() {
    for (a, b) in zip(cepstrum.features(tone(700)), cepstrum.features(tone(700, size: 0.01))) {
      for (x, y) in zip(a, b) { #expect(abs(x - y) < 1e-3) }
    }
  }

  /// The spectrum of a tone at a frequency of the transform, against the sum that defines it, in double precision.
  @Test func spectrumIsItsDefinition() {
    let signal = (0..<256).map { n -> Float in
      let angle = 2 * Double.pi * 20 * Double(n) / 256
      return Float(sin(angle)) + Float((n * 7919) % 13) / 52
    }
    let power = PowerSpectrum(size: 256)(signal)
    #expect(power.count == 129)
    for k in 0...128 {
      var (real, imaginary) = (0.0, 0.0)
      for n in 0..<256 {
        let angle = 2 * .pi * Double(k * n % 256) / 256
        real += Double(signal[n]) * cos(angle)
        imaginary -= Double(signal[n]) * sin(angle)
      }
      let expected = (real * real + imaginary * imaginary) / 256
      #expect(abs(Double(power[k]) - expected) < 1e-4 * max(1, expected))
    }
    #expect(power.indices.max { power[$0] < power[$1] } == 20)
  }

  /// A tone excites the filter in whose triangle it lies most.
  @Test(arguments: [250.0, 700, 1500, 3000]) func aTonePeaksInItsFilter(frequency: Double) {
    let top = 2595 * log10(1 + 4000.0 / 700)
    let place = 2595 * log10(1 + frequency / 700) / top * 27
    let frame = cepstrum.features(tone(frequency))[3]
    // All 26 coefficients would give the energies back; 13 give them smoothed, with their peak where it was.
    let smooth = (0..<26).map { m in (0..<13).reduce(0) { $0 + frame[$1] * basis($1, m) } }
    let peak = smooth.indices.max { smooth[$0] < smooth[$1] } ?? 0
    #expect(abs(Double(peak + 1) - place) <= 1.5)
  }

  @Test func theCosineTransformIsOrthonormal() {
    for k in 0..<26 {
      let vector = (0..<26).map { basis(k, $0) }
      for (j, value) in MelCepstrum.cosineTransform(vector).enumerated() {
        #expect(abs(value - (j == k ? 1 : 0)) < 1e-12)
      }
    }
  }

  /// Between their corners two neighbouring triangles add up to 1.
  @Test func filtersShareEveryFrequency() {
    let bank = MelCepstrum.filterBank()
    #expect(bank.count == 26)
    #expect(bank.allSatisfy { $0.contains { $0 > 0 } })
    let top = 2595 * log10(1 + 4000.0 / 700)
    for k in 0...128 {
      let mel = 2595 * log10(1 + Double(k) * 8000 / 256 / 700) / top * 27
      guard mel > 1, mel < 26 else { continue }
      #expect(abs(bank.reduce(0) { $0 + $1[k] } - 1) < 1e-12)
    }
  }

  /// The slope of a line, and less at its repeated ends.
  @Test func differencesAreSlopes() {
    let line = (0..<8).map { [3 + 2 * Double($0), -Double($0)] }
    let slopes = MelCepstrum.differences(line)
    for t in 2..<6 { #expect(zip(slopes[t], [2, -1]).allSatisfy { abs($0 - $1) < 1e-12 }) }
    #expect(abs(slopes[0][0] - (1 * 2 + 2 * 4) / 10) < 1e-12)
    #expect(MelCepstrum.differences([[1, 2]]) == [[0, 0]])
  }

  @Test(arguments: [(1, 1), (200, 1), (279, 1), (280, 2), (8000, 98)]) func frames(samples: Int, frames: Int) {
    #expect(MelCepstrum.frameCount(samples: samples) == frames)
    #expect(cepstrum.features([Float](repeating: 0.1, count: samples)).count == frames)
  }

  /// A cut recording has the frames of the whole one.
  @Test(arguments: [1, 5, 20]) func cutting(longest: Int) {
    let samples = (0..<4000).map { n in Float(sin(Double(n * n) / 9000)) }
    #expect(cepstrum.features(samples, longest: longest) == Array(cepstrum.features(samples).prefix(longest)))
  }

  /// The median of 0 … 10 and the values in proportion between two others, as NumPy's `percentile` has them.
  @Test func percentiles() {
    let scale = FeatureScale(of: (0...200).map { [Double($0), 5] }.reversed())
    #expect(scale.low == [1, 5])
    #expect(scale.high == [199, 5])
    #expect(scale.bytes([1, 5]) == [0, 0])
    #expect(scale.bytes([199, 9]) == [255, 0])
    #expect(scale.bytes([100, 5])[0] == 128)
    #expect(scale.bytes([-1e300, 1e300]) == [0, 0])
  }
}
