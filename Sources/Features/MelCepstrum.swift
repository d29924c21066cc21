import Foundation

/// Mel-frequency cepstral coefficients of speech at 8 kHz (Davis & Mermelstein 1980), with first and second differences.
///
/// The recording is divided by its largest sample and pre-emphasised, y_n = x_n − 0.97 x_{n−1}. Frames of 25 ms begin every
/// 10 ms; each is weighted by a Hamming window, 0.54 − 0.46 cos(2π n / 199), and filled up with zeros to 256 samples. Of its
/// power spectrum |X|² / 256 26 triangular filters take energies; their corners are 28 frequencies from 0 to 4,000 Hz at equal
/// distances in mel, 2595 log₁₀(1 + f / 700). The logarithms of the energies, at least 10⁻¹⁰, go through the orthonormal
/// DCT-II, of which 13 coefficients are kept. A difference is the slope of the regression line through five frames,
/// Σ_{n=1,2} n (c_{t+n} − c_{t−n}) / 10, the frames at the ends repeated; a second difference is that of the first ones.
///
/// Not thread-safe: one per task.
public final class MelCepstrum {
  public static let rate = 8000
  /// 13 coefficients, as many first and second differences.
  public static let featureCount = 3 * coefficients
  static let coefficients = 13
  static let frameLength = 200
  static let frameStep = 80
  static let spectrumSize = 256
  static let filters = 26
  static let floor = 1e-10

  private let window: [Float]
  private let spectrum = PowerSpectrum(size: MelCepstrum.spectrumSize)
  /// [filters × frequencies].
  private let bank = MelCepstrum.filterBank()

  public init() {
    window = (0..<Self.frameLength).map { n in
      Float(0.54 - 0.46 * cos(2 * .pi * Double(n) / Double(Self.frameLength - 1)))
    }
  }

  /// How many frames so many samples have: those that fit whole, at least one.
  public static func frameCount(samples: Int) -> Int { max(0, samples - frameLength) / frameStep + 1 }

  /// [frames × 39], frame by frame, of the first `longest` frames.
  ///
  /// - Precondition: samples at 8 kHz.
  public func features(_ samples: [Float], longest: Int = .max) -> [[Double]] {
    let signal = Self.preemphasised(samples)
    // A second difference looks four frames ahead.
    let count = min(Self.frameCount(samples: signal.count), longest == .max ? .max : longest + 4)
    let coefficients = (0..<count).map { frame in
      let start = frame * Self.frameStep
      return cepstrum(signal[min(start, signal.count)..<min(start + Self.frameLength, signal.count)])
    }
    let first = Self.differences(coefficients)
    let second = Self.differences(first)
    return coefficients.indices.prefix(longest).map { coefficients[$0] + first[$0] + second[$0] }
  }

  static func preemphasised(_ samples: [Float]) -> [Float] {
    let peak = samples.reduce(0) { max($0, abs($1)) }
    let scale = peak > 0 ? 1 / peak : 0
    return samples.indices.map { n in scale * (samples[n] - (n > 0 ? 0.97 * samples[n - 1] : 0)) }
  }

  /// The first coefficients of one frame of at most 200 samples.
  private func cepstrum(_ frame: ArraySlice<Float>) -> [Double] {
    var padded = [Float](repeating: 0, count: Self.spectrumSize)
    for (n, sample) in frame.enumerated() { padded[n] = window[n] * sample }
    let power = spectrum(padded)
    let logarithms = bank.map { filter in
      log(max(Self.floor, zip(filter, power).reduce(0) { $0 + $1.0 * Double($1.1) }))
    }
    return Array(Self.cosineTransform(logarithms).prefix(Self.coefficients))
  }

  /// Triangles of height 1 over the frequencies of the spectrum, [filters × frequencies].
  public static func filterBank() -> [[Double]] {
    func mel(_ f: Double) -> Double { 2595 * log10(1 + f / 700) }
    func frequency(_ m: Double) -> Double { 700 * (pow(10, m / 2595) - 1) }
    let top = mel(Double(rate) / 2)
    let corners = (0...filters + 1).map { frequency(top * Double($0) / Double(filters + 1)) }
    return (1...filters).map { m in
      (0...spectrumSize / 2).map { k in
        let f = Double(k * rate) / Double(spectrumSize)
        let rising = (f - corners[m - 1]) / (corners[m] - corners[m - 1])
        let falling = (corners[m + 1] - f) / (corners[m + 1] - corners[m])
        return max(0, min(rising, falling))
      }
    }
  }

  /// The orthonormal DCT-II: X_k = s_k Σ_n x_n cos(π k (n + ½) / N), s₀ = √(1/N), else √(2/N).
  public static func cosineTransform(_ x: [Double]) -> [Double] {
    let count = Double(x.count)
    return x.indices.map { k in
      let sum = x.indices.reduce(0) { $0 + x[$1] * cos(.pi * Double(k) * (Double($1) + 0.5) / count) }
      return sum * (Double(k == 0 ? 1 : 2) / count).squareRoot()
    }
  }

  /// The slopes of the regression lines through five frames each, [frames × features].
  public static func differences(_ frames: [[Double]]) -> [[Double]] {
    func frame(_ t: Int) -> [Double] { frames[max(0, min(frames.count - 1, t))] }
    return frames.indices.map { t in
      frames[t].indices.map { i in
        (1...2).reduce(0) { $0 + Double($1) * (frame(t + $1)[i] - frame(t - $1)[i]) } / 10
      }
    }
  }
}
