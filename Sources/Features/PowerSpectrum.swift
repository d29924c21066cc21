import CKissFFT
import Foundation

/// |X|² / n of a real signal of n samples, by KissFFT in single precision. Not thread-safe: one per task.
public final class PowerSpectrum {
  /// n, even.
  public let size: Int
  private let plan: kiss_fftr_cfg
  private var spectrum: [kiss_fft_cpx]

  public init(size: Int) {
    self.size = size
    guard let plan = kiss_fftr_alloc(Int32(size), 0, nil, nil) else {
      preconditionFailure("no plan for \(size) samples")
    }
    self.plan = plan
    spectrum = Array(repeating: kiss_fft_cpx(r: 0, i: 0), count: size / 2 + 1)
  }

  deinit { free(UnsafeMutableRawPointer(plan)) }

  /// n / 2 + 1 numbers, of the frequencies k / n of the sampling rate.
  public func callAsFunction(_ signal: [Float]) -> [Float] {
    precondition(signal.count == size)
    kiss_fftr(plan, signal, &spectrum)
    return spectrum.map { ($0.r * $0.r + $0.i * $0.i) / Float(size) }
  }
}
